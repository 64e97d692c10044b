//! SQLite's failures in the words of this library.

use crate::error::codes::ErrorCode;
use crate::error::{Disposition, Error};
use rusqlite::ErrorCode as Sqlite;
use std::path::Path;

/// What every hint ends with: a store does not know what its caller was about to send.
const NOTHING_SENT: &str = "Until then no push is sent.";

/// The code, the sentence and the hint of a damaged file.
const CORRUPT: (ErrorCode, &str, &str) = (
    ErrorCode::LedgerCorrupt,
    "The ledger's file is damaged, or is not a SQLite file",
    "Put a copy from a backup in its place; keep the damaged file for `sqlite3 FILE .recover`.",
);

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
        Some(Sqlite::DatabaseCorrupt | Sqlite::NotADatabase) => CORRUPT,
        _ if is_of_damage(&failure) => CORRUPT,
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

/// Whether a failure that SQLite has no code of its own for shows damage: a header that no version wrote, or a text that is not one.
fn is_of_damage(failure: &rusqlite::Error) -> bool {
    match failure {
        rusqlite::Error::SqliteFailure(_, Some(message)) => {
            message.contains("unsupported file format")
        }
        rusqlite::Error::Utf8Error(..) | rusqlite::Error::InvalidColumnType(..) => true,
        _ => false,
    }
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

    #[test]
    fn a_damaged_header_and_a_text_that_is_not_one_are_not_tried_again() {
        let said = |failure| {
            let error = error_of(Path::new("/srv/p.db"), failure);
            (error.code().to_owned(), error.retryable())
        };
        let of_sqlite = |message: &str| {
            let failure = ffi::Error::new(ffi::SQLITE_ERROR);
            rusqlite::Error::SqliteFailure(failure, Some(message.to_owned()))
        };
        let corrupt = ("ledger_corrupt".to_owned(), false);
        assert_eq!(said(of_sqlite("unsupported file format")), corrupt);
        let bytes = vec![0xFF];
        let broken = std::str::from_utf8(&bytes).unwrap_err();
        assert_eq!(said(rusqlite::Error::Utf8Error(3, broken)), corrupt);
        assert_eq!(
            said(of_sqlite("no such table: payments")).0,
            "ledger_failed"
        );
    }
}
