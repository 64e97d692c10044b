//! A request that was read whole, and what all gateways read from one: Basic keys, JSON objects, queries, phone numbers.

use axum::extract::Query;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Uri};
use serde_json::{Map, Value};

/// A request that was read whole.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// How large a body may be.
const LARGEST_BODY: usize = 64 * 1024;

/// The most that M-Pesa moves in one payment, in shillings.
pub(crate) const LARGEST_AMOUNT: u32 = 250_000;

/// What follows `Basic` in the authorization header.
pub(crate) fn basic(headers: &HeaderMap) -> Option<&str> {
    let (scheme, value) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let value = value.trim();
    (scheme.eq_ignore_ascii_case("basic") && !value.is_empty()).then_some(value)
}

/// Why a body is no JSON object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadBody {
    ContentType,
    Payload,
}

/// A request's body, if it is a JSON object and says so.
pub(crate) fn json_object(request: &Received) -> Result<Map<String, Value>, BadBody> {
    let content_type = request
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(BadBody::ContentType);
    }
    let body = request
        .body
        .get(..)
        .filter(|body| body.len() <= LARGEST_BODY);
    match body.and_then(|body| serde_json::from_slice(body).ok()) {
        Some(Value::Object(members)) => Ok(members),
        _ => Err(BadBody::Payload),
    }
}

/// The value of a query parameter, decoded; what is empty counts as missing.
pub(crate) fn parameter(uri: &Uri, name: &str) -> Option<String> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?;
    pairs
        .into_iter()
        .find(|(found, value)| found == name && !value.is_empty())
        .map(|(_, value)| value)
}

/// Whole shillings, as a JSON number from 1 to the most that M-Pesa moves.
pub(crate) fn amount(value: Option<&Value>) -> Option<u32> {
    let text = value?.as_number()?.to_string();
    text.strip_suffix(".0")
        .unwrap_or(&text)
        .parse()
        .ok()
        .filter(|amount| (1..=LARGEST_AMOUNT).contains(amount))
}

/// A phone number in the form 254 and nine digits, from that form, `+254…`, `07…` or `01…`.
pub(crate) fn phone(text: &str) -> Option<String> {
    let national = text
        .strip_prefix("+254")
        .or_else(|| text.strip_prefix("254"))
        .or_else(|| text.strip_prefix('0'))?;
    let is_national = national.len() == 9
        && (national.starts_with('7') || national.starts_with('1'))
        && national.bytes().all(|byte| byte.is_ascii_digit());
    is_national.then(|| format!("254{national}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn phones_are_read_in_four_forms() {
        for good in ["254712345678", "+254712345678", "0712345678"] {
            assert_eq!(phone(good).as_deref(), Some("254712345678"), "{good}");
        }
        assert_eq!(phone("0112345678").as_deref(), Some("254112345678"));
        for bad in [
            "",
            "712345678",
            "0212345678",
            "07123456789",
            "071234567a",
            "+0712345678",
        ] {
            assert_eq!(phone(bad), None, "{bad}");
        }
    }

    #[test]
    fn amounts_are_whole_numbers() {
        assert_eq!(amount(Some(&json!(1))), Some(1));
        assert_eq!(amount(Some(&json!(250_000.0))), Some(250_000));
        for bad in [
            json!(0),
            json!(-1),
            json!(1.5),
            json!("10"),
            json!(250_001),
            json!(null),
            json!(1e300),
        ] {
            assert_eq!(amount(Some(&bad)), None, "{bad}");
        }
        assert_eq!(amount(None), None);
    }

    #[test]
    fn parameters_are_decoded() {
        let uri: Uri = "/x?q=INV%2D1&empty=&cursor=a%3D".parse().unwrap();
        assert_eq!(parameter(&uri, "q").as_deref(), Some("INV-1"));
        assert_eq!(parameter(&uri, "cursor").as_deref(), Some("a="));
        assert_eq!(
            (parameter(&uri, "empty"), parameter(&uri, "none")),
            (None, None)
        );
    }
}
