//! Due work: senders whose lease has ended, and questions to the gateway.

use super::lookups;
use crate::error::ids::PaymentId;
use crate::ledger::columns;
use crate::ledger::row::Row;
use crate::ledger::scope::Scope;
use crate::values::clock::EatTime;
use rusqlite::{Connection, params};
use std::time::Duration;

/// Rows whose sender's lease has ended.
pub(in crate::ledger::sqlite) fn forgotten(
    connection: &Connection,
    scope: &Scope,
    most: usize,
    now: EatTime,
) -> Result<Vec<Row>, rusqlite::Error> {
    lookups::readable_rows(
        connection,
        "environment = ?1 AND shop = ?2 AND lease_until <= ?3 ORDER BY lease_until, seq",
        params![scope.environment(), scope.shop(), now.unix_millis()],
        most,
        now,
    )
}

/// Rows about which the gateway is to be asked.
pub(in crate::ledger::sqlite) fn due(
    connection: &Connection,
    (environment, shop, account): (&str, &str, &str),
    most: usize,
    now: EatTime,
) -> Result<Vec<Row>, rusqlite::Error> {
    lookups::readable_rows(
        connection,
        "environment = ?1 AND shop = ?2 AND account = ?3 AND ask_after <= ?4 ORDER BY ask_after, seq",
        params![environment, shop, account, now.unix_millis()],
        most,
        now,
    )
}

/// Takes the right to ask about a payment, where nobody else has written to its row.
pub(in crate::ledger::sqlite) fn claim_question(
    connection: &Connection,
    id: &PaymentId,
    version: u64,
    lease: Duration,
    now: EatTime,
) -> Result<Option<Row>, rusqlite::Error> {
    let claimed = connection
        .prepare_cached(
            "UPDATE payments SET ask_after = ?3, asked_at = ?4, asks = asks + 1, version = version + 1
             WHERE id = ?1 AND version = ?2",
        )?
        .execute(params![
            id.as_str(),
            columns::number(version),
            now.plus(lease).unix_millis(),
            now.unix_millis(),
        ])?;
    if claimed == 0 {
        return Ok(None);
    }
    lookups::load(connection, id, now)
}
