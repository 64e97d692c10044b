//! Log lines of the core, for the app's own log.

use lipia::client::{LogLevel as CoreLevel, write_log_line};
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

/// Sets the listener for log lines of the whole process that have at least this level, in place of any earlier one. Without a
/// listener logging is off. The environment variable `LIPIA_LOG` goes before the level.
#[uniffi::export]
pub fn set_log_listener(listener: Option<Arc<dyn LogListener>>, level: LogLevel) {
    let wanted = match (&listener, CoreLevel::of_environment()) {
        (None, _) => CoreLevel::Off,
        (Some(_), Some(asked)) => asked,
        (Some(_), None) => level.into(),
    };
    *LISTENER.lock().unwrap_or_else(PoisonError::into_inner) = listener;
    listen(wanted);
}

/// Begins to log: panics, and, where the environment variable `LIPIA_LOG` asks for them, lines on stderr until the app sets a
/// listener.
pub(crate) fn begin() {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| {
        tell_panics();
        if let (Some(asked), false) = (CoreLevel::of_environment(), LISTENING.is_completed()) {
            listen(asked);
        }
    });
}

fn listen(wanted: CoreLevel) {
    WANTED.store(wanted as u8, Ordering::Relaxed);
    LISTENING.call_once(|| lipia::client::tell_log_lines(is_wanted, tell));
}

impl From<LogLevel> for CoreLevel {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Error => Self::Error,
            LogLevel::Warn => Self::Warn,
            LogLevel::Info => Self::Info,
            LogLevel::Debug => Self::Debug,
        }
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
fn tell_panics() {
    let otherwise = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // Only where it happened: what it says may hold anything.
        let place = panic.location().map(ToString::to_string);
        tell(
            Level::ERROR,
            format!(
                "Lipia met a defect of its own at {}; a ledger in a file has every payment that was requested",
                place.as_deref().unwrap_or("an unknown place")
            ),
        );
        otherwise(panic);
    }));
}

fn is_wanted(level: Level) -> bool {
    CoreLevel::of(level) as u8 <= WANTED.load(Ordering::Relaxed)
}

fn tell(level: Level, line: String) {
    // The lock is let go before the app's own code runs: that may set another listener.
    let listener = LISTENER
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    match listener {
        Some(listener) => listener.line(level_of(level), line),
        None if CoreLevel::of_environment().is_some() => {
            write_log_line(CoreLevel::of(level), &line)
        }
        None => {}
    }
}
