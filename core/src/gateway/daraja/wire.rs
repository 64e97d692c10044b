//! The wire format of Daraja: paths, bodies, and how an error answer is told apart from another. Nothing
//! outside this folder knows any of it.

use super::endpoint::Endpoint;
use super::error_codes;
use super::front_door::{self, Fault};
use crate::error::ErrorKind;
use crate::gateway::contract::FreshToken;
use crate::gateway::firewall;
use crate::gateway::message::Answer;
use crate::gateway::reading;
use crate::gateway::refusal::{Meaning, Reading, Refusal};
use crate::json;
use crate::json::Json;
use crate::values::daraja_credentials::Secret;
use serde::Serialize;
use std::time::Duration;

pub(super) const TOKEN_PATH: &str = "/oauth/v1/generate?grant_type=client_credentials";
pub(super) const PUSH_PATH: &str = "/mpesa/stkpush/v1/processrequest";
pub(super) const QUERY_PATH: &str = "/mpesa/stkpushquery/v1/query";
/// Not documented: see `docs/wire/daraja.md`.
pub(super) const QUERY_PATH_V2: &str = "/mpesa/stkpushquery/v2/query";

/// The members in the order of Safaricom's own sample; all as text, which works as well as the sample's mixture.
///
/// Where the merchant's own server adds the password it is left out: what is not there cannot be taken for one, and a
/// server that forgets to add it gets Daraja's refusal of a missing field.
#[derive(Serialize)]
pub(super) struct PushBody<'a> {
    #[serde(rename = "BusinessShortCode")]
    pub(super) business_short_code: &'a str,
    #[serde(rename = "Password", skip_serializing_if = "Option::is_none")]
    pub(super) password: Option<&'a str>,
    #[serde(rename = "Timestamp")]
    pub(super) timestamp: &'a str,
    #[serde(rename = "TransactionType")]
    pub(super) transaction_type: &'a str,
    #[serde(rename = "Amount")]
    pub(super) amount: &'a str,
    #[serde(rename = "PartyA")]
    pub(super) party_a: &'a str,
    #[serde(rename = "PartyB")]
    pub(super) party_b: &'a str,
    #[serde(rename = "PhoneNumber")]
    pub(super) phone_number: &'a str,
    #[serde(rename = "CallBackURL")]
    pub(super) callback_url: &'a str,
    #[serde(rename = "AccountReference")]
    pub(super) account_reference: &'a str,
    #[serde(rename = "TransactionDesc")]
    pub(super) transaction_desc: &'a str,
}

#[derive(Serialize)]
pub(super) struct QueryBody<'a> {
    #[serde(rename = "BusinessShortCode")]
    pub(super) business_short_code: &'a str,
    #[serde(rename = "Password", skip_serializing_if = "Option::is_none")]
    pub(super) password: Option<&'a str>,
    #[serde(rename = "Timestamp")]
    pub(super) timestamp: &'a str,
    #[serde(rename = "CheckoutRequestID")]
    pub(super) checkout_request_id: &'a str,
}

/// An answer's JSON object, or what else the answer means. The status alone never decides: Daraja has been seen
/// to send an error envelope under HTTP 200.
pub(super) fn read(endpoint: Endpoint, answer: &Answer) -> Result<Json<'_>, Box<Refusal>> {
    let json = match json::read(&answer.body, json::MAX_BYTES) {
        Ok(json @ Json::Object(_)) => json,
        Ok(_) | Err(_) => return Err(Box::new(without_envelope(endpoint, answer))),
    };
    if let Some(fault) = front_door::in_json(&json) {
        return Err(Box::new(of_front_door(endpoint, answer, &fault)));
    }
    match json.text_or_number("errorCode") {
        Some(code) => Err(Box::new(with_envelope(endpoint, answer, &json, code))),
        None if answer.is_ok() => Ok(json),
        None => Err(Box::new(without_envelope(endpoint, answer))),
    }
}

fn of_front_door(endpoint: Endpoint, answer: &Answer, fault: &Fault<'_>) -> Refusal {
    let code = fault.code.as_deref();
    let row = error_codes::fault(
        endpoint,
        answer.status,
        code.unwrap_or_default(),
        &fault.words,
    );
    Refusal {
        hint: Some(row.hint.to_owned()),
        retry_after: answer.retry_after(),
        ..Refusal::new(
            answer,
            row.meaning,
            row.kind,
            code.unwrap_or(row.code),
            &*fault.words,
        )
    }
}

fn with_envelope(endpoint: Endpoint, answer: &Answer, json: &Json<'_>, code: &str) -> Refusal {
    let message = json.text("errorMessage").unwrap_or_default();
    let row = error_codes::look_up(endpoint, answer.status, code, message);
    let named = (row.kind == ErrorKind::InvalidRequest)
        .then(|| error_codes::field_named(message))
        .flatten();
    Refusal {
        field: named.map(|(field, _)| field),
        hint: Some(named.map_or(row.hint, |(_, cause)| cause).to_owned()),
        request_id: json.owned_text("requestId"),
        retry_after: answer
            .retry_after()
            .or(row.wait_seconds.map(Duration::from_secs)),
        is_own_form: true,
        ..Refusal::new(answer, row.meaning, row.kind, code, message)
    }
}

/// An answer without Daraja's error envelope: HTML of a firewall or a proxy, an empty body, half a body.
fn without_envelope(endpoint: Endpoint, answer: &Answer) -> Refusal {
    if let Some(fault) = front_door::in_xml(&answer.body) {
        return of_front_door(endpoint, answer, &fault);
    }
    let row = if firewall::is_page(&answer.body) {
        error_codes::firewall(endpoint)
    } else {
        error_codes::by_status(endpoint, answer.status, answer.body.is_empty())
    };
    Refusal {
        hint: Some(row.hint.to_owned()),
        retry_after: answer.retry_after(),
        ..Refusal::new(answer, row.meaning, row.kind, row.code, answer.described())
    }
}

/// Whether an answer to a query says that its address does not exist: a fault of the front door, Daraja's own code for it,
/// or a 404 that is not Daraja's at all. A 404 in Daraja's form is often about the token.
pub(super) fn says_no_such_address(answer: &Answer) -> bool {
    match read(Endpoint::Query, answer) {
        Ok(_) => false,
        Err(refusal) if refusal.is_own_form => error_codes::NO_SUCH_PATH.contains(&&*refusal.code),
        Err(refusal) => {
            refusal.meaning != Meaning::TokenRefused
                && (refusal.http_status == 404 || refusal.code == error_codes::NO_SUCH_ADDRESS.code)
        }
    }
}

/// HTTP 200 with a `ResponseCode` other than 0: a refusal.
pub(super) fn refused_with_response_code(
    answer: &Answer,
    code: &str,
    description: &str,
) -> Refusal {
    Refusal {
        is_own_form: true,
        ..Refusal::new(
            answer,
            Meaning::SaidNo,
            ErrorKind::InvalidRequest,
            code,
            description,
        )
    }
}

/// What an error answer to a query says about the prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QueryState {
    /// The prompt is live.
    StillProcessing,
    /// The answer holds nothing: it was seen for live and for finished payments alike.
    NoInformation,
}

/// `500.001.1001` is at least seven different things, and on a query its message decides between them.
pub(super) fn query_state(code: &str, message: &str) -> Option<QueryState> {
    let message = message.trim().to_ascii_lowercase();
    match code {
        "500.001.1001"
            if message.contains("being processed") || message.contains("under processing") =>
        {
            Some(QueryState::StillProcessing)
        }
        "500.001.1001"
            if message.is_empty()
                || message.contains("does not exist") && message.contains("transaction") =>
        {
            Some(QueryState::NoInformation)
        }
        "400.002.02" if message.contains("checkoutrequestid") => Some(QueryState::NoInformation),
        _ => None,
    }
}

/// What the answer to a token request means.
pub(crate) fn read_token(answer: &Answer) -> Reading<FreshToken> {
    let json = match read(Endpoint::Token, answer) {
        Ok(json) => json,
        Err(refusal) => return Reading::Refused(*refusal),
    };
    match json.text("access_token") {
        Some(token) if !token.trim().is_empty() => Reading::Done(FreshToken {
            value: Secret::new(token.to_owned()),
            lifetime: token_lifetime(
                json.text_or_number("expires_in")
                    .or_else(|| json.text_or_number("expiry_in")),
            ),
        }),
        _ => Reading::Refused(Refusal {
            kind: ErrorKind::Authentication,
            hint: Some(
                "Check the base URL: this does not look like Daraja's token address.".to_owned(),
            ),
            ..Refusal::unreadable(answer, "it holds no access_token")
        }),
    }
}

/// `expires_in` comes as text or number, and is missing at times: an hour is what every documented token has.
fn token_lifetime(expires_in: Option<&str>) -> Duration {
    const USUAL_SECONDS: u64 = 3_600;
    const MAX_SECONDS: u64 = 24 * 3_600;
    let seconds = expires_in
        .and_then(|text| reading::integer(text.trim())?.parse::<u64>().ok())
        .filter(|seconds| *seconds > 0);
    Duration::from_secs(seconds.unwrap_or(USUAL_SECONDS).min(MAX_SECONDS))
}
