//! The report on a file: its pages, its version, its size, and how many payments it has.

use crate::ledger::conditions::OPEN;
use crate::ledger::report::LedgerReport;
use crate::ledger::scope::Scope;
use crate::ledger::sqlite::record;
use rusqlite::{Connection, ffi, params};

/// Reads every page of the file.
///
/// # Errors
/// As SQLite reports a damaged file, with the first damage that it found.
pub(in crate::ledger::sqlite) fn check_pages(
    connection: &Connection,
) -> Result<(), rusqlite::Error> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        return Ok(());
    }
    let failure = ffi::Error::new(ffi::SQLITE_CORRUPT);
    Err(rusqlite::Error::SqliteFailure(failure, Some(found)))
}

/// The counts of a scope, and what SQLite says of the file.
pub(in crate::ledger::sqlite) fn report(
    connection: &Connection,
    scope: &Scope,
) -> Result<LedgerReport, rusqlite::Error> {
    let count = |condition: &str| {
        let query = format!(
            "SELECT count(*) FROM payments WHERE environment = ?1 AND shop = ?2 AND {condition}"
        );
        connection.query_row(&query, params![scope.environment(), scope.shop()], |row| {
            record::read_count(row, 0)
        })
    };
    let pragma = |query: &str| connection.query_row(query, [], |row| record::read_count(row, 0));
    let pages = pragma("PRAGMA page_count")?;
    Ok(LedgerReport {
        version: u32::try_from(pragma("PRAGMA user_version")?).ok(),
        bytes: Some(pages.saturating_mul(pragma("PRAGMA page_size")?)),
        payments: count("1")?,
        open: count(OPEN)?,
        owed: count("news > told")?,
        ..LedgerReport::default()
    })
}
