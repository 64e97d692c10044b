//! The claim of an order, and of a payment without one.

use super::{lookups, writes};
use crate::error::ids::PaymentId;
use crate::ledger::columns;
use crate::ledger::contract::Claimed;
use crate::ledger::sqlite::record::Record;
use crate::values::clock::EatTime;
use rusqlite::{Connection, params};
use std::time::Duration;

/// Writes a new row with a lease, unless another payment than `over` holds its order.
pub(in crate::ledger::sqlite) fn claim(
    connection: &Connection,
    mut record: Record,
    over: Option<(PaymentId, u64)>,
    lease: Duration,
    now: EatTime,
) -> Result<Claimed, rusqlite::Error> {
    if let Some(known) = lookups::load(connection, record.row.id(), now)? {
        return Ok(Claimed::Taken(Box::new(known)));
    }
    let order = record.held_order();
    let holder = order
        .map(|order| lookups::holder(connection, &record.row.scope, order, now))
        .transpose()?
        .flatten();
    let gives_way = |id: &PaymentId, version| {
        (over.as_ref()).is_some_and(|over| over.0 == *id && over.1 == version)
    };
    if let Some(holder) = holder.filter(|holder| !gives_way(holder.id(), holder.version)) {
        return Ok(Claimed::Held(Box::new(holder)));
    }
    if let Some((id, version)) = &over {
        free(connection, id, *version)?;
    }
    record.row.lease_until = Some(now.plus(lease));
    record.row.read_at = now;
    let row = writes::insert(connection, record)?;
    Ok(Claimed::Taken(Box::new(row)))
}

/// Takes its order from the row of an earlier payment that has this version still.
fn free(connection: &Connection, id: &PaymentId, version: u64) -> Result<(), rusqlite::Error> {
    connection
        .prepare_cached(
            "UPDATE payments SET holds_order = 0, version = version + 1 WHERE id = ?1 AND version = ?2",
        )?
        .execute(params![id.as_str(), columns::number(version)])?;
    Ok(())
}
