//! Rows as a shop's process writes them.

use crate::Trouble;
use lipia::ledger::{Claimed, LedgerStore, Order, Row, Scope};
use lipia::values::{EatTime, Environment};
use lipia::{Client, Daraja, Payment, StkPush};
use lipia_sandbox::{CONSUMER_KEY, CONSUMER_SECRET, PASS_KEY, SHORT_CODE};
use std::time::Duration;

pub const LEASE: Duration = Duration::from_secs(45);

pub fn scope() -> Scope {
    Scope::default_of(Environment::Sandbox)
}

/// Makes payments.
#[derive(Clone)]
pub struct Till(Client);

impl Till {
    pub fn new() -> Result<Self, Trouble> {
        let builder = Daraja::builder()
            .consumer_key(CONSUMER_KEY)
            .consumer_secret(CONSUMER_SECRET)
            .short_code(SHORT_CODE)
            .pass_key(PASS_KEY)
            .callback_url("https://shop.example/pay");
        Ok(Self(builder.build()?))
    }

    /// A row that would hold that order.
    pub fn row(&self, number: u64) -> Result<Row, Trouble> {
        let phone = format!("2547{:08}", number % 100_000_000);
        let push = StkPush::new(phone, 150, format!("S{:07}", number % 10_000_000));
        let now = EatTime::from_unix_millis(0);
        Ok(Row {
            seq: 0,
            version: 0,
            payment: self.0.reserve(push)?.snapshot(),
            scope: scope(),
            account: "daraja:174379".to_owned(),
            order: Some(Order::parse(&format!("order {number}"))?),
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
        })
    }
}

/// Claims a row's order.
pub async fn claim(store: &dyn LedgerStore, row: &Row) -> Result<Row, Trouble> {
    match store.claim(row, None, LEASE).await? {
        Claimed::Taken(row) => Ok(*row),
        Claimed::Held(_) => Err("an order is claimed twice".into()),
    }
}

/// The row once it is paid, with its news.
pub fn paid(row: &Row) -> Result<Row, Trouble> {
    let mut json: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&row.payment.to_json())?;
    let receipt: String = row.id().as_str().chars().take(10).collect();
    for (name, value) in [
        ("state", "settled"),
        ("outcome", "success"),
        ("receipt", receipt.to_uppercase().as_str()),
        ("settled_at", "2026-11-22T10:00:00.000+03:00"),
    ] {
        json.insert(name.to_owned(), value.into());
    }
    Ok(Row {
        payment: Payment::from_json(&serde_json::Value::Object(json).to_string())?,
        lease_until: None,
        news: row.news + 1,
        ..row.clone()
    })
}
