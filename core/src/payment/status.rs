//! What the gateway's answer to a question does to a payment: it came over the merchant's own connection.

use super::{Change, Payment, PaymentState};
use crate::{EatTime, Outcome, Status};

impl Payment {
    /// Takes what a query told. It came over the merchant's own connection, so it is believed, but it never turns
    /// a success into anything but a reversal.
    pub fn on_status(&mut self, status: &Status, now: EatTime) -> Change {
        if let (Some(mine), Some(theirs)) = (
            self.checkout_request_id(),
            status.checkout_request_id.as_deref(),
        ) && mine != theirs
        {
            return self.flag("checkout_request_id_differs", None, now);
        }
        // Of a prompt that an event alone named, an amount that differs tells at once that it is another sale's.
        if let Some(amount) = status.amount
            && (status.outcome.is_paid() || self.acceptance.is_none())
            && amount.cents() != i64::from(self.push.amount.get()) * 100
        {
            self.drop_claim_about(status);
            return self.flag("amount_differs", None, now);
        }
        if !status.is_final {
            return self.still_open(status);
        }
        if self.is_refuted(status) {
            return Change::Nothing;
        }
        if self.is_paid() && !matches!(status.outcome, Outcome::Success | Outcome::Reversed) {
            return self.flag("contradicts_success", None, now);
        }
        if self.outcome == Outcome::Reversed && status.outcome != Outcome::Reversed {
            return self.flag("contradicts_reversal", None, now);
        }
        let receipt_is_new = self.receipt.is_none() && status.receipt.is_some();
        if self.outcome == status.outcome && self.state == PaymentState::Settled && !receipt_is_new
        {
            return Change::Nothing;
        }
        if let Some(checkout_request_id) = &status.checkout_request_id {
            self.adopt_ids(checkout_request_id, status.merchant_request_id.clone());
        }
        if status.outcome.is_paid() {
            self.take_claim();
            // What the gateway says itself beats what an event claimed.
            self.receipt = status.receipt.clone().or_else(|| self.receipt.take());
            self.paid_amount = status.amount.or(self.paid_amount);
        }
        self.settle(status.outcome, status.result_code.clone(), now)
    }

    /// A prompt that an event alone named, as one that was paid, was not: the claim is false, and tells nothing of this
    /// payment.
    fn is_refuted(&mut self, status: &Status) -> bool {
        !status.outcome.is_paid() && self.drop_claim_about(status)
    }

    /// Drops what an event alone claimed about the prompt that the gateway has told of. Whether anything was.
    fn drop_claim_about(&mut self, status: &Status) -> bool {
        let dropped = self.acceptance.is_none()
            && status
                .checkout_request_id
                .as_deref()
                .is_some_and(|id| self.claims.drop_about(id));
        if dropped {
            self.revision += 1;
        }
        dropped
    }

    /// A question that brought no answer about this payment: none at all, or one about another's prompt. The next one is
    /// about the next prompt that an event named.
    pub(crate) fn on_not_told(&mut self) {
        if self.acceptance.is_none() && self.claims.turn() {
            self.revision += 1;
        }
    }

    /// "Still processing" proves that the gateway took the push, even where its answer was lost.
    fn still_open(&mut self, status: &Status) -> Change {
        let learned = matches!(self.state, PaymentState::Sending | PaymentState::Unknown)
            && status.outcome == Outcome::Pending;
        if !learned {
            self.on_not_told();
            return Change::Nothing;
        }
        if let Some(checkout_request_id) = &status.checkout_request_id {
            self.adopt_ids(checkout_request_id, status.merchant_request_id.clone());
        }
        self.state = PaymentState::Accepted;
        self.outcome = Outcome::Pending;
        self.revision += 1;
        Change::Moved
    }
}
