//! The places of pushes in the guard's store: taken before a push is sent, given back, or counted as failures; and the closing
//! of a phone or an account.

use super::account::Account;
use super::decide::{self, Consequence};
use super::limits::Limits;
use super::pushed::Pushed;
use super::store::{Admission, ClosedBy, Closing, Key, Rule, Store, StoreResult, Tally};
use super::{GuardedPush, refusal};
use crate::error::Error;
use crate::error::block::BlockScope;
use crate::error::ids::PaymentId;
use crate::values::clock::EatTime;
use crate::values::phone::PhoneNumber;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The limits and rules of a guard, and the store that keeps count.
pub(super) struct Shared {
    pub(super) limits: Limits,
    pub(super) phone_rules: Vec<Rule>,
    pub(super) account_rules: Vec<Rule>,
    pub(super) store: Arc<dyn Store>,
    pub(super) pushed: Arc<Pushed>,
    /// Kept in the list of this process's accounts as long as the guard is.
    pub(super) _account: Option<Arc<Account>>,
}

impl Shared {
    /// Takes a place at the phone, then one at the account. In this order a push that is refused disturbs at most
    /// other pushes to its own phone.
    pub(super) async fn take_places(
        &self,
        push: GuardedPush<'_>,
        now: EatTime,
    ) -> Result<(), Error> {
        let key = Key::Phone(push.phone.clone());
        // Without rules too: the gateway may have blocked the phone.
        let taken = self
            .store
            .take(&key, push.payment, &self.phone_rules, now)
            .await;
        match known("take", taken) {
            Some(Admission::Refused(tally)) => {
                return Err(refusal::phone_closed(&self.phone_rules, &tally, now));
            }
            Some(Admission::Taken(tally)) => {
                self.warn(&self.phone_rules, &tally, Some(push.phone));
            }
            None => {}
        }
        let taken = self
            .store
            .take(&Key::Account, push.payment, &self.account_rules, now)
            .await;
        match known("take", taken) {
            Some(Admission::Refused(tally)) => {
                known("release", self.store.release(&key, push.payment).await);
                Err(refusal::account_closed(&self.account_rules, &tally, now))
            }
            Some(Admission::Taken(tally)) => {
                self.warn(&self.account_rules, &tally, None);
                Ok(())
            }
            None => Ok(()),
        }
    }

    pub(super) async fn act(
        &self,
        push: GuardedPush<'_>,
        consequence: Consequence,
        at: EatTime,
        now: EatTime,
    ) {
        let key = Key::Phone(push.phone.clone());
        match consequence {
            Consequence::Wait => {}
            Consequence::Release => self.release(&key, push.payment).await,
            Consequence::Count => self.count(&key, push, at, now).await,
            Consequence::Clear => {
                // What failed by the time this push was sent failed before it was paid. Of what came later the
                // order at the gateway is not known.
                let taken_until = before(push.sent_at, self.limits.outcome_within);
                let cleared = self
                    .store
                    .clear(&key, push.payment, push.sent_at, taken_until)
                    .await;
                known("clear", cleared);
                let released = self.store.release(&Key::Account, push.payment).await;
                known("release", released);
            }
            Consequence::Close(scope, duration) => {
                let closed = match scope {
                    BlockScope::Account => &Key::Account,
                    BlockScope::Phone => &key,
                };
                // Before the closing: this push prompted nobody and is not one of those that led to the block.
                self.release(&key, push.payment).await;
                self.close(closed, now.plus(duration), ClosedBy::Gateway)
                    .await;
            }
        }
    }

    pub(super) async fn release(&self, key: &Key, payment: &PaymentId) {
        known("release", self.store.release(key, payment).await);
        let released = self.store.release(&Key::Account, payment).await;
        known("release", released);
    }

    async fn count(&self, key: &Key, push: GuardedPush<'_>, at: EatTime, now: EatTime) {
        let counted = self
            .store
            .count(key, push.payment, &self.phone_rules, at, now)
            .await;
        if let Some(counted) = known("count", counted).filter(|counted| counted.added) {
            self.warn(&self.phone_rules, &counted.tally, Some(push.phone));
        }
        let counted = self
            .store
            .count(&Key::Account, push.payment, &self.account_rules, at, now)
            .await;
        let Some(counted) = known("count", counted) else {
            return;
        };
        if counted.added {
            self.warn(&self.account_rules, &counted.tally, None);
        }
        if let Some(closed_for) = decide::of_failure(&self.limits, &counted) {
            self.close(&Key::Account, now.plus(closed_for), ClosedBy::Limits)
                .await;
        }
    }

    async fn close(&self, key: &Key, until: EatTime, by: ClosedBy) {
        match key {
            Key::Account => {
                tracing::warn!(target: "lipia", %until, ?by, "the account is closed for pushes");
            }
            Key::Phone(phone) => {
                tracing::warn!(target: "lipia", %until, ?by, phone_number = phone.masked(), "the phone is closed for pushes");
            }
        }
        let closing = Closing { until, by };
        known("close", self.store.close(key, closing).await);
    }

    /// Warns where a count has just come to the share that is set.
    fn warn(&self, rules: &[Rule], tally: &Tally, phone: Option<&PhoneNumber>) {
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
pub(super) fn known<T>(step: &str, answer: StoreResult<T>) -> Option<T> {
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
