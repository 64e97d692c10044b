//! `lipia payments ask`, `resolve` and `release`: the decisions that a person takes about a payment.

use super::Ended;
use super::print::{Shown, members, print};
use crate::arguments::{Ask, Release, Resolve};
use crate::exit::Exit;
use crate::output;
use crate::output::{Output, reported};
use crate::progress::Spinner;
use crate::times::before;
use lipia::Error;
use lipia::client::{Ledger, LedgerPayment, Resolution};
use lipia::ledger::Search;
use lipia::payment::PaymentState;
use lipia::values::{Clock, EatTime, SystemClock};
use serde_json::json;
use std::time::Duration;

/// How many payments are read at once.
const PAGE: usize = 200;

pub(super) async fn ask(arguments: &Ask) -> Ended {
    let output = arguments.place.output();
    let timeout = Duration::from_secs_f64(arguments.timeout);
    let connected = arguments.place.connect(Some(timeout)).await?;
    let payments = connected.client.payments();
    let mut exit = Exit::Done;
    for id in &arguments.payments {
        let spinner = Spinner::start("asking the gateway");
        let asked = payments.ask(id).await;
        drop(spinner);
        let ended = match asked {
            Ok(payment) => {
                print(&payment, Shown::Masked, output);
                Exit::of_outcome(payment.outcome())
            }
            Err(error) => {
                output.error_with(&error, &json!({ "id": id }));
                Exit::of_error(&error)
            }
        };
        exit = exit.or(ended);
    }
    connected.end().await;
    Ok(exit)
}

pub(super) async fn resolve(arguments: &Resolve) -> Ended {
    let output = arguments.place.output();
    let ledger = arguments.place.ledger()?;
    let resolution = resolution(arguments.receipt.clone());
    let resolved = ledger.resolve(&arguments.payment, &resolution).await;
    let resolved = resolved.map_err(reported(output))?;
    print(&resolved, Shown::Masked, output);
    Ok(Exit::Done)
}

/// The decision by what the merchant's statement shows: a receipt, or nothing.
pub(super) fn resolution(receipt: Option<String>) -> Resolution {
    match receipt {
        Some(receipt) => Resolution::Paid { receipt },
        None => Resolution::NotPaid,
    }
}

pub(super) async fn release(arguments: &Release) -> Ended {
    let output = arguments.place.output();
    let ledger = arguments.place.ledger()?;
    let Some(age) = arguments.older_than else {
        let order = arguments.order.as_deref().unwrap_or_default();
        let released = ledger.release(order).await;
        let released = released.map_err(reported(output))?;
        print_done(&released, "released", output);
        return Ok(Exit::Done);
    };
    let bulk = Bulk {
        ledger: &ledger,
        until: before(SystemClock.now(), age),
        arguments,
        output,
    };
    bulk.run().await
}

/// What a release of all old orders does about one payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    /// Its order is given up.
    Release,
    /// It is settled as not paid, for a person has seen the statement.
    NotPaid,
    /// It is `unknown`, and nobody has said that it was not paid.
    LeftUnknown,
    /// It is too young, has no order, or is being sent.
    Leave,
}

fn decide(payment: &LedgerPayment, until: EatTime, not_paid: bool) -> Decision {
    if payment.order().is_none() || payment.reserved_at() > until {
        return Decision::Leave;
    }
    match payment.state() {
        PaymentState::Accepted => Decision::Release,
        PaymentState::Unknown if not_paid => Decision::NotPaid,
        PaymentState::Unknown => Decision::LeftUnknown,
        _ => Decision::Leave,
    }
}

/// A release of all orders whose payments are old.
struct Bulk<'a> {
    ledger: &'a Ledger,
    until: EatTime,
    arguments: &'a Release,
    output: Output,
}

impl Bulk<'_> {
    async fn run(&self) -> Ended {
        let output = self.output;
        let mut search = Search::of(self.ledger.scope().clone());
        search.only_open = true;
        let (mut page, mut exit, mut left) = (None, Exit::Done, 0_u32);
        loop {
            let found = self.ledger.search(&search, page, PAGE).await;
            let found = found.map_err(reported(output))?;
            for payment in &found.payments {
                match self.one(payment).await {
                    Ok(Decision::LeftUnknown) => left += 1,
                    Ok(_) => {}
                    // Somebody gave the order up, or the payment moved, since the page was read.
                    Err(error) if is_overtaken(&error) => {}
                    Err(error) => {
                        output.error_with(&error, &json!({ "payment_id": payment.id() }));
                        exit = exit.or(Exit::of_error(&error));
                    }
                }
            }
            page = found.next;
            if page.is_none() {
                break;
            }
        }
        if left > 0 {
            output::tell(&format!(
                "{left} that are unknown were left: look at the merchant's statement, then give --not-paid or `resolve` them."
            ));
        }
        Ok(exit)
    }

    async fn one(&self, payment: &LedgerPayment) -> Result<Decision, Error> {
        let decision = decide(payment, self.until, self.arguments.not_paid);
        let word = match decision {
            Decision::Release => "released",
            Decision::NotPaid => "not_paid",
            Decision::LeftUnknown | Decision::Leave => return Ok(decision),
        };
        if self.arguments.dry_run {
            print_done(payment, word, self.output);
            return Ok(decision);
        }
        let changed = match (decision, payment.order()) {
            (Decision::Release, Some(order)) => self.ledger.release(order).await?,
            _ => {
                let id = payment.id().as_str();
                self.ledger.resolve(id, &Resolution::NotPaid).await?
            }
        };
        print_done(&changed, word, self.output);
        Ok(decision)
    }
}

fn is_overtaken(error: &Error) -> bool {
    ["order_not_held", "order_in_flight", "payment_not_open"].contains(&error.code())
}

/// Prints a payment together with what was done about it.
fn print_done(payment: &LedgerPayment, word: &str, output: Output) {
    if output.as_json {
        let mut line = members(payment, Shown::Masked);
        line.insert("done".to_owned(), word.into());
        output.json(&line);
    } else {
        let what = super::print::in_a_line(payment, Shown::Masked);
        output.line(&format!("{word}: {what}"));
    }
}
