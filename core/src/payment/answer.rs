//! The effect of a push's answer on its payment, and the rule that nothing is pushed twice.

use super::claims::Claim;
use super::flag_reason::FlagReason;
use super::{Change, Payment, PaymentState};
use crate::error::codes::ErrorCode;
use crate::error::{Disposition, Error};
use crate::meaning::outcome::Outcome;
use crate::payment::acceptance::Acceptance;
use crate::values::clock::EatTime;

/// The code of the error for a push that a callback overtook.
const LEARNT: ErrorCode = ErrorCode::LearntMeanwhile;

/// What had been told of a payment at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    claims: usize,
    flags: usize,
    flags_dropped: u32,
}

impl Payment {
    /// Marks that its push is about to leave. A store saves it after this and before the first byte.
    ///
    /// # Errors
    /// `PaymentState` unless it is reserved: whatever was sent once is never sent again. So for every payment of a ledger:
    /// where its push was refused its order is free, and another payment may hold it.
    pub fn begin_sending(&mut self, now: EatTime) -> Result<(), Error> {
        if self.in_ledger {
            return Err(self.sent_by_its_request());
        }
        if self.state != PaymentState::Reserved {
            return Err(Error::new(
                ErrorCode::PaymentAlreadySent,
                Disposition::NotSent,
                format!(
                    "This payment is {}: nothing was sent now, and it is not pushed a second time.",
                    self.state.as_str()
                ),
            )
            .with_hint(
                "Wait for it to learn what came of it. For another sale, reserve another payment.",
            )
            .with_checkout_request_id(self.checkout_request_id().cloned())
            .of_payment(&self.id));
        }
        self.state = PaymentState::Sending;
        self.outcome = Outcome::Unknown;
        self.sent_at = Some(now);
        self.pushes = self.pushes.saturating_add(1);
        self.last_error = None;
        self.revision += 1;
        Ok(())
    }

    fn sent_by_its_request(&self) -> Error {
        Error::new(
            ErrorCode::PaymentAlreadySent,
            Disposition::NotSent,
            "This payment was requested: its push was sent then, and it is not pushed a second time. Nothing was sent now.",
        )
        .with_hint("To prompt again, request the order: it is claimed for a new payment where that is safe.")
        .with_checkout_request_id(self.checkout_request_id().cloned())
        .of_payment(&self.id)
    }

    /// What others have told of it so far. Whoever is about to send its push compares: an event that came to the payment's
    /// own callback URL since the push began proves that the push arrived, whether or not the event is believed.
    pub(crate) fn heard(&self) -> Heard {
        Heard {
            claims: self.claims.len(),
            flags: self.flags().len(),
            flags_dropped: self.flags_dropped,
        }
    }

    /// Whether its push may leave now, for the first time or again: the payment is still `sending`, and nothing was heard of
    /// it since the push began.
    pub(crate) fn may_leave(&self, heard: Heard) -> bool {
        self.state == PaymentState::Sending && self.acceptance.is_none() && self.heard() == heard
    }

    /// Why its push does not leave: something was learnt of it since the push began.
    pub(crate) fn not_to_be_sent(&self) -> Error {
        Error::new(LEARNT, Disposition::Unknown,
            format!(
                "A callback for this payment arrived while its push was being sent, so the push was not sent again. The payment is {}, its outcome {}.",
                self.state.as_str(),
                self.outcome.as_str()
            ),
        )
        .with_hint("Look at the payment, or wait for it. Do not push it again.")
        .with_checkout_request_id(self.id_to_ask_by().cloned())
        .of_payment(&self.id)
    }

    /// Takes what its push ended with, and returns what the caller is told: what was learnt meanwhile wins over an end
    /// that says "not sent" or "rejected".
    ///
    /// # Errors
    /// The push's own, or `learnt_meanwhile`.
    pub(crate) fn conclude_push(
        &mut self,
        answer: Result<Acceptance, Error>,
        heard: Heard,
        now: EatTime,
    ) -> Result<Acceptance, Error> {
        let answer = match answer {
            Err(error) if self.was_overtaken(&error, heard) => match &self.acceptance {
                Some(acceptance) => Ok(acceptance.clone()),
                None if error.code() == LEARNT.as_str() => Err(error),
                None => Err(self.not_to_be_sent().with_source(error)),
            },
            answer => answer,
        };
        let answer = answer.map(|acceptance| Acceptance {
            warnings: self.warnings().to_vec(),
            ..acceptance
        });
        self.on_push_answer(answer.clone(), now);
        answer
    }

    /// Whether a push ended with less than is known of the payment by now.
    fn was_overtaken(&self, error: &Error, heard: Heard) -> bool {
        let says_nobody_was_prompted = error.disposition() != Disposition::Unknown;
        error.code() == LEARNT.as_str() || says_nobody_was_prompted && !self.may_leave(heard)
    }

    /// Takes the answer to its push.
    pub fn on_push_answer(&mut self, answer: Result<Acceptance, Error>, now: EatTime) -> Change {
        match answer {
            Ok(acceptance) => self.accept(acceptance, now),
            Err(error) => self.not_accepted(error),
        }
    }

    fn accept(&mut self, acceptance: Acceptance, now: EatTime) -> Change {
        self.revision += 1;
        // An event may have come before the answer: then the answer adds the ids and nothing else.
        let named_before = self.checkout_request_id().cloned();
        let named_now = acceptance.checkout_request_id.as_ref();
        let differs =
            matches!((&named_before, named_now), (Some(before), Some(now)) if before != now);
        let known = self.acceptance.replace(acceptance);
        if let (Some(mine), Some(known)) = (&mut self.acceptance, known)
            && mine.checkout_request_id.is_none()
        {
            mine.checkout_request_id = known.checkout_request_id;
        }
        if self.state < PaymentState::Accepted {
            self.state = PaymentState::Accepted;
            self.outcome = Outcome::Pending;
        }
        if differs {
            return self.flag(FlagReason::CheckoutRequestIdDiffers, None, now);
        }
        Change::Applied
    }

    fn not_accepted(&mut self, error: Error) -> Change {
        self.revision += 1;
        let disposition = error.disposition();
        if let Some(named) = error.named()
            && self.acceptance.is_none()
        {
            self.claims.keep(Claim::of_answer(named));
        }
        self.last_error = Some(error);
        if self.state != PaymentState::Sending {
            return Change::Applied;
        }
        match disposition {
            Disposition::NotSent | Disposition::Rejected => {
                self.state = PaymentState::Reserved;
                self.outcome = Outcome::Pending;
                self.sent_at = None;
            }
            Disposition::Unknown => {
                self.state = PaymentState::Unknown;
                self.outcome = Outcome::Unknown;
            }
        }
        Change::Applied
    }

    /// What was read from storage says "sending": the process that sent it is gone, and whether the push arrived
    /// is not known. One that says "reserved" may have been sent since: its own callback is believed.
    pub(crate) fn after_restart(&mut self) {
        self.made_here = false;
        if self.state == PaymentState::Sending {
            self.state = PaymentState::Unknown;
            self.outcome = Outcome::Unknown;
            self.revision += 1;
        }
    }
}
