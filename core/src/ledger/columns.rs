//! The columns of a payment's row in an SQL database, which the stores in this library share.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// The columns that a row is read from; the payment's JSON is the last.
pub(crate) const READ: &str = "seq, version, environment, shop, account, order_name, holds_order, lease_until, ask_after, \
     asked_at, asks, news, told, owed_after, attempts, trouble, released_at, payment";

/// The columns that a row is written to; the payment's JSON is the last.
pub(crate) const WRITTEN: [&str; 28] = [
    "environment",
    "shop",
    "account",
    "order_name",
    "holds_order",
    "gateway",
    "state",
    "outcome",
    "is_paid",
    "amount",
    "phone",
    "reference",
    "checkout_request_id",
    "receipt",
    "reserved_at",
    "settled_at",
    "lease_until",
    "ask_after",
    "asked_at",
    "asks",
    "news",
    "told",
    "owed_after",
    "attempts",
    "trouble",
    "released_at",
    "id",
    "payment",
];

/// A count as a database keeps it: no ledger counts to 9,223,372,036,854,775,807.
pub(crate) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A count as a database kept it.
pub(crate) fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

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
