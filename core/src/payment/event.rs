//! What an event does to a payment: it must fit what was asked for, or it is kept and not believed.

use super::claims::{Claim, Claims};
use super::{Change, Payment, PaymentState};
use crate::{EatTime, Event, Expected, Outcome};

/// What is kept of an event's body.
const MOST_BODY_BYTES: usize = 4 * 1024;

impl Payment {
    /// What an event about this payment must say.
    #[must_use]
    pub fn expected(&self) -> Expected {
        let expected = Expected::new()
            .amount(self.push.amount)
            .phone(self.push.phone_number.clone());
        match &self.acceptance {
            Some(acceptance) => {
                expected.checkout_request_id(acceptance.checkout_request_id.clone())
            }
            None => expected,
        }
    }

    /// Takes an event that came in on this payment's own callback URL.
    ///
    /// A success settles it only when it is complete and matches the amount, the phone and the ids. A failure
    /// never undoes a success; a success after a failure is money, and is taken. A duplicate changes nothing.
    pub fn on_event(&mut self, event: &Event, now: EatTime) -> Change {
        if event.gateway != self.gateway {
            return self.flag_event("gateway_differs", event, now);
        }
        if let Some(field) = event.check(&self.expected()).mismatches().first() {
            return self.flag_event(&format!("{field}_differs"), event, now);
        }
        match event.outcome {
            Outcome::Success => self.on_success_event(event, now),
            // A reversal takes money back. An event alone, which anybody who learnt the URL could send, does not.
            Outcome::Reversed => self.flag_event("reversal_reported", event, now),
            _ if !event.is_final => self.on_open_event(event),
            failure => self.on_failure_event(failure, event, now),
        }
    }

    /// Keeps a success that the gateway, when asked, did not confirm. It may have been unable to tell: what the event
    /// names is asked about again.
    pub(crate) fn on_unconfirmed(&mut self, event: &Event, now: EatTime) -> Change {
        self.keep_claim(Claim::of(event));
        self.flag_event("success_not_confirmed", event, now)
    }

    fn on_success_event(&mut self, event: &Event, now: EatTime) -> Change {
        if self.outcome == Outcome::Reversed {
            return self.flag_event("contradicts_reversal", event, now);
        }
        if let (Some(mine), Some(theirs)) = (&self.receipt, &event.receipt) {
            return if mine == theirs {
                self.fill_gaps(event)
            } else {
                self.flag_event("receipt_differs", event, now)
            };
        }
        let claim = Claim::of(event);
        let doubt = if !event.complete {
            Some("success_incomplete")
        } else if self.success_needs_query && !self.is_paid() {
            Some("success_not_confirmed")
        } else {
            None
        };
        if let Some(doubt) = doubt {
            // The next answer to a query decides; what the event knew beyond it is not lost until then.
            self.keep_claim(claim);
            return self.flag_event(doubt, event, now);
        }
        if let Some(checkout_request_id) = &claim.checkout_request_id {
            self.adopt_ids(checkout_request_id, claim.merchant_request_id.clone());
        }
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
            return Change::Nothing;
        }
        (
            self.paid_amount,
            self.paid_by,
            self.paid_at,
            self.result_code,
        ) = filled;
        self.revision += 1;
        Change::Moved
    }

    /// Keeps what an event claims, unless an earlier one claimed as much.
    fn keep_claim(&mut self, claim: Claim) {
        if !self.is_paid() && self.claims.keep(claim) {
            self.revision += 1;
        }
    }

    fn on_failure_event(&mut self, failure: Outcome, event: &Event, now: EatTime) -> Change {
        if self.state == PaymentState::Settled {
            return match self.outcome {
                Outcome::Success => self.flag_event("contradicts_success", event, now),
                _ => Change::Nothing,
            };
        }
        if let Some(checkout_request_id) = &event.checkout_request_id {
            self.adopt_ids(checkout_request_id, event.merchant_request_id.clone());
        }
        self.settle(failure, event.result_code.clone(), now)
    }

    /// "Still pending", or a code nobody knows: it proves that the push arrived, and names the prompt.
    fn on_open_event(&mut self, event: &Event) -> Change {
        if !matches!(self.state, PaymentState::Sending | PaymentState::Unknown) {
            return Change::Nothing;
        }
        if let Some(checkout_request_id) = &event.checkout_request_id {
            self.adopt_ids(checkout_request_id, event.merchant_request_id.clone());
        }
        self.state = PaymentState::Accepted;
        self.outcome = Outcome::Pending;
        self.revision += 1;
        Change::Moved
    }

    fn flag_event(&mut self, reason: &str, event: &Event, now: EatTime) -> Change {
        let body = event.raw();
        let kept = body.get(..MOST_BODY_BYTES).unwrap_or(body);
        self.flag(
            reason,
            Some(String::from_utf8_lossy(kept).into_owned()),
            now,
        )
    }
}
