//! The webhook's body, and how PalPluss delivers it.

use std::time::Duration;

use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde_json::json;

use super::TENANT_ID;
use super::state::{ended, state};
use crate::engine::contract::Said;
use crate::records::payment::Payment;
use crate::scenarios::endings::{amount, masked};
use crate::scenarios::timeline::CallbackShape;
use crate::values::clock::SandboxClock;
use crate::wire::answer::JSON;
use crate::wire::outgoing::{DeliveryPolicy, OutgoingCallback};

/// Any 2xx within 30 seconds acknowledges; otherwise there are five more tries.
const DELIVERY: DeliveryPolicy = DeliveryPolicy {
    timeout: Duration::from_secs(30),
    acknowledged_by: 200..=299,
    retry_after_seconds: &[10, 30, 60, 120, 300],
};

/// The webhook of a payment. One that claims a success which is none carries the invented receipt.
pub(super) fn webhook(
    clock: &SandboxClock,
    payment: &Payment,
    said: &Said,
) -> Option<OutgoingCallback> {
    let shape = said.shape;
    let state = match shape {
        CallbackShape::Says(ending) => ended(ending),
        _ => state(payment),
    };
    let push = &payment.push;
    let receipt = payment.receipt.as_deref().unwrap_or(&said.invented_receipt);
    let phone = match shape {
        CallbackShape::MaskedPhone => masked(&push.phone),
        _ => push.phone.clone(),
    };
    let mut body = json!({
        "event": "transaction.updated",
        "event_type": state.event_type,
        "transaction": {
            "id": payment.transaction_id,
            "tenant_id": TENANT_ID,
            "type": "STK",
            "status": state.status,
            "amount": amount(push.amount, shape),
            "currency": "KES",
            "phone_number": phone,
            "external_reference": (!push.reference.is_empty()).then_some(&push.reference),
            "provider": "m-pesa",
            "provider_request_id": payment.merchant_request_id,
            "provider_checkout_id": payment.checkout_request_id,
            "mpesa_receipt": (state.status == "SUCCESS").then_some(receipt),
            "result_code": state.result_code,
            "result_desc": state.result_desc,
            "transaction_fee": state.fee,
            "created_at": clock.utc_text(payment.accepted_at),
            "updated_at": clock.utc_text(said.settled_at),
        },
    });
    if shape == CallbackShape::WithoutMetadata {
        // As in the older documentation, which has no such member.
        let transaction = body.get_mut("transaction")?.as_object_mut()?;
        transaction.remove("mpesa_receipt");
    }
    Some(OutgoingCallback {
        policy: DELIVERY,
        url: push.callback_url.clone(),
        headers: vec![(CONTENT_TYPE, HeaderValue::from_static(JSON))],
        body: serde_json::to_vec(&body).ok()?.into(),
    })
}
