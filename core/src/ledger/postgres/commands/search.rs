//! Searches: a statement for each set of filters, so that PostgreSQL plans it by the filters that are there.

use super::lookups;
use crate::ledger::columns::number;
use crate::ledger::postgres::failure::Failure;
use crate::ledger::postgres::session::Session;
use crate::ledger::postgres::value::Value;
use crate::ledger::row::Row;
use crate::ledger::search::Search;
use crate::payment::PaymentState;

/// The condition for payments that may yet be paid, in the words of their index.
pub(super) const OPEN: &str = "state <> 'settled' AND state <> 'reserved'";

/// The rows that a search finds, the newest first.
pub(in crate::ledger::postgres) async fn list(
    on: &Session,
    search: &Search,
    before: Option<u64>,
    most: usize,
) -> Result<Vec<Row>, Failure> {
    let mut values = Vec::new();
    let conditions: Vec<String> = filters(search, before)
        .into_iter()
        .map(|(condition, value)| match value {
            Some(value) => {
                values.push(value);
                format!("{condition} ${}", values.len())
            }
            None => condition.to_owned(),
        })
        .collect();
    let condition = format!("{} ORDER BY seq DESC", conditions.join(" AND "));
    lookups::readable_rows(on, &condition, &values, most).await
}

/// The conditions of a search, each with the value that follows it where there is one.
fn filters(search: &Search, before: Option<u64>) -> Vec<(&'static str, Option<Value>)> {
    let text = |text: &str| Some(Value::text(text));
    let order = search.order.as_ref();
    let phone = search.phone_number.as_ref();
    let prefix = search.id_prefix.as_deref();
    let optional = [
        search.state.map(|it| (of_state(it), text(it.as_str()))),
        search.receipt.as_deref().map(|it| ("receipt =", text(it))),
        phone.map(|it| ("phone =", text(it.as_str()))),
        search
            .reference
            .as_deref()
            .map(|it| ("reference =", text(it))),
        search
            .since
            .map(|it| ("reserved_at >=", Some(Value::time(it)))),
        prefix.map(|it| ("id >=", text(it))),
        // No character of an id comes after this one.
        prefix.map(|it| ("id <", text(&format!("{it}~")))),
        order.map(|it| ("order_name =", text(it.as_str()))),
        search.only_open.then_some((OPEN, None)),
        search.only_owed.then_some(("news > told", None)),
        before.map(|it| ("seq <", Some(Value::Number(number(it))))),
    ];
    let scope = [
        ("environment =", text(search.scope.environment())),
        ("shop =", text(search.scope.shop())),
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
