//! The inbox: callbacks that came, and those that nobody has judged.

use super::writes::{self, UPDATE, UPDATE_VALUES};
use super::{limit, scoped};
use crate::ledger::contract::{MAX_CALLBACKS, Replaced};
use crate::ledger::postgres::failure::Failure;
use crate::ledger::postgres::record::{self, cell};
use crate::ledger::postgres::session::Session;
use crate::ledger::postgres::value::Value;
use crate::ledger::row::{Callback, Row};
use crate::ledger::scope::Scope;

/// Keeps a callback together with the row that it changed: both or neither.
pub(in crate::ledger::postgres) async fn keep(
    on: &Session,
    callback: &Callback,
    row: Option<&Row>,
) -> Result<Replaced, Failure> {
    let (written, mut values, first) = match row {
        Some(row) => (
            format!("{} RETURNING 1", *UPDATE),
            writes::update_values(row),
            UPDATE_VALUES + 1,
        ),
        None => ("SELECT 1".to_owned(), Vec::new(), 1),
    };
    let place = |number: usize| format!("${}", first + number);
    let (payment, digest, body, verdict, most) = (place(0), place(1), place(2), place(3), place(4));
    // Where several callbacks of one payment come at once, one may be kept above the limit for each of them.
    let statement = format!(
        "WITH written AS ({written}),
         kept AS (
             INSERT INTO {{schema}}.callbacks (payment, digest, body, received_at, verdict)
             SELECT {payment}, {digest}, {body}, now(), {verdict} FROM (SELECT count(*) AS rows FROM written) AS before
             WHERE before.rows = 1 AND (
                 (SELECT count(*) FROM {{schema}}.callbacks AS others WHERE others.payment = {payment}) < {most}
                 OR EXISTS (SELECT 1 FROM {{schema}}.callbacks AS known WHERE known.payment = {payment} AND known.digest = {digest})
             )
             ON CONFLICT (payment, digest) DO UPDATE SET verdict = excluded.verdict
             WHERE callbacks.verdict IS NULL AND excluded.verdict IS NOT NULL
         )
         SELECT 1 FROM written"
    );
    values.extend([
        Value::text(callback.payment.as_str()),
        Value::text(&callback.digest),
        Value::Bytes(callback.body.clone()),
        Value::optional(callback.verdict.as_deref()),
        limit(MAX_CALLBACKS),
    ]);
    writes::written(on.query_one(&statement, &values).await)
}

/// Callbacks without a verdict of payments of an account, the oldest first.
pub(in crate::ledger::postgres) async fn waiting(
    on: &Session,
    scope: &Scope,
    account: &str,
    most: usize,
) -> Result<Vec<Callback>, Failure> {
    let query = "SELECT callbacks.payment, digest, body, received_at, verdict
         FROM {schema}.callbacks JOIN {schema}.payments ON payments.id = callbacks.payment
         WHERE verdict IS NULL AND environment = $1 AND shop = $2 AND account = $3
         ORDER BY callbacks.number LIMIT $4";
    let values = scoped(scope, [Value::text(account), limit(most)]);
    let rows = on.query(query, &values).await?;
    let callback = |row| {
        Ok(Callback {
            payment: record::read_id(row, 0)?,
            digest: cell(row, 1)?,
            body: cell(row, 2)?,
            received_at: record::read_time(row, 3)?,
            verdict: cell(row, 4)?,
        })
    };
    rows.iter().map(callback).collect()
}
