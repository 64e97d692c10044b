//! Log lines of the core, for the app's own log.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError};
use tracing::Level;

/// The level of a line of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum LogLevel {
    /// Something failed that a person should look at.
    Error,
    /// Something that is not as it should be.
    Warn,
    /// An action, such as a push.
    Info,
    /// The details of an action.
    Debug,
}

/// A listener for log lines. Phone numbers and ids in them are masked, and the lines never have secrets.
#[uniffi::export(with_foreign)]
pub trait LogListener: Send + Sync {
    /// Takes one line. It is called on any thread, in the middle of a call: pass the line on and return.
    fn line(&self, level: LogLevel, line: String);
}

/// The level of the listener: 0 is off, 1 errors, 4 everything.
static WANTED: AtomicU8 = AtomicU8::new(0);
static LISTENER: Mutex<Option<Arc<dyn LogListener>>> = Mutex::new(None);
static LISTENING: Once = Once::new();
static WATCHING_FOR_PANICS: Once = Once::new();

/// Sets the listener for log lines of the whole process that have at least this level, in place of any earlier one. Without a
/// listener logging is off.
#[uniffi::export]
pub fn set_log_listener(listener: Option<Arc<dyn LogListener>>, level: LogLevel) {
    let wanted = if listener.is_some() {
        number_of(level)
    } else {
        0
    };
    *LISTENER.lock().unwrap_or_else(PoisonError::into_inner) = listener;
    WANTED.store(wanted, Ordering::Relaxed);
    LISTENING.call_once(|| lipia::client::tell_log_lines(is_wanted, tell));
}

const fn number_of(level: LogLevel) -> u8 {
    match level {
        LogLevel::Error => 1,
        LogLevel::Warn => 2,
        LogLevel::Info => 3,
        LogLevel::Debug => 4,
    }
}

const fn level_of(level: Level) -> LogLevel {
    match level {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warn,
        Level::INFO => LogLevel::Info,
        _ => LogLevel::Debug,
    }
}

/// Logs a panic before anything else happens. A released library ends the process then, and on a phone nobody sees the
/// standard error of a process.
pub(crate) fn tell_panics() {
    WATCHING_FOR_PANICS.call_once(|| {
        let otherwise = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            // Only where it happened: what it says may hold anything.
            let place = panic.location().map(ToString::to_string);
            tell(
                Level::ERROR,
                format!(
                    "Lipia met a defect of its own at {}; what the payment store has can be resumed",
                    place.as_deref().unwrap_or("an unknown place")
                ),
            );
            otherwise(panic);
        }));
    });
}

fn is_wanted(level: Level) -> bool {
    number_of(level_of(level)) <= WANTED.load(Ordering::Relaxed)
}

fn tell(level: Level, line: String) {
    // The lock is let go before the app's own code runs: that may set another listener.
    let listener = LISTENER
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    if let Some(listener) = listener {
        listener.line(level_of(level), line);
    }
}
