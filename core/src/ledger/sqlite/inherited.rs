//! Connections that a parent process had open when it forked. SQLite's bookkeeping lies in the memory that a child gets a copy
//! of, the locks do not: a child that opens the file then believes that it has locks which it has not, and corrupts the file
//! or loses commits without an error. A child cannot close such a connection either, so it refuses.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::values::process::ProcessMark;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

// Atomics and no lock: another thread might have held it at the fork.
static OPEN: AtomicUsize = AtomicUsize::new(0);
static OPENED_BY: AtomicU64 = AtomicU64::new(0);

/// Stands for the open connections of one ledger, from before they open until after they have closed.
#[derive(Debug)]
pub(super) struct OpenMark(());

impl OpenMark {
    pub(super) fn new() -> Self {
        OPENED_BY.store(ProcessMark::current().as_number(), Ordering::SeqCst);
        OPEN.fetch_add(1, Ordering::SeqCst);
        Self(())
    }
}

impl Drop for OpenMark {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Whether a parent's connections lie in this process's memory.
pub(super) fn are_connections_inherited() -> bool {
    OPEN.load(Ordering::SeqCst) > 0
        && OPENED_BY.load(Ordering::SeqCst) != ProcessMark::current().as_number()
}

/// Refuses in a child whose parent had a ledger open.
///
/// # Errors
/// `ledger_open_before_fork`, until the process ends.
pub(super) fn check() -> Result<(), Error> {
    if are_connections_inherited() {
        return Err(refusal());
    }
    Ok(())
}

pub(super) fn refusal() -> Error {
    Error::configuration(
        ErrorCode::LedgerOpenBeforeFork,
        "The parent of this process had the ledger's file open when it forked, so this process must not open it.",
    )
    .with_hint("Close the ledger before the fork; parent and child open it again by themselves. Nothing is sent until then.")
}
