//! What keeps a merchant from being blocked by a gateway: asked before every push, told afterwards.
//!
//! `limits` says when to refuse, `decide` what an answer means, `book` what is counted and what follows from it:
//! all three are pure. `store` and `memory` keep the books; this file carries the decisions out.

mod book;
mod decide;
mod limits;
mod memory;
mod refusal;
mod standing;
mod store;
#[cfg(test)]
mod tests;

pub use limits::{AccountRung, GuardLimits, PhoneRun};
pub use memory::MemoryGuardStore;
pub use standing::{GuardCount, GuardStanding};
pub use store::{
    ClosedBy, GuardAdmission, GuardClosing, GuardCounted, GuardKey, GuardRule, GuardStore,
    GuardStoreResult, GuardTally, RuleTally,
};

use crate::{Disposition, EatTime, Error, ErrorKind, Outcome, PaymentId, PhoneNumber};
use decide::Consequence;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Refuses a push here before the gateway would block the phone or the account for it.
///
/// `UpesiPay` blocks a phone for a day after more than 10 failed pushes in a row, and the account for hours or days
/// after more than 50, 500 or 1000 failed pushes in six hours. `PalPluss` bans a key for an hour, at a number it
/// does not publish. The guard keeps count and says no first; the refusal is `not_sent`, with the time when it
/// opens again. Cheap to clone; all clones count together.
///
/// # What counts
///
/// Every push **from before it is sent**: a hundred customers at once cannot overshoot a limit while nobody knows
/// yet what became of them. A payment that is paid gives its place back, and so does a push that was not sent or was
/// refused as it stood. One that failed, for whatever reason, keeps it; so does one whose outcome stays unknown, as
/// long as a failure would. A payment that was paid and reversed gives its place back.
///
/// # The phone
///
/// 10 failures in a row are let happen and the 11th push is refused, until 24 hours after the last failure. Then one
/// push at a time is let through: paid, it ends the run; failed, it closes the phone for another 24 hours. No
/// gateway says that it forgets a run with time, so neither does the guard, for 30 days. A payment that is paid ends
/// the run of what failed before its own push was sent; a push that was under way at the same time may have failed
/// after it, and goes on counting.
///
/// # The account
///
/// The guard prevents a block, it does not copy one: at 49 places within a sliding six hours it refuses, and opens as
/// soon as one of them is given back or is six hours old. So the gateway's own count never gets to 50, and a
/// merchant waits minutes where the gateway's block would have lasted hours. Were there more failures all the same,
/// of pushes that this guard did not let through (those of another program, or from before a restart), the gateway
/// has probably blocked the account, and the guard closes it for as long: 4, 24 or 72 hours.
///
/// A ban closes the account until it ends, so that one request, not many, learns of it.
///
/// # It has to be told
///
/// [`Client::collect`](crate::Client::collect), [`Client::wait`](crate::Client::wait) and
/// [`Client::receive_callback`](crate::Client::receive_callback) tell the guard what became of a payment. Where your
/// own code learns it in another way, hand it to [`Guard::learn_outcome`], or set
/// [`GuardLimits::unsettled_for`] to a few minutes.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use lipia::{Clock, Guard, GuardLimits, PhoneNumber, SystemClock};
/// let guard = Guard::new(GuardLimits::default());
/// let phone = PhoneNumber::parse("0712345678")?;
/// let standing = guard.standing(&phone, SystemClock.now()).await?;
/// assert!(standing.is_open() && !standing.warning());
/// # Ok::<(), lipia::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Guard {
    shared: Arc<Shared>,
}

struct Shared {
    limits: GuardLimits,
    phone_rules: Vec<GuardRule>,
    account_rules: Vec<GuardRule>,
    store: Arc<dyn GuardStore>,
}

impl Guard {
    /// A guard that counts in this process's memory.
    #[must_use]
    pub fn new(limits: GuardLimits) -> Self {
        Self::with_store(limits, Arc::new(MemoryGuardStore::new()))
    }

    /// A guard that counts in a store of its own or one that several processes share. The store belongs to one
    /// account at one gateway.
    #[must_use]
    pub fn with_store(limits: GuardLimits, store: Arc<dyn GuardStore>) -> Self {
        // The rules are the same for every phone, so any phone's will do.
        let any_phone = PhoneNumber::parse("254700000000").map(GuardKey::Phone);
        let shared = Shared {
            phone_rules: any_phone.map_or_else(|_| Vec::new(), |key| limits.rules(&key)),
            account_rules: limits.rules(&GuardKey::Account),
            limits,
            store,
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// A guard that counts nothing and holds back only while the gateway itself has banned the account.
    #[must_use]
    pub fn ban_only() -> Self {
        Self::new(GuardLimits::none())
    }

    /// Its limits.
    #[must_use]
    pub fn limits(&self) -> &GuardLimits {
        &self.shared.limits
    }

    /// How close this phone and the account are to being refused. Changes nothing.
    ///
    /// # Errors
    /// `guard_store_failed` where the store did not answer.
    pub async fn standing(
        &self,
        phone: &PhoneNumber,
        now: EatTime,
    ) -> Result<GuardStanding, Error> {
        let shared = &*self.shared;
        let key = GuardKey::Phone(phone.clone());
        let phone_tally = shared.store.tally(&key, &shared.phone_rules, now).await;
        let account = shared
            .store
            .tally(&GuardKey::Account, &shared.account_rules, now)
            .await;
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| {
            Error::new(
                ErrorKind::Storage,
                Disposition::NotSent,
                "guard_store_failed",
                format!("The guard's store did not answer: {source}."),
            )
        };
        Ok(GuardStanding::new(
            &shared.limits,
            (&shared.phone_rules, &phone_tally.map_err(failed)?),
            (&shared.account_rules, &account.map_err(failed)?),
        ))
    }

    /// Tells the guard what became of a push, where the client's own calls did not learn it. `sent_at` is
    /// [`Payment::sent_at`](crate::Payment::sent_at). Tell an outcome once: a success that is told again later
    /// changes nothing, a failure counts again once it was cleared.
    pub async fn learn_outcome(
        &self,
        payment: &PaymentId,
        phone: &PhoneNumber,
        outcome: Outcome,
        sent_at: EatTime,
        now: EatTime,
    ) {
        let push = GuardedPush {
            payment,
            phone,
            sent_at,
        };
        self.shared
            .act(push, decide::of_outcome(outcome), now)
            .await;
    }
}

/// The push that the guard is asked about or told of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GuardedPush<'a> {
    /// Whose place it is: one payment is pushed once.
    pub(crate) payment: &'a PaymentId,
    pub(crate) phone: &'a PhoneNumber,
    /// When its push was begun.
    pub(crate) sent_at: EatTime,
}

/// Asked before every push and told what came of it.
impl Guard {
    /// Lets the push through, or refuses it before anything is sent.
    pub(crate) async fn let_through(
        &self,
        push: GuardedPush<'_>,
        now: EatTime,
    ) -> Result<(), Error> {
        self.shared.take_places(push, now).await
    }

    /// Asked before a push that was refused before acting, or never connected, is sent again: its places it holds, but the
    /// gateway may have shut the door since. Then it gives them back.
    pub(crate) async fn may_resend(
        &self,
        push: GuardedPush<'_>,
        now: EatTime,
    ) -> Result<(), Error> {
        let tally = self.shared.store.tally(&GuardKey::Account, &[], now).await;
        match known("tally", tally).filter(|tally| tally.opens_at().is_some()) {
            Some(closed) => {
                let key = GuardKey::Phone(push.phone.clone());
                self.shared.release(&key, push.payment).await;
                Err(refusal::account_closed(&[], &closed, now))
            }
            None => Ok(()),
        }
    }

    /// Learns that the push did not end in an acceptance, and why.
    pub(crate) async fn refused(&self, push: GuardedPush<'_>, error: &Error, now: EatTime) {
        // What the guard itself refused holds no place.
        if !refusal::is_own(error) {
            let consequence = decide::of_refusal(error, &self.shared.limits);
            self.shared.act(push, consequence, now).await;
        }
    }

    /// Learns what became of the payment.
    pub(crate) async fn settled(&self, push: GuardedPush<'_>, outcome: Outcome, now: EatTime) {
        self.learn_outcome(push.payment, push.phone, outcome, push.sent_at, now)
            .await;
    }
}

impl Shared {
    /// Takes a place at the phone, then one at the account. In this order a push that is refused disturbs at most
    /// other pushes to its own phone.
    async fn take_places(&self, push: GuardedPush<'_>, now: EatTime) -> Result<(), Error> {
        let key = GuardKey::Phone(push.phone.clone());
        if !self.phone_rules.is_empty() {
            let taken = self
                .store
                .take(&key, push.payment, &self.phone_rules, now)
                .await;
            match known("take", taken) {
                Some(GuardAdmission::Refused(tally)) => {
                    return Err(refusal::phone_closed(&self.phone_rules, &tally, now));
                }
                Some(GuardAdmission::Taken(tally)) => {
                    self.warn(&self.phone_rules, &tally, Some(push.phone));
                }
                None => {}
            }
        }
        let taken = self
            .store
            .take(&GuardKey::Account, push.payment, &self.account_rules, now)
            .await;
        match known("take", taken) {
            Some(GuardAdmission::Refused(tally)) => {
                known("release", self.store.release(&key, push.payment).await);
                Err(refusal::account_closed(&self.account_rules, &tally, now))
            }
            Some(GuardAdmission::Taken(tally)) => {
                self.warn(&self.account_rules, &tally, None);
                Ok(())
            }
            None => Ok(()),
        }
    }

    async fn act(&self, push: GuardedPush<'_>, consequence: Consequence, now: EatTime) {
        let key = GuardKey::Phone(push.phone.clone());
        match consequence {
            Consequence::Wait => {}
            Consequence::Release => self.release(&key, push.payment).await,
            Consequence::Count => self.count(&key, push, now).await,
            Consequence::Clear => {
                // What failed by the time this push was sent failed before it was paid. Of what came later the
                // order at the gateway is not known.
                let taken_until = before(push.sent_at, self.limits.outcome_within);
                let cleared = self
                    .store
                    .clear(&key, push.payment, push.sent_at, taken_until)
                    .await;
                known("clear", cleared);
                let released = self.store.release(&GuardKey::Account, push.payment).await;
                known("release", released);
            }
            Consequence::Close(duration) => {
                let until = now.plus(duration);
                self.close(until, ClosedBy::Gateway).await;
                self.release(&key, push.payment).await;
            }
        }
    }

    async fn release(&self, key: &GuardKey, payment: &PaymentId) {
        known("release", self.store.release(key, payment).await);
        let released = self.store.release(&GuardKey::Account, payment).await;
        known("release", released);
    }

    async fn count(&self, key: &GuardKey, push: GuardedPush<'_>, now: EatTime) {
        let counted = self
            .store
            .count(key, push.payment, &self.phone_rules, now)
            .await;
        if let Some(counted) = known("count", counted).filter(|counted| counted.added) {
            self.warn(&self.phone_rules, &counted.tally, Some(push.phone));
        }
        let counted = self
            .store
            .count(&GuardKey::Account, push.payment, &self.account_rules, now)
            .await;
        let Some(counted) = known("count", counted) else {
            return;
        };
        if counted.added {
            self.warn(&self.account_rules, &counted.tally, None);
        }
        // Only pushes that the guard did not let through can take a count beyond its limit.
        let crossed = self
            .limits
            .account_rungs
            .iter()
            .zip(&counted.tally.rules)
            .filter(|(rung, tally)| tally.counted > rung.failures.max(1))
            .map(|(rung, _)| rung.closed_for)
            .max();
        if let Some(closed_for) = crossed {
            self.close(now.plus(closed_for), ClosedBy::Limits).await;
        }
    }

    async fn close(&self, until: EatTime, by: ClosedBy) {
        tracing::warn!(target: "lipia", %until, ?by, "the account is closed for pushes");
        let closing = GuardClosing { until, by };
        known("close", self.store.close(&GuardKey::Account, closing).await);
    }

    /// Warns where a count has just come to the share that is set.
    fn warn(&self, rules: &[GuardRule], tally: &GuardTally, phone: Option<&PhoneNumber>) {
        for (rule, counted) in rules.iter().zip(&tally.rules) {
            // Places are added one at a time, so every crossing stops here once.
            if counted.counted == self.limits.warns_at(rule) {
                tracing::warn!(
                    target: "lipia",
                    phone_number = phone.map(PhoneNumber::masked),
                    counted = counted.counted,
                    unsettled = counted.unsettled,
                    limit = rule.failures,
                    "pushes that were not paid come near the number after which the guard refuses"
                );
            }
        }
    }
}

/// What a store answered. A store that fails stops no sale; it is a matter for the log.
fn known<T>(step: &str, answer: GuardStoreResult<T>) -> Option<T> {
    answer
        .inspect_err(|error| {
            tracing::error!(target: "lipia", step, %error, "the guard's store failed, and the push is not held back");
        })
        .ok()
}

fn before(time: EatTime, duration: Duration) -> EatTime {
    let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    EatTime::from_unix_millis(time.unix_millis().saturating_sub(millis))
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("limits", &self.limits)
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}
