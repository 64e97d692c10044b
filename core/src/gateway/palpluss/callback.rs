//! PalPluss's webhook: `event` and `transaction`, with names in snake_case. It is unsigned.

use super::transaction::names;
use super::wire;
use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::gateway::{flat, reading};
use crate::json;
use crate::json::Json;
use crate::meaning::event::Event;
use crate::meaning::event::warning::EventWarning;
use crate::meaning::outcome::Outcome;
use crate::values::clock::DateZone;
use crate::values::gateway_name::GatewayName;

/// Whether an object can be a webhook of PalPluss's, by the members at its top.
pub(crate) fn recognises(json: &Json<'_>) -> bool {
    json.get("event").is_some() || json.get("transaction").is_some()
}

/// What a body that was posted to a callback URL says.
///
/// # Errors
/// `InvalidCallback` with one of the codes of the strict reader, or `not_an_object`, `unexpected_event`,
/// `missing_transaction`, `missing_transaction_id`, `missing_status`, `bad_result_code` and
/// `bad_checkout_request_id`.
pub(crate) fn parse_callback(body: &[u8]) -> Result<Event, Error> {
    let json = json::read(body, json::MAX_BYTES).map_err(reading::not_readable)?;
    event_of(&json, body)
}

/// The same for a body that was read already: `json` is what it says.
pub(crate) fn event_of(json: &Json<'_>, body: &[u8]) -> Result<Event, Error> {
    let transaction = transaction(json)?;
    let status = text(transaction, &["status"]).ok_or_else(missing_status)?;
    let checkout_request_id = match flat::get(transaction, &names::CHECKOUT) {
        Some(id) => Some(reading::checkout_request_id(id).ok_or_else(bad_checkout_request_id)?),
        None => None,
    };
    let result_code = match flat::get(transaction, &names::RESULT_CODE) {
        Some(code) => Some(reading::result_code(code).ok_or_else(|| {
            bad_result_code().with_checkout_request_id(checkout_request_id.clone())
        })?),
        None => None,
    };

    let has_receipt = flat::get(transaction, &names::RECEIPT).is_some();
    let verdict = wire::verdict(status, result_code.as_deref(), has_receipt);
    let agrees = event_type_agrees(text(json, &["event_type", "eventType"]), status);
    let outcome = if agrees {
        verdict.outcome
    } else {
        Outcome::Unknown
    };
    let mut event = Event::new(GatewayName::PalPluss, outcome, body, value);
    event.result_code = result_code.map(std::borrow::Cow::into_owned);
    event.result_desc = reading::words(text(transaction, &names::RESULT_DESC));
    event.checkout_request_id = checkout_request_id;
    event.merchant_request_id = flat::merchant_request_id(transaction, &names::MERCHANT_REQUEST);
    event.transaction_id = flat::text(transaction, &["id"]);
    event.reference = flat::text(transaction, &names::REFERENCE);
    if event.merchant_request_id.is_none() {
        event.warnings.push(EventWarning::MerchantRequestIdMissing);
    }
    if text(transaction, &["type"]).is_some_and(|kind| !kind.eq_ignore_ascii_case("STK")) {
        event.warnings.push(EventWarning::NotStk);
    }
    if !agrees {
        event.warnings.push(EventWarning::StatusEventMismatch);
    } else if verdict.contradictory {
        event.warnings.push(EventWarning::StatusCodeMismatch);
    }
    read_values(&mut event, transaction);
    event.check_completeness();
    Ok(event)
}

fn transaction<'j>(json: &'j Json<'j>) -> Result<&'j Json<'j>, Error> {
    if !matches!(json, Json::Object(_)) {
        return Err(reading::not_an_object());
    }
    if json.text("event") != Some("transaction.updated") {
        return Err(unexpected_event());
    }
    let transaction = json.object("transaction").ok_or_else(missing_transaction)?;
    text(transaction, &["id"]).ok_or_else(missing_transaction_id)?;
    Ok(transaction)
}

fn text<'j>(json: &'j Json<'j>, names: &[&str]) -> Option<&'j str> {
    flat::get(json, names)?.as_text().map(str::trim)
}

/// `transaction.updated` goes with every status, and a kind of event that is new is left to the status.
fn event_type_agrees(event_type: Option<&str>, status: &str) -> bool {
    let demanded = match event_type {
        Some("transaction.success") => "SUCCESS",
        Some("transaction.failed") => "FAILED",
        Some("transaction.cancelled") => "CANCELLED",
        Some("transaction.expired") => "EXPIRED",
        _ => return true,
    };
    status.eq_ignore_ascii_case(demanded)
}

fn read_values(event: &mut Event, transaction: &Json<'_>) {
    let paid = event.is_success();
    let missing = |warning| paid.then_some(warning);
    let warnings = &mut event.warnings;
    // A receipt proves money: it is read only where the body says without contradiction that there was some.
    if paid || event.outcome == Outcome::Reversed {
        (event.receipt, _) = flat::take(
            transaction,
            &names::RECEIPT,
            reading::receipt,
            missing(EventWarning::ReceiptMissing),
            EventWarning::ReceiptConflict,
            warnings,
        );
    }
    let in_shillings = text(transaction, &["currency"]).is_none_or(|currency| currency == "KES");
    if in_shillings {
        (event.amount, _) = flat::take(
            transaction,
            &["amount"],
            reading::amount,
            missing(EventWarning::AmountMissing),
            EventWarning::AmountConflict,
            warnings,
        );
    } else {
        warnings.push(EventWarning::AmountUnreadable);
    }
    let (phone, phone_json) = flat::take(
        transaction,
        &names::PHONE,
        reading::phone,
        missing(EventWarning::PhoneMissing),
        EventWarning::PhoneConflict,
        warnings,
    );
    event.phone = phone;
    event.phone_raw = phone_json
        .and_then(Json::as_text_or_number)
        .map(str::to_owned);
    (event.date, _) = flat::take(
        transaction,
        &names::UPDATED_AT,
        |json| reading::date(json, DateZone::Utc),
        missing(EventWarning::DateMissing),
        EventWarning::DateConflict,
        warnings,
    );
}

/// One value of the transaction, as it is written.
fn value(body: &[u8], name: &str) -> Option<String> {
    let json = json::read(body, json::MAX_BYTES).ok()?;
    match json.object("transaction")?.get(name)? {
        Json::Bool(value) => Some(value.to_string()),
        other => other.as_text_or_number().map(str::to_owned),
    }
}

fn unexpected_event() -> Error {
    reading::refused(
        ErrorCode::UnexpectedEvent,
        "This is not a webhook about a push: its `event` is not `transaction.updated`.",
        "Pass the whole body, from the outermost brace.",
    )
}

fn missing_transaction() -> Error {
    reading::refused(
        ErrorCode::MissingTransaction,
        "The body has no object `transaction`.",
        "Do not believe it: query the payments that are still open.",
    )
}

fn missing_transaction_id() -> Error {
    reading::refused(
        ErrorCode::MissingTransactionId,
        "The transaction has no `id`.",
        "Do not believe it: query the payments that are still open.",
    )
}

fn missing_status() -> Error {
    reading::refused(
        ErrorCode::MissingStatus,
        "The transaction has no `status`.",
        "Do not believe it either way: query the payment.",
    )
}

fn bad_checkout_request_id() -> Error {
    reading::refused(
        ErrorCode::BadCheckoutRequestId,
        "The transaction's provider_checkout_id has a form that no id has.",
        "Do not believe it: query the payments that are still open.",
    )
}

fn bad_result_code() -> Error {
    reading::refused(
        ErrorCode::BadResultCode,
        "The transaction's result_code is neither an integer nor a short token.",
        "Do not believe it either way: query the payment.",
    )
}
