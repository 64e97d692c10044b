//! The notes of a ledger's store, for what stands below the ledger: tokens, pace and guard. None of them waits for a store that is
//! slow or away: each has a way on of its own.

use crate::ledger::contract::{LedgerAnswer, LedgerStore};
use crate::values::note::{Note, NoteAnswer, NoteWritten, SharedNotes};
use std::sync::Arc;
use std::time::Duration;

/// How long a command on the notes may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// The notes of a store.
#[derive(Debug)]
pub(crate) struct LedgerNotes(pub(crate) Arc<dyn LedgerStore>);

impl SharedNotes for LedgerNotes {
    fn note<'a>(&'a self, key: &'a str) -> NoteAnswer<'a, Note> {
        in_time(self.0.note(key))
    }

    fn write_note<'a>(
        &'a self,
        key: &'a str,
        version: u64,
        value: &'a str,
        lasts: Duration,
    ) -> NoteAnswer<'a, NoteWritten> {
        in_time(self.0.write_note(key, version, value, lasts))
    }
}

fn in_time<'a, T: Send + 'a>(answer: LedgerAnswer<'a, T>) -> NoteAnswer<'a, T> {
    Box::pin(async {
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(answer) => answer,
            Err(_) => Err("the ledger took too long".into()),
        }
    })
}
