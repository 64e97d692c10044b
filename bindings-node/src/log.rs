//! What the core tells through `tracing`, passed on to the package's logger together with the next results.

use serde::Serialize;
use std::collections::VecDeque;
use std::fmt::{self, Write};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use tracing::field::{Field, Visit};
use tracing::span;
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};

/// How much is kept for a program that makes no more calls.
const MOST_KEPT: usize = 1_000;

/// The highest level that any thread of Node's has asked for: 1 is errors, 4 everything.
static LEVEL: AtomicU8 = AtomicU8::new(0);
static KEPT: Mutex<VecDeque<Message>> = Mutex::new(VecDeque::new());
static LISTENING: Once = Once::new();

/// A level and what is told.
#[derive(Serialize)]
pub(crate) struct Message(u8, String);

/// Begins to listen. Once in a process.
pub(crate) fn listen() {
    LISTENING.call_once(|| {
        // Should this process have another listener already, that one has the log.
        let _ = tracing::subscriber::set_global_default(ToNode);
    });
}

/// A thread of Node's wants to hear from this level on.
pub(crate) fn raise_level(level: u8) {
    LEVEL.fetch_max(level, Ordering::Relaxed);
}

fn kept() -> MutexGuard<'static, VecDeque<Message>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What was told meanwhile, for a thread that wants it from this level on.
pub(crate) fn taken(level: u8) -> Vec<Message> {
    if level == 0 {
        return Vec::new();
    }
    kept()
        .drain(..)
        .filter(|message| message.0 <= level)
        .collect()
}

const fn number_of(level: Level) -> u8 {
    match level {
        Level::ERROR => 1,
        Level::WARN => 2,
        Level::INFO => 3,
        _ => 4,
    }
}

struct ToNode;

impl Subscriber for ToNode {
    /// What another library tells is not for this log.
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if metadata.target().starts_with("lipia") && metadata.is_event() {
            Interest::sometimes()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        number_of(*metadata.level()) <= LEVEL.load(Ordering::Relaxed)
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        let mut kept = kept();
        if kept.len() == MOST_KEPT {
            kept.pop_front();
        }
        kept.push_back(Message(number_of(*event.metadata().level()), text.whole()));
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
struct Text {
    message: String,
    fields: String,
}

impl Text {
    fn whole(self) -> String {
        self.message + &self.fields
    }
}

impl Visit for Text {
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
