//! The effect of a query's answer on its payment: the answer came over the merchant's own connection.

use super::flag_reason::FlagReason;
use super::{Change, Payment, PaymentState};
use crate::error::Error;
use crate::meaning::outcome::Outcome;
use crate::meaning::status::Status;
use crate::values::clock::EatTime;

impl Payment {
    /// Takes what a query told. It came over the merchant's own connection, so it is believed, but it never turns
    /// a success into anything but a reversal.
    pub fn on_status(&mut self, status: &Status, now: EatTime) -> Change {
        self.forget_failed_question();
        if let (Some(mine), Some(theirs)) = (
            self.checkout_request_id(),
            status.checkout_request_id.as_ref(),
        ) && mine != theirs
        {
            return self.flag(FlagReason::CheckoutRequestIdDiffers, None, now);
        }
        let transaction_id = self
            .acceptance
            .as_ref()
            .and_then(|acceptance| acceptance.transaction_id.as_deref());
        let same_prompt =
            status.checkout_request_id.is_some() && self.checkout_request_id().is_some();
        if let (Some(mine), Some(theirs)) = (transaction_id, status.transaction_id.as_deref())
            && !same_prompt
            && !mine.eq_ignore_ascii_case(theirs)
        {
            return self.flag(FlagReason::TransactionIdDiffers, None, now);
        }
        // Of a prompt that an event alone named, an amount that differs tells at once that it is another sale's.
        if let Some(amount) = status.amount
            && (status.outcome.is_paid() || self.acceptance.is_none())
            && amount.cents() != i64::from(self.push.amount.get()) * 100
        {
            self.drop_claim_about(status);
            return self.flag(FlagReason::AmountDiffers, None, now);
        }
        if !status.is_final {
            self.looked(false, now);
            return self.still_open(status);
        }
        let is_failure = !matches!(status.outcome, Outcome::Success | Outcome::Reversed);
        if is_failure && self.success_needs_query && self.is_named_by_events_alone(status) {
            // A prompt that an event alone named, as one that was paid, was not: the claim is false.
            self.drop_claim_about(status);
            return Change::Unchanged;
        }
        if is_failure && self.is_contradicted_by(status) {
            // Daraja's query has called payments failed whose callback was true: a person decides, or a later answer.
            let said = serde_json::json!({
                "result_code": status.result_code,
                "result_desc": status.result_desc,
            });
            self.on_not_told();
            return self.flag(FlagReason::ContradictsClaim, Some(said.to_string()), now);
        }
        if self.is_paid() && is_failure {
            return self.flag(FlagReason::ContradictsSuccess, None, now);
        }
        if self.outcome == Outcome::Reversed && status.outcome != Outcome::Reversed {
            return self.flag(FlagReason::ContradictsReversal, None, now);
        }
        if self.is_failed() && is_failure {
            // Another reason for the same failure is not news.
            self.looked(true, now);
            return Change::Unchanged;
        }
        let receipt_is_new = self.receipt.is_none() && status.receipt.is_some();
        if self.outcome == status.outcome && self.state == PaymentState::Settled && !receipt_is_new
        {
            return Change::Unchanged;
        }
        self.adopt_ids_of_status(status);
        if status.outcome.is_paid() {
            self.take_claim();
            // What the gateway says itself beats what an event claimed.
            self.receipt = status.receipt.clone().or_else(|| self.receipt.take());
            self.paid_amount = status.amount.or(self.paid_amount);
        }
        let change = self.settle(status.outcome, status.result_code.clone(), now);
        if self.is_failed() {
            // A query has been wrong about payments whose callback then said that they were paid.
            self.provisional = true;
            self.looked(true, now);
        }
        change
    }

    /// Whether a failure stands against what a callback claims of the same prompt, where the gateway's word on it is not
    /// the last: a payment is not settled against a claim.
    fn is_contradicted_by(&self, status: &Status) -> bool {
        !self.success_needs_query
            && self.state != PaymentState::Settled
            && self.is_claimed_paid()
            && self.claims.is_about(status.checkout_request_id.as_ref())
    }

    fn adopt_ids_of_status(&mut self, status: &Status) {
        self.adopt_ids(
            status.checkout_request_id.as_ref(),
            status.merchant_request_id.as_ref(),
            status.transaction_id.as_ref(),
        );
    }

    /// Whether events name the prompt that the gateway has told of, and nothing that the gateway said to the push does.
    fn is_named_by_events_alone(&self, status: &Status) -> bool {
        let prompt = status.checkout_request_id.as_ref();
        self.acceptance.is_none() && self.claims.events_alone_named(prompt)
    }

    /// Drops what an event alone claimed about the prompt that the gateway has told of.
    fn drop_claim_about(&mut self, status: &Status) {
        let dropped = self.acceptance.is_none()
            && status
                .checkout_request_id
                .as_ref()
                .is_some_and(|id| self.claims.drop_about(id));
        if dropped {
            // A copy that still has the claim asks about another one first.
            self.claim_turns = self.claim_turns.saturating_add(1);
            self.revision += 1;
        }
    }

    /// A question that brought no answer about this payment: none at all, or one about another's prompt. The next one is
    /// about the next prompt that an event named.
    pub(crate) fn on_not_told(&mut self) {
        if self.acceptance.is_none() && self.claims.len() > 1 {
            self.claim_turns = self.claim_turns.saturating_add(1);
            self.revision += 1;
        }
    }

    /// Keeps why a question brought nothing, where no failure of the push itself stands there: a wait that learns nothing
    /// under a key that was revoked says so by [`Payment::last_error`].
    pub(crate) fn on_question_failed(&mut self, error: &Error) {
        self.on_not_told();
        let known = self.last_error.as_ref();
        let is_free =
            known.is_none_or(Error::is_of_a_question) || self.state == PaymentState::Accepted;
        let is_news = known.map(Error::code) != Some(error.code());
        if self.state != PaymentState::Settled && is_free && is_news {
            self.last_error = Some(error.clone());
            self.revision += 1;
        }
    }

    /// Forgets why an earlier question brought nothing, now that one was answered.
    fn forget_failed_question(&mut self) {
        if self
            .last_error
            .as_ref()
            .is_some_and(Error::is_of_a_question)
        {
            self.last_error = None;
            self.revision += 1;
        }
    }

    /// "Still processing" proves that the gateway took the push, even where its answer was lost.
    fn still_open(&mut self, status: &Status) -> Change {
        // That a prompt is open does not make it this payment's, where an event alone named it.
        let learned = matches!(self.state, PaymentState::Sending | PaymentState::Unknown)
            && status.outcome == Outcome::Pending
            && !self.is_named_by_events_alone(status);
        if !learned {
            self.on_not_told();
            return Change::Unchanged;
        }
        self.adopt_ids_of_status(status);
        self.state = PaymentState::Accepted;
        self.outcome = Outcome::Pending;
        self.revision += 1;
        Change::Applied
    }
}
