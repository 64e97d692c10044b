//! How the values that every gateway's bodies have in common are read: tolerant of what real traffic does, strict
//! on what could cheat.

use crate::json::{Json, JsonError};
use crate::money::{Decimal, MoneyTrouble};
use crate::{Disposition, EatTime, Error, ErrorKind, EventWarning, Money, PhoneNumber};
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
        when_missing: EventWarning,
        when_conflicting: EventWarning,
        warnings: &mut Vec<EventWarning>,
    ) -> (Option<T>, Option<&'j Json<'j>>) {
        match self.first {
            None => {
                warnings.push(when_missing);
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

/// A receipt number: ten capital letters and digits in every sample, 6 to 20 here. It is never changed beyond the
/// white space around it: it is an identifier, and it ends up on a page.
pub(crate) fn receipt<'j>(json: &'j Json<'j>) -> Stated<&'j str> {
    let Some(text) = json.as_text() else {
        return Stated::not(EventWarning::ReceiptUnreadable);
    };
    let trimmed = text.trim();
    let readable = (6..=20).contains(&trimmed.len())
        && trimmed
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    match (readable, trimmed.len() == text.len()) {
        (false, _) => Stated::not(EventWarning::ReceiptUnreadable),
        (true, false) => Stated::though(trimmed, EventWarning::ReceiptTrimmed),
        (true, true) => Stated::plainly(trimmed),
    }
}

/// A phone number: text or a number, perhaps masked or hashed.
pub(crate) fn phone(json: &Json<'_>) -> Stated<PhoneNumber> {
    let parsed = match json {
        // In a number a full stop is a decimal point, not a separator between digits.
        Json::Number(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            PhoneNumber::parse(text)
        }
        Json::Text(text) if is_masked(text) => return Stated::not(EventWarning::PhoneMasked),
        Json::Text(text) if is_hash(text) => return Stated::not(EventWarning::PhoneHashed),
        Json::Text(text) => PhoneNumber::parse(text),
        _ => return Stated::not(EventWarning::PhoneUnreadable),
    };
    parsed.map_or_else(
        |_| Stated::not(EventWarning::PhoneUnreadable),
        Stated::plainly,
    )
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

/// A date of fourteen digits in East Africa Time, as a number or as text.
pub(crate) fn wire_date(json: &Json<'_>) -> Stated<EatTime> {
    json.as_text_or_number()
        .and_then(EatTime::parse_wire)
        .map_or_else(
            || Stated::not(EventWarning::DateUnreadable),
            Stated::plainly,
        )
}

/// The most characters of a result code; every one seen has at most ten.
const MOST_CODE_CHARACTERS: usize = 32;

/// A result code as text: of a number its integer value in canonical form (`1032.0` is `1032`), of a text exactly
/// that text. `None` for everything that is neither an integer nor a short token: in other languages `""`, `[0]`,
/// `false` and `0.5` all turn into the code of a success.
pub(crate) fn result_code<'j>(json: &'j Json<'j>) -> Option<Cow<'j, str>> {
    match json {
        Json::Text(text) => {
            is_token(text, MOST_CODE_CHARACTERS, b"._-").then_some(Cow::Borrowed(text.as_ref()))
        }
        Json::Number(text) => integer(text),
        _ => None,
    }
}

fn integer(text: &str) -> Option<Cow<'_, str>> {
    if text.len() <= MOST_CODE_CHARACTERS && text.bytes().all(|byte| byte.is_ascii_digit()) {
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
    if zeros > MOST_CODE_CHARACTERS || digits.len() + zeros > MOST_CODE_CHARACTERS {
        return None;
    }
    let sign = if negative { "-" } else { "" };
    Some(Cow::Owned(format!("{sign}{digits}{:0<zeros$}", "")))
}

/// A prompt's id, which is copied into queries, logs and databases: 1 to 128 letters, digits, `_` and `-`.
pub(crate) fn checkout_request_id<'j>(json: &'j Json<'j>) -> Option<&'j str> {
    json.as_text().filter(|text| is_token(text, 128, b"_-"))
}

fn is_token(text: &str, most: usize, marks: &[u8]) -> bool {
    (1..=most).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || marks.contains(&byte))
}

impl Json<'_> {
    /// The member `CheckoutRequestID`, if it has the form of one.
    pub(crate) fn checkout_request_id(&self) -> Option<&str> {
        self.get("CheckoutRequestID").and_then(checkout_request_id)
    }
}

/// A body that is no callback, or none to be trusted.
pub(crate) fn refused(code: &str, message: impl Into<String>, hint: &str) -> Error {
    Error::new(
        ErrorKind::InvalidCallback,
        Disposition::Unknown,
        code,
        message,
    )
    .with_hint(hint)
}

/// A body that the strict reader refuses.
pub(crate) fn not_readable(error: JsonError) -> Error {
    let hint = match error {
        JsonError::TooLarge => {
            "A callback is under 1 KiB; this is none. Keep the body and query the payment."
        }
        JsonError::DuplicateKey => {
            "Parsers disagree about which one counts, so none does. Keep the body and query the payment."
        }
        _ => {
            "Pass the request's body exactly as it came, as bytes, and query the payment if it is lost."
        }
    };
    refused(error.code(), error.to_string(), hint)
}

/// An object that no gateway, or not the one that was named, sends as a callback.
pub(crate) fn unrecognised_shape() -> Error {
    refused(
        "unrecognised_shape",
        "The body has the shape of no callback that is known here.",
        "Name the gateway if you know who sent it, and look at the raw body.",
    )
}

/// A body that is JSON and no object.
pub(crate) fn not_an_object() -> Error {
    refused(
        "not_an_object",
        "The body is JSON, but no object.",
        "Pass the request's body exactly as it came: not in a list, and not encoded a second time.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::read;

    fn code(json: &str) -> Option<String> {
        result_code(&read(json.as_bytes(), 10_000).unwrap()).map(Cow::into_owned)
    }

    #[test]
    fn a_result_code_is_an_integer_or_a_short_token() {
        for (json, expected) in [
            ("0", Some("0")),
            ("-0", Some("0")),
            ("0.000", Some("0")),
            ("0e99999999999999999999", Some("0")),
            ("1032.0", Some("1032")),
            ("1.032E+3", Some("1032")),
            ("1e3", Some("1000")),
            ("10e-1", Some("1")),
            ("-1", Some("-1")),
            ("18446744073709551616", Some("18446744073709551616")),
            ("1e31", Some("10000000000000000000000000000000")),
            ("1e32", None),
            ("1e400", None),
            ("1e-400", None),
            ("1e99999999999999999999", None),
            ("-1e-99999999999999999999", None),
            ("0.5", None),
            ("\"00\"", Some("00")),
            ("\"SFC_IC0003\"", Some("SFC_IC0003")),
            ("\"500.001.1001\"", Some("500.001.1001")),
            ("\"-1\"", Some("-1")),
            ("\" 0\"", None),
            ("\"\"", None),
            ("\"0\\u0000\"", None),
            ("\"٠\"", None),
            (
                "\"00000000000000000000000000000000\"",
                Some("00000000000000000000000000000000"),
            ),
            ("\"000000000000000000000000000000000\"", None),
            ("true", None),
            ("null", None),
            ("[0]", None),
            ("{}", None),
        ] {
            assert_eq!(code(json).as_deref(), expected, "{json}");
        }
    }

    #[test]
    fn a_receipt_is_six_to_twenty_capitals_and_digits() {
        let read = |text: &str| receipt(&Json::Text(text.into())).value.map(str::len);
        for (length, readable) in [(5, false), (6, true), (20, true), (21, false)] {
            let text = "A".repeat(length);
            assert_eq!(read(&text), readable.then_some(length));
            assert_eq!(read(&format!("\u{a0}{text}\n")), readable.then_some(length));
        }
        for text in [
            "NLJ7RT 61SV",
            "NLJ7RT\u{0}61SV",
            "ＮＬＪ７ＲＴ６１ＳＶ",
            "NLJ7-T61SV",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert!(receipt(&Json::Number("1234567890")).value.is_none());
    }

    #[test]
    fn a_mask_is_told_from_a_mistake() {
        let warning = |text: &str| phone(&Json::Text(text.into())).warning;
        for text in [
            "254708***149",
            "0712XXX678",
            "2547xxxxxxxx",
            "254708•••149",
            "2547####149",
            "*",
        ] {
            assert_eq!(warning(text), Some(EventWarning::PhoneMasked), "{text}");
        }
        for text in ["xxx", "ext 5", "0712345678 ext", "#", "254708374149?"] {
            assert_eq!(warning(text), Some(EventWarning::PhoneUnreadable), "{text}");
        }
        assert_eq!(
            warning(&"0123456789abcdefABCDEF0123456789".repeat(2)),
            Some(EventWarning::PhoneHashed)
        );
        assert_eq!(warning("+254 708 374 149"), None);
        for number in [
            "71234567.8",
            "0.712345678",
            "-712345678",
            "2.54708374149e11",
        ] {
            assert_eq!(
                phone(&Json::Number(number)).warning,
                Some(EventWarning::PhoneUnreadable),
                "{number}"
            );
        }
    }
}
