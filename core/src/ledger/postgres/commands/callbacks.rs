//! The inbox: callbacks that came, and those that nobody has judged.

use super::writes::{self, ID_PLACE, WRITE, WRITE_VALUES};
use super::{limit, scoped};
use crate::error::ids::PaymentId;
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
        Some(row) => (WRITE.clone(), writes::values(row), WRITE_VALUES + 1),
        None => ("WITH written AS (SELECT 1)".to_owned(), Vec::new(), 1),
    };
    let place = |number: usize| format!("${}", first + number);
    let (payment, digest, body, verdict, most) = (place(0), place(1), place(2), place(3), place(4));
    // Where several callbacks of one payment come at once, one may be kept above the limit for each of them.
    let statement = format!(
        "{written}, kept AS (
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
    rows.iter().map(read).collect()
}

/// All callbacks of a payment, in the order in which they came.
pub(in crate::ledger::postgres) async fn of_payment(
    on: &Session,
    id: &PaymentId,
) -> Result<Vec<Callback>, Failure> {
    let query = "SELECT payment, digest, body, received_at, verdict FROM {schema}.callbacks
         WHERE payment = $1 ORDER BY number";
    let rows = on.query(query, &[Value::text(id.as_str())]).await?;
    rows.iter().map(read).collect()
}

/// Writes a row and deletes the callbacks of its payment: both or neither. PostgreSQL removes the old bytes when it next
/// vacuums the tables.
pub(in crate::ledger::postgres) async fn prune(
    on: &Session,
    row: &Row,
) -> Result<Replaced, Failure> {
    let statement = format!(
        "{}, deleted AS (
             DELETE FROM {{schema}}.callbacks WHERE payment = ${ID_PLACE} AND EXISTS (SELECT 1 FROM written)
         )
         SELECT 1 FROM written",
        *WRITE
    );
    writes::written(on.query_one(&statement, &writes::values(row)).await)
}

/// The callback in the columns of a query.
fn read(row: &tokio_postgres::Row) -> Result<Callback, Failure> {
    Ok(Callback {
        payment: record::read_id(row, 0)?,
        digest: cell(row, 1)?,
        body: cell(row, 2)?,
        received_at: record::read_time(row, 3)?,
        verdict: cell(row, 4)?,
    })
}
