//! Readers of flat bodies: values side by side, each under a name with several spellings.

use super::reading::{self, Field, Stated, is_missing};
use crate::error::ids::{CheckoutRequestId, MerchantRequestId};
use crate::json::Json;
use crate::meaning::event::warning::EventWarning;
use crate::values::clock::{DateZone, EatTime};
use crate::values::money::Money;
use std::borrow::Cow;

/// The value under the first of these names that says anything.
pub(crate) fn get<'j>(json: &'j Json<'j>, names: &[&str]) -> Option<&'j Json<'j>> {
    names
        .iter()
        .filter_map(|name| json.get(name))
        .find(|value| !is_missing(value))
}

/// A text, or a number: a whole one in plain digits, because ids and references may have been taken for numbers.
pub(crate) fn text(json: &Json<'_>, names: &[&str]) -> Option<String> {
    match get(json, names)? {
        Json::Text(text) => Some(text.trim().to_owned()),
        Json::Number(text) => {
            Some(reading::integer(text).map_or_else(|| (*text).to_owned(), Cow::into_owned))
        }
        _ => None,
    }
}

/// A prompt's id, as it is stated.
pub(crate) fn checkout_request_id(json: &Json<'_>, names: &[&str]) -> Option<CheckoutRequestId> {
    text(json, names).map(CheckoutRequestId::as_stated)
}

/// A request's id, as it is stated.
pub(crate) fn merchant_request_id(json: &Json<'_>, names: &[&str]) -> Option<MerchantRequestId> {
    text(json, names).map(MerchantRequestId::as_stated)
}

/// A sum, positive or not.
pub(crate) fn money(json: &Json<'_>, names: &[&str]) -> Option<Money> {
    match get(json, names)? {
        Json::Number(text) => Money::from_json_number(text).ok(),
        Json::Text(text) => Money::from_decimal_text(text.trim()).ok(),
        _ => None,
    }
}

/// An instant; without an offset it is UTC.
pub(crate) fn time(json: &Json<'_>, names: &[&str]) -> Option<EatTime> {
    reading::instant(get(json, names)?, DateZone::Utc)
}

/// One value of a callback, under whichever of its names, with what is to be remarked on it added to `warnings`; and the
/// JSON that it was read from. Two names that differ state nothing. That the value is missing is remarked on where
/// `when_missing` says how.
pub(crate) fn take<'j, T: PartialEq>(
    json: &'j Json<'j>,
    names: &[&str],
    read: impl Fn(&'j Json<'j>) -> Stated<T>,
    when_missing: Option<EventWarning>,
    when_conflicting: EventWarning,
    warnings: &mut Vec<EventWarning>,
) -> (Option<T>, Option<&'j Json<'j>>) {
    let mut field = Field::new();
    for value in names.iter().filter_map(|name| json.get(name)) {
        field.take(value, &read);
    }
    field.settle(when_missing, when_conflicting, warnings)
}

/// Percent-encodes a value for the query part of an address.
pub(crate) fn query_value(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        // A plus sign means a space in forms alone.
        .replace('+', "%20")
}
