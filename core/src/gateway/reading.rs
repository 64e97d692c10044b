//! Readers of the values that the bodies of all gateways have in common: tolerant of what real traffic does, strict
//! on what could cheat.

use crate::error::codes::ErrorCode;
use crate::error::ids::{CheckoutRequestId, MerchantRequestId, Receipt};
use crate::error::{Disposition, Error};
use crate::json::{Json, JsonError};
use crate::meaning::event::warning::EventWarning;
use crate::meaning::redaction::Redaction;
use crate::values::clock::{DateZone, EatTime};
use crate::values::money::{Decimal, Money, MoneyTrouble};
use crate::values::phone::PhoneNumber;
use std::borrow::Cow;

/// What one value says: something usable, something odd, or both.
pub(crate) struct Stated<T> {
    pub(crate) value: Option<T>,
    pub(crate) warning: Option<EventWarning>,
}

impl<T> Stated<T> {
    fn plainly(value: T) -> Self {
        Self {
            value: Some(value),
            warning: None,
        }
    }

    fn not(warning: EventWarning) -> Self {
        Self {
            value: None,
            warning: Some(warning),
        }
    }

    fn though(value: T, warning: EventWarning) -> Self {
        Self {
            value: Some(value),
            warning: Some(warning),
        }
    }
}

/// A field that a body may state several times: equal repeats are one, differing ones are none.
pub(crate) struct Field<'j, T> {
    first: Option<(Stated<T>, &'j Json<'j>)>,
    conflicts: bool,
}

impl<'j, T: PartialEq> Field<'j, T> {
    pub(crate) fn new() -> Self {
        Self {
            first: None,
            conflicts: false,
        }
    }

    /// Takes one value in. `null` and blank text state nothing.
    pub(crate) fn take(
        &mut self,
        json: &'j Json<'j>,
        read: impl FnOnce(&'j Json<'j>) -> Stated<T>,
    ) {
        if is_missing(json) {
            return;
        }
        let stated = read(json);
        match &self.first {
            None => self.first = Some((stated, json)),
            Some((first, first_json)) => {
                let same = match (&first.value, &stated.value) {
                    (Some(one), Some(other)) => one == other,
                    (None, None) => *first_json == json,
                    _ => false,
                };
                self.conflicts |= !same;
            }
        }
    }

    /// The value, with what is to be remarked on it added to `warnings`; and the JSON it was read from.
    pub(crate) fn settle(
        self,
        when_missing: impl Into<Option<EventWarning>>,
        when_conflicting: EventWarning,
        warnings: &mut Vec<EventWarning>,
    ) -> (Option<T>, Option<&'j Json<'j>>) {
        match self.first {
            None => {
                warnings.extend(when_missing.into());
                (None, None)
            }
            Some(_) if self.conflicts => {
                warnings.push(when_conflicting);
                (None, None)
            }
            Some((stated, json)) => {
                warnings.extend(stated.warning);
                (stated.value, Some(json))
            }
        }
    }
}

/// Whether a value says nothing: `null`, or text with nothing but white space.
pub(crate) fn is_missing(json: &Json<'_>) -> bool {
    match json {
        Json::Null => true,
        Json::Text(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// A sum: a JSON number, or text with a plain decimal number.
pub(crate) fn amount(json: &Json<'_>) -> Stated<Money> {
    let read = match json {
        Json::Number(text) => Money::from_json_number(text),
        Json::Text(text) => Money::from_decimal_text(text),
        _ => Err(MoneyTrouble::Unreadable),
    };
    match read {
        Ok(money) if money.is_positive() => Stated::plainly(money),
        Ok(money) => Stated::though(money, EventWarning::AmountNotPositive),
        Err(MoneyTrouble::Unreadable) => Stated::not(EventWarning::AmountUnreadable),
        Err(MoneyTrouble::OutOfRange) => Stated::not(EventWarning::AmountOutOfRange),
    }
}

/// The most digits of a whole number that a program which keeps numbers as doubles has not rounded.
const MAX_EXACT_DIGITS: usize = 15;

/// A receipt number, without the white space around it. A forwarder may have made a number of one that is all digits.
pub(crate) fn receipt(json: &Json<'_>) -> Stated<Receipt> {
    match json {
        Json::Text(text) => receipt_text(text),
        Json::Number(number) => integer(number)
            .filter(|digits| digits.len() <= MAX_EXACT_DIGITS)
            .and_then(|digits| Receipt::read(&digits))
            .map_or_else(
                || Stated::not(EventWarning::ReceiptUnreadable),
                Stated::plainly,
            ),
        _ => Stated::not(EventWarning::ReceiptUnreadable),
    }
}

fn receipt_text(text: &str) -> Stated<Receipt> {
    let trimmed = text.trim();
    match Receipt::read(trimmed) {
        None => Stated::not(EventWarning::ReceiptUnreadable),
        Some(receipt) if trimmed.len() < text.len() => {
            Stated::though(receipt, EventWarning::ReceiptTrimmed)
        }
        Some(receipt) => Stated::plainly(receipt),
    }
}

/// A phone number: text or a number, perhaps masked or hashed.
pub(crate) fn phone(json: &Json<'_>) -> Stated<PhoneNumber> {
    let number = match json {
        // In a number a full stop is a decimal point, not a separator between digits.
        Json::Number(text) => phone_in_number(text),
        Json::Text(text) if is_masked(text) => return Stated::not(EventWarning::PhoneMasked),
        Json::Text(text) if is_hash(text) => return Stated::not(EventWarning::PhoneHashed),
        Json::Text(text) => PhoneNumber::parse(text)
            .ok()
            .or_else(|| phone_in_number(text.trim())),
        _ => None,
    };
    number.map_or_else(
        || Stated::not(EventWarning::PhoneUnreadable),
        Stated::plainly,
    )
}

/// A phone number that some program took for a quantity: `2.54712345678E11`, `254712345678.0`.
fn phone_in_number(text: &str) -> Option<PhoneNumber> {
    let digits = integer(text)?;
    // A minus sign would pass for a separator.
    if digits.starts_with('-') {
        return None;
    }
    PhoneNumber::parse(&digits).ok()
}

/// Stars, or another usual mask among nothing but digits and what decorates them.
fn is_masked(text: &str) -> bool {
    let is_mask = |character: char| matches!(character, 'x' | 'X' | '\u{2022}' | '#');
    let decorates = |character: char| character.is_whitespace() || "+-.()".contains(character);
    text.contains('*')
        || (text.chars().any(is_mask)
            && text.bytes().any(|byte| byte.is_ascii_digit())
            && text.chars().all(|character| {
                character.is_ascii_digit() || is_mask(character) || decorates(character)
            }))
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// An instant in a callback; see [`instant`].
pub(crate) fn date(json: &Json<'_>, zone: DateZone) -> Stated<EatTime> {
    instant(json, zone).map_or_else(
        || Stated::not(EventWarning::DateUnreadable),
        Stated::plainly,
    )
}

/// An instant: ISO 8601 text as programs write dates, where `zone` holds for text without an offset; or, in East Africa
/// Time, M-Pesa's fourteen digits in whatever form a number has.
pub(crate) fn instant(json: &Json<'_>, zone: DateZone) -> Option<EatTime> {
    let text = json.as_text_or_number()?.trim();
    let in_digits = || match zone {
        DateZone::EastAfrica => EatTime::parse_wire(&integer(text)?),
        DateZone::Utc => None,
    };
    in_digits().or_else(|| EatTime::parse_iso(text, zone))
}

/// The most characters of a result code; every one seen has at most ten.
const MAX_CODE_CHARACTERS: usize = 32;

/// A result code as text: of a number its integer value in canonical form (`1032.0` is `1032`), of a text exactly
/// that text. `None` for everything that is neither an integer nor a short token: in other languages `""`, `[0]`,
/// `false` and `0.5` all turn into the code of a success.
pub(crate) fn result_code<'j>(json: &'j Json<'j>) -> Option<Cow<'j, str>> {
    match json {
        Json::Text(text) => {
            is_token(text, MAX_CODE_CHARACTERS, b"._-").then_some(Cow::Borrowed(text.as_ref()))
        }
        Json::Number(text) => integer(text),
        _ => None,
    }
}

/// A whole number in plain digits, however it is written: `1.5E2` is `150`, `150.0` too. `None` for a number with a
/// fraction, for an absurd one and for what is not a number.
pub(crate) fn integer(text: &str) -> Option<Cow<'_, str>> {
    if text.len() <= MAX_CODE_CHARACTERS && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Cow::Borrowed(text));
    }
    let Decimal {
        negative,
        digits,
        exponent,
    } = Decimal::read(text)?;
    if digits.is_empty() {
        return Some(Cow::Borrowed("0"));
    }
    let zeros = usize::try_from(exponent).ok()?;
    if zeros > MAX_CODE_CHARACTERS || digits.len() + zeros > MAX_CODE_CHARACTERS {
        return None;
    }
    let sign = if negative { "-" } else { "" };
    Some(Cow::Owned(format!("{sign}{digits}{:0<zeros$}", "")))
}

/// A gateway's prose: in one line, and of sane length.
pub(crate) fn words(text: Option<&str>) -> Option<String> {
    text.map(|text| Redaction::default().message(text))
}

/// A prompt's id, if the text has the form of one.
pub(crate) fn checkout_request_id(json: &Json<'_>) -> Option<CheckoutRequestId> {
    json.as_text().and_then(CheckoutRequestId::read)
}

fn is_token(text: &str, most: usize, marks: &[u8]) -> bool {
    (1..=most).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || marks.contains(&byte))
}

impl Json<'_> {
    /// The member `CheckoutRequestID`, if it has the form of one.
    pub(crate) fn checkout_request_id(&self) -> Option<CheckoutRequestId> {
        self.get("CheckoutRequestID").and_then(checkout_request_id)
    }

    /// The member `MerchantRequestID`, as it is stated.
    pub(crate) fn merchant_request_id(&self) -> Option<MerchantRequestId> {
        self.owned_text("MerchantRequestID")
            .map(MerchantRequestId::as_stated)
    }
}

/// A body that is not a callback, or none to be trusted.
pub(crate) fn refused(code: ErrorCode, message: impl Into<String>, hint: &str) -> Error {
    Error::new(code, Disposition::Unknown, message).with_hint(hint)
}

/// A body that the strict reader refuses.
pub(crate) fn not_readable(error: JsonError) -> Error {
    let hint = match error {
        JsonError::TooLarge => {
            "A callback is under 1 KiB, so this is not one. Keep the body and query the payment."
        }
        JsonError::DuplicateKey => {
            "Parsers disagree about which one counts, so none does. Keep the body and query the payment."
        }
        _ => {
            "Pass the request's body exactly as it came, as bytes, and query the payment if it is lost."
        }
    };
    let code = match error {
        JsonError::TooLarge => ErrorCode::TooLarge,
        JsonError::InvalidUtf8 => ErrorCode::InvalidUtf8,
        JsonError::EmptyBody => ErrorCode::EmptyBody,
        JsonError::TooDeep => ErrorCode::TooDeep,
        JsonError::DuplicateKey => ErrorCode::DuplicateKey,
        JsonError::InvalidJson => ErrorCode::InvalidJson,
    };
    refused(code, error.to_string(), hint)
}

/// An object that no gateway, or not the one that was named, sends as a callback.
pub(crate) fn unrecognised_shape() -> Error {
    refused(
        ErrorCode::UnrecognisedShape,
        "The body does not have the shape of any known callback.",
        "Name the gateway if you know who sent it, and look at the raw body.",
    )
}

/// The error for a body that is JSON and not an object.
pub(crate) fn not_an_object() -> Error {
    refused(
        ErrorCode::NotAnObject,
        "The body is JSON, but not an object.",
        "Pass the request's body exactly as it came: not in a list, and not encoded a second time.",
    )
}

#[cfg(test)]
mod tests;
