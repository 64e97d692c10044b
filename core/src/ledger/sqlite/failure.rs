//! SQLite's failures in the words of this library.

use crate::error::codes::ErrorCode;
use crate::error::{Disposition, Error};
use rusqlite::ErrorCode as Sqlite;
use std::path::Path;

/// What every hint ends with: a store does not know what its caller was about to send.
const NOTHING_SENT: &str = "Until then no push is sent.";

/// The error of a command that SQLite did not carry out.
pub(super) fn error_of(path: &Path, failure: rusqlite::Error) -> Error {
    let (code, sentence, hint) = match failure.sqlite_error_code() {
        Some(Sqlite::DatabaseBusy | Sqlite::DatabaseLocked) => (
            ErrorCode::LedgerLocked,
            "Another process holds the ledger's file locked",
            "End the process or the tool that holds it.",
        ),
        Some(Sqlite::DiskFull) => (
            ErrorCode::LedgerFull,
            "The disk of the ledger's file is full",
            "Free some space.",
        ),
        Some(Sqlite::ReadOnly | Sqlite::PermissionDenied | Sqlite::CannotOpen) => (
            ErrorCode::LedgerReadOnly,
            "The ledger's file, or the folder that it is in, cannot be written to",
            "Let the user of this process write to both.",
        ),
        Some(Sqlite::DatabaseCorrupt | Sqlite::NotADatabase) => (
            ErrorCode::LedgerCorrupt,
            "The ledger's file is damaged, or is not a SQLite file",
            "Put a copy from a backup in its place; keep the damaged file for `sqlite3 FILE .recover`.",
        ),
        Some(Sqlite::SystemIoFailure) => (
            ErrorCode::LedgerFailed,
            "The ledger's file could not be read or written",
            "See whether the disk is full, broken or gone, and whether the size of files is limited.",
        ),
        _ => (
            ErrorCode::LedgerFailed,
            "SQLite did not carry out a command of the ledger",
            "Its own error is this error's cause.",
        ),
    };
    Error::new(
        code,
        Disposition::NotSent,
        format!("{sentence}: {}.", path.display()),
    )
    .with_field("ledger")
    .with_hint(format!("{hint} {NOTHING_SENT}"))
    .with_source(failure)
}

/// Whether trying the same again soon may help without anybody's doing.
pub(super) fn is_busy(failure: &rusqlite::Error) -> bool {
    matches!(
        failure.sqlite_error_code(),
        Some(Sqlite::DatabaseBusy | Sqlite::DatabaseLocked)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    #[test]
    fn what_sqlite_says_becomes_a_code_a_sentence_and_something_to_do() {
        for (sqlite, code, retryable) in [
            (ffi::SQLITE_BUSY, "ledger_locked", true),
            (ffi::SQLITE_BUSY_RECOVERY, "ledger_locked", true),
            (ffi::SQLITE_FULL, "ledger_full", true),
            (ffi::SQLITE_READONLY, "ledger_read_only", false),
            (ffi::SQLITE_CANTOPEN, "ledger_read_only", false),
            (ffi::SQLITE_CORRUPT, "ledger_corrupt", false),
            (ffi::SQLITE_NOTADB, "ledger_corrupt", false),
            (ffi::SQLITE_IOERR_WRITE, "ledger_failed", true),
            (ffi::SQLITE_ERROR, "ledger_failed", true),
        ] {
            let failure = rusqlite::Error::SqliteFailure(ffi::Error::new(sqlite), None);
            let error = error_of(Path::new("/srv/p.db"), failure);
            assert_eq!(error.code(), code, "{sqlite}");
            assert_eq!(error.disposition(), Disposition::NotSent);
            assert_eq!(error.retryable(), retryable, "{code}");
            let text = error.to_string();
            assert!(
                text.contains("/srv/p.db") && text.ends_with(NOTHING_SENT),
                "{text}"
            );
        }
    }
}
