//! Errors about phone numbers: a code, what is wrong, what to write. Never the number itself.

use crate::error::Error;
use crate::error::codes::ErrorCode;

const FIELD: &str = "phone_number";
const EXAMPLE: &str = "Write a Kenyan mobile number such as 0712345678 or +254712345678.";

fn refused(code: ErrorCode, message: &str) -> Error {
    Error::invalid(FIELD, code, message).with_hint(EXAMPLE)
}

pub(super) fn empty() -> Error {
    refused(ErrorCode::PhoneEmpty, "The phone number is empty.")
}

pub(super) fn too_short() -> Error {
    refused(
        ErrorCode::PhoneTooShort,
        "The phone number has too few digits.",
    )
}

pub(super) fn too_long() -> Error {
    refused(
        ErrorCode::PhoneTooLong,
        "The phone number has too many digits, or there is more than one number.",
    )
}

pub(super) fn not_mobile() -> Error {
    Error::invalid(
        FIELD,
        ErrorCode::PhoneNotMobile,
        "This is not a mobile number: those start with 07 or 01.",
    )
    .with_hint("M-Pesa prompts reach mobile phones only, such as 0712345678 or 0112345678.")
}

pub(super) fn not_kenyan() -> Error {
    Error::invalid(
        FIELD,
        ErrorCode::PhoneNotKenyan,
        "This number does not have Kenya's country code, 254.",
    )
    .with_hint("M-Pesa in Kenya prompts Kenyan numbers only, such as +254712345678.")
}

pub(super) fn unreadable() -> Error {
    Error::invalid(
        FIELD,
        ErrorCode::PhoneUnreadableCharacter,
        "The phone number contains a character that does not belong in one.",
    )
    .with_hint("Give one number in plain digits, such as 0712345678: no letters, masks, quotes or extensions.")
}

pub(super) fn bad_plus() -> Error {
    Error::invalid(
        FIELD,
        ErrorCode::PhoneBadPlus,
        "A plus sign belongs only at the start, directly before 254.",
    )
    .with_hint("Write +254712345678, or 0712345678 without a plus.")
}

pub(super) fn bad_brackets() -> Error {
    Error::invalid(
        FIELD,
        ErrorCode::PhoneBadBrackets,
        "The round brackets in the phone number do not match.",
    )
    .with_hint("Write +254 (0)712 345 678, or simply 0712345678.")
}

pub(super) fn bad_separator() -> Error {
    Error::invalid(
        FIELD,
        ErrorCode::PhoneBadSeparator,
        "Dots and dashes may stand only between two digits.",
    )
    .with_hint("Write 0712-345-678, or simply 0712345678.")
}
