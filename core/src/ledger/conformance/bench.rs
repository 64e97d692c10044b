//! The means with which the rules of the suite are written: a store, shops of their own, and payments.

use crate::error::ids::PaymentId;
use crate::ledger::contract::{Claimed, LedgerStore, Party, Replaced};
use crate::ledger::row::Row;
use crate::ledger::scope::{Order, Scope};
use crate::payment::Payment;
use crate::values::amount::AmountRules;
use crate::values::callback_url::CallbackUrl;
use crate::values::clock::EatTime;
use crate::values::entropy::SystemEntropy;
use crate::values::environment::Environment;
use crate::values::gateway_name::GatewayName;
use crate::values::push::{PushRules, StkPush};
use futures_util::future::BoxFuture;
use std::time::Duration;

/// Why a rule does not hold.
pub(super) type Broken = String;

/// One rule of the contract.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) run: for<'a> fn(Bench<'a>) -> BoxFuture<'a, Result<(), Broken>>,
}

/// A rule from an async function, named after it.
macro_rules! rule {
    ($name:ident) => {
        $crate::ledger::conformance::bench::Rule {
            name: stringify!($name),
            run: |bench| Box::pin($name(bench)),
        }
    };
}
pub(super) use rule;

/// Ends a rule as broken unless a condition holds.
macro_rules! demand {
    ($holds:expr, $($what:tt)+) => {
        if !$holds {
            return Err(format!($($what)+));
        }
    };
}
pub(super) use demand;

/// Longer than the suite runs.
pub(super) const LONG: Duration = Duration::from_secs(3_600);

/// The account of the suite's rows.
pub(super) const ACCOUNT: &str = "daraja:174379";

/// A store, and a shop that no other rule uses.
pub(super) struct Bench<'a> {
    pub(super) store: &'a dyn LedgerStore,
    pub(super) scope: Scope,
    pub(super) other_shop: Scope,
}

impl<'a> Bench<'a> {
    pub(super) fn new(store: &'a dyn LedgerStore) -> Self {
        // Without chance the id is the same each time, and the rules that need a new one say so.
        let name = new_id().map_or_else(|_| "shop".to_owned(), String::from);
        let shop = |name: &str| {
            Scope::new(Environment::Sandbox, name)
                .unwrap_or_else(|_| Scope::default_of(Environment::Sandbox))
        };
        Self {
            store,
            scope: shop(&name),
            other_shop: shop(&format!("{name}-other")),
        }
    }

    pub(super) fn party(&self) -> Party<'_> {
        Party {
            scope: &self.scope,
            account: ACCOUNT,
        }
    }

    /// Who has to leave the payments of [`Bench::party`] alone: another account, and another shop.
    pub(super) fn strangers(&self) -> [Party<'_>; 2] {
        [
            Party {
                scope: &self.scope,
                account: "daraja:600000",
            },
            Party {
                scope: &self.other_shop,
                account: ACCOUNT,
            },
        ]
    }

    /// A row that was not written: a payment that is being sent, and that would hold that order.
    pub(super) fn row(&self, order: &str) -> Result<Row, Broken> {
        let now = EatTime::from_unix_millis(1_790_000_000_000);
        let payment = sending(now)?;
        let order = Order::parse(order).map_err(|error| error.to_string())?;
        Ok(Row::new(
            payment,
            self.scope.clone(),
            ACCOUNT.to_owned(),
            Some(order),
            now,
        ))
    }

    /// A row that was claimed with a lease that is not over.
    pub(super) async fn claimed(&self, order: &str) -> Result<Row, Broken> {
        self.claim(&self.row(order)?).await
    }

    pub(super) async fn claim(&self, row: &Row) -> Result<Row, Broken> {
        match self.store.claim(row, None, LONG).await.map_err(failed)? {
            Claimed::Taken(row) => Ok(*row),
            Claimed::Held(_) => Err("a free order was not claimed".to_owned()),
        }
    }

    /// The row as the store has it.
    pub(super) async fn stored(&self, row: &Row) -> Result<Row, Broken> {
        let stored = self.store.load(row.id()).await.map_err(failed)?;
        stored.ok_or_else(|| "a row that was written is not found".to_owned())
    }

    /// Writes a row that was not written by anybody else.
    pub(super) async fn write(&self, row: &Row) -> Result<Row, Broken> {
        match self.store.replace(row).await.map_err(failed)? {
            Replaced::Written => self.stored(row).await,
            other => Err(format!("a fresh row was not written: {other:?}")),
        }
    }
}

/// What a command that failed says.
pub(super) fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> Broken {
    format!("a command failed: {error}")
}

pub(super) fn new_id() -> Result<PaymentId, Broken> {
    PaymentId::random(&SystemEntropy::new()).map_err(|error| error.to_string())
}

/// A receipt that no payment has.
pub(super) fn new_receipt() -> Result<String, Broken> {
    let id = String::from(new_id()?);
    Ok(id.get(..10).unwrap_or_default().to_uppercase())
}

/// A payment whose push is on its way.
fn sending(now: EatTime) -> Result<Payment, Broken> {
    let rules = PushRules {
        amount: AmountRules::default(),
        account_reference_characters: 12,
        most_reference_characters: 12,
        transaction_desc_characters: 13,
    };
    let url = CallbackUrl::parse("https://shop.example/pay/1", Environment::Sandbox);
    let push = url.and_then(|url| StkPush::new("0712345678", 150, "INV-001").check(&rules, url));
    let push = push.map_err(|error| error.to_string())?;
    let mut payment = Payment::reserve(new_id()?, GatewayName::Daraja, push, now);
    let begun = payment.begin_sending(now);
    begun.map_err(|error| error.to_string())?;
    Ok(payment)
}

/// The same payment, with other values of some fields of its JSON.
pub(super) fn with(
    payment: &Payment,
    fields: &[(&str, serde_json::Value)],
) -> Result<Payment, Broken> {
    let mut json: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&payment.to_json()).map_err(|error| error.to_string())?;
    for (name, value) in fields {
        json.insert((*name).to_owned(), value.clone());
    }
    let text = serde_json::Value::Object(json).to_string();
    Payment::from_json(&text).map_err(|error| error.to_string())
}

/// The same payment, paid with that receipt.
pub(super) fn paid(payment: &Payment, receipt: &str) -> Result<Payment, Broken> {
    with(
        payment,
        &[
            ("state", "settled".into()),
            ("outcome", "success".into()),
            ("receipt", receipt.into()),
            ("settled_at", "2026-11-22T10:00:00.000+03:00".into()),
        ],
    )
}

/// The field in which two rows differ, but for version and clock.
pub(super) fn difference(one: &Row, other: &Row) -> Option<&'static str> {
    let payments = one.payment.to_json() == other.payment.to_json();
    [
        ("payment", payments),
        ("seq", one.seq == other.seq),
        ("scope", one.scope == other.scope),
        ("account", one.account == other.account),
        ("order", one.order == other.order),
        ("holds_order", one.holds_order == other.holds_order),
        ("lease_until", one.lease_until == other.lease_until),
        ("ask_after", one.ask_after == other.ask_after),
        ("asked_at", one.asked_at == other.asked_at),
        ("asks", one.asks == other.asks),
        ("news", one.news == other.news),
        ("told", one.told == other.told),
        ("owed_after", one.owed_after == other.owed_after),
        ("attempts", one.attempts == other.attempts),
        ("trouble", one.trouble == other.trouble),
        ("released_at", one.released_at == other.released_at),
    ]
    .into_iter()
    .find_map(|(field, is_same)| (!is_same).then_some(field))
}
