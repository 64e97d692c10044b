//! The printed form of a push's acceptance.

use crate::output::Output;
use lipia::values::{CheckoutRequestId, MerchantRequestId};
use lipia::{Acceptance, Payment};
use serde_json::{Map, Value, json};

/// The ids and the fee of an acceptance, for a line of JSON.
pub(crate) fn members(acceptance: &Acceptance) -> Map<String, Value> {
    let details: Option<Value> = acceptance
        .details
        .as_deref()
        .and_then(|details| serde_json::from_str(details).ok());
    let mut members = Map::new();
    for (name, value) in [
        ("gateway", json!(acceptance.gateway)),
        ("id", json!(acceptance.id())),
        ("transaction_id", json!(acceptance.transaction_id)),
        ("checkout_request_id", json!(acceptance.checkout_request_id)),
        ("merchant_request_id", json!(acceptance.merchant_request_id)),
        ("description", json!(acceptance.description)),
        ("customer_message", json!(acceptance.customer_message)),
        ("request_id", json!(acceptance.request_id)),
        ("fee", json!(acceptance.fee)),
        ("details", json!(details)),
    ] {
        members.insert(name.to_owned(), value);
    }
    members
}

/// Prints an acceptance as text.
pub(crate) fn print_text(acceptance: &Acceptance, payment: &Payment, output: Output) {
    let push = payment.push();
    output.line(&format!(
        "Accepted, not yet paid: KES {} from {} for {}.",
        push.amount.get(),
        push.phone_number.as_str(),
        push.account_reference.as_str()
    ));
    let own_id = format!("{} transaction", acceptance.gateway);
    let fee = acceptance.fee.map(|fee| format!("KES {fee}"));
    let prompt = acceptance.checkout_request_id.as_ref();
    let request = acceptance.merchant_request_id.as_ref();
    for (name, value) in [
        (own_id.as_str(), acceptance.transaction_id.as_deref()),
        ("CheckoutRequestID", prompt.map(CheckoutRequestId::as_str)),
        ("MerchantRequestID", request.map(MerchantRequestId::as_str)),
        ("Request", acceptance.request_id.as_deref()),
        ("Fee", fee.as_deref()),
    ] {
        if let Some(value) = value {
            output.line(&format!("  {name} {value}"));
        }
    }
}
