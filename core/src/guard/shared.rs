//! The guard's store in the notes of a ledger: exact counts across the processes that share it. A sliding window under each key,
//! changed by compare-and-swap.

use super::sliding_window::SlidingWindow;
use super::store::{Admission, Closing, Counted, Key, Rule, Store, StoreResult, Tally};
use crate::error::ids::PaymentId;
use crate::values::clock::{Clock, EatTime};
use crate::values::hexadecimal::hexadecimal;
use crate::values::note::{Note, NoteWritten, SharedNotes};
use futures_util::future::BoxFuture;
use ring::digest;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// How often a window is read anew because other processes wrote to it first.
const MAX_TRIES: u32 = 200;

/// How long a note is kept at least.
const SHORTEST_STAY: Duration = Duration::from_secs(60);

/// The counts of one account in the notes of a ledger.
pub(crate) struct NoteStore {
    notes: Arc<dyn SharedNotes>,
    account: String,
    /// The clock whose times the guard hands in. The windows are in the time of the notes.
    clock: Arc<dyn Clock>,
    /// One change of this process at a time: those of other processes are rivals enough.
    turn: Mutex<()>,
}

/// How far the clock of the notes is ahead of the guard's, in milliseconds.
#[derive(Clone, Copy)]
struct Ahead(i64);

impl Ahead {
    fn of(self, time: EatTime) -> EatTime {
        EatTime::from_unix_millis(time.unix_millis().saturating_add(self.0))
    }

    fn shown(self, time: EatTime) -> EatTime {
        EatTime::from_unix_millis(time.unix_millis().saturating_sub(self.0))
    }

    fn shown_tally(self, mut tally: Tally) -> Tally {
        if let Some(closing) = &mut tally.closing {
            closing.until = self.shown(closing.until);
        }
        for rule in &mut tally.rules {
            rule.opens_at = rule.opens_at.map(|then| self.shown(then));
            rule.retry_at = rule.retry_at.map(|then| self.shown(then));
        }
        tally
    }
}

impl NoteStore {
    /// The counts of the account that has this name in the notes.
    pub(crate) fn new(notes: Arc<dyn SharedNotes>, account: String, clock: Arc<dyn Clock>) -> Self {
        Self {
            notes,
            account,
            clock,
            turn: Mutex::default(),
        }
    }

    /// The key of the note. It has no phone number in it.
    fn note_key(&self, key: &Key) -> String {
        let account = &self.account;
        match key {
            Key::Account => format!("guard:{account}"),
            Key::Phone(_) => {
                let text = format!("{account}|{}", key.as_text());
                let digest = digest::digest(&digest::SHA256, text.as_bytes());
                let half = hexadecimal(digest.as_ref().get(..16).unwrap_or_default());
                format!("guard:{account}:phone:{half}")
            }
        }
    }

    /// Changes the window under a key in one step, at the guard's time `now`; at the clock's without one.
    async fn change<T>(
        &self,
        key: &Key,
        now: Option<EatTime>,
        change: impl Fn(&mut SlidingWindow, Ahead, EatTime) -> T,
    ) -> StoreResult<T> {
        let key = self.note_key(key);
        let _turn = self.turn.lock().await;
        let mut note = self.notes.note(&key).await?;
        for _ in 0..MAX_TRIES {
            let now = now.unwrap_or_else(|| self.clock.now());
            let ahead = Ahead(note.read_at.unix_millis().saturating_sub(now.unix_millis()));
            let mut window = read(&note);
            let result = change(&mut window, ahead, note.read_at);
            let text = serde_json::to_string(&window)?;
            let is_the_same = match &note.value {
                Some(before) => *before == text,
                None => window.is_empty(),
            };
            if is_the_same {
                return Ok(result);
            }
            let lasts = window.lasts(note.read_at).max(SHORTEST_STAY);
            let written = self.notes.write_note(&key, note.version, &text, lasts);
            match written.await? {
                NoteWritten::Written(_) => return Ok(result),
                NoteWritten::Stale(newer) => note = newer,
            }
        }
        Err("other processes wrote to the counts all the time".into())
    }
}

/// The window of a note. A note that cannot be read has none.
fn read(note: &Note) -> SlidingWindow {
    let text = note.value.as_deref();
    text.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

impl Store for NoteStore {
    fn take<'a>(
        &'a self,
        key: &'a Key,
        payment: &'a PaymentId,
        rules: &'a [Rule],
        now: EatTime,
    ) -> BoxFuture<'a, StoreResult<Admission>> {
        Box::pin(self.change(key, Some(now), move |window, ahead, now| {
            match window.take(payment, rules, now) {
                Admission::Taken(tally) => Admission::Taken(ahead.shown_tally(tally)),
                Admission::Refused(tally) => Admission::Refused(ahead.shown_tally(tally)),
            }
        }))
    }

    fn count<'a>(
        &'a self,
        key: &'a Key,
        payment: &'a PaymentId,
        rules: &'a [Rule],
        at: EatTime,
        now: EatTime,
    ) -> BoxFuture<'a, StoreResult<Counted>> {
        Box::pin(self.change(key, Some(now), move |window, ahead, now| {
            let counted = window.count(payment, rules, ahead.of(at), now);
            Counted {
                tally: ahead.shown_tally(counted.tally),
                ..counted
            }
        }))
    }

    fn release<'a>(
        &'a self,
        key: &'a Key,
        payment: &'a PaymentId,
    ) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(self.change(key, None, move |window, _, _| window.release(payment)))
    }

    fn clear<'a>(
        &'a self,
        key: &'a Key,
        payment: &'a PaymentId,
        settled_until: EatTime,
        taken_until: EatTime,
    ) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(self.change(key, None, move |window, ahead, _| {
            window.clear(payment, ahead.of(settled_until), ahead.of(taken_until));
        }))
    }

    fn close<'a>(&'a self, key: &'a Key, closing: Closing) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(self.change(key, None, move |window, ahead, _| {
            window.close(Closing {
                until: ahead.of(closing.until),
                ..closing
            });
        }))
    }

    fn tally<'a>(
        &'a self,
        key: &'a Key,
        rules: &'a [Rule],
        now: EatTime,
    ) -> BoxFuture<'a, StoreResult<Tally>> {
        Box::pin(async move {
            let note = self.notes.note(&self.note_key(key)).await?;
            let ahead = Ahead(note.read_at.unix_millis().saturating_sub(now.unix_millis()));
            Ok(ahead.shown_tally(read(&note).tally(rules, note.read_at)))
        })
    }
}

impl fmt::Debug for NoteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NoteStore").finish_non_exhaustive()
    }
}
