//! The notes of a ledger's store, for what stands below the ledger: tokens, pace and guard.

use crate::ledger::contract::LedgerStore;
use crate::values::note::{Note, NoteAnswer, NoteWritten, SharedNotes};
use std::sync::Arc;
use std::time::Duration;

/// The notes of a store.
#[derive(Debug)]
pub(crate) struct LedgerNotes(pub(crate) Arc<dyn LedgerStore>);

impl SharedNotes for LedgerNotes {
    fn note<'a>(&'a self, key: &'a str) -> NoteAnswer<'a, Note> {
        self.0.note(key)
    }

    fn write_note<'a>(
        &'a self,
        key: &'a str,
        version: u64,
        value: &'a str,
        lasts: Duration,
    ) -> NoteAnswer<'a, NoteWritten> {
        self.0.write_note(key, version, value, lasts)
    }
}
