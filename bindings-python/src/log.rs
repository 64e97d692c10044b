//! Log lines of the core (from `tracing`), passed on to Python's `logging`.
//!
//! No thread of ours ever waits for the GIL to log: what is told is kept until the next moment at which Lipia hands
//! something to Python, which a call that blocks does every fifty milliseconds.

use crate::per_process::PerProcess;
use crate::telemetry;
use lipia::client::LogLevel;
use lipia::telemetry::Kept;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use std::sync::Once;
use std::sync::atomic::{AtomicU8, Ordering};
use tracing::Level;

/// The level of the logger `lipia`, as Python counts: 10 is debug, 50 critical, and 60 above them all.
static LEVEL: AtomicU8 = AtomicU8::new(u8::MAX);
/// As much as is kept for a Python that does not come to fetch it. Each process has its own: a lock that a thread of the parent held at
/// the fork would never be free in the child.
static KEPT: PerProcess<Kept<(u8, String), 1_000>> = PerProcess::empty();
static LOGGER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
static LISTENING: Once = Once::new();

/// Begins to listen. Once in a process; a child that was forked goes on listening.
pub(crate) fn listen() {
    let is_wanted = |level| number(LogLevel::of(level)) >= LEVEL.load(Ordering::Relaxed);
    LISTENING.call_once(|| lipia::client::tell_log_lines(is_wanted, keep));
}

fn logger<'py>(py: Python<'py>) -> PyResult<&'py Bound<'py, PyAny>> {
    LOGGER
        .get_or_try_init(py, || {
            let logging = py.import("logging")?;
            // Without a handler of its own: where a program sets no logging up, Python writes warnings and errors to stderr.
            // A callback that nobody takes, say, is lost money in a program that does not hear of it.
            let logger = logging.call_method1("getLogger", ("lipia",))?;
            if let Some(level) = LogLevel::of_environment() {
                py.import("lipia._log")?
                    .call_method1("follow_environment", (&logger, number(level)))?;
            }
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
    telemetry::pass_on(py);
    let Some(kept) = KEPT.get() else { return };
    for (level, text) in kept.take() {
        let passed = logger(py).and_then(|logger| logger.call_method1("log", (level, "%s", text)));
        if let Err(trouble) = passed {
            trouble.write_unraisable(py, None);
        }
    }
}

const fn number(level: LogLevel) -> u8 {
    match level {
        LogLevel::Off => 60,
        LogLevel::Error => 40,
        LogLevel::Warn => 30,
        LogLevel::Info => 20,
        LogLevel::Debug => 10,
    }
}

/// Keeps a line until Python comes to fetch it.
fn keep(level: Level, line: String) {
    KEPT.get_or_default()
        .keep((number(LogLevel::of(level)), line));
}
