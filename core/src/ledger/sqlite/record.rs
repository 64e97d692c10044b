//! Rows of a ledger as SQLite keeps them: which column holds what.

use crate::error::ids::{CheckoutRequestId, PaymentId, Receipt};
use crate::ledger::columns::{WRITTEN, count, number};
use crate::ledger::row::Row;
use crate::ledger::scope::{Order, Scope};
use crate::ledger::unreadable::log_unreadable;
use crate::payment::Payment;
use crate::values::clock::EatTime;
use crate::values::environment::Environment;
use rusqlite::types::{Type, Value};
use serde::de::IgnoredAny;
use std::collections::BTreeMap;

/// A row that is on its way into the file.
pub(super) struct Record {
    pub(super) row: Row,
    json: String,
}

impl Record {
    pub(super) fn of(row: &Row) -> Self {
        Self {
            row: row.clone(),
            json: row.payment.to_json(),
        }
    }

    /// The order that the row would hold.
    pub(super) fn held_order(&self) -> Option<&Order> {
        self.row.order.as_ref().filter(|_| self.row.holds_order)
    }

    /// Takes over members of the stored payment's JSON that this version does not know: a later version wrote them, and both
    /// versions use the ledger side by side.
    pub(super) fn keep_unknown_members(&mut self, stored: &str) {
        if let Some(json) = with_unknown_members(stored, &self.json) {
            self.json = json;
        }
    }

    /// The values of the columns in [`WRITTEN`].
    pub(super) fn values(self) -> [Value; WRITTEN.len()] {
        let Row { payment, scope, .. } = &self.row;
        let push = payment.push();
        let row = &self.row;
        [
            text(scope.environment()),
            text(scope.shop()),
            text(&row.account),
            optional(row.order.as_ref().map(Order::as_str)),
            flag(row.holds_order),
            text(payment.gateway().as_str()),
            text(payment.state().as_str()),
            text(payment.outcome().as_str()),
            flag(payment.is_paid()),
            Value::Integer(i64::from(push.amount.get())),
            text(push.phone_number.as_str()),
            text(push.account_reference.as_str()),
            optional(payment.checkout_request_id().map(CheckoutRequestId::as_str)),
            optional(payment.receipt().map(Receipt::as_str)),
            time(payment.reserved_at()),
            optional_time(payment.settled_at()),
            optional_time(row.lease_until),
            optional_time(row.ask_after),
            optional_time(row.asked_at),
            Value::Integer(i64::from(row.asks)),
            Value::Integer(number(row.news)),
            Value::Integer(number(row.told)),
            time(row.owed_after),
            Value::Integer(i64::from(row.attempts)),
            optional(row.trouble.as_deref()),
            optional_time(row.released_at),
            text(row.id().as_str()),
            Value::Text(self.json),
        ]
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn optional(text: Option<&str>) -> Value {
    text.map_or(Value::Null, self::text)
}

fn flag(flag: bool) -> Value {
    Value::Integer(i64::from(flag))
}

fn time(time: EatTime) -> Value {
    Value::Integer(time.unix_millis())
}

fn optional_time(time: Option<EatTime>) -> Value {
    time.map_or(Value::Null, self::time)
}

/// The row in the columns of [`READ`](crate::ledger::columns::READ).
///
/// # Errors
/// What cannot be read, as a failed conversion of its column.
pub(super) fn read(row: &rusqlite::Row<'_>, now: EatTime) -> Result<Row, rusqlite::Error> {
    let environment: String = row.get(2)?;
    let shop: String = row.get(3)?;
    let environment: Environment = environment.parse().map_err(unreadable(2))?;
    let order: Option<String> = row.get(5)?;
    let order = order.as_deref().map(Order::parse).transpose();
    let payment: String = row.get(17)?;
    Ok(Row {
        seq: count(row.get(0)?),
        version: count(row.get(1)?),
        payment: Payment::from_json(&payment).map_err(unreadable(17))?,
        scope: Scope::new(environment, &shop).map_err(unreadable(3))?,
        account: row.get(4)?,
        order: order.map_err(unreadable(5))?,
        holds_order: row.get(6)?,
        lease_until: read_time(row, 7)?,
        ask_after: read_time(row, 8)?,
        asked_at: read_time(row, 9)?,
        asks: row.get(10)?,
        news: count(row.get(11)?),
        told: count(row.get(12)?),
        owed_after: EatTime::from_unix_millis(row.get(13)?),
        attempts: row.get(14)?,
        trouble: row.get(15)?,
        released_at: read_time(row, 16)?,
        read_at: now,
    })
}

/// The row in the columns of [`READ`](crate::ledger::columns::READ); `None` where this version cannot read it, which is logged. For queries that lose nothing
/// by that: one bad row must not keep the others from being asked about and told.
///
/// # Errors
/// Every other failure.
pub(super) fn read_or_skip(
    row: &rusqlite::Row<'_>,
    now: EatTime,
) -> Result<Option<Row>, rusqlite::Error> {
    match read(row, now) {
        Ok(read) => Ok(Some(read)),
        Err(failure) if is_of_a_value(&failure) => {
            log_unreadable(count(row.get(0)?), count(row.get(1)?), &failure);
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

/// Whether a value was read that fits no row of this version, as opposed to nothing being read.
fn is_of_a_value(failure: &rusqlite::Error) -> bool {
    matches!(
        failure,
        rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
    )
}

fn read_time(row: &rusqlite::Row<'_>, column: usize) -> Result<Option<EatTime>, rusqlite::Error> {
    let millis: Option<i64> = row.get(column)?;
    Ok(millis.map(EatTime::from_unix_millis))
}

/// The payment's id in a column.
pub(super) fn read_id(
    row: &rusqlite::Row<'_>,
    column: usize,
) -> Result<PaymentId, rusqlite::Error> {
    let id: String = row.get(column)?;
    id.parse().map_err(unreadable(column))
}

/// A count in a column.
pub(super) fn read_count(row: &rusqlite::Row<'_>, column: usize) -> Result<u64, rusqlite::Error> {
    row.get(column).map(count)
}

fn unreadable(column: usize) -> impl FnOnce(crate::error::Error) -> rusqlite::Error {
    move |error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}

/// The written JSON with the members of the stored one that it lacks; `None` where it lacks none. Only the members of the
/// outermost object are compared.
fn with_unknown_members(stored: &str, written: &str) -> Option<String> {
    let names = |json| serde_json::from_str::<BTreeMap<String, IgnoredAny>>(json).ok();
    let known = names(written)?;
    if names(stored)?.keys().all(|name| known.contains_key(name)) {
        return None;
    }
    let members = |json| serde_json::from_str::<serde_json::Map<_, serde_json::Value>>(json).ok();
    let mut merged = members(written)?;
    for (name, value) in members(stored)? {
        merged.entry(name).or_insert(value);
    }
    serde_json::to_string(&merged).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_a_later_version_stay_and_known_ones_are_overwritten() {
        let merged = with_unknown_members(r#"{"a":1,"later":{"b":[2]}}"#, r#"{"a":null,"c":3}"#);
        let merged: serde_json::Value = serde_json::from_str(&merged.unwrap()).unwrap();
        assert_eq!(
            merged,
            serde_json::json!({"a": null, "c": 3, "later": {"b": [2]}})
        );
        assert_eq!(with_unknown_members(r#"{"a":1}"#, r#"{"a":2}"#), None);
    }
}
