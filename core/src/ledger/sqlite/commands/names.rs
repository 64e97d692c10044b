//! The names of payments at their gateways: each is one payment's.

use crate::error::ids::PaymentId;
use crate::ledger::sqlite::record;
use rusqlite::{Connection, OptionalExtension, params};

/// Each of these names that a payment has, with that payment.
pub(in crate::ledger::sqlite) fn owners(
    connection: &Connection,
    names: Vec<String>,
) -> Result<Vec<(String, PaymentId)>, rusqlite::Error> {
    let mut owners = Vec::with_capacity(names.len());
    for name in names {
        if let Some(owner) = owner(connection, &name)? {
            owners.push((name, owner));
        }
    }
    Ok(owners)
}

/// Whether another payment has one of these names.
pub(super) fn are_taken(
    connection: &Connection,
    payment: &PaymentId,
    names: &[String],
) -> Result<bool, rusqlite::Error> {
    for name in names {
        if owner(connection, name)?.is_some_and(|owner| owner != *payment) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Gives a payment those of these names that no payment has.
pub(super) fn take(
    connection: &Connection,
    payment: &PaymentId,
    names: &[String],
) -> Result<(), rusqlite::Error> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO names (name, payment) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
    )?;
    for name in names {
        insert.execute(params![name, payment.as_str()])?;
    }
    Ok(())
}

fn owner(connection: &Connection, name: &str) -> Result<Option<PaymentId>, rusqlite::Error> {
    connection
        .prepare_cached("SELECT payment FROM names WHERE name = ?1")?
        .query_row([name], |row| record::read_id(row, 0))
        .optional()
}
