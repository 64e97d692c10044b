//! Flags: what was handed to a payment and not believed, kept for a person to look at.

use crate::values::clock::EatTime;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A flag: something that was handed to a payment and not believed, kept for a person to look at.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Flag {
    /// When it came.
    pub at: EatTime,
    /// Why it was not believed: `amount_differs`, `prompt_of_another_payment`, `contradicts_success` … [`words`](crate::words)
    /// and `lipia explain` have the meaning of each.
    pub reason: String,
    /// The body as it came, where it was an event; cut at 4 KiB.
    pub body: Option<String>,
}

impl fmt::Debug for Flag {
    /// The body holds the customer's number, and is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flag")
            .field("at", &self.at)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// How many flags a payment keeps: somebody who knows its URL could otherwise fill a disk.
pub(super) const MAX_FLAGS: usize = 16;

/// The flags of one payment. When there are too many, the newest ones stay, and the newest of every reason before those.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Flags(Vec<Flag>);

impl Flags {
    pub(super) fn as_slice(&self) -> &[Flag] {
        &self.0
    }

    /// Whether this was said before, with the same words.
    pub(super) fn holds(&self, reason: &str, body: Option<&str>) -> bool {
        self.0
            .iter()
            .any(|flag| flag.reason == reason && flag.body.as_deref() == body)
    }

    /// Keeps a flag, and drops others where there are too many. How many were dropped.
    pub(super) fn add(&mut self, flag: Flag) -> u32 {
        match self
            .0
            .iter_mut()
            .find(|known| known.reason == flag.reason && known.body == flag.body)
        {
            Some(known) => known.at = known.at.min(flag.at),
            None => self.0.push(flag),
        }
        let mut dropped = 0;
        while self.0.len() > MAX_FLAGS {
            self.drop_one();
            dropped += 1;
        }
        dropped
    }

    /// Takes in the flags of another copy and others, in an order that does not depend on which copy takes. How many were
    /// dropped.
    pub(super) fn unite(&mut self, other: &Self, others: Vec<Flag>) -> u32 {
        let flags = other.0.iter().cloned().chain(others);
        let dropped = flags.map(|flag| self.add(flag)).sum();
        self.0.sort_by(|a, b| key(a).cmp(&key(b)));
        dropped
    }

    /// Deletes the bodies. The reasons stay: one of them says that an order was paid twice.
    pub(super) fn erase_bodies(&mut self) {
        for flag in std::mem::take(&mut self.0) {
            self.add(Flag { body: None, ..flag });
        }
    }

    /// Drops the oldest flag of which a newer one has the same reason, else the oldest.
    fn drop_one(&mut self) {
        let age = |at: &usize| self.0.get(*at).map(key);
        let repeated = |at: &usize| {
            let flag = self.0.get(*at);
            self.0.iter().any(|other| {
                flag.is_some_and(|flag| flag.reason == other.reason && key(flag) < key(other))
            })
        };
        let oldest = (0..self.0.len())
            .filter(repeated)
            .min_by_key(age)
            .or_else(|| (0..self.0.len()).min_by_key(age));
        if let Some(at) = oldest {
            let dropped = self.0.remove(at);
            tracing::warn!(
                target: "lipia",
                reason = dropped.reason,
                "a payment has more flags than are kept, and an old one was dropped"
            );
        }
    }
}

fn key(flag: &Flag) -> (EatTime, &str, Option<&str>) {
    (flag.at, &flag.reason, flag.body.as_deref())
}
