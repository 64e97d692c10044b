//! `lipia push` through a ledger: an order is claimed before its phone is prompted, and a second run finds the payment.

use crate::accepted;
use crate::exit::Exit;
use crate::payments::{Shown, members};
use crate::push::{Run, tell_of_lost_answer, unhurried};
use crate::wait::print_payment;
use lipia::client::LedgerPayment;
use lipia::payment::PaymentState;
use lipia::{Error, StkPush};
use serde_json::Value;

impl Run<'_> {
    /// Claims the order and prompts, or finds the payment that the order has; waits where that was asked for.
    pub(crate) async fn request(&self, push: StkPush) -> Exit {
        let client = &self.connected.client;
        let requested = match unhurried(client.request(push)).await {
            Some(Ok(requested)) => requested,
            Some(Err(error)) => {
                return self.output.fail(&error);
            }
            None => return Exit::Unknown,
        };
        self.output.warn(requested.warnings());
        let lost = lost_answer(&requested);
        match requested.state() {
            PaymentState::Accepted => self.print_accepted(&requested),
            PaymentState::Settled => return self.print_standing(&requested),
            _ => {}
        }
        if !self.arguments.wait {
            return match (requested.state(), &lost) {
                (PaymentState::Accepted, _) => Exit::Done,
                (_, Some(error)) if !requested.is_existing() => {
                    self.output.error_with(error, &line(&requested));
                    Exit::of_error(error)
                }
                _ => self.print_standing(&requested),
            };
        }
        if let Some(error) = &lost {
            tell_of_lost_answer(error);
        }
        match client.resume(requested.payment().clone()) {
            Ok(payment) => self.wait(&payment, lost).await,
            Err(error) => self.output.fail(&error),
        }
    }

    fn print_accepted(&self, payment: &LedgerPayment) {
        let Some(acceptance) = payment.acceptance() else {
            return;
        };
        if !self.output.as_json {
            accepted::print_text(acceptance, payment.payment(), self.output);
            self.tell_existing(payment);
            return;
        }
        let mut line = line(payment);
        if let Value::Object(members) = &mut line {
            members.insert("accepted".to_owned(), true.into());
            members.extend(accepted::members(acceptance));
        }
        self.output.json(&line);
    }

    /// Prints how a payment stands, and says how the command ends for it.
    fn print_standing(&self, payment: &LedgerPayment) -> Exit {
        if self.output.as_json {
            self.output.json(&line(payment));
        } else {
            print_payment(payment.payment(), payment.order(), self.output);
            self.tell_existing(payment);
        }
        if let Some(free_at) = payment.order_free_at() {
            let described = payment.describe();
            crate::output::tell(&format!(
                "The order is held until {free_at}: the customer may still pay."
            ));
            crate::output::tell(&format!(
                "For the customer: {} / {}",
                described.customer_message_en, described.customer_message_sw
            ));
        }
        Exit::of_outcome(payment.outcome())
    }

    fn tell_existing(&self, payment: &LedgerPayment) {
        if payment.is_existing() {
            self.output
                .line("  The order had this payment already. Nothing was sent.");
        }
    }
}

/// Why it is not known whether a payment prompted its phone, where the answer to its push was lost.
fn lost_answer(payment: &LedgerPayment) -> Option<Error> {
    let is_unknown = payment.state() == PaymentState::Unknown;
    payment.last_error().filter(|_| is_unknown).cloned()
}

/// What stands in every line about a requested payment.
fn line(payment: &LedgerPayment) -> Value {
    let mut line = members(payment, Shown::Whole);
    line.insert("existing".to_owned(), payment.is_existing().into());
    let warnings = serde_json::to_value(payment.warnings()).unwrap_or_default();
    line.insert("warnings".to_owned(), warnings);
    Value::Object(line)
}
