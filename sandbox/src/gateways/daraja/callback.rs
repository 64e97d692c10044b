//! The callback's headers and body.

use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;

use crate::engine::contract::Said;
use crate::records::payment::Payment;
use crate::scenarios::Ending;
use crate::scenarios::endings::{amount, masked, number_or_text, result};
use crate::scenarios::timeline::CallbackShape;
use crate::values::clock::year_first;
use crate::wire::outgoing::{DeliveryPolicy, OutgoingCallback};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'a> {
    body: Body<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    stk_callback: StkCallback<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct StkCallback<'a> {
    #[serde(rename = "MerchantRequestID")]
    merchant_request_id: &'a str,
    #[serde(rename = "CheckoutRequestID")]
    checkout_request_id: &'a str,
    result_code: Value,
    result_desc: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_metadata: Option<Metadata>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    item: Vec<Item>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
}

/// The callback of a payment, or None while there is nothing to say. A callback that claims a success which is none
/// carries the invented receipt.
pub(super) fn callback(
    payment: &Payment,
    said: &Said,
    settled: OffsetDateTime,
) -> Option<OutgoingCallback> {
    let shape = said.shape;
    let ending = match shape {
        CallbackShape::Says(ending) => ending,
        _ => payment.ending?,
    };
    let has_metadata = ending == Ending::Pay && shape != CallbackShape::WithoutMetadata;
    let receipt = payment.receipt.as_deref().unwrap_or(&said.invented_receipt);
    let row = result(ending);
    let envelope = Envelope {
        body: Body {
            stk_callback: StkCallback {
                merchant_request_id: &payment.merchant_request_id,
                checkout_request_id: &payment.checkout_request_id,
                result_code: number_or_text(row.code),
                result_desc: row.in_callback,
                callback_metadata: has_metadata.then(|| Metadata {
                    item: items(payment, shape, &year_first(settled), receipt),
                }),
            },
        },
    };
    Some(OutgoingCallback {
        policy: DeliveryPolicy::ONCE,
        url: payment.push.callback_url.clone(),
        headers: vec![
            (
                CONTENT_TYPE,
                HeaderValue::from_static("application/json;charset=UTF-8"),
            ),
            (
                HeaderName::from_static("businessshortcode"),
                HeaderValue::from_str(&payment.push.short_code).ok()?,
            ),
        ],
        body: serde_json::to_vec(&envelope).ok()?.into(),
    })
}

fn items(payment: &Payment, shape: CallbackShape, date: &str, receipt: &str) -> Vec<Item> {
    let item = |name, value| Item {
        name,
        value: Some(value),
    };
    let amount = amount(payment.push.amount, shape);
    let phone = match shape {
        CallbackShape::MaskedPhone => Value::from(masked(&payment.push.phone)),
        _ => number_or_text(&payment.push.phone),
    };
    let mut items = vec![
        item("Amount", amount),
        item("MpesaReceiptNumber", receipt.into()),
    ];
    if shape != CallbackShape::DecimalAmount {
        // The real one names the balance and does not tell it.
        items.push(Item {
            name: "Balance",
            value: None,
        });
    }
    items.push(item("TransactionDate", number_or_text(date)));
    items.push(item("PhoneNumber", phone));
    items
}
