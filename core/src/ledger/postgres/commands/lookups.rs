//! Look-ups that change nothing: a payment, the payments of an order, versions.

use super::{limit, scoped};
use crate::error::ids::PaymentId;
use crate::ledger::columns::{READ, count};
use crate::ledger::contract::Earlier;
use crate::ledger::postgres::failure::Failure;
use crate::ledger::postgres::record::{self, cell};
use crate::ledger::postgres::session::Session;
use crate::ledger::postgres::value::Value;
use crate::ledger::row::Row;
use crate::ledger::scope::{Order, Scope};

/// The rows that fit a condition. Fails where one of them cannot be read: that one may be the payment that holds an order.
async fn rows(on: &Session, condition: &str, values: &[Value]) -> Result<Vec<Row>, Failure> {
    let query = format!("SELECT {READ}, now() FROM {{schema}}.payments WHERE {condition}");
    let rows = on.query(&query, values).await?;
    rows.iter().map(record::read).collect()
}

/// The first `most` rows that fit a condition and that can be read.
pub(in crate::ledger::postgres) async fn readable_rows(
    on: &Session,
    condition: &str,
    values: &[Value],
    most: usize,
) -> Result<Vec<Row>, Failure> {
    let (of_limit, of_offset) = (values.len() + 1, values.len() + 2);
    let query = format!(
        "SELECT {READ}, now() FROM {{schema}}.payments WHERE {condition} LIMIT ${of_limit} OFFSET ${of_offset}"
    );
    let mut readable = Vec::new();
    let mut passed = 0;
    loop {
        let wanted = most.saturating_sub(readable.len());
        let mut values = values.to_vec();
        values.extend([limit(wanted), limit(passed)]);
        let found = on.query(&query, &values).await?;
        for row in &found {
            readable.extend(record::read_or_skip(row)?);
        }
        passed += found.len();
        // Rows that cannot be read take nobody's place.
        if found.len() < wanted || readable.len() >= most {
            return Ok(readable);
        }
    }
}

/// The row of a payment.
pub(in crate::ledger::postgres) async fn load(
    on: &Session,
    id: &PaymentId,
) -> Result<Option<Row>, Failure> {
    let rows = rows(on, "id = $1", &[Value::text(id.as_str())]).await?;
    Ok(rows.into_iter().next())
}

/// All payments of an order, the newest first.
pub(in crate::ledger::postgres) async fn earlier(
    on: &Session,
    scope: &Scope,
    order: &Order,
) -> Result<Earlier, Failure> {
    let values = scoped(scope, [Value::text(order.as_str())]);
    let condition = "environment = $1 AND shop = $2 AND order_name = $3 ORDER BY seq DESC";
    let rows = rows(on, condition, &values).await?;
    let now = match rows.first() {
        Some(row) => row.read_at,
        None => {
            let row = on.query_one("SELECT now()", &[]).await?;
            let row = row.ok_or_else(|| Failure::Unreadable("no time".into()))?;
            record::read_time(&row, 0)?
        }
    };
    Ok(Earlier { rows, now })
}

/// The row that holds an order.
pub(in crate::ledger::postgres) async fn holder(
    on: &Session,
    scope: &Scope,
    order: &Order,
) -> Result<Option<Row>, Failure> {
    let values = scoped(scope, [Value::text(order.as_str())]);
    let condition = "environment = $1 AND shop = $2 AND order_name = $3 AND holds_order";
    let rows = rows(on, condition, &values).await?;
    Ok(rows.into_iter().next())
}

/// The versions of those of these payments that have a row.
pub(in crate::ledger::postgres) async fn versions(
    on: &Session,
    ids: &[PaymentId],
) -> Result<Vec<(PaymentId, u64)>, Failure> {
    let ids = ids.iter().map(|id| id.as_str().to_owned()).collect();
    let query = "SELECT id, version FROM {schema}.payments WHERE id = ANY($1)";
    let rows = on.query(query, &[Value::Texts(ids)]).await?;
    let version = |row| Ok((record::read_id(row, 0)?, count(cell(row, 1)?)));
    rows.iter().map(version).collect()
}
