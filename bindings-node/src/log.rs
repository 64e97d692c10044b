//! Log lines of the core (from `tracing`), passed on to the package's logger together with the next results.

use lipia::client::LogLevel;
use lipia::telemetry::Kept;
use napi_derive::napi;
use serde::Serialize;
use std::sync::Once;
use std::sync::atomic::{AtomicU8, Ordering};
use tracing::Level;

/// The highest level that any thread of Node's has asked for: 0 is off, 1 errors, 4 everything.
static LEVEL: AtomicU8 = AtomicU8::new(0);
/// As much as is kept for a program that makes no more calls.
static KEPT: Kept<Message, 1_000> = Kept::new();
static LISTENING: Once = Once::new();

/// A level and what is told.
#[derive(Serialize)]
pub(crate) struct Message(u8, String);

/// Begins to listen. Once in a process.
pub(crate) fn listen() {
    let is_wanted = |level| number(LogLevel::of(level)) <= LEVEL.load(Ordering::Relaxed);
    LISTENING.call_once(|| lipia::client::tell_log_lines(is_wanted, keep));
}

/// The level that the environment variable `LIPIA_LOG` asks for: 0 is off, 4 everything.
#[napi]
pub fn log_level_of_environment() -> Option<u8> {
    LogLevel::of_environment().map(number)
}

/// The level of a thread of Node's whose program wants this one: the environment's goes before it. Without either a thread hears of
/// errors alone.
pub(crate) fn level_of_thread(wanted: Option<u8>) -> u8 {
    let level = log_level_of_environment()
        .or(wanted)
        .unwrap_or(number(LogLevel::Error));
    LEVEL.fetch_max(level, Ordering::Relaxed);
    level
}

/// What was told meanwhile, for a thread that wants it from this level on.
pub(crate) fn taken(level: u8) -> Vec<Message> {
    if level == 0 {
        return Vec::new();
    }
    KEPT.take()
        .into_iter()
        .filter(|message| message.0 <= level)
        .collect()
}

const fn number(level: LogLevel) -> u8 {
    match level {
        LogLevel::Off => 0,
        LogLevel::Error => 1,
        LogLevel::Warn => 2,
        LogLevel::Info => 3,
        LogLevel::Debug => 4,
    }
}

/// Keeps a line until a thread of Node's that wants it comes to fetch it.
fn keep(level: Level, line: String) {
    KEPT.keep(Message(number(LogLevel::of(level)), line));
}
