//! The printed form of a ledger's payment.

use crate::output::Output;
use lipia::client::LedgerPayment;
use lipia::payment::PaymentState;
use lipia::values::Receipt;
use lipia::{Payment, PhoneNumber};
use serde_json::{Map, Value, json};

/// Whether phone numbers, and the ids that hold them, are shown whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Masked,
    Whole,
}

impl Shown {
    pub(crate) fn of(unmasked: bool) -> Self {
        if unmasked { Self::Whole } else { Self::Masked }
    }

    /// A phone number; nothing where it was deleted.
    pub(crate) fn phone(self, payment: &Payment) -> Option<String> {
        let phone: &PhoneNumber = &payment.push().phone_number;
        match self {
            _ if payment.is_pruned() => None,
            Self::Whole => Some(phone.as_str().to_owned()),
            Self::Masked => Some(phone.masked()),
        }
    }

    /// The id of a prompt, whose end is the phone number.
    fn prompt(self, id: &str) -> String {
        const BEFORE_THE_NUMBER: usize = 14;
        match self {
            Self::Whole => id.to_owned(),
            Self::Masked => {
                let kept: String = id.chars().take(BEFORE_THE_NUMBER).collect();
                format!("{kept}***")
            }
        }
    }
}

/// The members that every line about a payment of a ledger has.
pub(crate) fn members(payment: &LedgerPayment, shown: Shown) -> Map<String, Value> {
    of_payment(payment.payment(), payment.order(), shown)
}

/// The members of a payment, with the order that it has in its ledger.
pub(super) fn of_payment(
    payment: &Payment,
    order: Option<&str>,
    shown: Shown,
) -> Map<String, Value> {
    let outcome = payment.outcome();
    let push = payment.push();
    let flags: Vec<&str> = payment
        .flags()
        .iter()
        .map(|it| it.reason.as_str())
        .collect();
    let checkout_request_id = payment
        .checkout_request_id()
        .map(|id| shown.prompt(id.as_str()));
    let mut members = Map::new();
    for (name, value) in [
        ("payment_id", json!(payment.id())),
        ("order", json!(order)),
        ("gateway", json!(payment.gateway())),
        ("state", json!(payment.state())),
        ("outcome", json!(outcome)),
        ("final", json!(outcome.is_final())),
        ("paid", json!(payment.is_paid())),
        ("amount", json!(push.amount.get())),
        ("paid_amount", json!(payment.paid_amount())),
        ("phone", json!(shown.phone(payment))),
        ("reference", json!(push.account_reference.as_str())),
        ("receipt", json!(payment.receipt())),
        ("result_code", json!(payment.result_code())),
        ("checkout_request_id", json!(checkout_request_id)),
        ("reserved_at", json!(payment.reserved_at())),
        ("settled_at", json!(payment.settled_at())),
        ("order_free_at", json!(payment.order_free_at())),
        ("pruned", json!(payment.is_pruned())),
        ("flags", json!(flags)),
    ] {
        members.insert(name.to_owned(), value);
    }
    members
}

/// Prints a payment: a line of JSON, or a line of text.
pub(super) fn print(payment: &LedgerPayment, shown: Shown, output: Output) {
    if output.as_json {
        output.json(&members(payment, shown));
    } else {
        output.line(&in_a_line(payment, shown));
    }
}

/// What is said of a payment in a list.
pub(super) fn in_a_line(payment: &LedgerPayment, shown: Shown) -> String {
    let id = payment.id().as_str();
    let phone = shown.phone(payment.payment());
    format!(
        "{}  {:<12}  KES {:>6}  {:<12}  {:<16}  {:<10}  {}",
        id.get(..8).unwrap_or(id),
        standing(payment.payment()),
        payment.push().amount.get(),
        phone.as_deref().unwrap_or("(pruned)"),
        payment.order().unwrap_or("-"),
        payment.receipt().map_or("-", Receipt::as_str),
        payment.reserved_at(),
    )
}

/// How far a payment has come, in a word: its outcome once that is known.
pub(super) fn standing(payment: &Payment) -> &'static str {
    match payment.state() {
        PaymentState::Settled if payment.is_paid() => "paid",
        PaymentState::Settled => payment.outcome().as_str(),
        state => state.as_str(),
    }
}
