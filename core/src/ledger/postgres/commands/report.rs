//! The report on a database: its version, its size, its settings, and how many payments it has.

use super::scoped;
use crate::ledger::columns::count;
use crate::ledger::conditions::OPEN;
use crate::ledger::postgres::failure::Failure;
use crate::ledger::postgres::record::cell;
use crate::ledger::postgres::session::Session;
use crate::ledger::report::LedgerReport;
use crate::ledger::scope::Scope;

/// The counts of a scope, and what PostgreSQL says of the tables.
pub(in crate::ledger::postgres) async fn report(
    on: &Session,
    scope: &Scope,
) -> Result<LedgerReport, Failure> {
    let query = format!(
        "SELECT count(*), count(*) FILTER (WHERE {OPEN}), count(*) FILTER (WHERE news > told),
             (SELECT value FROM {{schema}}.notes WHERE key = 'version'),
             (SELECT sum(pg_total_relation_size(pg_class.oid))::bigint FROM pg_class
                 JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = '{{schema}}' AND relkind = 'r'),
             current_setting('fsync') = 'off',
             current_setting('synchronous_commit') = 'off'
         FROM {{schema}}.payments WHERE environment = $1 AND shop = $2"
    );
    let row = on.query_one(&query, &scoped(scope, [])).await?;
    let row = row.ok_or_else(|| Failure::Unreadable("no count".into()))?;
    let version: Option<&str> = cell(&row, 3)?;
    let bytes: Option<i64> = cell(&row, 4)?;
    let dangers = [
        (
            cell(&row, 5)?,
            "The server does not wait for its disk (`fsync` is off): a crash may damage the ledger.",
        ),
        (
            cell(&row, 6)?,
            "The server answers before it has written (`synchronous_commit` is off): a crash loses the last payments.",
        ),
    ];
    let dangers = dangers.into_iter().filter(|(is_so, _): &(bool, _)| *is_so);
    Ok(LedgerReport {
        version: version.and_then(|version| version.parse().ok()),
        bytes: bytes.map(count),
        warnings: dangers.map(|(_, danger)| danger.to_owned()).collect(),
        payments: count(cell(&row, 0)?),
        open: count(cell(&row, 1)?),
        owed: count(cell(&row, 2)?),
        ..LedgerReport::default()
    })
}
