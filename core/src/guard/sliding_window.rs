//! The sliding window of pushes that count under one key of the guard. Pure: every time is handed in.

use super::store::{Admission, Closing, Counted, Rule, RuleTally, Tally};
use crate::error::ids::PaymentId;
use crate::values::clock::EatTime;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The pushes that count under one key, and the key's closing.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct SlidingWindow {
    slots: Vec<Slot>,
    closing: Option<Closing>,
    /// When nothing of it counts any more.
    expires_at: Option<EatTime>,
}

/// One push that counts.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Slot {
    payment: PaymentId,
    /// When it was taken; once settled, when it was settled.
    at: EatTime,
    settled: bool,
    /// When the closing ends that the failure led to, or fell into. A rule without a pause is not kept reached by it
    /// any longer: the gateway that blocked the account for it takes pushes again.
    served_until: Option<EatTime>,
}

impl Slot {
    /// When it stops counting.
    fn counts_until(&self, rule: &Rule) -> EatTime {
        self.at.plus(if self.settled {
            rule.window
        } else {
            rule.unsettled_for
        })
    }

    /// Until when it alone keeps a reached rule closed that has a pause.
    fn paused_until(&self, rule: &Rule) -> EatTime {
        match rule.pause {
            Some(pause) if self.settled => self.at.plus(pause),
            _ => self.holds_until(rule),
        }
    }

    /// Until when it helps to keep a rule reached.
    fn holds_until(&self, rule: &Rule) -> EatTime {
        let counts_until = self.counts_until(rule);
        match self.served_until {
            Some(served_until) if rule.pause.is_none() => counts_until.min(served_until),
            _ => counts_until,
        }
    }
}

impl SlidingWindow {
    pub(super) fn take(&mut self, payment: &PaymentId, rules: &[Rule], now: EatTime) -> Admission {
        self.drop_what_counts_no_more(rules, now);
        let without = self.tally_without(Some(payment), rules, now);
        if without.opens_at().is_some() {
            return Admission::Refused(without);
        }
        self.release(payment);
        if !rules.is_empty() {
            self.keep(payment, false, rules, now, None);
        }
        Admission::Taken(self.tally(rules, now))
    }

    pub(super) fn count(
        &mut self,
        payment: &PaymentId,
        rules: &[Rule],
        at: EatTime,
        now: EatTime,
    ) -> Counted {
        self.drop_what_counts_no_more(rules, now);
        let held = self
            .slots
            .iter()
            .find(|slot| slot.payment == *payment)
            .map(|slot| slot.settled);
        let is_news = held != Some(true) && !rules.is_empty();
        if is_news {
            let served_until = self.closing.map(|closing| closing.until);
            self.release(payment);
            self.keep(payment, true, rules, at.min(now), served_until);
        }
        Counted {
            added: held.is_none(),
            is_news,
            tally: self.tally(rules, now),
        }
    }

    pub(super) fn release(&mut self, payment: &PaymentId) {
        self.slots.retain(|slot| slot.payment != *payment);
    }

    pub(super) fn clear(
        &mut self,
        payment: &PaymentId,
        settled_until: EatTime,
        taken_until: EatTime,
    ) {
        self.slots.retain(|slot| {
            let cleared_until = if slot.settled {
                settled_until
            } else {
                taken_until
            };
            slot.payment != *payment && slot.at > cleared_until
        });
    }

    pub(super) fn close(&mut self, closing: Closing) {
        if self.closing.is_none_or(|held| held.until < closing.until) {
            self.closing = Some(closing);
            for slot in self.slots.iter_mut().filter(|slot| slot.settled) {
                slot.served_until = Some(closing.until);
            }
        }
        self.expires_at = self.expires_at.max(Some(closing.until));
    }

    pub(super) fn tally(&self, rules: &[Rule], now: EatTime) -> Tally {
        self.tally_without(None, rules, now)
    }

    /// Whether nothing of it counts now or ever will.
    pub(super) fn is_over(&self, now: EatTime) -> bool {
        self.is_empty() || self.expires_at.is_none_or(|then| then <= now)
    }

    /// For how long something of it counts.
    pub(super) fn lasts(&self, now: EatTime) -> Duration {
        match self.expires_at {
            Some(then) if !self.is_empty() => then.since(now),
            _ => Duration::ZERO,
        }
    }

    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty() && self.closing.is_none()
    }

    /// How much would be lost with it: more slots weigh more, and later ones more than earlier ones.
    pub(super) fn weight(&self) -> (usize, Option<EatTime>) {
        (
            self.slots.len(),
            self.slots.iter().map(|slot| slot.at).max(),
        )
    }

    fn keep(
        &mut self,
        payment: &PaymentId,
        settled: bool,
        rules: &[Rule],
        at: EatTime,
        served_until: Option<EatTime>,
    ) {
        let slot = Slot {
            payment: payment.clone(),
            at,
            settled,
            served_until,
        };
        let until = rules.iter().map(|rule| slot.counts_until(rule)).max();
        self.expires_at = self.expires_at.max(until);
        self.slots.push(slot);
    }

    fn drop_what_counts_no_more(&mut self, rules: &[Rule], now: EatTime) {
        self.slots
            .retain(|slot| rules.iter().any(|rule| slot.counts_until(rule) > now));
        self.closing = self.closing.filter(|closing| closing.until > now);
    }

    fn tally_without(&self, payment: Option<&PaymentId>, rules: &[Rule], now: EatTime) -> Tally {
        Tally {
            closing: self.closing.filter(|closing| closing.until > now),
            rules: rules
                .iter()
                .map(|rule| {
                    let counting: Vec<&Slot> = self
                        .slots
                        .iter()
                        .filter(|slot| {
                            payment != Some(&slot.payment) && slot.counts_until(rule) > now
                        })
                        .collect();
                    tally_of(&counting, rule, now)
                })
                .collect(),
        }
    }
}

fn tally_of(counting: &[&Slot], rule: &Rule, now: EatTime) -> RuleTally {
    let (settled, unsettled): (Vec<&Slot>, Vec<&Slot>) =
        counting.iter().partition(|slot| slot.settled);
    let opens_at = opens_at(counting, rule, now);
    let retry_at = opens_at.map(|then| {
        if self::opens_at(&settled, rule, now).is_some() {
            return then;
        }
        unsettled
            .iter()
            .map(|slot| slot.at.plus(rule.outcome_within))
            .filter(|due| *due > now)
            .min()
            .map_or(then, |due| due.min(then))
    });
    RuleTally {
        counted: u32::try_from(counting.len()).unwrap_or(u32::MAX),
        unsettled: u32::try_from(unsettled.len()).unwrap_or(u32::MAX),
        opens_at,
        retry_at,
    }
}

/// When the rule is no longer reached by these slots; `None` where it is not.
fn opens_at(counting: &[&Slot], rule: &Rule, now: EatTime) -> Option<EatTime> {
    let mut ends: Vec<EatTime> = counting
        .iter()
        .map(|slot| slot.holds_until(rule))
        .filter(|end| *end > now)
        .collect();
    let most = usize::try_from(rule.failures.max(1)).ok()?;
    // One slot too many is left until the last but `failures - 1` has stopped counting.
    let surplus = ends.len().checked_sub(most)?;
    let (_, too_few, _) = ends.select_nth_unstable(surplus);
    let paused = counting
        .iter()
        .map(|slot| slot.paused_until(rule))
        .max()
        .unwrap_or(*too_few);
    Some(paused.min(*too_few)).filter(|then| *then > now)
}
