//! Notes that the processes of the ledger share.

use crate::ledger::columns;
use crate::values::clock::EatTime;
use crate::values::note::{Note, NoteWritten};
use rusqlite::{Connection, OptionalExtension, params};
use std::time::Duration;

/// How long a note is kept once its time is up: a process that read it may write by its version.
const KEPT_MILLIS: i64 = 24 * 3_600 * 1_000;

/// The note of a key.
pub(in crate::ledger::sqlite) fn note(
    connection: &Connection,
    key: &str,
    now: EatTime,
) -> Result<Note, rusqlite::Error> {
    let found: Option<(i64, String, i64)> = connection
        .prepare_cached("SELECT version, value, until FROM shared_notes WHERE key = ?1")?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let (version, value) = match found {
        Some((version, value, until)) => {
            (version, Some(value).filter(|_| until > now.unix_millis()))
        }
        None => (0, None),
    };
    Ok(Note {
        version: u64::try_from(version).unwrap_or(0),
        value,
        read_at: now,
    })
}

/// Writes the text of a key, where its note has that version still.
pub(in crate::ledger::sqlite) fn write(
    connection: &Connection,
    (key, version): (&str, u64),
    value: String,
    lasts: Duration,
    now: EatTime,
) -> Result<NoteWritten, rusqlite::Error> {
    let stored = note(connection, key, now)?;
    if stored.version != version {
        return Ok(NoteWritten::Stale(stored));
    }
    if version == 0 {
        connection
            .prepare_cached("DELETE FROM shared_notes WHERE until < ?1")?
            .execute([now.unix_millis() - KEPT_MILLIS])?;
    }
    connection
        .prepare_cached(
            "INSERT INTO shared_notes (key, version, value, until) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (key) DO UPDATE
             SET version = excluded.version, value = excluded.value, until = excluded.until",
        )?
        .execute(params![
            key,
            columns::number(version + 1),
            value,
            now.plus(lasts).unix_millis(),
        ])?;
    Ok(NoteWritten::Written(Note {
        version: version + 1,
        value: Some(value).filter(|_| !lasts.is_zero()),
        read_at: now,
    }))
}
