//! UpesiPay's callbacks: `response` in generation 1, flat in generation 2. Both are unsigned, and the outer
//! `status: true` of generation 1 proves nothing.

use super::wire;
use crate::gateway::{flat, reading};
use crate::json::{self, Json};
use crate::{Error, Event, EventWarning, GatewayName, result_codes};

/// Whether an object can be a callback of UpesiPay's, by the members at its top.
pub(crate) fn recognises(json: &Json<'_>) -> bool {
    const NAMES: [&str; 5] = [
        "response",
        "forward_url",
        "checkout_request_id",
        "merchant_request_id",
        "reference_id",
    ];
    NAMES.iter().any(|name| json.get(name).is_some())
}

/// What a body that was posted to a callback URL says, in either generation.
///
/// # Errors
/// `InvalidCallback` with one of the codes of the strict reader, or `not_an_object`, `unrecognised_shape`,
/// `bad_checkout_request_id`, `bad_result_code` and `missing_status`.
pub(crate) fn parse_callback(body: &[u8]) -> Result<Event, Error> {
    let json = json::read(body, json::MOST_BYTES).map_err(reading::not_readable)?;
    event_of(&json, body)
}

/// The same for a body that was read already: `json` is what it says.
pub(crate) fn event_of(json: &Json<'_>, body: &[u8]) -> Result<Event, Error> {
    if !matches!(json, Json::Object(_)) {
        return Err(reading::not_an_object());
    }
    let generation_two = || {
        ["checkout_request_id", "merchant_request_id", "reference_id"]
            .iter()
            .any(|name| json.get(name).is_some())
    };
    let mut event = match json.get("response") {
        Some(response @ Json::Object(_)) => generation_one(body, response)?,
        None if generation_two() => generation_two_event(body, json)?,
        _ => return Err(reading::unrecognised_shape()),
    };
    event.judge_completeness();
    Ok(event)
}

fn generation_one(body: &[u8], response: &Json<'_>) -> Result<Event, Error> {
    let checkout_request_id = response
        .checkout_request_id()
        .ok_or_else(bad_checkout_request_id)?;
    let result_code = response
        .get("ResultCode")
        .and_then(reading::result_code)
        .ok_or_else(|| {
            bad_result_code().with_checkout_request_id(Some(checkout_request_id.to_owned()))
        })?;
    let meaning = result_codes::describe(&result_code);
    // The code decides. The word must not contradict it on the one thing that matters.
    let agrees = flat::get(response, &["Status"])
        .is_none_or(|word| says_success(word) == meaning.outcome.is_paid());
    let outcome = if agrees {
        meaning.outcome
    } else {
        crate::Outcome::Unknown
    };
    let mut event = Event::new(GatewayName::UpesiPay, outcome, body, value);
    event.result_code = Some(result_code.into_owned());
    event.result_desc = response.owned_text("ResultDesc");
    event.checkout_request_id = Some(checkout_request_id.to_owned());
    event.merchant_request_id = flat::text(response, &["MerchantRequestID"]);
    event.reference = flat::text(response, &["ExternalReference"]);
    if event.merchant_request_id.is_none() {
        event.warnings.push(EventWarning::MerchantRequestIdMissing);
    }
    if !agrees {
        event.warnings.push(EventWarning::StatusCodeMismatch);
    }
    read_values(
        &mut event,
        response,
        "MpesaReceiptNumber",
        "Amount",
        "Phone",
        Some(EventWarning::PhoneMissing),
    );
    Ok(event)
}

fn says_success(word: &Json<'_>) -> bool {
    word.as_text()
        .is_some_and(|word| wire::outcome(word).is_paid())
}

/// Generation 2 says no more than what became of which prompt, and perhaps the receipt.
fn generation_two_event(body: &[u8], json: &Json<'_>) -> Result<Event, Error> {
    let checkout_request_id = json
        .get("checkout_request_id")
        .and_then(reading::checkout_request_id)
        .ok_or_else(bad_checkout_request_id)?;
    let status = flat::get(json, &["status"])
        .and_then(Json::as_text)
        .ok_or_else(|| {
            missing_status().with_checkout_request_id(Some(checkout_request_id.to_owned()))
        })?;
    let mut event = Event::new(GatewayName::UpesiPay, wire::outcome(status), body, value);
    event.checkout_request_id = Some(checkout_request_id.to_owned());
    event.merchant_request_id = flat::text(json, &["merchant_request_id"]);
    event.reference = flat::text(json, &["external_reference"]);
    if event.merchant_request_id.is_none() {
        event.warnings.push(EventWarning::MerchantRequestIdMissing);
    }
    read_values(
        &mut event,
        json,
        "reference_id",
        "amount",
        "phone_number",
        None,
    );
    Ok(event)
}

fn read_values(
    event: &mut Event,
    json: &Json<'_>,
    receipt: &str,
    amount: &str,
    phone: &str,
    phone_missing: Option<EventWarning>,
) {
    let paid = event.is_success();
    let warnings = &mut event.warnings;
    if paid {
        let (receipt, _) = flat::take(
            json.get(receipt),
            reading::receipt,
            Some(EventWarning::ReceiptMissing),
            warnings,
        );
        event.receipt = receipt.map(str::to_owned);
    }
    (event.amount, _) = flat::take(
        json.get(amount),
        reading::amount,
        paid.then_some(EventWarning::AmountMissing),
        warnings,
    );
    let (phone, phone_json) = flat::take(
        json.get(phone),
        reading::phone,
        phone_missing.filter(|_| paid),
        warnings,
    );
    event.phone = phone;
    event.phone_raw = phone_json
        .and_then(Json::as_text_or_number)
        .map(str::to_owned);
}

/// One value of a success, as it is written.
fn value(body: &[u8], name: &str) -> Option<String> {
    let json = json::read(body, json::MOST_BYTES).ok()?;
    match json.object("response").unwrap_or(&json).get(name)? {
        Json::Bool(value) => Some(value.to_string()),
        other => other.as_text_or_number().map(str::to_owned),
    }
}

fn bad_checkout_request_id() -> Error {
    reading::refused(
        "bad_checkout_request_id",
        "The callback's CheckoutRequestID is missing or has a form that no id has.",
        "Do not believe it: query the payments that are still open.",
    )
}

fn bad_result_code() -> Error {
    reading::refused(
        "bad_result_code",
        "The callback's ResultCode is missing, or neither an integer nor a short token.",
        "Do not believe it either way: query the payment.",
    )
}

fn missing_status() -> Error {
    reading::refused(
        "missing_status",
        "The callback has no `status`.",
        "Do not believe it either way: query the payment.",
    )
}
