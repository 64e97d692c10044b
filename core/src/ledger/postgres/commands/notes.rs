//! Notes that the processes of the ledger share.

use crate::ledger::columns::{count, number};
use crate::ledger::postgres::failure::Failure;
use crate::ledger::postgres::record::{cell, read_time};
use crate::ledger::postgres::session::Session;
use crate::ledger::postgres::value::Value;
use crate::values::note::{Note, NoteWritten};
use std::time::Duration;

/// The note of a key.
pub(in crate::ledger::postgres) async fn note(on: &Session, key: &str) -> Result<Note, Failure> {
    // One row whether there is a note or not, since the time is asked for as well.
    let query = "SELECT COALESCE(version, 0), CASE WHEN until > now() THEN value END, now()
         FROM (SELECT 1) AS one LEFT JOIN {schema}.shared_notes ON key = $1";
    let row = on.query_one(query, &[Value::text(key)]).await?;
    let row = row.ok_or_else(|| Failure::Unreadable("no note".into()))?;
    Ok(Note {
        version: count(cell(&row, 0)?),
        value: cell(&row, 1)?,
        read_at: read_time(&row, 2)?,
    })
}

/// Makes a note, and deletes some whose time was up a day ago: a process that read one may write by its version till then.
const INSERT: &str = "WITH over AS (
         DELETE FROM {schema}.shared_notes WHERE key IN (
             SELECT key FROM {schema}.shared_notes WHERE until < now() - interval '1 day' AND key <> $1
             LIMIT 100 FOR UPDATE SKIP LOCKED
         )
     )
     INSERT INTO {schema}.shared_notes (key, version, value, until)
     VALUES ($1, $2 + 1, $3, now() + $4 * interval '1 microsecond')
     ON CONFLICT DO NOTHING RETURNING now()";

const UPDATE: &str = "UPDATE {schema}.shared_notes
     SET version = version + 1, value = $3, until = now() + $4 * interval '1 microsecond'
     WHERE key = $1 AND version = $2 RETURNING now()";

/// Writes the text of a key, where its note has that version still.
pub(in crate::ledger::postgres) async fn write(
    on: &Session,
    (key, version): (&str, u64),
    value: &str,
    lasts: Duration,
) -> Result<NoteWritten, Failure> {
    let statement = if version == 0 { INSERT } else { UPDATE };
    let values = [
        Value::text(key),
        Value::Number(number(version)),
        Value::text(value),
        Value::micros(lasts),
    ];
    Ok(match on.query_one(statement, &values).await? {
        Some(row) => NoteWritten::Written(Note {
            version: version + 1,
            value: Some(value.to_owned()).filter(|_| !lasts.is_zero()),
            read_at: read_time(&row, 0)?,
        }),
        None => NoteWritten::Stale(note(on, key).await?),
    })
}
