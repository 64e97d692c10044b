//! The conditions of a search, as SQL has them: a statement for each set of filters, so that a database plans it by the filters
//! that are there.

use crate::ledger::columns::number;
use crate::ledger::search::Search;
use crate::payment::PaymentState;
use crate::values::clock::EatTime;

/// The condition for payments that may yet be paid, in the words of their index.
pub(crate) const OPEN: &str = "state <> 'settled' AND state <> 'reserved'";

/// The value that a condition compares a column with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Compared {
    Text(String),
    Number(i64),
    Time(EatTime),
}

/// The conditions of a search for rows before a `seq`. A value stands behind its condition, where there is one.
pub(crate) fn conditions(
    search: &Search,
    before: Option<u64>,
) -> Vec<(&'static str, Option<Compared>)> {
    let text = |text: &str| Some(Compared::Text(text.to_owned()));
    let order = search.order.as_ref();
    let phone = search.phone_number.as_ref();
    let reference = search.reference.as_deref();
    let prefix = search.id_prefix.as_deref();
    let optional = [
        search.state.map(|it| (of_state(it), text(it.as_str()))),
        search.receipt.as_deref().map(|it| ("receipt =", text(it))),
        phone.map(|it| ("phone =", text(it.as_str()))),
        reference.map(|it| ("reference =", text(it))),
        search
            .since
            .map(|it| ("reserved_at >=", Some(Compared::Time(it)))),
        prefix.map(|it| ("id >=", text(it))),
        // No character of an id comes after this one.
        prefix.map(|it| ("id <", text(&format!("{it}~")))),
        order.map(|it| ("order_name =", text(it.as_str()))),
        search.only_open.then_some((OPEN, None)),
        search.only_owed.then_some(("news > told", None)),
        before.map(|it| ("seq <", Some(Compared::Number(number(it))))),
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
