//! The pace of a key across the processes of a ledger: a window in a note, of which a question takes a slot by one command.

use super::window::{SharedWindow, Slot};
use super::{Asker, QuestionPace};
use crate::values::clock::EatTime;
use crate::values::note::{Note, NoteResult, NoteWritten, SharedNotes};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// How often a note is read anew because other processes wrote to it first.
const MAX_TRIES: u32 = 100;

/// The window of one key in the notes of a ledger.
#[derive(Debug)]
pub(crate) struct SharedPace {
    notes: Arc<dyn SharedNotes>,
    key: String,
    /// The note as this process knows it, so that a slot is mostly taken without reading first.
    known: Mutex<Option<(Note, Instant)>>,
}

/// What came of asking for a slot.
pub(super) enum Taken {
    /// The question may leave. It is over when the guard is dropped.
    Slot(InWindow),
    /// It is worth trying again then.
    Later(Duration),
    /// The ledger fails.
    NotKnown,
}

/// A request in the window. Dropping this ends it.
#[derive(Debug)]
pub(super) struct InWindow(#[expect(dead_code, reason = "dropped")] oneshot::Sender<()>);

impl SharedPace {
    pub(crate) fn new(notes: Arc<dyn SharedNotes>, account: &str) -> Self {
        Self {
            notes,
            key: format!("pace:{account}"),
            known: Mutex::default(),
        }
    }

    /// Takes a slot for a question, if one is free.
    pub(super) async fn take(self: &Arc<Self>, pace: QuestionPace, asker: Asker) -> Taken {
        // What this process remembers is enough to go ahead: the write finds out whether it is still so.
        let remembered = self.remembered();
        let mut is_fresh = remembered.is_none();
        let mut note = match remembered {
            Some(note) => note,
            None => match self.read().await {
                Some(note) => note,
                None => return Taken::NotKnown,
            },
        };
        for _ in 0..MAX_TRIES {
            let window = SharedWindow::read(note.value.as_deref());
            let (next, number) = match window.slot(pace, asker, note.read_at) {
                Slot::Free(next, number) => (next, Ok(number)),
                Slot::Later(wait, Some(next)) if is_fresh => (next, Err(wait)),
                Slot::Later(wait, None) if is_fresh => return Taken::Later(wait),
                Slot::Later(..) => match self.read().await {
                    Some(read) => {
                        (note, is_fresh) = (read, true);
                        continue;
                    }
                    None => return Taken::NotKnown,
                },
            };
            match (self.write(pace, &note, &next).await, number) {
                (Some(NoteWritten::Written(_)), Ok(number)) => {
                    return Taken::Slot(self.in_window(pace, number));
                }
                (Some(NoteWritten::Written(_)), Err(wait)) => return Taken::Later(wait),
                (Some(NoteWritten::Stale(newer)), _) => (note, is_fresh) = (newer, true),
                (None, _) => return Taken::NotKnown,
            }
        }
        Taken::NotKnown
    }

    /// Counts a push, which waits for nobody. Needs a runtime, and returns at once.
    pub(super) fn push(self: &Arc<Self>, pace: QuestionPace) -> InWindow {
        let (drops, dropped) = oneshot::channel();
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            let number = shared
                .change(pace, |window, now| {
                    let (next, number) = window.with(pace, None, now);
                    (next, Some(number))
                })
                .await;
            let _dropped = dropped.await;
            if let Some(number) = number {
                shared.end(pace, number).await;
            }
        });
        InWindow(drops)
    }

    /// Has all processes leave the gateway alone for that long. Needs a runtime, and returns at once.
    pub(super) fn rest(self: &Arc<Self>, pace: QuestionPace, rest: Duration) {
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            let resting = |window: &SharedWindow, now| (window.resting(rest, now), Some(0));
            shared.change(pace, resting).await;
        });
    }

    fn in_window(self: &Arc<Self>, pace: QuestionPace, number: u64) -> InWindow {
        let (drops, dropped) = oneshot::channel();
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            let _dropped = dropped.await;
            shared.end(pace, number).await;
        });
        InWindow(drops)
    }

    async fn end(&self, pace: QuestionPace, number: u64) {
        let ended = |window: &SharedWindow, now| (window.ended(number, now), Some(number));
        self.change(pace, ended).await;
    }

    /// Changes the window, as often as others were quicker.
    async fn change(
        &self,
        pace: QuestionPace,
        change: impl Fn(&SharedWindow, EatTime) -> (SharedWindow, Option<u64>),
    ) -> Option<u64> {
        let mut note = match self.remembered() {
            Some(note) => note,
            None => self.read().await?,
        };
        for _ in 0..MAX_TRIES {
            let window = SharedWindow::read(note.value.as_deref());
            let (next, number) = change(&window, note.read_at);
            match self.write(pace, &note, &next).await? {
                NoteWritten::Written(_) => return number,
                NoteWritten::Stale(newer) => note = newer,
            }
        }
        None
    }

    /// The note as this process knows it, with the time that it is by now.
    fn remembered(&self) -> Option<Note> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (note, read) = known.as_ref()?;
        Some(Note {
            read_at: note.read_at.plus(read.elapsed()),
            ..note.clone()
        })
    }

    fn remember(&self, note: &Note) {
        let known = Some((note.clone(), Instant::now()));
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = known;
    }

    async fn read(&self) -> Option<Note> {
        let note = answered(self.notes.note(&self.key).await)?;
        self.remember(&note);
        Some(note)
    }

    async fn write(
        &self,
        pace: QuestionPace,
        note: &Note,
        next: &SharedWindow,
    ) -> Option<NoteWritten> {
        let (text, lasts) = (next.text(), next.lasts(pace, note.read_at));
        let written = self.notes.write_note(&self.key, note.version, &text, lasts);
        let written = answered(written.await)?;
        let (NoteWritten::Written(note) | NoteWritten::Stale(note)) = &written;
        self.remember(note);
        Some(written)
    }
}

/// The answer of the notes; `None` where they failed. A question leaves by this process's own count then.
fn answered<T>(answer: NoteResult<T>) -> Option<T> {
    if let Err(error) = &answer {
        tracing::warn!(target: "lipia", %error, "the ledger could not be asked for the pace of questions: this process counts its own alone");
    }
    answer.ok()
}
