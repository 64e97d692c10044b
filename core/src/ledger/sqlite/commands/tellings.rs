//! The outbox: rows of which the shop is to be told.

use crate::error::ids::PaymentId;
use crate::ledger::columns;
use crate::ledger::contract::TellingEnd;
use crate::ledger::row::Telling;
use crate::ledger::scope::Scope;
use crate::ledger::sqlite::record;
use crate::values::clock::EatTime;
use rusqlite::{Connection, params};
use std::time::Duration;

/// Leases rows that are owed, the earliest first, with what is true of their orders now.
pub(in crate::ledger::sqlite) fn owed(
    connection: &Connection,
    scope: &Scope,
    lease: Duration,
    most: usize,
    now: EatTime,
) -> Result<Vec<Telling>, rusqlite::Error> {
    let query = format!(
        "SELECT {},
            is_paid OR EXISTS (SELECT 1 FROM payments AS other
                WHERE other.environment = payments.environment AND other.shop = payments.shop
                  AND other.order_name = payments.order_name AND other.is_paid),
            EXISTS (SELECT 1 FROM payments AS other
                WHERE other.environment = payments.environment AND other.shop = payments.shop
                  AND other.order_name = payments.order_name AND other.holds_order = 1 AND other.seq <> payments.seq)
         FROM payments WHERE environment = ?1 AND shop = ?2 AND news > told AND owed_after <= ?3
         ORDER BY owed_after, seq",
        columns::READ
    );
    let mut select = connection.prepare_cached(&query)?;
    let parameters = params![scope.environment(), scope.shop(), now.unix_millis()];
    let tellings = select.query_map(parameters, |row| {
        let Some(read) = record::read_or_skip(row, now)? else {
            return Ok(None);
        };
        Ok(Some(Telling {
            row: read,
            order_is_paid: row.get(18)?,
            order_is_held_by_another: row.get(19)?,
        }))
    })?;
    let tellings = tellings.filter_map(Result::transpose).take(most);
    let mut tellings: Vec<Telling> = tellings.collect::<Result<_, _>>()?;
    // The transaction has the lock for writing: nobody has changed these rows since they were read.
    let mut update = connection.prepare_cached(
        "UPDATE payments SET owed_after = ?2, attempts = ?3, version = version + 1 WHERE seq = ?1",
    )?;
    for Telling { row, .. } in &mut tellings {
        row.owed_after = now.plus(lease);
        row.attempts = row.attempts.saturating_add(1);
        row.version += 1;
        update.execute(params![
            columns::number(row.seq),
            row.owed_after.unix_millis(),
            row.attempts
        ])?;
    }
    Ok(tellings)
}

/// Ends a telling, where nobody has begun another one since. Whether it was so.
pub(in crate::ledger::sqlite) fn told(
    connection: &Connection,
    id: &PaymentId,
    attempts: u32,
    end: &TellingEnd,
    now: EatTime,
) -> Result<bool, rusqlite::Error> {
    let id = id.as_str();
    let ended = match end {
        TellingEnd::Taken { news } => connection
            .prepare_cached(
                "UPDATE payments SET told = max(told, ?3), owed_after = ?4, trouble = NULL, version = version + 1
                 WHERE id = ?1 AND attempts = ?2",
            )?
            .execute(params![id, attempts, columns::number(*news), now.unix_millis()])?,
        TellingEnd::Failed { again_in, trouble } => connection
            .prepare_cached(
                "UPDATE payments SET owed_after = ?3, trouble = ?4, version = version + 1
                 WHERE id = ?1 AND attempts = ?2",
            )?
            .execute(params![id, attempts, now.plus(*again_in).unix_millis(), trouble])?,
    };
    Ok(ended > 0)
}
