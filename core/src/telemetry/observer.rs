//! The observer: a program's own receiver of spans and counts.

use crate::telemetry::record::{CountRecord, SpanRecord};
use std::sync::OnceLock;

/// A receiver of spans and counts, for the whole process.
///
/// It is called in the middle of a call of Lipia's, on any thread: keep what it is given, and return.
///
/// ```
/// use lipia::telemetry::{Observer, SpanRecord};
///
/// struct Printed;
///
/// impl Observer for Printed {
///     fn finished(&self, span: SpanRecord) {
///         println!("{} took {:?} µs", span.name.as_str(), span.duration_micros);
///     }
/// }
/// assert!(lipia::telemetry::set_observer(Printed));
/// ```
pub trait Observer: Send + Sync + 'static {
    /// Whether anything is wanted now. Asked when a span begins.
    fn wants(&self) -> bool {
        true
    }

    /// A span has begun. Its number comes again when it has ended.
    fn started(&self, span: &SpanRecord) {
        let _ = span;
    }

    /// A span has ended. Those within it ended before, but for a token that is fetched ahead of time.
    fn finished(&self, span: SpanRecord);

    /// A counter has one more.
    fn counted(&self, count: CountRecord) {
        let _ = count;
    }
}

/// Set once, so that a child that was forked finds no lock that a thread of its parent held.
static OBSERVER: OnceLock<Box<dyn Observer>> = OnceLock::new();

/// Sets the observer of the process. False where it has one already, which then stays.
pub fn set_observer(observer: impl Observer) -> bool {
    OBSERVER.set(Box::new(observer)).is_ok()
}

/// The observer, where there is one that wants to hear now.
pub(super) fn listening() -> Option<&'static dyn Observer> {
    OBSERVER
        .get()
        .map(Box::as_ref)
        .filter(|observer| observer.wants())
}

/// The observer, for a span that it heard the beginning of.
pub(super) fn any() -> Option<&'static dyn Observer> {
    OBSERVER.get().map(Box::as_ref)
}
