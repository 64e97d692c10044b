//! Writes of a row: a new one, and one in the place of the version that was read.

use crate::ledger::columns::{WRITTEN, number};
use crate::ledger::contract::Replaced;
use crate::ledger::postgres::failure::Failure;
use crate::ledger::postgres::record;
use crate::ledger::postgres::session::Session;
use crate::ledger::postgres::value::Value;
use crate::ledger::row::Row;
use std::sync::LazyLock;

/// How many values [`WRITE`] has.
pub(super) const WRITE_VALUES: usize = WRITTEN.len() + 2;

/// The place of the payment's id among the values of [`WRITE`].
pub(super) const ID_PLACE: usize = WRITTEN.len() - 1;

/// The beginning of a statement that writes a row with its names: `written` has a row where it did. A name that another payment
/// has breaks a unique index, which undoes all of the statement.
pub(super) static WRITE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "WITH written AS ({} RETURNING 1),
         named AS (
             INSERT INTO {{schema}}.names (name, payment)
             SELECT name, ${ID_PLACE} FROM unnest(${WRITE_VALUES}) AS name, (SELECT count(*) AS rows FROM written) AS before
             WHERE before.rows = 1
               AND NOT EXISTS (SELECT 1 FROM {{schema}}.names AS own WHERE own.name = name.name AND own.payment = ${ID_PLACE})
         )",
        *UPDATE
    )
});

/// Writes a row in the place of the stored one with the same payment, where that has the version still. Members of the stored
/// JSON that this version does not know stay: a later version wrote them, and both versions use the ledger side by side.
static UPDATE: LazyLock<String> = LazyLock::new(|| {
    let columns: Vec<String> = record::places(1)
        .map(|(column, place)| match column {
            "payment" => format!("payment = payments.payment || {place}"),
            column => format!("{column} = {place}"),
        })
        .collect();
    let columns = columns.join(", ");
    let version = WRITTEN.len() + 1;
    format!(
        "UPDATE {{schema}}.payments SET {columns}, version = version + 1 WHERE id = ${ID_PLACE} AND version = ${version}"
    )
});

/// The values of [`WRITE`].
pub(super) fn values(row: &Row) -> Vec<Value> {
    let version = Value::Number(number(row.version));
    let values = record::values(row).into_iter();
    values.chain([version, names(row)]).collect()
}

/// The names of a row, in an order that all statements share: two which insert the same names in different orders would wait
/// for each other.
pub(super) fn names(row: &Row) -> Value {
    let mut names = row.names();
    names.sort();
    names.dedup();
    Value::Texts(names)
}

/// Writes a row in the place of the stored one, where that has the same version still.
pub(in crate::ledger::postgres) async fn replace(
    on: &Session,
    row: &Row,
) -> Result<Replaced, Failure> {
    let statement = format!("{} SELECT 1 FROM written", *WRITE);
    written(on.query_one(&statement, &values(row)).await)
}

/// What came of a write that returns a row where it was made.
pub(super) fn written(
    ended: Result<Option<tokio_postgres::Row>, Failure>,
) -> Result<Replaced, Failure> {
    match ended {
        Ok(Some(_)) => Ok(Replaced::Written),
        Ok(None) => Ok(Replaced::Stale),
        Err(failure) if failure.is_of_index("names_pkey") => Ok(Replaced::NameTaken),
        Err(failure) if failure.is_of_index("payments_claim") => Ok(Replaced::OrderHeld),
        Err(failure) => Err(failure),
    }
}
