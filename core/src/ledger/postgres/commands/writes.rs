//! Writes of a row: a new one, and one in the place of the version that was read.

use crate::ledger::columns::{WRITTEN, number};
use crate::ledger::contract::Replaced;
use crate::ledger::postgres::failure::Failure;
use crate::ledger::postgres::record;
use crate::ledger::postgres::session::Session;
use crate::ledger::postgres::value::Value;
use crate::ledger::row::Row;
use std::sync::LazyLock;

/// How many values [`UPDATE`] has.
pub(super) const UPDATE_VALUES: usize = WRITTEN.len() + 1;

/// Writes a row in the place of the stored one with the same payment, where that has the version still. Members of the stored
/// JSON that this version does not know stay: a later version wrote them, and both versions use the ledger side by side.
pub(super) static UPDATE: LazyLock<String> = LazyLock::new(|| {
    let columns: Vec<String> = record::places(1)
        .map(|(column, place)| match column {
            "payment" => format!("payment = payments.payment || {place}"),
            column => format!("{column} = {place}"),
        })
        .collect();
    let columns = columns.join(", ");
    let id = WRITTEN.len() - 1;
    format!(
        "UPDATE {{schema}}.payments SET {columns}, version = version + 1 WHERE id = ${id} AND version = ${UPDATE_VALUES}"
    )
});

/// The values of [`UPDATE`].
pub(super) fn update_values(row: &Row) -> Vec<Value> {
    let version = Value::Number(number(row.version));
    record::values(row).into_iter().chain([version]).collect()
}

/// Writes a row in the place of the stored one, where that has the same version still.
pub(in crate::ledger::postgres) async fn replace(
    on: &Session,
    row: &Row,
) -> Result<Replaced, Failure> {
    let statement = format!("{} RETURNING 1", *UPDATE);
    written(on.query_one(&statement, &update_values(row)).await)
}

/// What came of a write that returns a row where it was made.
pub(super) fn written(
    ended: Result<Option<tokio_postgres::Row>, Failure>,
) -> Result<Replaced, Failure> {
    match ended {
        Ok(Some(_)) => Ok(Replaced::Written),
        Ok(None) => Ok(Replaced::Stale),
        // The index of ids cannot refuse: a row keeps its id.
        Err(failure) if failure.is_of_a_unique_index() => Ok(Replaced::OrderHeld),
        Err(failure) => Err(failure),
    }
}
