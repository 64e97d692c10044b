//! The effect of an event on its payment: an event that does not fit what was asked for is kept and not believed.

use super::claims::{Claim, Claims};
use super::flag_reason::FlagReason;
use super::looks::only_says_unanswered;
use super::{Change, Payment, PaymentState};
use crate::meaning::event::Event;
use crate::meaning::event::check::{Expected, Mismatch};
use crate::meaning::outcome::Outcome;
use crate::meaning::redaction::Redaction;
use crate::values::clock::EatTime;

/// The length to which an event's body is kept.
const MAX_BODY_BYTES: usize = 4 * 1024;

impl Payment {
    /// The expectations of an event about this payment.
    #[must_use]
    pub fn expected(&self) -> Expected {
        let mut expected = Expected::new()
            .amount(self.push.amount)
            .phone(self.push.phone_number.clone());
        if let Some(acceptance) = &self.acceptance {
            if let Some(id) = &acceptance.checkout_request_id {
                expected = expected.checkout_request_id(id.clone());
            }
            expected = expected.transaction_id(acceptance.transaction_id.clone());
        }
        expected
    }

    /// Takes an event that came in on this payment's own callback URL.
    ///
    /// A success settles it only when it is complete and matches the amount, the phone and the ids. A failure
    /// never undoes a success; a success after a failure is money, and is taken. A duplicate changes nothing. Nothing is
    /// believed of a payment that was never sent.
    pub fn on_event(&mut self, event: &Event, now: EatTime) -> Change {
        if event.gateway != self.gateway {
            return self.flag_event(FlagReason::GatewayDiffers, event, now);
        }
        if self.was_never_sent() {
            return self.flag_event(FlagReason::PaymentNotSent, event, now);
        }
        if let Some(mismatch) = event.check(&self.expected()).worst() {
            if matches!(mismatch, Mismatch::Unreadable(_)) && event.is_success() {
                // The gateway's own answer decides; the receipt is not lost until then.
                self.keep_claim(Claim::of(event));
            }
            return self.flag_event(FlagReason::of_mismatch(mismatch), event, now);
        }
        match event.outcome {
            Outcome::Success => self.on_success_event(event, now),
            // A reversal takes money back. An event alone, which anybody who learnt the URL could send, does not.
            Outcome::Reversed => self.flag_event(FlagReason::ReversalReported, event, now),
            _ if !event.is_final => self.on_open_event(event, now),
            failure => self.on_failure_event(failure, event, now),
        }
    }

    /// Keeps a success that the gateway, when asked, did not confirm. It may have been unable to tell: what the event
    /// names is asked about again.
    pub(crate) fn on_unconfirmed(&mut self, event: &Event, now: EatTime) -> Change {
        self.keep_claim(Claim::of(event));
        self.flag_event(FlagReason::SuccessNotConfirmed, event, now)
    }

    fn on_success_event(&mut self, event: &Event, now: EatTime) -> Change {
        if self.outcome == Outcome::Reversed {
            return self.flag_event(FlagReason::ContradictsReversal, event, now);
        }
        if let (Some(mine), Some(theirs)) = (&self.receipt, &event.receipt) {
            return if mine == theirs {
                self.fill_gaps(event)
            } else {
                self.flag_event(FlagReason::ReceiptDiffers, event, now)
            };
        }
        let claim = Claim::of(event);
        let doubt = if !event.complete {
            Some(FlagReason::SuccessIncomplete)
        } else if self.success_needs_query && !self.is_paid() {
            Some(FlagReason::SuccessNotConfirmed)
        } else {
            None
        };
        if let Some(doubt) = doubt {
            // The next answer to a query decides; what the event knew beyond it is not lost until then.
            self.keep_claim(claim);
            return self.flag_event(doubt, event, now);
        }
        self.adopt_ids_of(event);
        self.claims = Claims::only(claim);
        self.take_claim();
        self.settle(Outcome::Success, event.result_code.clone(), now)
    }

    /// Takes from a success that is known already what nobody said before: a confirming query brings the receipt and
    /// little else.
    fn fill_gaps(&mut self, event: &Event) -> Change {
        let known = (
            self.paid_amount,
            self.paid_by.clone(),
            self.paid_at,
            self.result_code.clone(),
        );
        let (amount, phone, date, code) = known.clone();
        let filled = (
            amount.or(event.amount),
            phone.or_else(|| event.phone.clone()),
            date.or(event.date),
            code.or_else(|| event.result_code.clone()),
        );
        if !self.is_paid() || filled == known {
            return Change::Unchanged;
        }
        (
            self.paid_amount,
            self.paid_by,
            self.paid_at,
            self.result_code,
        ) = filled;
        self.revision += 1;
        Change::Applied
    }

    /// Keeps what an event claims, unless an earlier one claimed as much.
    fn keep_claim(&mut self, claim: Claim) {
        if !self.is_paid() && self.claims.keep(claim) {
            self.revision += 1;
        }
    }

    fn on_failure_event(&mut self, failure: Outcome, event: &Event, now: EatTime) -> Change {
        let provisional = self.success_needs_query
            || only_says_unanswered(event.result_code.as_deref(), event.result_desc.as_deref());
        if self.state == PaymentState::Settled {
            if self.outcome == Outcome::Success {
                return self.flag_event(FlagReason::ContradictsSuccess, event, now);
            }
            if self.is_failed() && self.provisional && !provisional {
                // The customer's own no: the order need not wait any longer.
                self.provisional = false;
                self.revision += 1;
            }
            return Change::Unchanged;
        }
        if self.is_claimed_paid() {
            // One of two callbacks on the same URL is not true: a person sees both, and the payment is looked at again.
            self.flag_event(FlagReason::ContradictsClaim, event, now);
        }
        self.adopt_ids_of(event);
        let change = self.settle(failure, event.result_code.clone(), now);
        self.provisional = provisional;
        change
    }

    fn adopt_ids_of(&mut self, event: &Event) {
        self.adopt_ids(
            event.checkout_request_id.as_ref(),
            event.merchant_request_id.as_ref(),
            event.transaction_id.as_ref(),
        );
    }

    /// "Still pending", a code that is not in the table, or an event that contradicts itself: it proves that the push
    /// arrived, and names the prompt. What is not understood is kept for a person, and told once.
    fn on_open_event(&mut self, event: &Event, now: EatTime) -> Change {
        let mut change = Change::Unchanged;
        if matches!(self.state, PaymentState::Sending | PaymentState::Unknown) {
            self.adopt_ids_of(event);
            self.state = PaymentState::Accepted;
            self.outcome = Outcome::Pending;
            self.revision += 1;
            change = Change::Applied;
        }
        if event.outcome == Outcome::Pending {
            return change;
        }
        let reason = if event.contradicts_itself() {
            FlagReason::ContradictsItself
        } else {
            FlagReason::CodeUnknown
        };
        let revision = self.revision;
        let flagged = self.flag_event(reason, event, now);
        if self.revision > revision {
            flagged
        } else {
            change
        }
    }

    /// Keeps an event that is not believed. Its body may hold the payment's own callback URL, which makes the next one
    /// believable, and the customer's number.
    pub(crate) fn flag_event(&mut self, reason: FlagReason, event: &Event, now: EatTime) -> Change {
        let redaction = Redaction::default().with_push(&self.push);
        let body = redaction.body(event.raw(), MAX_BODY_BYTES);
        self.flag(reason, Some(body), now)
    }
}
