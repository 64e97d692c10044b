//! What the core tells through `tracing`, passed on to Python's `logging`.
//!
//! No thread of ours ever waits for the GIL to log: what is told is kept until the next moment at which Lipia hands
//! something to Python, which a call that blocks does every fifty milliseconds.

use crate::per_process::PerProcess;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use std::collections::VecDeque;
use std::fmt::{self, Write};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use tracing::field::{Field, Visit};
use tracing::span;
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};

/// How much is kept for a Python that does not come to fetch it.
const MOST_KEPT: usize = 1_000;

/// The level of the logger `lipia`, as Python counts: 10 is debug, 50 critical.
static LEVEL: AtomicU8 = AtomicU8::new(u8::MAX);
/// A process of its own each: a lock that a thread of the parent held at the fork would never be free in the child.
static KEPT: PerProcess<Mutex<VecDeque<(u8, String)>>> = PerProcess::empty();
static LOGGER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
static LISTENING: Once = Once::new();

/// Begins to listen. Once in a process; a child that was forked goes on listening.
pub(crate) fn listen() {
    LISTENING.call_once(|| {
        // Should this process have another listener already, that one has the log.
        let _ = tracing::subscriber::set_global_default(ToPython);
    });
}

fn logger<'py>(py: Python<'py>) -> PyResult<&'py Bound<'py, PyAny>> {
    LOGGER
        .get_or_try_init(py, || {
            let logging = py.import("logging")?;
            let logger = logging.call_method1("getLogger", ("lipia",))?;
            // A library is silent until its program sets logging up.
            logger.call_method1("addHandler", (logging.call_method0("NullHandler")?,))?;
            Ok::<_, PyErr>(logger.unbind())
        })
        .map(|logger| logger.bind(py))
}

/// Learns from which level on the logger wants to hear.
pub(crate) fn look_at_level(py: Python<'_>) {
    let level = logger(py)
        .and_then(|logger| logger.call_method0("getEffectiveLevel"))
        .and_then(|level| level.extract::<i64>());
    if let Ok(level) = level {
        let level = u8::try_from(level.clamp(0, 254)).unwrap_or(u8::MAX);
        LEVEL.store(level, Ordering::Relaxed);
    }
}

/// Hands over what was told meanwhile.
pub(crate) fn pass_on(py: Python<'_>) {
    let Some(kept) = KEPT.get() else { return };
    let kept = std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner));
    for (level, text) in kept {
        let passed = logger(py).and_then(|logger| logger.call_method1("log", (level, "%s", text)));
        if let Err(trouble) = passed {
            trouble.write_unraisable(py, None);
        }
    }
}

const fn number(level: Level) -> u8 {
    match level {
        Level::ERROR => 40,
        Level::WARN => 30,
        Level::INFO => 20,
        _ => 10,
    }
}

struct ToPython;

impl Subscriber for ToPython {
    /// Lipia's own events alone, and each time anew: the logger's level may change at any time.
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if metadata.is_event() && metadata.target() == "lipia" {
            Interest::sometimes()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        number(*metadata.level()) >= LEVEL.load(Ordering::Relaxed)
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        let line = format!("{}{}", text.message, text.fields);
        let kept = KEPT.get_or_default();
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == MOST_KEPT {
            kept.pop_front();
        }
        kept.push_back((number(*event.metadata().level()), line));
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// `the push was accepted payment_id=… phone_number=2547*****678`.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(self.fields, " {}={value}", field.name());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        } else {
            let _ = write!(self.fields, " {}={value:?}", field.name());
        }
    }
}
