//! Notes: short texts that the processes of a ledger share, changed by compare-and-swap, and gone when their time is up.

use crate::values::clock::EatTime;
use futures_util::future::BoxFuture;
use std::fmt;
use std::time::Duration;

/// A note as it was read. A key that was never written has a note of version 0 without a value.
#[derive(Clone, PartialEq, Eq)]
pub struct Note {
    /// Counts the writes to the key. It goes on counting where the value's time was up, so that no version comes twice.
    pub version: u64,
    /// The text; `None` where there is none, or its time is up.
    pub value: Option<String>,
    /// The store's clock when it handed the note out.
    pub read_at: EatTime,
}

impl fmt::Debug for Note {
    /// The text may be sealed or not, and is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Note")
            .field("version", &self.version)
            .field("has_value", &self.value.is_some())
            .finish_non_exhaustive()
    }
}

/// What came of writing a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoteWritten {
    /// The text was written, and this is the note now.
    Written(Note),
    /// The note has another version than the one that was named. Nothing was written; this is the note.
    Stale(Note),
}

/// What a command on notes ends in.
pub(crate) type NoteResult<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// The answer to a command on notes, once it is there.
pub(crate) type NoteAnswer<'a, T> = BoxFuture<'a, NoteResult<T>>;

/// The notes of a ledger, for what stands below it: tokens, pace and guard.
pub(crate) trait SharedNotes: Send + Sync + fmt::Debug {
    /// The note of a key.
    fn note<'a>(&'a self, key: &'a str) -> NoteAnswer<'a, Note>;

    /// Writes the text of a key for that time, where its note still has that version.
    fn write_note<'a>(
        &'a self,
        key: &'a str,
        version: u64,
        value: &'a str,
        lasts: Duration,
    ) -> NoteAnswer<'a, NoteWritten>;
}
