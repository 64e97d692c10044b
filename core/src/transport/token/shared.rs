//! Tokens that the processes of a ledger share: one fetches, and the others read what it wrote.

use crate::error::Error;
use crate::transport::send_context::SendContext;
use crate::transport::token::seal::Seal;
use crate::transport::token::shelf::{NextAction, Shelf, Shelved};
use crate::values::clock::EatTime;
use crate::values::hexadecimal::hexadecimal;
use crate::values::note::{Note, NoteResult, NoteWritten, SharedNotes};
use http::HeaderValue;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How often a process that waits for another one's token looks: soon at first, then less often.
const FIRST_LOOK: Duration = Duration::from_millis(20);
const LONGEST_LOOK: Duration = Duration::from_millis(200);

/// How often a note is read anew because other processes wrote to it first.
const MAX_TRIES: u32 = 50;

/// A token that was fetched, by this process or another.
pub(super) struct Fetched {
    pub(super) header: HeaderValue,
    pub(super) lifetime: Duration,
    /// How long ago.
    pub(super) age: Duration,
    /// Tells it from other tokens; `None` where tokens are not shared.
    pub(super) digest: Option<String>,
}

/// The token of one merchant in the notes of a ledger.
#[derive(Debug)]
pub(crate) struct SharedToken {
    notes: Arc<dyn SharedNotes>,
    seal: Seal,
    key: String,
}

/// A process's turn to fetch, and the store's clock at that moment.
struct Turn {
    read_at: EatTime,
    begun: Instant,
}

impl SharedToken {
    /// The token of a merchant whose keys make this header, at that base URL.
    pub(crate) fn new(
        notes: Arc<dyn SharedNotes>,
        own_header: &HeaderValue,
        base_url: &str,
    ) -> Option<Self> {
        let seal = Seal::of(own_header, base_url)?;
        let key = seal.note_key();
        Some(Self { notes, seal, key })
    }

    /// A token that is none of the refused ones: the one that is there, or the one that a single process fetches. While the
    /// ledger fails, each process fetches its own.
    ///
    /// # Errors
    /// The fetch's.
    pub(super) async fn get(
        &self,
        context: &SendContext,
        mut refused: Vec<String>,
        fetch: impl Future<Output = Result<(HeaderValue, Duration), Error>>,
    ) -> Result<Fetched, Error> {
        let flight = new_flight(context);
        let Some(turn) = self.turn(&flight, &mut refused).await else {
            return fetch.await.map(Fetched::alone);
        };
        let turn = match turn {
            Ok(taken) => return Ok(taken),
            Err(turn) => turn,
        };
        let fetched = fetch.await;
        let shelved = (fetched.as_ref().ok())
            .and_then(|(header, lifetime)| self.shelve(context, &turn, header, *lifetime));
        self.put(&flight, shelved.as_ref()).await;
        let (header, lifetime) = fetched?;
        Ok(Fetched {
            digest: Some(self.seal.digest(header.as_bytes())),
            ..Fetched::alone((header, lifetime))
        })
    }

    /// The token that is there, or else this process's turn to fetch; `None` where the ledger fails.
    async fn turn(&self, flight: &str, refused: &mut Vec<String>) -> Option<Result<Fetched, Turn>> {
        let mut note = self.read().await?;
        let mut look = FIRST_LOOK;
        loop {
            let shelf = Shelf::read(note.value.as_deref());
            match shelf.next_action(refused, flight, note.read_at) {
                NextAction::Take(shelved) => match self.open(&shelved, note.read_at) {
                    Some(fetched) => return Some(Ok(fetched)),
                    // A token that cannot be opened is absent.
                    None => refused.push(shelved.digest),
                },
                NextAction::Wait => {
                    tokio::time::sleep(look).await;
                    look = look.saturating_mul(2).min(LONGEST_LOOK);
                    note = self.read().await?;
                }
                NextAction::Fetch(next) => match self.write(&note, &next).await? {
                    NoteWritten::Written(note) => {
                        return Some(Err(Turn {
                            read_at: note.read_at,
                            begun: Instant::now(),
                        }));
                    }
                    NoteWritten::Stale(newer) => note = newer,
                },
            }
        }
    }

    /// Ends a flight: writes what it brought.
    async fn put(&self, flight: &str, fetched: Option<&Shelved>) {
        let Some(mut note) = self.read().await else {
            return;
        };
        for _ in 0..MAX_TRIES {
            let next = Shelf::read(note.value.as_deref()).after_flight(flight, fetched);
            match self.write(&note, &next).await {
                Some(NoteWritten::Stale(newer)) => note = newer,
                Some(NoteWritten::Written(_)) | None => return,
            }
        }
    }

    fn shelve(
        &self,
        context: &SendContext,
        turn: &Turn,
        header: &HeaderValue,
        lifetime: Duration,
    ) -> Option<Shelved> {
        let from = turn.read_at.plus(turn.begun.elapsed());
        let (from, until) = (from.unix_millis(), from.plus(lifetime).unix_millis());
        let mut nonce = [0; 12];
        context.entropy.fill(&mut nonce).ok()?;
        let sealed_for = Shelved::sealed_for(from, until);
        Some(Shelved {
            sealed: self.seal.seal(header.as_bytes(), nonce, &sealed_for)?,
            digest: self.seal.digest(header.as_bytes()),
            from,
            until,
        })
    }

    fn open(&self, shelved: &Shelved, now: EatTime) -> Option<Fetched> {
        let sealed_for = Shelved::sealed_for(shelved.from, shelved.until);
        let bytes = self.seal.open(&shelved.sealed, &sealed_for)?;
        let mut header = HeaderValue::from_bytes(&bytes).ok()?;
        header.set_sensitive(true);
        let (age, lifetime) = shelved.age(now);
        Some(Fetched {
            digest: Some(self.seal.digest(header.as_bytes())),
            header,
            lifetime,
            age,
        })
    }

    async fn read(&self) -> Option<Note> {
        answered(self.notes.note(&self.key).await)
    }

    async fn write(&self, note: &Note, next: &Shelf) -> Option<NoteWritten> {
        let (text, lasts) = (next.text(), next.lasts(note.read_at));
        let written = self.notes.write_note(&self.key, note.version, &text, lasts);
        answered(written.await)
    }
}

impl Fetched {
    /// A token that this process has fetched for itself.
    pub(super) fn alone((header, lifetime): (HeaderValue, Duration)) -> Self {
        Self {
            header,
            lifetime,
            age: Duration::ZERO,
            digest: None,
        }
    }
}

/// The answer of the notes; `None` where they failed. A ledger that is away must not keep a push from its token.
fn answered<T>(answer: NoteResult<T>) -> Option<T> {
    if let Err(error) = &answer {
        tracing::warn!(target: "lipia", %error, "the ledger could not be asked for a token, and this process fetches its own");
    }
    answer.ok()
}

/// A name for one flight, which no other has.
fn new_flight(context: &SendContext) -> String {
    let mut bytes = [0; 8];
    // Without chance all flights are one, and each process fetches its own token.
    let _filled = context.entropy.fill(&mut bytes);
    hexadecimal(&bytes)
}
