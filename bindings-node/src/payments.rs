//! The payments of the ledger, for the package: searches, and the decisions that a person takes.

use crate::answer::{Shown, data};
use crate::client::{Begun, NativeClient, begun};
use crate::ledger::LedgerData;
use lipia::client::{
    Import, Imported, LedgerPayment, PaymentPage, PaymentStory, Payments, Pruned, Reconciled,
    Resolution,
};
use lipia::ledger::{Callback, LedgerReport, Order, Scope, Search};
use lipia::payment::PaymentState;
use lipia::values::EatTime;
use lipia::{Error, Payment, PhoneNumber};
use napi::Env;
use napi_derive::napi;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::future::Future;
use std::time::Duration;

impl Shown for Vec<LedgerPayment> {
    fn shown(&self) -> impl Serialize {
        self.iter().map(LedgerData::new).collect::<Vec<_>>()
    }
}

/// The payments of a page, and what the next page is asked for with.
impl Shown for PaymentPage {
    fn shown(&self) -> impl Serialize {
        (self.payments.shown(), self.next)
    }
}

impl Shown for Reconciled {
    fn shown(&self) -> impl Serialize {
        (
            self.senders_died,
            self.judged,
            self.asked,
            self.told,
            self.not_told,
        )
    }
}

/// How many payments were pruned, and how many were left.
impl Shown for Pruned {
    fn shown(&self) -> impl Serialize {
        (self.payments, self.unfinished)
    }
}

impl Shown for Imported {
    fn shown(&self) -> impl Serialize {
        (
            self.payment.shown(),
            self.change.as_str(),
            self.order_is_held,
        )
    }
}

impl Shown for LedgerReport {
    fn shown(&self) -> impl Serialize {
        (
            &self.place,
            self.version,
            self.bytes,
            &self.warnings,
            self.payments,
            self.open,
            self.owed,
        )
    }
}

/// A callback of the ledger, as JavaScript has it.
#[derive(Serialize)]
struct CallbackData<'a> {
    received_at: i64,
    verdict: Option<&'a str>,
    body: Cow<'a, str>,
}

impl<'a> CallbackData<'a> {
    fn new(callback: &'a Callback) -> Self {
        Self {
            received_at: callback.received_at.unix_millis(),
            verdict: callback.verdict.as_deref(),
            body: String::from_utf8_lossy(&callback.body),
        }
    }
}

/// What a ledger has of one payment, as JavaScript has it. Times are milliseconds since 1970.
#[derive(Serialize)]
struct StoryData<'a, P> {
    payment: P,
    account: &'a str,
    holds_order: bool,
    lease_until: Option<i64>,
    ask_after: Option<i64>,
    asked_at: Option<i64>,
    asks: u32,
    is_owed: bool,
    owed_after: i64,
    attempts: u32,
    trouble: Option<&'a str>,
    released_at: Option<i64>,
    callbacks: Vec<CallbackData<'a>>,
    others: Vec<LedgerData<'a>>,
}

/// A story with the payment of its row.
struct Story {
    story: PaymentStory,
    payment: LedgerPayment,
}

impl Shown for Story {
    fn shown(&self) -> impl Serialize {
        let row = &self.story.row;
        StoryData {
            payment: self.payment.shown(),
            account: &row.account,
            holds_order: row.holds_order,
            lease_until: row.lease_until.map(EatTime::unix_millis),
            ask_after: row.ask_after.map(EatTime::unix_millis),
            asked_at: row.asked_at.map(EatTime::unix_millis),
            asks: row.asks,
            is_owed: row.is_owed(),
            owed_after: row.owed_after.unix_millis(),
            attempts: row.attempts,
            trouble: row.trouble.as_deref(),
            released_at: row.released_at.map(EatTime::unix_millis),
            callbacks: self.story.callbacks.iter().map(CallbackData::new).collect(),
            others: self.story.others.iter().map(LedgerData::new).collect(),
        }
    }
}

/// The filters of a search, as plain data.
#[derive(Deserialize)]
struct SearchData {
    state: Option<PaymentState>,
    receipt: Option<String>,
    phone_number: Option<String>,
    reference: Option<String>,
    /// Milliseconds since 1970.
    since: Option<i64>,
    order: Option<String>,
    only_open: bool,
    only_owed: bool,
}

impl SearchData {
    fn search(self, scope: Scope) -> Result<Search, Error> {
        let mut search = Search::of(scope);
        search.state = self.state;
        search.receipt = self.receipt;
        search.phone_number = match self.phone_number {
            Some(text) => Some(PhoneNumber::parse(&text)?),
            None => None,
        };
        search.reference = self.reference;
        search.since = self.since.map(EatTime::from_unix_millis);
        search.order = self.order.as_deref().map(Order::parse).transpose()?;
        search.only_open = self.only_open;
        search.only_owed = self.only_owed;
        Ok(search)
    }
}

impl NativeClient {
    /// Begins a call about the payments of the ledger.
    fn of_payments<T: Shown, F>(
        &self,
        env: &Env,
        call: u32,
        work: impl FnOnce(Payments) -> F,
    ) -> Begun
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        begun(self.start(env, call, work(self.client.payments())))
    }
}

#[napi]
impl NativeClient {
    #[napi]
    pub fn payment_of_ledger(&self, env: Env, call: u32, id: String) -> Begun {
        self.of_payments(
            &env,
            call,
            |payments| async move { payments.get(&id).await },
        )
    }

    #[napi]
    pub fn payments_of_order(&self, env: Env, call: u32, order: String) -> Begun {
        self.of_payments(&env, call, |payments| async move {
            payments.of_order(&order).await
        })
    }

    #[napi]
    pub fn search_payments(
        &self,
        env: Env,
        call: u32,
        search: String,
        page: Option<i64>,
        most: u32,
    ) -> Begun {
        let search: SearchData = data(&search)?;
        let page = page.and_then(|page| u64::try_from(page).ok());
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        self.of_payments(&env, call, |payments| async move {
            let search = search.search(payments.scope().clone())?;
            payments.search(&search, page, most).await
        })
    }

    #[napi]
    pub fn payment_story(&self, env: Env, call: u32, id: String) -> Begun {
        self.of_payments(&env, call, |payments| async move {
            let story = payments.story(&id).await?;
            let payment = story.payment();
            Ok(Story { story, payment })
        })
    }

    #[napi]
    pub fn ask_payment(
        &self,
        env: Env,
        call: u32,
        id: String,
        timeout_seconds: Option<f64>,
    ) -> Begun {
        self.with_client(timeout_seconds, |client| {
            self.start(&env, call, async move { client.payments().ask(&id).await })
        })
    }

    #[napi]
    pub fn release_order(&self, env: Env, call: u32, order: String) -> Begun {
        self.of_payments(&env, call, |payments| async move {
            payments.release(&order).await
        })
    }

    /// With a receipt it was paid, without one it was not.
    #[napi]
    pub fn resolve_payment(
        &self,
        env: Env,
        call: u32,
        id: String,
        receipt: Option<String>,
    ) -> Begun {
        let resolution = match receipt {
            Some(receipt) => Resolution::Paid { receipt },
            None => Resolution::NotPaid,
        };
        self.of_payments(&env, call, |payments| async move {
            payments.resolve(&id, &resolution).await
        })
    }

    #[napi]
    pub fn retell_payment(&self, env: Env, call: u32, id: String) -> Begun {
        self.of_payments(
            &env,
            call,
            |payments| async move { payments.retell(&id).await },
        )
    }

    /// Prunes, or only says what a prune would do.
    #[napi]
    pub fn prune_payments(&self, env: Env, call: u32, age_seconds: f64, writes: bool) -> Begun {
        let age = Duration::try_from_secs_f64(age_seconds).unwrap_or(Duration::MAX);
        self.of_payments(&env, call, |payments| async move {
            if writes {
                payments.prune(age).await
            } else {
                payments.prunable(age).await
            }
        })
    }

    #[napi]
    pub fn import_payment(
        &self,
        env: Env,
        call: u32,
        payment: String,
        order: Option<String>,
        tell: bool,
    ) -> Begun {
        self.of_payments(&env, call, |payments| async move {
            let mut import = Import::default().told(tell);
            import.order = order.as_deref().map(Order::parse).transpose()?;
            payments
                .import(Payment::from_json(&payment)?, &import)
                .await
        })
    }

    #[napi]
    pub fn ledger_report(&self, env: Env, call: u32) -> Begun {
        self.of_payments(
            &env,
            call,
            |payments| async move { payments.report().await },
        )
    }

    #[napi]
    pub fn reconcile(&self, env: Env, call: u32) -> Begun {
        self.of_payments(
            &env,
            call,
            |payments| async move { payments.reconcile().await },
        )
    }
}
