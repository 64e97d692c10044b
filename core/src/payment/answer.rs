//! What the answer to its own push does to a payment, and that nothing is pushed twice.

use super::{Change, Payment, PaymentState};
use crate::{Acceptance, Disposition, EatTime, Error, ErrorKind, Outcome};

impl Payment {
    /// Marks that its push is about to leave. A store saves it after this and before the first byte.
    ///
    /// # Errors
    /// `PaymentState` unless it is reserved: whatever was sent once is never sent again.
    pub fn begin_sending(&mut self, now: EatTime) -> Result<(), Error> {
        if self.state != PaymentState::Reserved {
            return Err(Error::new(
                ErrorKind::PaymentState,
                Disposition::NotSent,
                "payment_already_sent",
                format!(
                    "This payment is {}: nothing was sent now, and it is not pushed a second time.",
                    self.state.as_str()
                ),
            )
            .with_hint(
                "Wait for it to learn what came of it. For another sale, reserve another payment.",
            )
            .with_checkout_request_id(self.checkout_request_id().map(str::to_owned)));
        }
        self.state = PaymentState::Sending;
        self.outcome = Outcome::Unknown;
        self.sent_at = Some(now);
        self.last_error = None;
        self.revision += 1;
        Ok(())
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
        let named_before = self.checkout_request_id().map(str::to_owned);
        let differs = named_before.is_some_and(|id| id != acceptance.checkout_request_id);
        self.acceptance = Some(acceptance);
        if self.state < PaymentState::Accepted {
            self.state = PaymentState::Accepted;
            self.outcome = Outcome::Pending;
        }
        if differs {
            return self.flag("checkout_request_id_differs", None, now);
        }
        Change::Moved
    }

    fn not_accepted(&mut self, error: Error) -> Change {
        self.revision += 1;
        let disposition = error.disposition();
        self.last_error = Some(error);
        if self.state != PaymentState::Sending {
            return Change::Moved;
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
        Change::Moved
    }

    /// What was read from storage says "sending": the process that sent it is gone, and whether the push arrived
    /// is not known.
    pub(crate) fn after_restart(&mut self) {
        if self.state == PaymentState::Sending {
            self.state = PaymentState::Unknown;
            self.outcome = Outcome::Unknown;
            self.revision += 1;
        }
    }
}
