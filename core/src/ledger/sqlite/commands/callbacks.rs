//! The inbox: callbacks that came, and those that nobody has judged.

use super::writes;
use crate::error::ids::PaymentId;
use crate::ledger::contract::{MAX_CALLBACKS, Replaced};
use crate::ledger::row::Callback;
use crate::ledger::sqlite::record::{self, Record};
use crate::values::clock::EatTime;
use rusqlite::{Connection, params};

/// Keeps a callback together with the row that it changed: both or neither.
pub(in crate::ledger::sqlite) fn keep(
    connection: &Connection,
    callback: &Callback,
    record: Option<Record>,
    now: EatTime,
) -> Result<Replaced, rusqlite::Error> {
    let replaced = match record {
        Some(record) => writes::replace(connection, record)?,
        None => Replaced::Written,
    };
    if replaced == Replaced::Written {
        insert(connection, callback, now)?;
    }
    Ok(replaced)
}

/// Writes a callback, unless its payment has as many as are kept. One that is there gets the verdict where it has none.
fn insert(
    connection: &Connection,
    callback: &Callback,
    now: EatTime,
) -> Result<(), rusqlite::Error> {
    connection
        .prepare_cached(
            "INSERT INTO callbacks (payment, digest, body, received_at, verdict)
             SELECT ?1, ?2, ?3, ?4, ?5
             WHERE (SELECT count(*) FROM callbacks WHERE payment = ?1) < ?6
                OR EXISTS (SELECT 1 FROM callbacks WHERE payment = ?1 AND digest = ?2)
             ON CONFLICT (payment, digest) DO UPDATE SET verdict = excluded.verdict
             WHERE verdict IS NULL AND excluded.verdict IS NOT NULL",
        )?
        .execute(params![
            callback.payment.as_str(),
            callback.digest,
            callback.body,
            now.unix_millis(),
            callback.verdict,
            i64::try_from(MAX_CALLBACKS).unwrap_or(i64::MAX),
        ])?;
    Ok(())
}

/// Callbacks without a verdict of payments of an account, the oldest first.
pub(in crate::ledger::sqlite) fn waiting(
    connection: &Connection,
    (environment, shop, account): (&str, &str, &str),
    most: i64,
) -> Result<Vec<Callback>, rusqlite::Error> {
    let mut select = connection.prepare_cached(
        "SELECT callbacks.payment, digest, body, received_at, verdict
         FROM callbacks JOIN payments ON payments.id = callbacks.payment
         WHERE verdict IS NULL AND environment = ?1 AND shop = ?2 AND account = ?3
         ORDER BY callbacks.number LIMIT ?4",
    )?;
    let callbacks = select.query_map(params![environment, shop, account, most], read)?;
    callbacks.collect()
}

/// All callbacks of a payment, in the order in which they came.
pub(in crate::ledger::sqlite) fn of_payment(
    connection: &Connection,
    id: &PaymentId,
) -> Result<Vec<Callback>, rusqlite::Error> {
    let mut select = connection.prepare_cached(
        "SELECT payment, digest, body, received_at, verdict FROM callbacks WHERE payment = ?1 ORDER BY number",
    )?;
    let callbacks = select.query_map([id.as_str()], read)?;
    callbacks.collect()
}

/// Writes a row and deletes the callbacks of its payment: both or neither.
pub(in crate::ledger::sqlite) fn prune(
    connection: &Connection,
    record: Record,
) -> Result<Replaced, rusqlite::Error> {
    let id = record.row.id().clone();
    let replaced = writes::replace(connection, record)?;
    if replaced == Replaced::Written {
        connection
            .prepare_cached("DELETE FROM callbacks WHERE payment = ?1")?
            .execute([id.as_str()])?;
    }
    Ok(replaced)
}

/// The callback in the columns of a query.
fn read(row: &rusqlite::Row<'_>) -> Result<Callback, rusqlite::Error> {
    Ok(Callback {
        payment: record::read_id(row, 0)?,
        digest: row.get(1)?,
        body: row.get(2)?,
        received_at: EatTime::from_unix_millis(row.get(3)?),
        verdict: row.get(4)?,
    })
}
