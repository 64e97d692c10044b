//! Responses in the forms that all gateways share, and the values that their bodies name.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use lipia::simulation::Response;

/// The path of an address.
pub(super) fn path_of(url: &str) -> String {
    let behind_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    behind_scheme
        .find('/')
        .and_then(|at| behind_scheme.get(at..))
        .unwrap_or("/")
        .to_owned()
}

/// A number's nine national digits.
pub(super) fn national(phone_number: &str) -> &str {
    phone_number.strip_prefix("254").unwrap_or(phone_number)
}

/// What M-Pesa says of its code.
pub(super) fn description(code: u32) -> &'static str {
    match code {
        0 => "The service request is processed successfully.",
        1 => "The balance is insufficient for the transaction.",
        1032 => "Request cancelled by user",
        1037 => "DS timeout user cannot be reached",
        2001 => "The initiator information is invalid.",
        _ => "The transaction failed",
    }
}

/// The time in UTC. A world is over long before its hour is.
pub(super) fn utc(at_ms: u64) -> String {
    let (minutes, seconds, millis) = (at_ms / 60_000, at_ms / 1_000 % 60, at_ms % 1_000);
    format!("2026-11-22T06:{minutes:02}:{seconds:02}.{millis:03}Z")
}

pub(super) fn json(status: u16, body: String) -> Response {
    respond(status, "application/json", body)
}

pub(super) fn html(status: u16, text: &str) -> Response {
    respond(
        status,
        "text/html",
        format!("<html><body><h1>{text}</h1></body></html>"),
    )
}

pub(super) fn respond(status: u16, content_type: &'static str, body: String) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    Response {
        status,
        headers,
        body: Bytes::from(body),
    }
}

pub(super) fn retry_after(mut response: Response, seconds: Option<u64>) -> Response {
    if let Some(seconds) = seconds {
        response
            .headers
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// What a proxy says that has waited for long enough.
pub(super) fn proxy_timeout() -> Response {
    html(504, "504 Gateway Time-out")
}
