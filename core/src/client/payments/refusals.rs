//! Errors of what a person asks of a ledger. Nothing was sent in any of these cases.

use crate::error::codes::ErrorCode;
use crate::error::ids::PaymentId;
use crate::error::{Disposition, Error};
use crate::ledger::row::Row;
use crate::payment::Payment;
use crate::values::gateway_name::GatewayName;

/// The shortest beginning of an id that names a payment.
pub(super) const MIN_ID_DIGITS: usize = 8;

pub(super) fn not_in_ledger() -> Error {
    Error::invalid(
        "payment_id",
        ErrorCode::PaymentNotInLedger,
        "The ledger has no such payment, or more than one whose id begins so.",
    )
    .with_hint(format!(
        "Give the whole id, or a beginning of at least {MIN_ID_DIGITS} digits that one payment has."
    ))
}

pub(super) fn not_held() -> Error {
    Error::new(
        ErrorCode::OrderNotHeld,
        Disposition::NotSent,
        "No payment holds this order, so there is nothing to release.",
    )
    .with_hint("Request it: it is free.")
}

pub(super) fn in_flight(row: &Row) -> Error {
    Error::new(
        ErrorCode::OrderInFlight,
        Disposition::NotSent,
        "The payment of this order is being sent, or has moved just now, so the order was not released.",
    )
    .with_hint(
        until_lease_ends(row).unwrap_or_else(|| "Look at the payment, then decide again.".to_owned()),
    )
    .of_payment(row.id())
}

/// The hint for a row whose sender is taken to be alive: the seconds until its lease ends.
fn until_lease_ends(row: &Row) -> Option<String> {
    let ends = row.lease_until.filter(|_| row.is_leased())?;
    let seconds = ends.since(row.read_at).as_millis().div_ceil(1_000);
    Some(format!(
        "Another process may be sending it: try again in {seconds} s at most."
    ))
}

pub(super) fn being_sent(row: &Row) -> Error {
    Error::new(
        ErrorCode::NothingToAskBy,
        Disposition::Unknown,
        "The push of the payment is being sent, so there is no id to ask by yet.",
    )
    .with_hint(until_lease_ends(row).unwrap_or_default())
    .of_payment(row.id())
}

pub(super) fn not_open(row: &Row) -> Error {
    if let Some(hint) = until_lease_ends(row) {
        return Error::new(
            ErrorCode::PaymentNotOpen,
            Disposition::NotSent,
            "The push of the payment is being sent, so it cannot be resolved yet.",
        )
        .with_hint(hint)
        .of_payment(row.id());
    }
    Error::new(
        ErrorCode::PaymentNotOpen,
        Disposition::NotSent,
        format!(
            "The payment is {}, so there is nothing to resolve.",
            row.payment.state().as_str()
        ),
    )
    .with_hint("Look at the payment.")
    .of_payment(row.id())
}

pub(super) fn of_another_account(row: &Row) -> Error {
    Error::new(
        ErrorCode::OrderOfAnotherAccount,
        Disposition::NotSent,
        "The payment was pushed with another account, whose gateway alone knows of it. Nobody was asked.",
    )
    .with_hint("Ask with a client that has the credentials of that account.")
    .of_payment(row.id())
}

pub(super) fn receipt_taken(other: &PaymentId) -> Error {
    Error::invalid(
        "receipt",
        ErrorCode::ReceiptTaken,
        "Another payment has this receipt.",
    )
    .with_hint("Compare both payments with the merchant's statement.")
    .of_payment(other)
}

pub(super) fn nothing_to_tell(row: &Row) -> Error {
    Error::new(
        ErrorCode::NothingToTell,
        Disposition::NotSent,
        format!(
            "The payment is {}, so there is nothing to tell of it.",
            row.payment.state().as_str()
        ),
    )
    .with_hint("It is told by itself once its outcome is known.")
    .of_payment(row.id())
}

pub(super) fn of_unknown_account(payment: &PaymentId) -> Error {
    Error::configuration(
        ErrorCode::ImportNeedsCredentials,
        "The payment may yet be paid, and nobody says which account can ask about it.",
    )
    .with_hint("Give the credentials of the account that pushed it.")
    .of_payment(payment)
}

pub(super) fn of_another_shop(payment: &PaymentId) -> Error {
    Error::invalid(
        "payment",
        ErrorCode::PaymentOfAnotherShop,
        "Another shop, or the other environment, of this ledger has the payment.",
    )
    .with_hint("Name that shop and environment.")
    .of_payment(payment)
}

pub(super) fn of_another_gateway(payment: &Payment, gateway: GatewayName) -> Error {
    Error::invalid(
        "payment",
        ErrorCode::PaymentOfAnotherGateway,
        format!(
            "This payment was pushed with {}, and these are the credentials of {gateway}.",
            payment.gateway()
        ),
    )
    .with_hint("Name the gateway that pushed it.")
    .of_payment(payment.id())
}
