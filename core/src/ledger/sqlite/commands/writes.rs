//! Writes of a row: a new one, and one in the place of the version that was read.

use super::names;
use crate::error::ids::PaymentId;
use crate::ledger::columns::{self, WRITTEN};
use crate::ledger::contract::Replaced;
use crate::ledger::row::Row;
use crate::ledger::sqlite::record::Record;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, ffi, params, params_from_iter};
use std::sync::LazyLock;

static INSERT: LazyLock<String> = LazyLock::new(|| {
    let columns = WRITTEN.join(", ");
    let places: Vec<String> = (1..=WRITTEN.len())
        .map(|place| format!("?{place}"))
        .collect();
    let places = places.join(", ");
    format!("INSERT INTO payments ({columns}, version) VALUES ({places}, 1)")
});

static UPDATE: LazyLock<String> = LazyLock::new(|| {
    let columns: Vec<String> = (WRITTEN.iter().zip(1..))
        .map(|(column, place)| format!("{column} = ?{place}"))
        .collect();
    let columns = columns.join(", ");
    let seq = WRITTEN.len() + 1;
    format!("UPDATE payments SET {columns}, version = version + 1 WHERE seq = ?{seq}")
});

/// Writes a new row as version 1. The row with its place.
pub(in crate::ledger::sqlite) fn insert(
    connection: &Connection,
    record: Record,
) -> Result<Row, rusqlite::Error> {
    let row = record.row.clone();
    connection
        .prepare_cached(&INSERT)?
        .execute(params_from_iter(record.values()))?;
    let seq = connection.last_insert_rowid();
    names::take(connection, row.id(), &row.names())?;
    Ok(Row {
        seq: u64::try_from(seq).unwrap_or(0),
        version: 1,
        ..row
    })
}

/// Writes a row in the place of the stored one, where that has the same version still.
pub(in crate::ledger::sqlite) fn replace(
    connection: &Connection,
    mut record: Record,
) -> Result<Replaced, rusqlite::Error> {
    let stored = unchanged(connection, record.row.id(), record.row.version)?;
    let Some((seq, json)) = stored else {
        return Ok(Replaced::Stale);
    };
    let (id, names) = (record.row.id().clone(), record.row.names());
    if names::are_taken(connection, &id, &names)? {
        return Ok(Replaced::NameTaken);
    }
    record.keep_unknown_members(&json);
    let values = record.values().into_iter().chain([Value::Integer(seq)]);
    match connection
        .prepare_cached(&UPDATE)?
        .execute(params_from_iter(values))
    {
        Ok(_) => {
            names::take(connection, &id, &names)?;
            Ok(Replaced::Written)
        }
        // SQLite has undone the statement, and nothing else.
        Err(failure) if is_of_a_unique_index(&failure) => Ok(Replaced::OrderHeld),
        Err(failure) => Err(failure),
    }
}

/// The place and the payment's JSON of a row that has this version still.
fn unchanged(
    connection: &Connection,
    id: &PaymentId,
    version: u64,
) -> Result<Option<(i64, String)>, rusqlite::Error> {
    connection
        .prepare_cached("SELECT seq, payment FROM payments WHERE id = ?1 AND version = ?2")?
        .query_row(params![id.as_str(), columns::number(version)], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()
}

/// Whether a unique index refused. That of the id cannot: a row keeps its id.
fn is_of_a_unique_index(failure: &rusqlite::Error) -> bool {
    failure
        .sqlite_error()
        .is_some_and(|error| error.extended_code == ffi::SQLITE_CONSTRAINT_UNIQUE)
}
