//! The webhook's body, and how PalPluss delivers it.

use std::time::Duration;

use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde_json::json;

use super::TENANT_ID;
use super::state::{ended, state};
use crate::answer::JSON;
use crate::clock::SandboxClock;
use crate::delivery::{Manners, OutgoingCallback};
use crate::payment::Payment;
use crate::results::{amount, masked};
use crate::timeline::CallbackShape;

/// Any 2xx within 30 seconds acknowledges; otherwise there are five more tries.
const MANNERS: Manners = Manners {
    patience: Duration::from_secs(30),
    acknowledged_by: 200..=299,
    retry_after_seconds: &[10, 30, 60, 120, 300],
};

/// The webhook of a payment. One that claims a success which is none carries the invented receipt.
pub(crate) fn webhook(
    clock: &SandboxClock,
    payment: &Payment,
    shape: CallbackShape,
    settled: Duration,
    invented_receipt: &str,
) -> Option<OutgoingCallback> {
    let state = match shape {
        CallbackShape::Says(ending) => ended(ending),
        _ => state(payment),
    };
    let asked = &payment.asked;
    let receipt = payment.receipt.as_deref().unwrap_or(invented_receipt);
    let phone = match shape {
        CallbackShape::MaskedPhone => masked(&asked.phone),
        _ => asked.phone.clone(),
    };
    let mut body = json!({
        "event": "transaction.updated",
        "event_type": state.event_type,
        "transaction": {
            "id": payment.transaction_id,
            "tenant_id": TENANT_ID,
            "type": "STK",
            "status": state.status,
            "amount": amount(asked.amount, shape),
            "currency": "KES",
            "phone_number": phone,
            "external_reference": (!asked.reference.is_empty()).then_some(&asked.reference),
            "provider": "m-pesa",
            "provider_request_id": payment.merchant_request_id,
            "provider_checkout_id": payment.checkout_request_id,
            "mpesa_receipt": (state.status == "SUCCESS").then_some(receipt),
            "result_code": state.result_code,
            "result_desc": state.result_desc,
            "transaction_fee": state.fee,
            "created_at": clock.utc_text(payment.accepted_at),
            "updated_at": clock.utc_text(settled),
        },
    });
    if shape == CallbackShape::WithoutMetadata {
        // As in the older documentation, which has no such member.
        let transaction = body.get_mut("transaction")?.as_object_mut()?;
        transaction.remove("mpesa_receipt");
    }
    Some(OutgoingCallback {
        manners: MANNERS,
        url: asked.callback_url.clone(),
        headers: vec![(CONTENT_TYPE, HeaderValue::from_static(JSON))],
        body: serde_json::to_vec(&body).ok()?.into(),
    })
}
