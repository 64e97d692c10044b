//! The payments of a ledger, for Python's half of the package: one question for each verb.

use crate::data::Handover;
use lipia::client::{
    Import, Imported, LedgerPayment, PaymentPage, PaymentStory, Pruned, Reconciled, Resolution,
};
use lipia::ledger::{LedgerReport, Order, Search};
use lipia::payment::PaymentState;
use lipia::values::EatTime;
use lipia::{Client, Error, Payment, PhoneNumber};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use serde::Deserialize;
use std::time::Duration;

/// What is asked of the payments of a ledger.
#[derive(Deserialize)]
#[serde(tag = "verb", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Question {
    Get {
        payment_id: String,
    },
    OfOrder {
        order: String,
    },
    Search {
        state: Option<PaymentState>,
        receipt: Option<String>,
        phone_number: Option<String>,
        reference: Option<String>,
        since_milliseconds: Option<i64>,
        order: Option<String>,
        #[serde(default)]
        only_open: bool,
        #[serde(default)]
        only_owed: bool,
        page: Option<u64>,
        limit: usize,
    },
    Ask {
        payment_id: String,
    },
    Release {
        order: String,
    },
    Resolve {
        payment_id: String,
        receipt: Option<String>,
    },
    Story {
        payment_id: String,
    },
    Retell {
        payment_id: String,
    },
    Prune {
        age_seconds: f64,
        dry_run: bool,
    },
    Import {
        payment: String,
        order: Option<String>,
        tell: bool,
    },
    Report,
    Reconcile,
}

/// What the payments of a ledger answer.
pub(crate) enum Answer {
    One(Box<LedgerPayment>),
    Several(Vec<LedgerPayment>),
    Page(PaymentPage),
    Pass(Reconciled),
    Story(Box<PaymentStory>),
    Pruned(Pruned),
    Imported(Box<Imported>),
    Report(LedgerReport),
}

impl Question {
    pub(crate) async fn answer(self, client: &Client) -> Result<Answer, Error> {
        let payments = client.payments();
        let one = |payment| Answer::One(Box::new(payment));
        match self {
            Self::Get { payment_id } => payments.get(&payment_id).await.map(one),
            Self::OfOrder { order } => payments.of_order(&order).await.map(Answer::Several),
            Self::Search {
                state,
                receipt,
                phone_number,
                reference,
                since_milliseconds,
                order,
                only_open,
                only_owed,
                page,
                limit,
            } => {
                let mut search = Search::of(payments.scope().clone());
                search.state = state;
                search.receipt = receipt;
                search.phone_number = phone_number
                    .as_deref()
                    .map(PhoneNumber::parse)
                    .transpose()?;
                search.reference = reference;
                search.since = since_milliseconds.map(EatTime::from_unix_millis);
                search.order = order.as_deref().map(Order::parse).transpose()?;
                search.only_open = only_open;
                search.only_owed = only_owed;
                let found = payments.search(&search, page, limit).await;
                found.map(Answer::Page)
            }
            Self::Ask { payment_id } => payments.ask(&payment_id).await.map(one),
            Self::Release { order } => payments.release(&order).await.map(one),
            Self::Resolve {
                payment_id,
                receipt,
            } => {
                let resolution = match receipt {
                    Some(receipt) => Resolution::Paid { receipt },
                    None => Resolution::NotPaid,
                };
                payments.resolve(&payment_id, &resolution).await.map(one)
            }
            Self::Story { payment_id } => {
                let story = payments.story(&payment_id).await;
                story.map(|story| Answer::Story(Box::new(story)))
            }
            Self::Retell { payment_id } => payments.retell(&payment_id).await.map(one),
            Self::Prune {
                age_seconds,
                dry_run,
            } => {
                let age = Duration::try_from_secs_f64(age_seconds).unwrap_or(Duration::MAX);
                let pruned = if dry_run {
                    payments.prunable(age).await
                } else {
                    payments.prune(age).await
                };
                pruned.map(Answer::Pruned)
            }
            Self::Import {
                payment,
                order,
                tell,
            } => {
                let mut import = Import::default().told(tell);
                import.order = order.as_deref().map(Order::parse).transpose()?;
                let imported = payments
                    .import(Payment::from_json(&payment)?, &import)
                    .await;
                imported.map(|imported| Answer::Imported(Box::new(imported)))
            }
            Self::Report => payments.report().await.map(Answer::Report),
            Self::Reconcile => payments.reconcile().await.map(Answer::Pass),
        }
    }
}

/// What a ledger has of one payment, as keywords of Python's `PaymentStory`; times are ISO text.
fn story_data(py: Python<'_>, story: PaymentStory) -> PyResult<Py<PyAny>> {
    let payment = story.payment().hand_over(py)?;
    let PaymentStory {
        row,
        callbacks,
        others,
        ..
    } = story;
    let time = |at: Option<EatTime>| at.map(EatTime::to_iso);
    let callbacks: Vec<_> = callbacks
        .into_iter()
        .map(|it| {
            (
                it.received_at.to_iso(),
                it.verdict,
                PyBytes::new(py, &it.body).unbind(),
            )
        })
        .collect();
    let data = PyDict::new(py);
    data.set_item("payment", payment)?;
    data.set_item("account", &row.account)?;
    data.set_item("holds_order", row.holds_order)?;
    data.set_item("lease_until", time(row.lease_until))?;
    data.set_item("ask_after", time(row.ask_after))?;
    data.set_item("asked_at", time(row.asked_at))?;
    data.set_item("asks", row.asks)?;
    data.set_item("is_owed", row.is_owed())?;
    data.set_item("owed_after", row.owed_after.to_iso())?;
    data.set_item("attempts", row.attempts)?;
    data.set_item("trouble", &row.trouble)?;
    data.set_item("released_at", time(row.released_at))?;
    data.set_item("callbacks", callbacks)?;
    data.set_item("others", all(py, others)?)?;
    Ok(data.into_any().unbind())
}

fn all(py: Python<'_>, payments: Vec<LedgerPayment>) -> PyResult<Vec<Py<PyAny>>> {
    let handed_over = payments.into_iter().map(|payment| payment.hand_over(py));
    handed_over.collect()
}

impl Handover for Answer {
    fn hand_over(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match self {
            Self::One(payment) => payment.hand_over(py),
            Self::Several(payments) => Ok(all(py, payments)?.into_pyobject(py)?.unbind()),
            Self::Page(page) => {
                let page = (all(py, page.payments)?, page.next);
                Ok(page.into_pyobject(py)?.into_any().unbind())
            }
            Self::Story(story) => story_data(py, *story),
            Self::Pruned(pruned) => {
                let counts = (pruned.payments, pruned.unfinished);
                Ok(counts.into_pyobject(py)?.into_any().unbind())
            }
            Self::Imported(imported) => {
                let change = imported.change.as_str();
                let payment = imported.payment.hand_over(py)?;
                let imported = (payment, change, imported.order_is_held);
                Ok(imported.into_pyobject(py)?.into_any().unbind())
            }
            Self::Report(report) => {
                let report = (
                    report.place,
                    report.version,
                    report.bytes,
                    report.warnings,
                    report.payments,
                    report.open,
                    report.owed,
                );
                Ok(report.into_pyobject(py)?.into_any().unbind())
            }
            Self::Pass(pass) => {
                let counts = (
                    pass.senders_died,
                    pass.judged,
                    pass.asked,
                    pass.told,
                    pass.not_told,
                );
                Ok(counts.into_pyobject(py)?.into_any().unbind())
            }
        }
    }
}
