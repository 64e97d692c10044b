//! Daraja's callback: `Body.stkCallback`, read by name.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::error::ids::CheckoutRequestId;
use crate::gateway::reading;
use crate::gateway::reading::Field;
use crate::json;
use crate::json::Json;
use crate::meaning::event::Event;
use crate::meaning::event::warning::EventWarning;
use crate::meaning::result_codes;
use crate::values::clock::DateZone;
use crate::values::gateway_name::GatewayName;

const AMOUNT: &str = "Amount";
const RECEIPT: &str = "MpesaReceiptNumber";
const DATE: &str = "TransactionDate";
const PHONE: &str = "PhoneNumber";

/// Whether an object can be a callback of Daraja's, by the member at its top.
pub(crate) fn recognises(json: &Json<'_>) -> bool {
    json.get("Body").is_some()
}

/// What a body that was posted to a callback URL says.
///
/// # Errors
/// [`InvalidCallback`](crate::ErrorKind::InvalidCallback) with one of the codes `too_large` (over 64 KiB), `invalid_utf8`, `empty_body`,
/// `too_deep`, `duplicate_key`, `invalid_json`, `not_an_object`, `missing_body`, `missing_stk_callback`,
/// `bad_checkout_request_id` and `bad_result_code`.
pub(crate) fn parse_callback(body: &[u8]) -> Result<Event, Error> {
    let json = json::read(body, json::MAX_BYTES).map_err(reading::not_readable)?;
    event_of(&json, body)
}

/// The same for a body that was read already: `json` is what it says.
pub(crate) fn event_of(json: &Json<'_>, body: &[u8]) -> Result<Event, Error> {
    let callback = stk_callback(json)?;
    let checkout_request_id = callback
        .checkout_request_id()
        .ok_or_else(bad_checkout_request_id)?;
    let result_code = callback
        .get("ResultCode")
        .and_then(reading::result_code)
        .ok_or_else(|| bad_result_code(&checkout_request_id))?;

    let meaning = result_codes::describe(&result_code);
    let mut event = Event::new(GatewayName::Daraja, meaning.outcome, body, metadata_value);
    event.is_final = meaning.is_final;
    event.result_code = Some(result_code.into_owned());
    event.result_desc = reading::words(callback.text("ResultDesc"));
    event.checkout_request_id = Some(checkout_request_id);
    event.merchant_request_id = callback
        .merchant_request_id()
        .filter(|id| !id.as_str().trim().is_empty());
    if event.merchant_request_id.is_none() {
        event.warnings.push(EventWarning::MerchantRequestIdMissing);
    }
    match (metadata_items(callback), event.is_success()) {
        ([], true) => event.warnings.push(EventWarning::MetadataMissing),
        (items, true) => read_metadata(&mut event, items),
        ([], false) => {}
        (_, false) => event.warnings.push(EventWarning::MetadataOnFailure),
    }
    event.check_completeness();
    Ok(event)
}

fn stk_callback<'j>(json: &'j Json<'j>) -> Result<&'j Json<'j>, Error> {
    if !matches!(json, Json::Object(_)) {
        return Err(reading::not_an_object());
    }
    json.object("Body")
        .ok_or_else(missing_body)?
        .object("stkCallback")
        .ok_or_else(missing_stk_callback)
}

/// The items of the metadata: a list, or a single object that some forwarder unwrapped. None where there is
/// nothing of either kind.
fn metadata_items<'j>(callback: &'j Json<'j>) -> &'j [Json<'j>] {
    match callback
        .object("CallbackMetadata")
        .and_then(|metadata| metadata.get("Item"))
    {
        Some(Json::List(items)) => items,
        Some(item @ Json::Object(_)) => std::slice::from_ref(item),
        _ => &[],
    }
}

fn read_metadata(event: &mut Event, items: &[Json<'_>]) {
    let (mut receipt, mut amount) = (Field::new(), Field::new());
    let (mut phone, mut date) = (Field::new(), Field::new());
    let mut has_junk = false;
    for item in items {
        let Some(name) = item.text("Name") else {
            has_junk = true;
            continue;
        };
        let Some(value) = item.get("Value") else {
            continue;
        };
        match name {
            RECEIPT => receipt.take(value, reading::receipt),
            AMOUNT => amount.take(value, reading::amount),
            PHONE => phone.take(value, reading::phone),
            DATE => date.take(value, |json| reading::date(json, DateZone::EastAfrica)),
            _ => {}
        }
    }
    let warnings = &mut event.warnings;
    if has_junk {
        warnings.push(EventWarning::MetadataJunkItems);
    }
    (event.receipt, _) = receipt.settle(
        EventWarning::ReceiptMissing,
        EventWarning::ReceiptConflict,
        warnings,
    );
    (event.amount, _) = amount.settle(
        EventWarning::AmountMissing,
        EventWarning::AmountConflict,
        warnings,
    );
    let (phone, phone_json) = phone.settle(
        EventWarning::PhoneMissing,
        EventWarning::PhoneConflict,
        warnings,
    );
    event.phone = phone;
    event.phone_raw = phone_json
        .and_then(Json::as_text_or_number)
        .map(str::to_owned);
    (event.date, _) = date.settle(
        EventWarning::DateMissing,
        EventWarning::DateConflict,
        warnings,
    );
}

/// One value of the metadata, as it is written; `None` where two of that name differ.
fn metadata_value(body: &[u8], name: &str) -> Option<String> {
    let json = json::read(body, json::MAX_BYTES).ok()?;
    let mut values = metadata_items(stk_callback(&json).ok()?)
        .iter()
        .filter(|item| item.text("Name") == Some(name))
        .filter_map(|item| item.get("Value"))
        .filter(|value| !matches!(value, Json::Null));
    let first = values.next()?;
    if values.any(|other| other != first) {
        return None;
    }
    match first {
        Json::Bool(value) => Some(value.to_string()),
        other => other.as_text_or_number().map(str::to_owned),
    }
}

fn missing_body() -> Error {
    reading::refused(
        ErrorCode::MissingBody,
        "This is not a Daraja callback: it has no `Body` object.",
        "Pass the whole body, from the outermost brace; the answer to a query is not a callback.",
    )
}

fn missing_stk_callback() -> Error {
    reading::refused(
        ErrorCode::MissingStkCallback,
        "This is not a callback for an STK push: it has no `Body.stkCallback` object.",
        "Other products of Daraja have callbacks of their own; give each its own URL.",
    )
}

fn bad_checkout_request_id() -> Error {
    reading::refused(
        ErrorCode::BadCheckoutRequestId,
        "The callback's CheckoutRequestID is missing or has a form that no id has.",
        "Do not believe it: query the payments that are still open.",
    )
}

fn bad_result_code(checkout_request_id: &CheckoutRequestId) -> Error {
    reading::refused(
        ErrorCode::BadResultCode,
        "The callback's ResultCode is missing, or neither an integer nor a short token.",
        "Do not believe it either way: query the payment.",
    )
    .with_checkout_request_id(Some(checkout_request_id.clone()))
}

#[cfg(test)]
mod tests;
