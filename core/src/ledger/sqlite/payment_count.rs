//! The count of payments beside a ledger's file (`-count`), so that a file which has lost some is not taken for a whole one.
//!
//! SQLite takes a damaged write-ahead log for one that ends there, and a file without its log for a whole one: payments are gone
//! then without an error, and their orders would be sold again.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use rusqlite::Connection;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// What the name of the file with the count ends with.
const ENDING: &str = "-count";

/// The count of payments that a ledger's file has had, in a file beside it. It is written after the payments are on the disk and
/// before their pushes leave, so that it is never ahead of a whole ledger.
#[derive(Debug)]
pub(super) struct PaymentCount {
    path: PathBuf,
    /// What this process wrote last.
    written: AtomicI64,
    /// Whether the log was told that it cannot be written.
    is_complained_of: AtomicBool,
}

impl PaymentCount {
    pub(super) fn beside(ledger: &Path) -> Self {
        let mut name = ledger.as_os_str().to_owned();
        name.push(ENDING);
        Self {
            path: name.into(),
            written: AtomicI64::new(0),
            is_complained_of: AtomicBool::new(false),
        }
    }

    /// The count; none where nobody wrote one, or it cannot be read: a ledger that may be whole is not refused for that.
    pub(super) fn read(&self) -> Option<i64> {
        of_text(&fs::read_to_string(&self.path).ok()?)
    }

    /// Writes the count, where this process has not written it yet. Another process may write a lower one a moment later: that one
    /// sees less, and refuses nothing that is whole.
    pub(super) fn write(&self, count: i64) {
        if count <= self.written.load(Ordering::Relaxed) {
            return;
        }
        match self.put(count) {
            Ok(()) => self.written.store(count, Ordering::Relaxed),
            Err(error) if !self.is_complained_of.swap(true, Ordering::Relaxed) => {
                tracing::warn!(target: "lipia", path = %self.path.display(), %error, "the count of the ledger's payments cannot be written: a ledger that loses payments would not be noticed");
            }
            Err(_) => {}
        }
    }

    /// In its place, and of one length: there is nothing to make room for on a full disk.
    fn put(&self, count: i64) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options
            .open(&self.path)?
            .write_all(text_of(count).as_bytes())
    }

    /// Refuses a ledger that has fewer payments than were counted.
    ///
    /// # Errors
    /// `ledger_corrupt`.
    pub(super) fn check(
        &self,
        ledger: &Path,
        counted: Option<i64>,
        found: i64,
    ) -> Result<(), Error> {
        let Some(counted) = counted.filter(|counted| *counted > found) else {
            return Ok(());
        };
        Err(Error::configuration(
            ErrorCode::LedgerCorrupt,
            format!(
                "The ledger's file has lost payments: it had {counted}, and has {found}: {}.",
                ledger.display()
            ),
        )
        .with_field("ledger")
        .with_hint(format!(
            "Put the file back as it was, together with the one that ends with `-wal`. Where that cannot be had, find the missing sales in the statement, and delete {}: their orders may then be prompted again. Until then no push is sent.",
            self.path.display()
        )))
    }
}

/// The number of payments that a ledger with tables has had: none is ever deleted.
pub(super) fn payments(connection: &Connection) -> Result<i64, rusqlite::Error> {
    let newest: Option<i64> = connection
        .prepare_cached("SELECT max(seq) FROM payments")?
        .query_row([], |row| row.get(0))?;
    Ok(newest.unwrap_or(0))
}

/// Twice: a count that is damaged itself is not believed.
fn text_of(count: i64) -> String {
    format!("{count:020} {count:020}\n")
}

fn of_text(text: &str) -> Option<i64> {
    let (first, second) = text.strip_suffix('\n')?.split_once(' ')?;
    if first == second {
        first.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_read_as_it_was_written_and_a_damaged_one_is_none() {
        assert_eq!(of_text(&text_of(1_204)), Some(1_204));
        assert_eq!(text_of(9).len(), text_of(i64::MAX).len());
        for damaged in ["", "\n", "12", "12 13\n", "12 12", "a a\n", "12 12\n\n"] {
            assert_eq!(of_text(damaged), None, "{damaged:?}");
        }
    }

    #[test]
    fn fewer_payments_than_were_counted_are_refused() {
        let ledger = Path::new("/srv/p.db");
        let count = PaymentCount::beside(ledger);
        for (counted, found, is_whole) in [
            (None, 0, true),
            (None, 7, true),
            (Some(7), 7, true),
            (Some(7), 8, true),
            (Some(7), 6, false),
            (Some(1), 0, false),
        ] {
            let checked = count.check(ledger, counted, found);
            assert_eq!(checked.is_ok(), is_whole, "{counted:?} {found}");
            if let Err(error) = checked {
                assert_eq!(error.code(), "ledger_corrupt");
                assert!(error.hint().unwrap().contains("/srv/p.db-count"), "{error}");
            }
        }
    }
}
