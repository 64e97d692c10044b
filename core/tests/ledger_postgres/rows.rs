//! Rows for the tests.

use lipia::ledger::{Claimed, LedgerStore, Order, PostgresLedger, Row, Scope};
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
pub async fn claim(store: &PostgresLedger, order: &str) -> Result<(Row, bool), lipia::Error> {
    let given = row(payment(), order);
    match store.claim(&given, None, LEASE).await {
        Ok(Claimed::Taken(row)) => Ok((*row, true)),
        Ok(Claimed::Held(row)) => Ok((*row, false)),
        Err(error) => Err(*error.downcast().unwrap()),
    }
}
