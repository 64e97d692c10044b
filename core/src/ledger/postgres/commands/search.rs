//! Searches: a statement for each set of filters, so that PostgreSQL plans it by the filters that are there.

use super::lookups;
use crate::ledger::columns::number;
use crate::ledger::postgres::failure::Failure;
use crate::ledger::postgres::session::Session;
use crate::ledger::postgres::value::Value;
use crate::ledger::row::Row;
use crate::ledger::search::Search;
use crate::payment::PaymentState;

/// The rows that a search finds, the newest first.
pub(in crate::ledger::postgres) async fn list(
    on: &Session,
    search: &Search,
    before: Option<u64>,
    most: usize,
) -> Result<Vec<Row>, Failure> {
    let (conditions, values): (Vec<String>, Vec<Value>) = filters(search, before)
        .into_iter()
        .zip(1..)
        .map(|((condition, value), place)| (format!("{condition} ${place}"), value))
        .unzip();
    let condition = format!("{} ORDER BY seq DESC", conditions.join(" AND "));
    lookups::readable_rows(on, &condition, &values, most).await
}

/// The conditions of a search, each with the value that follows it.
fn filters(search: &Search, before: Option<u64>) -> Vec<(&'static str, Value)> {
    let phone = search.phone_number.as_ref();
    let prefix = search.id_prefix.as_deref();
    let optional = [
        search
            .state
            .map(|it| (of_state(it), Value::text(it.as_str()))),
        search
            .receipt
            .as_deref()
            .map(|it| ("receipt =", Value::text(it))),
        phone.map(|it| ("phone =", Value::text(it.as_str()))),
        search
            .reference
            .as_deref()
            .map(|it| ("reference =", Value::text(it))),
        search.since.map(|it| ("reserved_at >=", Value::time(it))),
        prefix.map(|it| ("id >=", Value::text(it))),
        // No character of an id comes after this one.
        prefix.map(|it| ("id <", Value::text(&format!("{it}~")))),
        before.map(|it| ("seq <", Value::Number(number(it)))),
    ];
    let scope = [
        ("environment =", Value::text(search.scope.environment())),
        ("shop =", Value::text(search.scope.shop())),
    ];
    scope
        .into_iter()
        .chain(optional.into_iter().flatten())
        .collect()
}

/// The condition for a state. The index of open payments is only used where its own condition stands as it is written there.
fn of_state(state: PaymentState) -> &'static str {
    match state {
        PaymentState::Settled => "state =",
        _ => "state <> 'settled' AND state =",
    }
}
