//! Rows for the tests of the stores in SQL databases.

#![allow(
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

use lipia::ledger::{Claimed, LedgerStore, Order, Party, Replaced, Row, Scope, Search};
use lipia::values::{EatTime, Environment};
use lipia::{Client, Daraja, Payment, StkPush};
use lipia_sandbox::{CONSUMER_KEY, CONSUMER_SECRET, PASS_KEY, SHORT_CODE};
use std::sync::OnceLock;
use std::time::Duration;

pub const LEASE: Duration = Duration::from_secs(60);

pub fn scope() -> Scope {
    Scope::default_of(Environment::Sandbox)
}

pub fn payment() -> Payment {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    let client = CLIENT.get_or_init(|| {
        let builder = Daraja::builder()
            .consumer_key(CONSUMER_KEY)
            .consumer_secret(CONSUMER_SECRET)
            .short_code(SHORT_CODE)
            .pass_key(PASS_KEY)
            .environment("sandbox")
            .callback_url("https://shop.example/pay");
        builder.build().unwrap()
    });
    let payment = client.reserve(StkPush::new("0712345678", 150, "INV-001"));
    payment.unwrap().snapshot()
}

/// A row that was not written, which would hold that order.
pub fn row(payment: Payment, order: &str) -> Row {
    let now = EatTime::from_unix_millis(0);
    Row {
        seq: 0,
        version: 0,
        payment,
        scope: scope(),
        account: "daraja:174379".to_owned(),
        order: Some(Order::parse(order).unwrap()),
        holds_order: true,
        lease_until: None,
        ask_after: None,
        asked_at: None,
        asks: 0,
        news: 0,
        told: 0,
        owed_after: now,
        attempts: 0,
        trouble: None,
        released_at: None,
        read_at: now,
    }
}

/// Claims an order; the row that has it, and whether it is new.
pub async fn claim(store: &impl LedgerStore, order: &str) -> Result<(Row, bool), lipia::Error> {
    let given = row(payment(), order);
    match store.claim(&given, None, LEASE).await {
        Ok(Claimed::Taken(row)) => Ok((*row, true)),
        Ok(Claimed::Held(row)) => Ok((*row, false)),
        Err(error) => Err(*error.downcast().unwrap()),
    }
}

/// Claims the orders 16 and 17, which every list of the store has then: they are forgotten, due and owed.
pub async fn claim_two(store: &impl LedgerStore) -> Vec<Row> {
    let mut rows = Vec::new();
    for order in ["16", "17"] {
        let (row, _) = claim(store, order).await.unwrap();
        let past = EatTime::from_unix_millis(1);
        let owed = Row {
            lease_until: Some(past),
            ask_after: Some(past),
            news: 1,
            ..row
        };
        assert_eq!(store.replace(&owed).await.unwrap(), Replaced::Written);
        rows.push(owed);
    }
    rows
}

/// Demands that of the rows of [`claim_two`] the store finds the second one alone, now that the first cannot be read.
pub async fn finds_the_second_alone(store: &impl LedgerStore, rows: &[Row]) {
    let scope = scope();
    let party = Party {
        scope: &scope,
        account: &rows[0].account,
    };
    let orders = |rows: &[Row]| -> Vec<String> {
        let orders = rows.iter().filter_map(|row| row.order.as_ref());
        orders.map(ToString::to_string).collect()
    };
    // One row is asked for: the one that cannot be read comes first in every list, and takes no place.
    for (list, found) in [
        ("forgotten", store.forgotten(&scope, 1).await),
        ("due", store.due(party, 1).await),
        (
            "list",
            store.list(&Search::of(scope.clone()), None, 5).await,
        ),
    ] {
        assert_eq!(orders(&found.unwrap()), ["17"], "{list}");
    }
    let owed = store.owed(&scope, LEASE, 1).await.unwrap();
    assert_eq!(owed.len(), 1);
    assert_eq!(owed[0].row.id(), rows[1].id());

    // Its order is not free, and whether it is paid nobody can say.
    let order = Order::parse("16").unwrap();
    assert!(store.earlier(&scope, &order).await.is_err());
    assert!(store.load(rows[0].id()).await.is_err());
    assert!(claim(store, "16").await.is_err());
}
