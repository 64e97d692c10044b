//! How bodies are read whose values stand side by side, each under a name that is spelled one way or another.

use super::reading::{Stated, is_missing};
use crate::json::Json;
use crate::{EatTime, EventWarning, Money};

/// The value under the first of these names that says anything.
pub(crate) fn get<'j>(json: &'j Json<'j>, names: &[&str]) -> Option<&'j Json<'j>> {
    names
        .iter()
        .filter_map(|name| json.get(name))
        .find(|value| !is_missing(value))
}

/// A text, or a number as it is written.
pub(crate) fn text(json: &Json<'_>, names: &[&str]) -> Option<String> {
    get(json, names)?
        .as_text_or_number()
        .map(|text| text.trim().to_owned())
}

/// A sum, positive or not.
pub(crate) fn money(json: &Json<'_>, names: &[&str]) -> Option<Money> {
    match get(json, names)? {
        Json::Number(text) => Money::from_json_number(text).ok(),
        Json::Text(text) => Money::from_decimal_text(text.trim()).ok(),
        _ => None,
    }
}

/// An instant with its offset.
pub(crate) fn time(json: &Json<'_>, names: &[&str]) -> Option<EatTime> {
    get(json, names)?.as_text().and_then(EatTime::parse_rfc3339)
}

/// An instant with its offset, in a callback.
pub(crate) fn stated_time(json: &Json<'_>) -> Stated<EatTime> {
    let value = json.as_text().and_then(EatTime::parse_rfc3339);
    Stated {
        warning: value.is_none().then_some(EventWarning::DateUnreadable),
        value,
    }
}

/// One value of a callback, with what is to be remarked on it added to `warnings`; and the JSON it was read from.
/// That it is missing is remarked on where `when_missing` says how.
pub(crate) fn take<'j, T: PartialEq>(
    json: Option<&'j Json<'j>>,
    read: impl FnOnce(&'j Json<'j>) -> Stated<T>,
    when_missing: Option<EventWarning>,
    warnings: &mut Vec<EventWarning>,
) -> (Option<T>, Option<&'j Json<'j>>) {
    let Some(json) = json.filter(|json| !is_missing(json)) else {
        warnings.extend(when_missing);
        return (None, None);
    };
    let stated = read(json);
    warnings.extend(stated.warning);
    (stated.value, Some(json))
}

/// Percent-encodes a value for the query part of an address.
pub(crate) fn query_value(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        // A plus sign means a space in forms alone.
        .replace('+', "%20")
}
