//! Callbacks of UpesiPay and PayHero: `response` in generation 1, flat in generation 2. Both are unsigned, and the outer
//! `status: true` of generation 1 proves nothing.

use super::wire;
use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::gateway::{flat, reading};
use crate::json;
use crate::json::Json;
use crate::meaning::event::Event;
use crate::meaning::event::warning::EventWarning;
use crate::meaning::result_codes;
use crate::values::gateway_name::GatewayName;

const CHECKOUT: [&str; 2] = ["checkout_request_id", "checkoutRequestId"];
const MERCHANT_REQUEST: [&str; 2] = ["merchant_request_id", "merchantRequestId"];
const REFERENCE_ID: [&str; 2] = ["reference_id", "referenceId"];
const EXTERNAL_REFERENCE: [&str; 2] = ["external_reference", "externalReference"];
const PHONE: [&str; 2] = ["phone_number", "phoneNumber"];

/// Whether an object can be a callback of UpesiPay's, by the members at its top.
pub(crate) fn recognises(json: &Json<'_>) -> bool {
    ["response", "forward_url"]
        .iter()
        .any(|name| json.get(name).is_some())
        || is_generation_two(json)
}

/// Whether an object is a callback of generation 2. Other vendors' bodies name a prompt in the same words, so the member
/// that only UpesiPay has must be there, or nothing that UpesiPay does not have.
fn is_generation_two(json: &Json<'_>) -> bool {
    let Json::Object(members) = json else {
        return false;
    };
    let own = [&REFERENCE_ID[..], &CHECKOUT, &MERCHANT_REQUEST];
    let shared = [&EXTERNAL_REFERENCE[..], &PHONE, &["status", "amount"]];
    let has = |names: &[&str]| {
        members
            .iter()
            .any(|(name, _)| names.contains(&name.as_ref()))
    };
    let knows = |name: &str| own.iter().chain(&shared).any(|names| names.contains(&name));
    own.iter().any(|names| has(names))
        && (has(&REFERENCE_ID) || members.iter().all(|(name, _)| knows(name)))
}

/// What a body that was posted to a callback URL says, in either generation.
///
/// # Errors
/// `InvalidCallback` with one of the codes of the strict reader, or `not_an_object`, `unrecognised_shape`,
/// `bad_checkout_request_id`, `bad_result_code` and `missing_status`.
pub(crate) fn parse_callback(gateway: GatewayName, body: &[u8]) -> Result<Event, Error> {
    let json = json::read(body, json::MAX_BYTES).map_err(reading::not_readable)?;
    event_of(gateway, &json, body)
}

/// The same for a body that was read already: `json` is what it says.
pub(crate) fn event_of(gateway: GatewayName, json: &Json<'_>, body: &[u8]) -> Result<Event, Error> {
    if !matches!(json, Json::Object(_)) {
        return Err(reading::not_an_object());
    }
    let mut event = match json.get("response") {
        Some(response @ Json::Object(_)) => generation_one(gateway, body, response)?,
        None if is_generation_two(json) => generation_two_event(gateway, body, json)?,
        _ => return Err(reading::unrecognised_shape()),
    };
    event.check_completeness();
    Ok(event)
}

fn generation_one(gateway: GatewayName, body: &[u8], response: &Json<'_>) -> Result<Event, Error> {
    let checkout_request_id = response
        .checkout_request_id()
        .ok_or_else(bad_checkout_request_id)?;
    let result_code = response
        .get("ResultCode")
        .and_then(reading::result_code)
        .ok_or_else(|| {
            bad_result_code().with_checkout_request_id(Some(checkout_request_id.clone()))
        })?;
    let meaning = result_codes::describe(&result_code);
    // The code decides. The word must not contradict it on the one thing that matters.
    let agrees = flat::get(response, &["Status"])
        .is_none_or(|word| says_success(word) == meaning.outcome.is_paid());
    let outcome = if agrees {
        meaning.outcome
    } else {
        crate::meaning::outcome::Outcome::Unknown
    };
    let mut event = Event::new(gateway, outcome, body, value);
    event.result_code = Some(result_code.into_owned());
    event.result_desc = reading::words(response.text("ResultDesc"));
    event.checkout_request_id = Some(checkout_request_id);
    event.merchant_request_id = flat::merchant_request_id(response, &["MerchantRequestID"]);
    event.reference = flat::text(response, &["ExternalReference"]);
    if event.merchant_request_id.is_none() {
        event.warnings.push(EventWarning::MerchantRequestIdMissing);
    }
    if !agrees {
        event.warnings.push(EventWarning::StatusCodeMismatch);
    }
    let names = Names {
        receipt: &["MpesaReceiptNumber"],
        amount: &["Amount"],
        phone: &["Phone"],
    };
    read_values(
        &mut event,
        response,
        &names,
        Some(EventWarning::PhoneMissing),
    );
    Ok(event)
}

fn says_success(word: &Json<'_>) -> bool {
    word.as_text()
        .is_some_and(|word| wire::outcome(word).is_paid())
}

/// Generation 2 says no more than what became of which prompt, and perhaps the receipt.
fn generation_two_event(
    gateway: GatewayName,
    body: &[u8],
    json: &Json<'_>,
) -> Result<Event, Error> {
    let checkout_request_id = flat::get(json, &CHECKOUT)
        .and_then(reading::checkout_request_id)
        .ok_or_else(bad_checkout_request_id)?;
    let status = flat::get(json, &["status"])
        .and_then(Json::as_text)
        .ok_or_else(|| {
            missing_status().with_checkout_request_id(Some(checkout_request_id.clone()))
        })?;
    let mut event = Event::new(gateway, wire::outcome(status), body, value);
    event.checkout_request_id = Some(checkout_request_id);
    event.merchant_request_id = flat::merchant_request_id(json, &MERCHANT_REQUEST);
    event.reference = flat::text(json, &EXTERNAL_REFERENCE);
    if event.merchant_request_id.is_none() {
        event.warnings.push(EventWarning::MerchantRequestIdMissing);
    }
    let names = Names {
        receipt: &REFERENCE_ID,
        amount: &["amount"],
        phone: &PHONE,
    };
    read_values(&mut event, json, &names, None);
    Ok(event)
}

/// What a generation calls the values of a payment.
struct Names<'a> {
    receipt: &'a [&'a str],
    amount: &'a [&'a str],
    phone: &'a [&'a str],
}

fn read_values(
    event: &mut Event,
    json: &Json<'_>,
    names: &Names<'_>,
    phone_missing: Option<EventWarning>,
) {
    let paid = event.is_success();
    let warnings = &mut event.warnings;
    if paid {
        (event.receipt, _) = flat::take(
            json,
            names.receipt,
            reading::receipt,
            Some(EventWarning::ReceiptMissing),
            EventWarning::ReceiptConflict,
            warnings,
        );
    }
    (event.amount, _) = flat::take(
        json,
        names.amount,
        reading::amount,
        paid.then_some(EventWarning::AmountMissing),
        EventWarning::AmountConflict,
        warnings,
    );
    let (phone, phone_json) = flat::take(
        json,
        names.phone,
        reading::phone,
        phone_missing.filter(|_| paid),
        EventWarning::PhoneConflict,
        warnings,
    );
    event.phone = phone;
    event.phone_raw = phone_json
        .and_then(Json::as_text_or_number)
        .map(str::to_owned);
}

/// One value of a success, as it is written.
fn value(body: &[u8], name: &str) -> Option<String> {
    let json = json::read(body, json::MAX_BYTES).ok()?;
    match json.object("response").unwrap_or(&json).get(name)? {
        Json::Bool(value) => Some(value.to_string()),
        other => other.as_text_or_number().map(str::to_owned),
    }
}

fn bad_checkout_request_id() -> Error {
    reading::refused(
        ErrorCode::BadCheckoutRequestId,
        "The callback's CheckoutRequestID is missing or has a form that no id has.",
        "Do not believe it: query the payments that are still open.",
    )
}

fn bad_result_code() -> Error {
    reading::refused(
        ErrorCode::BadResultCode,
        "The callback's ResultCode is missing, or neither an integer nor a short token.",
        "Do not believe it either way: query the payment.",
    )
}

fn missing_status() -> Error {
    reading::refused(
        ErrorCode::MissingStatus,
        "The callback has no `status`.",
        "Do not believe it either way: query the payment.",
    )
}
