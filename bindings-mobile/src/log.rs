//! Log lines of the core, for the app's own log.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError};
use tracing::Level;

/// The level of a line of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum LogLevel {
    /// Something failed that a person should look at.
    Error,
    /// Something that did not go as it should.
    Warn,
    /// What was done.
    Info,
    /// How it was done.
    Debug,
}

/// Takes lines of the log. Phone numbers and ids in them are masked, secrets are never among them.
#[uniffi::export(with_foreign)]
pub trait LogListener: Send + Sync {
    /// Takes one line. It is called on any thread, in the middle of things: hand the line on and return.
    fn line(&self, level: LogLevel, line: String);
}

/// From which level on a listener wants to hear: 0 is nobody, 1 errors, 4 everything.
static WANTED: AtomicU8 = AtomicU8::new(0);
static LISTENER: Mutex<Option<Arc<dyn LogListener>>> = Mutex::new(None);
static LISTENING: Once = Once::new();
static WATCHING_FOR_PANICS: Once = Once::new();

/// Hands the log of the whole process to a listener from here on, in place of any earlier one: what has at least that
/// level. Without a listener nobody is told.
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

/// Tells the log of a panic before whatever else happens by it: what is shipped ends the process then, and a phone shows
/// nobody what a process wrote to its standard error.
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
