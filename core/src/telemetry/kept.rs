//! Records that are kept for a reader which fetches them: a binding whose language must not be called on any thread.

use crate::telemetry::record::{CountRecord, SpanRecord};
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most records that are kept.
const MAX_KEPT: usize = 10_000;

/// A span or a count.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Record {
    /// A span, at its beginning or at its end.
    Span(SpanRecord),
    /// A counter that has one more.
    Count(CountRecord),
}

/// Records in the order in which they came. At most 10,000 are kept: where nobody takes them the oldest make room.
///
/// ```
/// assert!(lipia::telemetry::KeptRecords::new().is_empty());
/// ```
#[derive(Debug, Default)]
pub struct KeptRecords(Mutex<VecDeque<Record>>);

impl KeptRecords {
    /// No records yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(VecDeque::new()))
    }

    /// Keeps one more.
    pub fn keep(&self, record: Record) {
        let mut records = self.records();
        if records.len() == MAX_KEPT {
            records.pop_front();
        }
        records.push_back(record);
    }

    /// Takes all of them out.
    #[must_use]
    pub fn take(&self) -> VecDeque<Record> {
        std::mem::take(&mut *self.records())
    }

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records().is_empty()
    }

    fn records(&self) -> MutexGuard<'_, VecDeque<Record>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{KeptRecords, MAX_KEPT, Record};
    use crate::telemetry::record::{Attributes, CountRecord};

    fn count(counter: &'static str) -> Record {
        Record::Count(CountRecord {
            counter,
            attributes: Attributes::default(),
        })
    }

    #[test]
    fn the_oldest_records_make_room_and_the_order_stays() {
        let kept = KeptRecords::new();
        kept.keep(count("first"));
        for _ in 1..MAX_KEPT {
            kept.keep(count("middle"));
        }
        kept.keep(count("last"));
        let taken = kept.take();
        assert_eq!(taken.len(), MAX_KEPT);
        let name = |record: Option<&Record>| match record {
            Some(Record::Count(count)) => count.counter,
            _ => "none",
        };
        assert_eq!(name(taken.front()), "middle");
        assert_eq!(name(taken.back()), "last");
        assert!(kept.is_empty());
    }
}
