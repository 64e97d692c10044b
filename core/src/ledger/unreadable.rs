//! Rows that this version of Lipia cannot read: each is logged once.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// Rows that were logged as unreadable, by place and version, so that a pass every second logs each of them once.
static LOGGED: Mutex<BTreeSet<(u64, u64)>> = Mutex::new(BTreeSet::new());

/// How many unreadable rows are logged.
const MAX_LOGGED: usize = 1_000;

/// Logs a row that this version cannot read, once.
pub(crate) fn log_unreadable(seq: u64, version: u64, failure: &dyn fmt::Display) {
    let is_first = {
        let mut logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
        logged.len() < MAX_LOGGED && logged.insert((seq, version))
    };
    // Without the lock: a subscriber of the log may come back to the ledger.
    if is_first {
        tracing::error!(target: "lipia", seq, version, failure = %failure, "a payment in the ledger cannot be read: it is neither asked about nor told, and its order cannot be requested");
    }
}
