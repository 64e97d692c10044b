//! The payments that a person looks for: by how they stand, and by a text that may be a receipt, a phone number, an order, a
//! reference or a payment's id.

use super::super::list::written_as_mpesa_does;
use super::answer::{Answered, Refused};
use super::view;
use axum::http::StatusCode;
use lipia::PhoneNumber;
use lipia::client::{Ledger, LedgerPayment};
use lipia::ledger::{Order, Search};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashSet;

/// How many payments stand on a page of a list.
const SHOWN: usize = 50;

/// How many payments are read at once, and how often, for a list that no index has. What is found by then is shown, and the
/// person may look further.
const READ: usize = 250;
const READS: usize = 20;

/// The fewest digits of an id that are looked for.
const MIN_ID_DIGITS: usize = 8;

/// Which payments.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    #[default]
    All,
    Open,
    Paid,
    Flagged,
    /// Those of which the shop has yet to be told.
    Owed,
}

impl Kind {
    /// Whether a payment that a search has found is one of them.
    fn holds(self, payment: &LedgerPayment) -> bool {
        match self {
            Self::Paid => payment.is_paid(),
            Self::Flagged => !payment.flags().is_empty(),
            Self::All | Self::Open | Self::Owed => true,
        }
    }

    /// Whether the ledger itself finds them.
    fn is_searched(self) -> bool {
        !matches!(self, Self::Paid | Self::Flagged)
    }
}

/// What a request asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Asked {
    kind: Kind,
    text: String,
    /// Where to go on: `next` of the answer before, which is the number of a reading and the page within it.
    after: Option<String>,
}

/// Payments that were found, and where to go on.
struct Found {
    payments: Vec<LedgerPayment>,
    next: Option<u64>,
}

pub(super) async fn find(ledger: &Ledger, asked: Asked) -> Answered {
    let mut searches = readings(asked.text.trim(), &Search::of(ledger.scope().clone()));
    for search in &mut searches {
        search.only_open = asked.kind == Kind::Open;
        search.only_owed = asked.kind == Kind::Owed;
    }
    let (first, page) = match &asked.after {
        None => (0, None),
        Some(after) => place_of(after).ok_or_else(|| {
            let what = "The list cannot go on from there.";
            Refused::new(StatusCode::BAD_REQUEST, what, "Load the page again.")
        })?,
    };
    let mut payments = Vec::new();
    let mut next = None;
    let mut known = HashSet::new();
    for (number, search) in searches.iter().enumerate().skip(first) {
        let page = page.filter(|_| number == first);
        let found = scan(ledger, search, asked.kind, page).await?;
        let new = found.payments.into_iter();
        payments.extend(new.filter(|it| known.insert(it.id().clone())));
        if let Some(page) = found.next {
            // The readings behind this one follow once it is through.
            next = Some(format!("{number}-{page}"));
            break;
        }
    }
    payments.sort_by_key(|payment| std::cmp::Reverse(payment.reserved_at()));
    let payments: Vec<Value> = payments.iter().map(view::in_a_list).collect();
    Ok(json!({ "payments": payments, "next": next }))
}

/// A page of a search: at least as many payments as a page shows, where there are so many and the reads suffice.
async fn scan(
    ledger: &Ledger,
    search: &Search,
    kind: Kind,
    mut page: Option<u64>,
) -> Result<Found, Refused> {
    let most = if kind.is_searched() { SHOWN } else { READ };
    let mut payments = Vec::new();
    for _ in 0..READS {
        let read = ledger.search(search, page, most).await?;
        payments.extend(read.payments.into_iter().filter(|it| kind.holds(it)));
        page = read.next;
        if page.is_none() || payments.len() >= SHOWN {
            break;
        }
    }
    Ok(Found {
        payments,
        next: page,
    })
}

/// The searches for a text: one for each thing that it may be. No text is all payments.
fn readings(text: &str, all: &Search) -> Vec<Search> {
    if text.is_empty() {
        return vec![all.clone()];
    }
    let mut searches = Vec::new();
    let mut add = |change: &dyn Fn(&mut Search)| {
        let mut search = all.clone();
        change(&mut search);
        searches.push(search);
    };
    if let Ok(phone) = PhoneNumber::parse(text) {
        add(&|search| search.phone_number = Some(phone.clone()));
    }
    if text.chars().all(|it| it.is_ascii_alphanumeric()) {
        add(&|search| search.receipt = Some(written_as_mpesa_does(text)));
    }
    let is_of_id = |it: char| it.is_ascii_hexdigit() || it == '-';
    if text.len() >= MIN_ID_DIGITS && text.chars().all(is_of_id) {
        add(&|search| search.id_prefix = Some(text.to_ascii_lowercase()));
    }
    if let Ok(order) = Order::parse(text) {
        add(&|search| search.order = Some(order.clone()));
    }
    add(&|search| search.reference = Some(text.to_owned()));
    searches
}

fn place_of(after: &str) -> Option<(usize, Option<u64>)> {
    let (reading, page) = after.split_once('-')?;
    Some((reading.parse().ok()?, Some(page.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::{place_of, readings};
    use lipia::ledger::{Scope, Search};
    use lipia::values::Environment;

    fn names(text: &str) -> Vec<&'static str> {
        let all = Search::of(Scope::default_of(Environment::Sandbox));
        let searches = readings(text, &all);
        let name = |search: &Search| match search {
            _ if search.phone_number.is_some() => "phone",
            _ if search.receipt.is_some() => "receipt",
            _ if search.id_prefix.is_some() => "id",
            _ if search.order.is_some() => "order",
            _ if search.reference.is_some() => "reference",
            _ => "all",
        };
        searches.iter().map(name).collect()
    }

    #[test]
    fn a_text_is_read_as_all_that_it_may_be() {
        for (text, wanted) in [
            ("", &["all"][..]),
            ("0712 345 678", &["phone", "order", "reference"]),
            (
                "0712345678",
                &["phone", "receipt", "id", "order", "reference"],
            ),
            ("SKL1234567", &["receipt", "order", "reference"]),
            ("0c51c758", &["receipt", "id", "order", "reference"]),
            ("0c51", &["receipt", "order", "reference"]),
            ("order-17", &["order", "reference"]),
        ] {
            assert_eq!(names(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn a_list_goes_on_where_it_ended() {
        assert_eq!(place_of("2-4200"), Some((2, Some(4200))));
        for wrong in ["", "2", "2-", "-1", "x-1", "1-x"] {
            assert_eq!(place_of(wrong), None, "{wrong}");
        }
    }
}
