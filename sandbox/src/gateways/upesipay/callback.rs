//! The callback's body in both generations, and how UpesiPay delivers it.

use std::time::Duration;

use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::generation::Generation;
use super::options::UpesiPayOptions;
use super::state::ended;
use crate::engine::contract::Said;
use crate::records::payment::Payment;
use crate::scenarios::Ending;
use crate::scenarios::endings::{amount, masked, number_or_text, result};
use crate::scenarios::timeline::CallbackShape;
use crate::wire::answer::JSON;
use crate::wire::outgoing::{DeliveryPolicy, OutgoingCallback};

/// 200 to 204 acknowledges. When and how often the real one tries again is not known: this is invented.
const DELIVERY: DeliveryPolicy = DeliveryPolicy {
    timeout: Duration::from_secs(10),
    acknowledged_by: 200..=204,
    retry_after_seconds: &[10, 30, 60],
};

/// The callback of a payment, or None while there is nothing to say. A callback that claims a success which is none
/// carries the invented receipt.
pub(super) fn callback(
    options: &UpesiPayOptions,
    payment: &Payment,
    said: &Said,
) -> Option<OutgoingCallback> {
    let shape = said.shape;
    let ending = match shape {
        CallbackShape::Says(ending) => ending,
        _ => payment.ending?,
    };
    let receipt = (ending == Ending::Pay && shape != CallbackShape::WithoutMetadata)
        .then(|| payment.receipt.as_deref().unwrap_or(&said.invented_receipt));
    let body = match Generation::of(payment) {
        Generation::Second => second(payment, ending, receipt),
        Generation::First => first(options, payment, ending, shape, receipt),
    };
    Some(OutgoingCallback {
        policy: DELIVERY,
        url: payment.push.callback_url.clone(),
        headers: vec![(CONTENT_TYPE, HeaderValue::from_static(JSON))],
        body: serde_json::to_vec(&body).ok()?.into(),
    })
}

fn first(
    options: &UpesiPayOptions,
    payment: &Payment,
    ending: Ending,
    shape: CallbackShape,
    receipt: Option<&str>,
) -> Value {
    let paid = ending == Ending::Pay;
    let phone = match shape {
        CallbackShape::MaskedPhone => masked(&payment.push.phone),
        _ => payment.push.phone.clone(),
    };
    json!({
        "forward_url": "",
        "response": {
            "Amount": amount(payment.push.amount, shape),
            "CheckoutRequestID": payment.checkout_request_id,
            "ExternalReference": payment.push.reference,
            "MerchantRequestID": payment.merchant_request_id,
            "MpesaReceiptNumber": receipt.unwrap_or_default(),
            "Phone": format!("+{phone}"),
            "ResultCode": number_or_text(result(ending).code),
            "ResultDesc": result(ending).in_callback,
            "Status": if paid { "Success" } else { "Failed" },
        },
        "status": paid || options.outer_status_always_true,
    })
}

/// Four members, none of which tells amount, phone or code.
fn second(payment: &Payment, ending: Ending, receipt: Option<&str>) -> Value {
    json!({
        "merchant_request_id": payment.merchant_request_id,
        "checkout_request_id": payment.checkout_request_id,
        "reference_id": receipt,
        "status": ended(ending, Generation::Second),
    })
}
