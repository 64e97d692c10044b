//! Due work: senders whose lease has ended, and questions to the gateway.

use super::lookups::readable_rows;
use super::scoped;
use crate::error::ids::PaymentId;
use crate::ledger::columns::{READ, number};
use crate::ledger::postgres::failure::Failure;
use crate::ledger::postgres::record;
use crate::ledger::postgres::session::Session;
use crate::ledger::postgres::value::Value;
use crate::ledger::row::Row;
use crate::ledger::scope::Scope;
use std::time::Duration;

/// Rows whose sender's lease has ended.
pub(in crate::ledger::postgres) async fn forgotten(
    on: &Session,
    scope: &Scope,
    most: usize,
) -> Result<Vec<Row>, Failure> {
    let condition =
        "environment = $1 AND shop = $2 AND lease_until <= now() ORDER BY lease_until, seq";
    readable_rows(on, condition, &scoped(scope, []), most).await
}

/// Rows about which the gateway is to be asked.
pub(in crate::ledger::postgres) async fn due(
    on: &Session,
    scope: &Scope,
    account: &str,
    most: usize,
) -> Result<Vec<Row>, Failure> {
    let condition = "environment = $1 AND shop = $2 AND account = $3 AND ask_after <= now() ORDER BY ask_after, seq";
    let values = scoped(scope, [Value::text(account)]);
    readable_rows(on, condition, &values, most).await
}

/// Takes the right to ask about a payment, where nobody else has written to its row.
pub(in crate::ledger::postgres) async fn claim_question(
    on: &Session,
    id: &PaymentId,
    version: u64,
    lease: Duration,
) -> Result<Option<Row>, Failure> {
    let statement = format!(
        "UPDATE {{schema}}.payments
         SET ask_after = now() + $3 * interval '1 microsecond', asked_at = now(), asks = asks + 1, version = version + 1
         WHERE id = $1 AND version = $2 RETURNING {READ}, now()"
    );
    let values = [
        Value::text(id.as_str()),
        Value::Number(number(version)),
        Value::micros(lease),
    ];
    let claimed = on.query_one(&statement, &values).await?;
    claimed.as_ref().map(record::read).transpose()
}
