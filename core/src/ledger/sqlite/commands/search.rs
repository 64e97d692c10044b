//! Searches: a statement for each set of filters, so that SQLite plans it by the filters that are there.

use super::lookups;
use crate::ledger::columns;
use crate::ledger::row::Row;
use crate::ledger::search::Search;
use crate::payment::PaymentState;
use crate::values::clock::EatTime;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

/// The condition for payments that may yet be paid, in the words of their index.
const OPEN: &str = "state <> 'settled' AND state <> 'reserved'";

/// The rows that a search finds, the newest first.
pub(in crate::ledger::sqlite) fn list(
    connection: &Connection,
    search: &Search,
    before: Option<u64>,
    most: usize,
    now: EatTime,
) -> Result<Vec<Row>, rusqlite::Error> {
    let filters = filters(search, before);
    let conditions: Vec<&str> = filters.iter().map(|(condition, _)| *condition).collect();
    let condition = format!("{} ORDER BY seq DESC", conditions.join(" AND "));
    let values = filters.into_iter().filter_map(|(_, value)| value);
    let values = params_from_iter(values);
    lookups::readable_rows(connection, &condition, values, most, now)
}

/// The conditions of a search, each with its value where it has one.
fn filters(search: &Search, before: Option<u64>) -> Vec<(&'static str, Option<Value>)> {
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let number = |number: i64| Some(Value::Integer(number));
    let phone = search.phone_number.as_ref();
    let prefix = search.id_prefix.as_deref();
    let order = search.order.as_ref();
    let optional = [
        search.state.map(|it| (of_state(it), text(it.as_str()))),
        search
            .receipt
            .as_deref()
            .map(|it| ("receipt = ?", text(it))),
        phone.map(|it| ("phone = ?", text(it.as_str()))),
        search
            .reference
            .as_deref()
            .map(|it| ("reference = ?", text(it))),
        search
            .since
            .map(|it| ("reserved_at >= ?", number(it.unix_millis()))),
        prefix.map(|it| ("id >= ?", text(it))),
        // No character of an id comes after this one.
        prefix.map(|it| ("id < ?", text(&format!("{it}~")))),
        order.map(|it| ("order_name = ?", text(it.as_str()))),
        search.only_open.then_some((OPEN, None)),
        search.only_owed.then_some(("news > told", None)),
        before.map(|it| ("seq < ?", number(columns::number(it)))),
    ];
    let scope = [
        ("environment = ?", text(search.scope.environment())),
        ("shop = ?", text(search.scope.shop())),
    ];
    scope
        .into_iter()
        .chain(optional.into_iter().flatten())
        .collect()
}

/// The condition for a state. The index of open payments is only used where its own condition stands as it is written there.
fn of_state(state: PaymentState) -> &'static str {
    match state {
        PaymentState::Settled => "state = ?",
        _ => "state <> 'settled' AND state = ?",
    }
}
