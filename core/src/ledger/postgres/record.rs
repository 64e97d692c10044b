//! Rows of a ledger as PostgreSQL keeps them: which column holds what.

use super::failure::Failure;
use super::value::{Json, Value};
use crate::error::ids::{CheckoutRequestId, PaymentId, Receipt};
use crate::ledger::columns::{WRITTEN, count, number};
use crate::ledger::row::Row;
use crate::ledger::scope::{Order, Scope};
use crate::ledger::unreadable::log_unreadable;
use crate::payment::Payment;
use crate::values::clock::EatTime;
use crate::values::environment::Environment;
use time::OffsetDateTime;
use tokio_postgres::types::FromSql;

/// The values of the columns in [`WRITTEN`].
pub(super) fn values(row: &Row) -> [Value; WRITTEN.len()] {
    let Row { payment, scope, .. } = row;
    let push = payment.push();
    [
        Value::text(scope.environment()),
        Value::text(scope.shop()),
        Value::text(&row.account),
        Value::optional(row.order.as_ref().map(Order::as_str)),
        Value::Flag(row.holds_order),
        Value::text(payment.gateway().as_str()),
        Value::text(payment.state().as_str()),
        Value::text(payment.outcome().as_str()),
        Value::Flag(payment.is_paid()),
        Value::Number(i64::from(push.amount.get())),
        Value::text(push.phone_number.as_str()),
        Value::text(push.account_reference.as_str()),
        Value::optional(payment.checkout_request_id().map(CheckoutRequestId::as_str)),
        Value::optional(payment.receipt().map(Receipt::as_str)),
        Value::time(payment.reserved_at()),
        Value::optional_time(payment.settled_at()),
        Value::optional_time(row.lease_until),
        Value::optional_time(row.ask_after),
        Value::optional_time(row.asked_at),
        Value::Number(i64::from(row.asks)),
        Value::Number(number(row.news)),
        Value::Number(number(row.told)),
        Value::time(row.owed_after),
        Value::Number(i64::from(row.attempts)),
        Value::optional(row.trouble.as_deref()),
        Value::optional_time(row.released_at),
        Value::text(row.id().as_str()),
        Value::json(&payment.to_json()),
    ]
}

/// The places of [`values`] in a statement, `first` and those that follow it; JSON travels as text.
pub(super) fn places(first: usize) -> impl Iterator<Item = (&'static str, String)> {
    WRITTEN.iter().zip(first..).map(|(column, place)| {
        let cast = if *column == "payment" {
            "::text::jsonb"
        } else {
            ""
        };
        (*column, format!("${place}{cast}"))
    })
}

/// The row in the columns of [`READ`](crate::ledger::columns::READ), which `now()` follows.
///
/// # Errors
/// What cannot be read, as a failed conversion of its column.
pub(super) fn read(row: &tokio_postgres::Row) -> Result<Row, Failure> {
    let environment: &str = cell(row, 2)?;
    let environment: Environment = environment.parse().map_err(Failure::unreadable)?;
    let shop: &str = cell(row, 3)?;
    let order: Option<&str> = cell(row, 5)?;
    let order = order.map(Order::parse).transpose();
    let Json(payment) = cell(row, 17)?;
    Ok(Row {
        seq: count(cell(row, 0)?),
        version: count(cell(row, 1)?),
        payment: Payment::from_json(payment).map_err(Failure::unreadable)?,
        scope: Scope::new(environment, shop).map_err(Failure::unreadable)?,
        account: cell(row, 4)?,
        order: order.map_err(Failure::unreadable)?,
        holds_order: cell(row, 6)?,
        lease_until: read_optional_time(row, 7)?,
        ask_after: read_optional_time(row, 8)?,
        asked_at: read_optional_time(row, 9)?,
        asks: small_count(row, 10)?,
        news: count(cell(row, 11)?),
        told: count(cell(row, 12)?),
        owed_after: read_time(row, 13)?,
        attempts: small_count(row, 14)?,
        trouble: cell(row, 15)?,
        released_at: read_optional_time(row, 16)?,
        read_at: read_time(row, 18)?,
    })
}

/// The row in the columns of [`READ`](crate::ledger::columns::READ); `None` where this version cannot read it, which is
/// logged. For queries that lose nothing by that: one bad row must not keep the others from being asked about and told.
///
/// # Errors
/// Every other failure.
pub(super) fn read_or_skip(row: &tokio_postgres::Row) -> Result<Option<Row>, Failure> {
    match read(row) {
        Ok(read) => Ok(Some(read)),
        Err(Failure::Unreadable(why)) => {
            log_unreadable(count(cell(row, 0)?), count(cell(row, 1)?), &why);
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

/// The value in a column.
pub(super) fn cell<'a, T: FromSql<'a>>(
    row: &'a tokio_postgres::Row,
    column: usize,
) -> Result<T, Failure> {
    row.try_get(column).map_err(Failure::unreadable)
}

fn small_count(row: &tokio_postgres::Row, column: usize) -> Result<u32, Failure> {
    u32::try_from(cell::<i64>(row, column)?).map_err(Failure::unreadable)
}

/// The time in a column.
pub(super) fn read_time(row: &tokio_postgres::Row, column: usize) -> Result<EatTime, Failure> {
    cell(row, column).map(time_of)
}

/// The time in a column that may have none.
pub(super) fn read_optional_time(
    row: &tokio_postgres::Row,
    column: usize,
) -> Result<Option<EatTime>, Failure> {
    let time: Option<OffsetDateTime> = cell(row, column)?;
    Ok(time.map(time_of))
}

/// A time of the database, to the millisecond before it.
fn time_of(time: OffsetDateTime) -> EatTime {
    let millis = time.unix_timestamp_nanos().div_euclid(1_000_000);
    EatTime::from_unix_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}

/// The payment's id in a column.
pub(super) fn read_id(row: &tokio_postgres::Row, column: usize) -> Result<PaymentId, Failure> {
    cell::<&str>(row, column)?
        .parse()
        .map_err(Failure::unreadable)
}
