//! Log lines from `tracing`, for a binding whose language has a log of its own.

use crate::client::log_level::{Asked, LogLevel, asked};
use std::fmt::{self, Write};
use std::io::Write as _;
use tracing::field::{Field, Visit};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber, span};

/// Hands every line that the core has for a log to a function, from here on and for the whole process: `the push was
/// accepted payment_id=… phone_number=2547*****678`. What other libraries tell is not among them.
///
/// For a binding; a Rust program sets up a `tracing` subscriber. Where the process has one already, that one has the log.
pub fn tell_log_lines(is_wanted: fn(Level) -> bool, tell: fn(Level, String)) {
    let _ = tracing::subscriber::set_global_default(Listener { is_wanted, tell });
    if asked() == Asked::Unknown {
        tracing::warn!(target: "lipia", "LIPIA_LOG is not one of off, error, warn, info and debug: lines from info on are logged");
    }
}

/// Writes log lines to stderr from here on, where the environment variable `LIPIA_LOG` asks for them: for a program that sets up no
/// `tracing` subscriber.
///
/// ```
/// lipia::client::log_to_stderr();
/// ```
pub fn log_to_stderr() {
    if LogLevel::of_environment().is_some() {
        let is_wanted = |level| Some(LogLevel::of(level)) <= LogLevel::of_environment();
        tell_log_lines(is_wanted, |level, line| {
            write_log_line(LogLevel::of(level), &line);
        });
    }
}

/// Writes one log line to stderr: `lipia: info: the push was accepted …`. For a binding, where its program has no logger.
pub fn write_log_line(level: LogLevel, line: &str) {
    // Where stderr is closed nobody reads it.
    let _ = writeln!(std::io::stderr(), "lipia: {}: {line}", level.as_str());
}

struct Listener {
    is_wanted: fn(Level) -> bool,
    tell: fn(Level, String),
}

impl Subscriber for Listener {
    /// Asked each time anew: what is wanted may change at any time.
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if metadata.is_event() && metadata.target() == "lipia" {
            Interest::sometimes()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        (self.is_wanted)(*metadata.level())
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = LogLine::default();
        event.record(&mut line);
        (self.tell)(*event.metadata().level(), line.message + &line.fields);
    }

    // Nothing here is told in spans.
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// A sentence, and the values that go with it.
#[derive(Default)]
struct LogLine {
    message: String,
    fields: String,
}

impl Visit for LogLine {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a String never fails.
        let _ = if field.name() == "message" {
            write!(self.message, "{value:?}")
        } else {
            write!(self.fields, " {}={value:?}", field.name())
        };
    }
}

#[cfg(test)]
mod tests {
    use super::Listener;
    use std::cell::RefCell;
    use tracing::Level;

    thread_local! {
        static TOLD: RefCell<Vec<(Level, String)>> = const { RefCell::new(Vec::new()) };
    }

    #[test]
    fn a_line_has_the_sentence_first_and_then_its_values() {
        let listener = Listener {
            is_wanted: |level| level <= Level::INFO,
            tell: |level, line| TOLD.with_borrow_mut(|told| told.push((level, line))),
        };
        tracing::subscriber::with_default(listener, || {
            tracing::info!(target: "lipia", payment_id = %"1f", status = 200, text = "a b", "the push was accepted");
            tracing::debug!(target: "lipia", "this is not wanted");
            tracing::info!(target: "hyper", "nor is this");
        });
        let expected = "the push was accepted payment_id=1f status=200 text=a b".to_owned();
        assert_eq!(TOLD.take(), [(Level::INFO, expected)]);
    }
}
