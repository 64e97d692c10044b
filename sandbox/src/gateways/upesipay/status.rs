//! The status endpoint, which answers with the outcome of a push in the form of the push's generation.

use std::sync::Arc;

use http::StatusCode;
use serde_json::json;

use super::UpesiPay;
use super::errors::UpesiPayError;
use super::generation::Generation;
use super::options::ReceiptField;
use super::state::{CHARGE, status};
use crate::engine::Engine;
use crate::records::payment::Payment;
use crate::scenarios::timeline::{FinishedPoll, finished_poll};
use crate::values::clock::seconds;
use crate::values::gateway::Gateway;
use crate::wire::answer::{Answer, PLAIN};
use crate::wire::request::Received;
use crate::wire::request::parameter;

pub(super) async fn answer(
    gateway: Arc<UpesiPay>,
    engine: Arc<Engine>,
    request: Received,
) -> Result<Answer, UpesiPayError> {
    let reference =
        parameter(&request.uri, "reference").ok_or(UpesiPayError::Invalid("reference"))?;
    let now = engine.clock.now();
    let hidden = seconds(gateway.options.status_404_seconds);
    let payment = engine.with(|world| {
        let checkout_id = world.checkout_id(&reference)?;
        let payment = world.payment_mut(&checkout_id)?;
        let is_found = answers_to(payment, gateway.name, &reference)
            && now >= payment.accepted_at.saturating_add(hidden);
        if is_found {
            payment.count_poll();
        }
        is_found.then(|| payment.clone())
    });
    let payment = payment.ok_or(UpesiPayError::NotFound)?;
    if payment.ending.is_some()
        && finished_poll(payment.scenario, payment.finished_polls) != FinishedPoll::Result
    {
        return Ok(Answer::text(StatusCode::INTERNAL_SERVER_ERROR, PLAIN, ""));
    }
    Ok(match Generation::of(&payment) {
        Generation::Second => second(&gateway, &engine, &payment),
        Generation::First => first(&engine, &payment),
    })
}

/// The first generation is asked with its own reference or the receipt, the second with M-Pesa's id.
fn answers_to(payment: &Payment, gateway: Gateway, reference: &str) -> bool {
    let is = |id: &Option<String>| id.as_deref() == Some(reference);
    payment.gateway == gateway
        && match Generation::of(payment) {
            Generation::Second => payment.checkout_request_id == reference,
            Generation::First => is(&payment.transaction_id) || is(&payment.receipt),
        }
}

fn first(engine: &Engine, payment: &Payment) -> Answer {
    let receipt = payment.receipt.as_deref().unwrap_or_default();
    Answer::json(
        StatusCode::OK,
        &json!({
            "transaction_date": engine.clock.utc_text(payment.accepted_at),
            "provider": "m-pesa",
            // The lookup worked; it says nothing about money.
            "success": true,
            "merchant": "Sandbox merchant",
            "payment_reference": payment.push.reference,
            "third_party_reference": receipt,
            "status": status(payment, Generation::First),
            "reference": payment.transaction_id,
            "CheckoutRequestID": payment.checkout_request_id,
            "provider_reference": receipt,
        }),
    )
}

fn second(gateway: &UpesiPay, engine: &Engine, payment: &Payment) -> Answer {
    let updated = payment.settled_at.unwrap_or(payment.accepted_at);
    let mut data = json!({
        "id": payment.transaction_id,
        "type": "collection",
        "status": status(payment, Generation::Second),
        "amount": payment.push.amount,
        "charge": CHARGE,
        "phone_number": payment.push.phone,
        "created_at": engine.clock.utc_text(payment.accepted_at),
        "updated_at": engine.clock.utc_text(updated),
    });
    let field = match gateway.options.receipt_field {
        ReceiptField::MpesaReceiptNumber => Some("mpesa_receipt_number"),
        ReceiptField::ReceiptNumber => Some("receipt_number"),
        ReceiptField::Id => Some("id"),
        ReceiptField::Nowhere => None,
    };
    if let (Some(field), Some(receipt), Some(members)) =
        (field, payment.receipt.as_deref(), data.as_object_mut())
    {
        members.insert(field.to_owned(), receipt.into());
    }
    Answer::json(StatusCode::OK, &json!({ "success": true, "data": data }))
}
