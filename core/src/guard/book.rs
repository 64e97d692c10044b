//! What is kept under one key, and what follows from it: pure, over times that are handed in.

use super::{GuardAdmission, GuardClosing, GuardCounted, GuardRule, GuardTally, RuleTally};
use crate::{EatTime, PaymentId};

/// The places and the closing of one key.
#[derive(Debug, Default)]
pub(super) struct Book {
    places: Vec<Place>,
    closing: Option<GuardClosing>,
    /// When nothing of it counts any more.
    expires_at: Option<EatTime>,
}

/// One push that counts.
#[derive(Clone, Debug)]
struct Place {
    payment: PaymentId,
    /// When it was taken; once settled, when it was settled.
    at: EatTime,
    settled: bool,
}

impl Place {
    /// When it stops counting.
    fn counts_until(&self, rule: &GuardRule) -> EatTime {
        self.at.plus(if self.settled {
            rule.window
        } else {
            rule.unsettled_for
        })
    }

    /// Until when it alone keeps a reached rule closed that has a pause.
    fn paused_until(&self, rule: &GuardRule) -> EatTime {
        match rule.pause {
            Some(pause) if self.settled => self.at.plus(pause),
            _ => self.counts_until(rule),
        }
    }
}

impl Book {
    pub(super) fn take(
        &mut self,
        payment: &PaymentId,
        rules: &[GuardRule],
        now: EatTime,
    ) -> GuardAdmission {
        self.drop_what_counts_no_more(rules, now);
        let without = self.tally_without(Some(payment), rules, now);
        if without.opens_at().is_some() {
            return GuardAdmission::Refused(without);
        }
        self.release(payment);
        if !rules.is_empty() {
            self.keep(payment, false, rules, now);
        }
        GuardAdmission::Taken(self.tally(rules, now))
    }

    pub(super) fn count(
        &mut self,
        payment: &PaymentId,
        rules: &[GuardRule],
        now: EatTime,
    ) -> GuardCounted {
        self.drop_what_counts_no_more(rules, now);
        let held = self
            .places
            .iter()
            .find(|place| place.payment == *payment)
            .map(|place| place.settled);
        if held != Some(true) && !rules.is_empty() {
            self.release(payment);
            self.keep(payment, true, rules, now);
        }
        GuardCounted {
            added: held.is_none(),
            tally: self.tally(rules, now),
        }
    }

    pub(super) fn release(&mut self, payment: &PaymentId) {
        self.places.retain(|place| place.payment != *payment);
    }

    pub(super) fn clear(
        &mut self,
        payment: &PaymentId,
        settled_until: EatTime,
        taken_until: EatTime,
    ) {
        self.places.retain(|place| {
            let cleared_until = if place.settled {
                settled_until
            } else {
                taken_until
            };
            place.payment != *payment && place.at > cleared_until
        });
    }

    pub(super) fn close(&mut self, closing: GuardClosing) {
        if self.closing.is_none_or(|held| held.until < closing.until) {
            self.closing = Some(closing);
        }
        self.expires_at = self.expires_at.max(Some(closing.until));
    }

    pub(super) fn tally(&self, rules: &[GuardRule], now: EatTime) -> GuardTally {
        self.tally_without(None, rules, now)
    }

    /// Whether nothing of it counts now or ever will.
    pub(super) fn is_over(&self, now: EatTime) -> bool {
        self.is_empty() || self.expires_at.is_none_or(|then| then <= now)
    }

    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty() && self.closing.is_none()
    }

    /// How much would be lost with it: more places weigh more, and later ones more than earlier ones.
    pub(super) fn weight(&self) -> (usize, Option<EatTime>) {
        (
            self.places.len(),
            self.places.iter().map(|place| place.at).max(),
        )
    }

    fn keep(&mut self, payment: &PaymentId, settled: bool, rules: &[GuardRule], now: EatTime) {
        let place = Place {
            payment: payment.clone(),
            at: now,
            settled,
        };
        let until = rules.iter().map(|rule| place.counts_until(rule)).max();
        self.expires_at = self.expires_at.max(until);
        self.places.push(place);
    }

    fn drop_what_counts_no_more(&mut self, rules: &[GuardRule], now: EatTime) {
        self.places
            .retain(|place| rules.iter().any(|rule| place.counts_until(rule) > now));
        self.closing = self.closing.filter(|closing| closing.until > now);
    }

    fn tally_without(
        &self,
        payment: Option<&PaymentId>,
        rules: &[GuardRule],
        now: EatTime,
    ) -> GuardTally {
        GuardTally {
            closing: self.closing.filter(|closing| closing.until > now),
            rules: rules
                .iter()
                .map(|rule| {
                    let counting: Vec<&Place> = self
                        .places
                        .iter()
                        .filter(|place| {
                            payment != Some(&place.payment) && place.counts_until(rule) > now
                        })
                        .collect();
                    tally_of(&counting, rule, now)
                })
                .collect(),
        }
    }
}

fn tally_of(counting: &[&Place], rule: &GuardRule, now: EatTime) -> RuleTally {
    let (settled, unsettled): (Vec<&Place>, Vec<&Place>) =
        counting.iter().partition(|place| place.settled);
    let opens_at = opens_at(counting, rule, now);
    let retry_at = opens_at.map(|then| {
        if self::opens_at(&settled, rule, now).is_some() {
            return then;
        }
        unsettled
            .iter()
            .map(|place| place.at.plus(rule.outcome_within))
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

/// When the rule is no longer reached by these places; `None` where it is not.
fn opens_at(counting: &[&Place], rule: &GuardRule, now: EatTime) -> Option<EatTime> {
    let mut ends: Vec<EatTime> = counting
        .iter()
        .map(|place| place.counts_until(rule))
        .collect();
    let most = usize::try_from(rule.failures.max(1)).ok()?;
    // One place too many is left until the last but `failures - 1` has stopped counting.
    let surplus = ends.len().checked_sub(most)?;
    let (_, too_few, _) = ends.select_nth_unstable(surplus);
    let paused = counting
        .iter()
        .map(|place| place.paused_until(rule))
        .max()
        .unwrap_or(*too_few);
    Some(paused.min(*too_few)).filter(|then| *then > now)
}
