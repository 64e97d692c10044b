//! The claim of an order, and of a payment without one.

use super::{lookups, writes};
use crate::error::ids::PaymentId;
use crate::ledger::columns::{WRITTEN, count, number};
use crate::ledger::contract::Claimed;
use crate::ledger::postgres::failure::Failure;
use crate::ledger::postgres::record::{self, cell, read_optional_time, read_time};
use crate::ledger::postgres::session::Session;
use crate::ledger::postgres::value::Value;
use crate::ledger::row::Row;
use std::sync::LazyLock;
use std::time::Duration;

/// How often a claim is tried again that was refused by a payment which then was not there.
const MAX_TRIES: u32 = 20;

/// The place of the row's names among the values of [`CLAIM`], behind those of the row itself.
const NAMES_PLACE: usize = WRITTEN.len() + 4;

/// Writes a new row unless a unique index refuses it: `$1` is the id of the earlier payment that gives way, `$2` its version, `$3`
/// the lease; those of the row follow, of which that for `lease_until` is not used.
///
/// The earlier payment is freed before the row is written, since the count of what was freed is read first. Who else would
/// claim the order meanwhile waits for this statement at the index.
static CLAIM: LazyLock<String> = LazyLock::new(|| {
    let (columns, places): (Vec<&str>, Vec<String>) = record::places(4)
        .filter(|(column, _)| *column != "lease_until")
        .unzip();
    let id = record::places(4)
        .find_map(|(column, place)| (column == "id").then_some(place))
        .unwrap_or_default();
    format!(
        "WITH freed AS (
             UPDATE {{schema}}.payments SET holds_order = false, version = version + 1
             WHERE id = $1 AND version = $2 AND holds_order
               AND NOT EXISTS (SELECT 1 FROM {{schema}}.payments AS known WHERE known.id = {id})
             RETURNING 1
         ), claimed AS (
             INSERT INTO {{schema}}.payments ({}, lease_until, version)
             SELECT {}, now() + $3 * interval '1 microsecond', 1 FROM (SELECT count(*) FROM freed) AS before
             ON CONFLICT DO NOTHING
             RETURNING seq, lease_until
         ), named AS (
             INSERT INTO {{schema}}.names (name, payment)
             SELECT name, {id} FROM unnest(${NAMES_PLACE}) AS name, claimed
             ON CONFLICT DO NOTHING
         )
         SELECT seq, lease_until, now() FROM claimed",
        columns.join(", "),
        places.join(", "),
    )
});

/// Writes a new row with a lease, unless another payment than `over` holds its order.
pub(in crate::ledger::postgres) async fn claim(
    on: &Session,
    row: &Row,
    over: Option<&(PaymentId, u64)>,
    lease: Duration,
) -> Result<Claimed, Failure> {
    let values = || {
        let (id, version) = over.map_or((None, 0), |(id, version)| (Some(id.as_str()), *version));
        let mut values = vec![
            Value::optional(id),
            Value::Number(number(version)),
            Value::micros(lease),
        ];
        values.extend(record::values(row));
        values.push(writes::names(row));
        values
    };
    for _ in 0..MAX_TRIES {
        if let Some(taken) = on.query_one(&CLAIM, &values()).await? {
            return Ok(Claimed::Taken(Box::new(Row {
                seq: count(cell(&taken, 0)?),
                version: 1,
                lease_until: read_optional_time(&taken, 1)?,
                read_at: read_time(&taken, 2)?,
                ..row.clone()
            })));
        }
        // The statement did not see what refused it, which was committed while it ran: another one does.
        if let Some(known) = lookups::load(on, row.id()).await? {
            return Ok(Claimed::Taken(Box::new(known)));
        }
        let order = row.order.as_ref().filter(|_| row.holds_order);
        let holder = match order {
            Some(order) => lookups::holder(on, &row.scope, order).await?,
            None => None,
        };
        if let Some(holder) = holder {
            return Ok(Claimed::Held(Box::new(holder)));
        }
    }
    Err(Failure::OutOfTime(
        "An order was claimed and given up all the time by others",
    ))
}
