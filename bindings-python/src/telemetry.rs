//! Spans and counts of the core, handed to Python's observer.
//!
//! As with the log, no thread of ours waits for the GIL: records are kept until Lipia next hands something to Python.

use crate::data::to_python;
use crate::per_process::PerProcess;
use arc_swap::ArcSwapOption;
use lipia::telemetry::{
    Caller, CountRecord, KeptRecords, Observer, Record, SpanRecord, set_observer,
};
use pyo3::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};

/// Whether there is an observer: what a call without one looks at.
static IS_ON: AtomicBool = AtomicBool::new(false);
static OBSERVER: ArcSwapOption<Py<PyAny>> = ArcSwapOption::const_empty();
/// A process of its own each: a lock that a thread of the parent held at the fork would never be free in the child.
static KEPT: PerProcess<Kept> = PerProcess::empty();
static OBSERVING: Once = Once::new();

#[derive(Default)]
struct Kept {
    records: KeptRecords,
    /// Whether a thread hands records over. One at a time, so that a span's beginning comes before its end.
    is_handing_over: AtomicBool,
}

struct Keeper;

impl Observer for Keeper {
    fn wants(&self) -> bool {
        IS_ON.load(Ordering::Relaxed)
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
    if IS_ON.load(Ordering::Relaxed) {
        KEPT.get_or_default().records.keep(record);
    }
}

/// Sets Python's observer: an object with `caller`, `span` and `count`. `None` takes it away.
#[pyfunction]
pub(crate) fn set_telemetry(py: Python<'_>, observer: Option<Py<PyAny>>) {
    pass_on(py);
    IS_ON.store(observer.is_some(), Ordering::Relaxed);
    OBSERVER.store(observer.map(Arc::new));
    OBSERVING.call_once(|| {
        set_observer(Keeper);
    });
}

/// Hands over what was recorded meanwhile.
#[pyfunction]
pub(crate) fn pass_telemetry_on(py: Python<'_>) {
    pass_on(py);
}

/// The caller's own span, as Python's observer names it.
pub(crate) fn caller(py: Python<'_>) -> Caller {
    if !IS_ON.load(Ordering::Relaxed) {
        return Caller::default();
    }
    let traceparent = OBSERVER.load_full().and_then(|observer| {
        let named = observer.bind(py).call_method0("caller");
        heard(
            py,
            named.and_then(|named| named.extract::<Option<String>>()),
        )
    });
    Caller::of(traceparent.flatten())
}

/// Hands over what was recorded meanwhile.
pub(crate) fn pass_on(py: Python<'_>) {
    if !IS_ON.load(Ordering::Relaxed) {
        return;
    }
    let (Some(kept), Some(observer)) = (KEPT.get(), OBSERVER.load_full()) else {
        return;
    };
    let observer = observer.bind(py);
    while !kept.records.is_empty() {
        if kept.is_handing_over.swap(true, Ordering::AcqRel) {
            // The thread that hands over takes these as well.
            return;
        }
        for record in kept.records.take() {
            let (method, data) = match &record {
                Record::Span(span) => ("span", to_python(py, span)),
                Record::Count(count) => ("count", to_python(py, count)),
            };
            heard(
                py,
                data.and_then(|data| observer.call_method1(method, (data,))),
            );
        }
        kept.is_handing_over.store(false, Ordering::Release);
    }
}

/// What an observer returned. One that fails is not a reason to lose a result.
fn heard<T>(py: Python<'_>, told: PyResult<T>) -> Option<T> {
    told.map_err(|trouble| trouble.write_unraisable(py, None))
        .ok()
}
