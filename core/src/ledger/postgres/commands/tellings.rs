//! The outbox: rows of which the shop is to be told.

use super::{limit, scoped};
use crate::error::ids::PaymentId;
use crate::ledger::columns::{READ, number};
use crate::ledger::contract::TellingEnd;
use crate::ledger::postgres::failure::Failure;
use crate::ledger::postgres::record::{self, cell};
use crate::ledger::postgres::session::Session;
use crate::ledger::postgres::value::Value;
use crate::ledger::row::Telling;
use crate::ledger::scope::Scope;
use std::time::Duration;

/// How often more rows are leased because none of those that were could be read.
const MAX_PAGES: u32 = 20;

/// Leases rows that are owed, the earliest first, with what is true of their orders now. A row that somebody else leases or
/// writes at this moment is passed over.
pub(in crate::ledger::postgres) async fn owed(
    on: &Session,
    scope: &Scope,
    lease: Duration,
    most: usize,
) -> Result<Vec<Telling>, Failure> {
    // Materialized: merged into the update, the limit could be applied more than once, and more rows be locked than are told.
    let statement = format!(
        "WITH due AS MATERIALIZED (
             SELECT seq AS place, owed_after AS since FROM {{schema}}.payments
             WHERE environment = $1 AND shop = $2 AND news > told AND owed_after <= now()
             ORDER BY owed_after, seq LIMIT $4
             FOR UPDATE SKIP LOCKED
         ), leased AS (
             UPDATE {{schema}}.payments
             SET owed_after = now() + $3 * interval '1 microsecond', attempts = attempts + 1, telling = news,
                 version = version + 1
             FROM due WHERE seq = due.place
             RETURNING payments.*, due.since
         )
         SELECT {READ}, now(),
             is_paid OR EXISTS (SELECT 1 FROM {{schema}}.payments AS other
                 WHERE other.environment = leased.environment AND other.shop = leased.shop
                   AND other.order_name = leased.order_name AND other.is_paid),
             EXISTS (SELECT 1 FROM {{schema}}.payments AS other
                 WHERE other.environment = leased.environment AND other.shop = leased.shop
                   AND other.order_name = leased.order_name AND other.holds_order AND other.seq <> leased.seq)
         FROM leased ORDER BY since, seq"
    );
    let values = scoped(scope, [Value::micros(lease), limit(most)]);
    for _ in 0..MAX_PAGES {
        let rows = on.query(&statement, &values).await?;
        let mut tellings = Vec::with_capacity(rows.len());
        for row in &rows {
            let Some(read) = record::read_or_skip(row)? else {
                continue;
            };
            tellings.push(Telling {
                row: read,
                order_is_paid: cell(row, 19)?,
                order_is_held_by_another: cell(row, 20)?,
            });
        }
        // Rows that cannot be read were leased as well, so that the next ones have their turn.
        if rows.is_empty() || !tellings.is_empty() {
            return Ok(tellings);
        }
    }
    Ok(Vec::new())
}

/// Ends a telling, where nobody has begun another one since. Whether it was so.
pub(in crate::ledger::postgres) async fn told(
    on: &Session,
    id: &PaymentId,
    attempts: u32,
    end: &TellingEnd,
) -> Result<bool, Failure> {
    let of = [Value::text(id.as_str()), Value::Number(i64::from(attempts))];
    let (change, values) = match end {
        TellingEnd::Taken { news } => (
            "told = GREATEST(told, $3), owed_after = now(), trouble = NULL",
            vec![Value::Number(number(*news))],
        ),
        TellingEnd::Failed { again_in, trouble } => (
            "owed_after = now() + $3 * interval '1 microsecond', trouble = $4",
            vec![Value::micros(*again_in), Value::text(trouble)],
        ),
    };
    let statement = format!(
        "UPDATE {{schema}}.payments SET {change}, version = version + 1
         WHERE id = $1 AND attempts = $2 RETURNING 1"
    );
    let values: Vec<Value> = of.into_iter().chain(values).collect();
    Ok(on.query_one(&statement, &values).await?.is_some())
}
