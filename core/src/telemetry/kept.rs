//! What is kept for a reader which fetches it: a binding whose language must not be called on any thread.

use crate::telemetry::record::{CountRecord, SpanRecord};
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A span or a count.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Record {
    /// A span, at its beginning or at its end.
    Span(SpanRecord),
    /// A counter that has one more.
    Count(CountRecord),
}

/// Spans and counts that are kept: at most 10,000.
pub type KeptRecords = Kept<Record, 10_000>;

/// Things that are kept in the order in which they came. Where nobody takes them, and `MAX` are there, the oldest make room.
///
/// ```
/// let lines = lipia::telemetry::Kept::<&str, 2>::new();
/// for line in ["first", "second", "third"] {
///     lines.keep(line);
/// }
/// assert_eq!(lines.take(), ["second", "third"]);
/// assert!(lines.is_empty());
/// ```
#[derive(Debug)]
pub struct Kept<T, const MAX: usize>(Mutex<VecDeque<T>>);

impl<T, const MAX: usize> Kept<T, MAX> {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(VecDeque::new()))
    }

    /// Keeps one more.
    pub fn keep(&self, one: T) {
        let mut kept = self.kept();
        if kept.len() >= MAX {
            kept.pop_front();
        }
        kept.push_back(one);
    }

    /// Takes all of it out.
    #[must_use]
    pub fn take(&self) -> VecDeque<T> {
        std::mem::take(&mut *self.kept())
    }

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept().is_empty()
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T, const MAX: usize> Default for Kept<T, MAX> {
    fn default() -> Self {
        Self::new()
    }
}
