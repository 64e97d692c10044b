//! Spans and counts of the core, passed on to the observer of one thread of Node's together with the next results.

use lipia::telemetry::{
    Caller, CountRecord, KeptRecords, Observer, Record, SpanRecord, set_observer,
};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, Once, PoisonError};

/// The number of the thread that observes; 0 for none, which is all that a call without an observer looks at.
static OBSERVING: AtomicU32 = AtomicU32::new(0);
static KEPT: KeptRecords = KeptRecords::new();
static SET: Once = Once::new();

struct Keeper;

impl Observer for Keeper {
    fn wants(&self) -> bool {
        OBSERVING.load(Ordering::Relaxed) != 0
    }

    fn started(&self, span: &SpanRecord) {
        keep(Record::Span(span.clone()));
    }

    fn finished(&self, span: SpanRecord) {
        keep(Record::Span(span));
    }

    fn counted(&self, count: CountRecord) {
        keep(Record::Count(count));
    }
}

fn keep(record: Record) {
    // The observer may have been taken away since the span began.
    if OBSERVING.load(Ordering::Relaxed) != 0 {
        KEPT.keep(record);
    }
}

/// That thread observes from now on, in place of any other, or no longer.
pub(crate) fn observe(thread: u32, observes: bool) {
    if observes {
        OBSERVING.store(thread, Ordering::Relaxed);
        SET.call_once(|| {
            set_observer(Keeper);
        });
    } else {
        // Where another thread observes by now, that one goes on.
        let _other = OBSERVING.compare_exchange(thread, 0, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// What was recorded meanwhile, for the thread that observes.
pub(crate) fn taken(thread: u32) -> VecDeque<Record> {
    if OBSERVING.load(Ordering::Relaxed) == thread {
        KEPT.take()
    } else {
        VecDeque::new()
    }
}

/// The span within which a thread of Node's begins its next calls, as its observer names it.
#[derive(Default)]
pub(crate) struct Calling(Mutex<Caller>);

impl Calling {
    pub(crate) fn set(&self, span: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Caller::of(span);
    }

    pub(crate) fn caller(&self) -> Caller {
        if OBSERVING.load(Ordering::Relaxed) == 0 {
            return Caller::default();
        }
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
