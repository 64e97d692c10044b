//! Second looks at a failure that only says that nobody answered in time: the customer may still pay, so the payment is
//! asked about again before its order is free, and more and more seldom until an hour after the push.

use super::{Payment, PaymentState};
use crate::meaning::outcome::Outcome;
use crate::meaning::result_codes;
use crate::values::clock::EatTime;
use std::time::Duration;

/// When such a payment is asked about after its grace, counted from its push.
const LATER_LOOKS: [Duration; 4] = [
    Duration::from_secs(5 * 60),
    Duration::from_secs(15 * 60),
    Duration::from_secs(30 * 60),
    LAST_LOOK,
];

const LAST_LOOK: Duration = Duration::from_secs(60 * 60);

/// How long after its push such a payment holds its order. A prompt lives for about a minute.
const GRACE: Duration = Duration::from_secs(90);

/// How long it holds the order at least once its failure was learnt: a push can reach the gateway late.
const GRACE_AFTER_FAILURE: Duration = Duration::from_secs(25);

impl Payment {
    /// When a settled failure is to be asked about (again) with [`Client::ask`](crate::Client::ask), because it only says
    /// that nobody answered in time. `None` for every other payment, and after the last look, an hour after the push.
    ///
    /// Such failures are 1037, 1036, 1019 and 2026, and 1032 where its words say that the prompt lapsed; and every failure
    /// that is known from a query alone, from the unsigned webhook of `PalPluss` or `UpesiPay`, or from a person who resolved
    /// the payment. The first look is due 90 seconds after the push and 25 after the failure was learnt, the others 5, 15, 30
    /// and 60 minutes after the push; a time in the past means: now. A success that a look finds is money, and settles the
    /// payment.
    ///
    /// ```no_run
    /// # async fn example(client: lipia::Client, payment: lipia::PaymentHandle) -> Result<(), lipia::Error> {
    /// use lipia::values::{Clock, SystemClock};
    /// let due = payment.snapshot().look_again_at();
    /// if due.is_some_and(|due| due <= SystemClock.now()) && client.ask(&payment).await?.is_paid() {
    ///     println!("paid after all");
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn look_again_at(&self) -> Option<EatTime> {
        let pushed = self.provisional_since()?;
        let later = LATER_LOOKS.into_iter().map(|after| pushed.plus(after));
        std::iter::once(self.grace(pushed))
            .chain(later)
            .find(|due| self.looked_at.is_none_or(|looked| looked < *due))
    }

    /// Until when a settled failure holds its order: 90 seconds after the push, and 25 after the failure was learnt, where
    /// the failure only says that nobody answered in time (see [`Payment::look_again_at`]). [`Client::ask`](crate::Client::ask) about the payment then, and
    /// prompt again only if it is still a failure and this time has passed: where the gateway could not tell, the order is
    /// held until the next look. A payment that a person called not paid later than 90 seconds after the push holds no order.
    ///
    /// `None` where the order is free at once (a wrong PIN, a cancellation that the customer's phone reported) and where it
    /// never becomes free (paid, reversed, open, `unknown`): [`Payment::outcome`] tells these apart.
    #[must_use]
    pub fn order_free_at(&self) -> Option<EatTime> {
        let pushed = self.provisional_since()?;
        let grace = self.grace(pushed);
        let is_looked_at = self.looked_at.is_some_and(|looked| looked >= grace);
        Some(match (is_looked_at, self.failure_confirmed) {
            // The customer may have paid, so the next look decides.
            (true, false) => self.look_again_at().unwrap_or(pushed.plus(LAST_LOOK)),
            // A person called it not paid once its prompt could not be open.
            (false, true) => pushed.plus(GRACE),
            _ => grace,
        })
    }

    /// Whether the prompt may still be open on the customer's phone, by the time since its push.
    pub(super) fn may_have_its_prompt_open(&self, now: EatTime) -> bool {
        now < self.sent_at.unwrap_or(self.reserved_at).plus(GRACE)
    }

    /// Until when a provisional failure holds its order, whatever a look finds.
    fn grace(&self, pushed: EatTime) -> EatTime {
        let learnt = self.settled_at.unwrap_or(pushed);
        pushed.plus(GRACE).max(learnt.plus(GRACE_AFTER_FAILURE))
    }

    /// When the push of a provisional failure left; `None` for every other payment.
    fn provisional_since(&self) -> Option<EatTime> {
        let holds = self.is_failed() && (self.provisional || self.is_claimed_paid());
        holds.then(|| self.sent_at.unwrap_or(self.reserved_at))
    }

    /// Whether it is settled without money.
    pub(crate) fn is_failed(&self) -> bool {
        self.state == PaymentState::Settled
            && !matches!(self.outcome, Outcome::Success | Outcome::Reversed)
    }

    /// Notes that the gateway was asked about a settled failure and brought nothing new. `confirmed` where it called the
    /// payment failed again, and did not only say that it could not tell.
    pub(super) fn looked(&mut self, confirmed: bool, now: EatTime) {
        let Some(pushed) = self.provisional_since() else {
            return;
        };
        if self.looked_at.is_none_or(|looked| looked < now) {
            self.looked_at = Some(now);
            self.failure_confirmed |= confirmed && now >= self.grace(pushed);
            self.revision += 1;
        }
    }
}

/// Whether a failure with this code and these words only says that nobody answered in time.
pub(super) fn only_says_unanswered(code: Option<&str>, words: Option<&str>) -> bool {
    result_codes::describe(code.unwrap_or_default())
        .unanswered
        .is_said_by(words)
}
