//! Look-ups that change nothing: a payment, the payments of an order, versions.

use crate::error::ids::PaymentId;
use crate::ledger::columns;
use crate::ledger::contract::Earlier;
use crate::ledger::row::Row;
use crate::ledger::scope::{Order, Scope};
use crate::ledger::sqlite::record;
use crate::values::clock::EatTime;
use rusqlite::{Connection, OptionalExtension, Params, params};

type Found<T> = Result<T, rusqlite::Error>;

/// The rows that a query for the columns of [`columns::READ`] finds, with parameters. Fails where one of them cannot be read:
/// that one may be the payment that holds an order.
fn rows(
    connection: &Connection,
    condition: &str,
    parameters: impl Params,
    now: EatTime,
) -> Found<Vec<Row>> {
    let query = format!("SELECT {} FROM payments WHERE {condition}", columns::READ);
    let mut select = connection.prepare_cached(&query)?;
    let rows = select.query_map(parameters, |row| record::read(row, now))?;
    rows.collect()
}

/// The first `most` rows that a query finds and that can be read.
pub(in crate::ledger::sqlite) fn readable_rows(
    connection: &Connection,
    condition: &str,
    parameters: impl Params,
    most: usize,
    now: EatTime,
) -> Found<Vec<Row>> {
    let query = format!("SELECT {} FROM payments WHERE {condition}", columns::READ);
    let mut select = connection.prepare_cached(&query)?;
    let rows = select.query_map(parameters, |row| record::read_or_skip(row, now))?;
    rows.filter_map(Result::transpose).take(most).collect()
}

/// The row of a payment.
pub(in crate::ledger::sqlite) fn load(
    connection: &Connection,
    id: &PaymentId,
    now: EatTime,
) -> Found<Option<Row>> {
    let rows = rows(connection, "id = ?1", [id.as_str()], now)?;
    Ok(rows.into_iter().next())
}

/// All payments of an order, the newest first.
pub(in crate::ledger::sqlite) fn earlier(
    connection: &Connection,
    scope: &Scope,
    order: &Order,
    now: EatTime,
) -> Found<Earlier> {
    let rows = rows(
        connection,
        "environment = ?1 AND shop = ?2 AND order_name = ?3 ORDER BY seq DESC",
        params![scope.environment(), scope.shop(), order.as_str()],
        now,
    )?;
    Ok(Earlier { rows, now })
}

/// The row that holds an order.
pub(in crate::ledger::sqlite) fn holder(
    connection: &Connection,
    scope: &Scope,
    order: &Order,
    now: EatTime,
) -> Found<Option<Row>> {
    let rows = rows(
        connection,
        "environment = ?1 AND shop = ?2 AND order_name = ?3 AND holds_order = 1",
        params![scope.environment(), scope.shop(), order.as_str()],
        now,
    )?;
    Ok(rows.into_iter().next())
}

/// The versions of those of these payments that have a row.
pub(in crate::ledger::sqlite) fn versions(
    connection: &Connection,
    ids: &[PaymentId],
) -> Found<Vec<(PaymentId, u64)>> {
    let mut select = connection.prepare_cached("SELECT version FROM payments WHERE id = ?1")?;
    let mut versions = Vec::with_capacity(ids.len());
    for id in ids {
        let version = select.query_row([id.as_str()], |row| record::read_count(row, 0));
        if let Some(version) = version.optional()? {
            versions.push((id.clone(), version));
        }
    }
    Ok(versions)
}
