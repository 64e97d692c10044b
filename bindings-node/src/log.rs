//! Log lines of the core (from `tracing`), passed on to the package's logger together with the next results.

use serde::Serialize;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use tracing::Level;

/// How much is kept for a program that makes no more calls.
const MAX_KEPT: usize = 1_000;

/// The level of errors alone, which a thread hears of until its program says otherwise.
pub(crate) const ERRORS: u8 = 1;

/// The highest level that any thread of Node's has asked for: 1 is errors, 4 everything.
static LEVEL: AtomicU8 = AtomicU8::new(ERRORS);
static KEPT: Mutex<VecDeque<Message>> = Mutex::new(VecDeque::new());
static LISTENING: Once = Once::new();

/// A level and what is told.
#[derive(Serialize)]
pub(crate) struct Message(u8, String);

/// Begins to listen. Once in a process.
pub(crate) fn listen() {
    let is_wanted = |level| number_of(level) <= LEVEL.load(Ordering::Relaxed);
    LISTENING.call_once(|| lipia::client::tell_log_lines(is_wanted, keep));
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

/// Keeps a line until a thread of Node's that wants it comes to fetch it.
fn keep(level: Level, line: String) {
    let mut kept = kept();
    if kept.len() == MAX_KEPT {
        kept.pop_front();
    }
    kept.push_back(Message(number_of(level), line));
}
