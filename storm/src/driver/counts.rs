//! The counters of a run.

use std::sync::atomic::{AtomicU64, Ordering};

/// A count that many tasks raise.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn raise(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The counts of a run.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) requests: Count,
    pub(crate) refused: Count,
    pub(crate) died_unanswered: Count,
    pub(crate) killed_at_random: Count,
    pub(crate) killed_at_places: Count,
    pub(crate) killed_after_bytes: Count,
    pub(crate) stopped: Count,
    pub(crate) stopped_past_lease: Count,
    pub(crate) backends_killed: Count,
    pub(crate) servers_killed: Count,
    pub(crate) started: Count,
    pub(crate) faults: Count,
}

impl Counts {
    /// All kills of processes so far.
    pub(crate) fn kills(&self) -> u64 {
        [
            &self.killed_at_random,
            &self.killed_at_places,
            &self.killed_after_bytes,
        ]
        .map(Count::value)
        .into_iter()
        .sum()
    }

    /// The rows of the table.
    pub(crate) fn rows(&self) -> Vec<(&'static str, u64)> {
        [
            ("requests", &self.requests),
            ("requests refused", &self.refused),
            ("requests whose process died", &self.died_unanswered),
            ("`kill -9` at random", &self.killed_at_random),
            ("`kill -9` at chosen commands", &self.killed_at_places),
            (
                "`kill -9` between the bytes and the answer",
                &self.killed_after_bytes,
            ),
            ("processes stopped for a while", &self.stopped),
            (
                "processes stopped past their lease",
                &self.stopped_past_lease,
            ),
            ("database backends killed", &self.backends_killed),
            ("database servers killed", &self.servers_killed),
            ("processes started", &self.started),
            ("faults of the gateway", &self.faults),
        ]
        .map(|(words, count)| (words, count.value()))
        .into()
    }
}
