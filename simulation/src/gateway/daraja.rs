//! Daraja's bytes, written from `docs/wire/daraja.md` alone.

use super::{Ask, Prompt, PushAsk};
use crate::plan::Spoil;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use lipia::EatTime;
use lipia::simulation::{Request, Response};
use serde::Deserialize;

#[derive(Deserialize)]
struct PushBody {
    #[serde(rename = "Amount")]
    amount: String,
    #[serde(rename = "PhoneNumber")]
    phone_number: String,
    #[serde(rename = "CallBackURL")]
    callback_url: String,
    #[serde(rename = "AccountReference")]
    account_reference: String,
}

#[derive(Deserialize)]
struct QueryBody {
    #[serde(rename = "CheckoutRequestID")]
    checkout_request_id: String,
}

/// What a request asks for.
pub(crate) fn read(request: &Request) -> Ask {
    let header = request.authorization.clone().unwrap_or_default();
    let body = request.body.as_deref().unwrap_or_default();
    match request.path.as_str() {
        "/oauth/v1/generate?grant_type=client_credentials" => Ask::Token,
        "/mpesa/stkpush/v1/processrequest" => read_push(body, header).unwrap_or(Ask::Nonsense),
        "/mpesa/stkpushquery/v1/query" => match serde_json::from_slice::<QueryBody>(body) {
            Ok(QueryBody {
                checkout_request_id,
            }) => Ask::Query {
                checkout_request_id,
                header,
            },
            Err(_) => Ask::Nonsense,
        },
        _ => Ask::Nonsense,
    }
}

fn read_push(body: &[u8], header: String) -> Option<Ask> {
    let push: PushBody = serde_json::from_slice(body).ok()?;
    Some(Ask::Push(PushAsk {
        sale: sale_of(&push.account_reference)?,
        amount: push.amount.parse().ok()?,
        phone_number: push.phone_number,
        callback_path: path_of(&push.callback_url),
        header,
    }))
}

/// Sales are numbered in their references, `S7`: the gateway itself has no notion of one.
fn sale_of(reference: &str) -> Option<usize> {
    reference.strip_prefix('S')?.parse().ok()
}

/// The path of an address.
fn path_of(url: &str) -> String {
    let behind_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    behind_scheme
        .find('/')
        .and_then(|at| behind_scheme.get(at..))
        .unwrap_or("/")
        .to_owned()
}

/// A number's nine national digits.
pub(crate) fn national(phone_number: &str) -> &str {
    phone_number.strip_prefix("254").unwrap_or(phone_number)
}

fn json(status: u16, body: String) -> Response {
    respond(status, "application/json", body)
}

fn html(status: u16, text: &str) -> Response {
    respond(
        status,
        "text/html",
        format!("<html><body><h1>{text}</h1></body></html>"),
    )
}

fn respond(status: u16, content_type: &'static str, body: String) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    Response {
        status,
        headers,
        body: Bytes::from(body),
    }
}

fn envelope(status: u16, code: &str, message: &str) -> Response {
    json(
        status,
        format!(r#"{{"requestId":"4801-5","errorCode":"{code}","errorMessage":"{message}"}}"#),
    )
}

pub(crate) fn token(value: &str, seconds: u64) -> Response {
    json(
        200,
        format!(r#"{{"access_token":"{value}","expires_in":"{seconds}"}}"#),
    )
}

pub(crate) fn keys_refused() -> Response {
    envelope(400, "400.008.01", "Invalid Authentication passed")
}

pub(crate) fn not_found() -> Response {
    envelope(404, "404.001.01", "Resource not found")
}

pub(crate) fn push_token_refused() -> Response {
    envelope(404, "404.001.03", "Invalid Access Token")
}

pub(crate) fn query_token_refused() -> Response {
    envelope(400, "400.003.01", "Invalid Access Token")
}

pub(crate) fn busy(retry_after_seconds: Option<u64>) -> Response {
    let Some(seconds) = retry_after_seconds else {
        return envelope(
            500,
            "500.003.02",
            "System is busy. Please try again in few minutes.",
        );
    };
    let mut response = respond(429, "text/plain", "Too Many Requests".to_owned());
    response
        .headers
        .insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

pub(crate) fn refused() -> Response {
    envelope(400, "400.002.02", "Bad Request - Invalid PhoneNumber")
}

pub(crate) fn subscriber_busy() -> Response {
    envelope(
        500,
        "500.001.1001",
        "Unable to lock subscriber, a transaction is already in process for the current subscriber",
    )
}

pub(crate) fn acceptance(prompt: &Prompt) -> Response {
    let Prompt {
        merchant_request_id,
        checkout_request_id,
        ..
    } = prompt;
    json(
        200,
        format!(
            r#"{{"MerchantRequestID":"{merchant_request_id}","CheckoutRequestID":"{checkout_request_id}","ResponseCode":"0","ResponseDescription":"Success. Request accepted for processing","CustomerMessage":"Success. Request accepted for processing"}}"#
        ),
    )
}

/// What stands in place of an answer.
pub(crate) fn spoiled(spoil: Spoil, answer: Option<Response>) -> Response {
    match spoil {
        Spoil::Unavailable => html(503, "503 Service Temporarily Unavailable"),
        Spoil::Firewall => html(403, "Request unsuccessful. Incapsula incident"),
        Spoil::InternalError => envelope(500, "500.003.1001", "Internal Server Error"),
        Spoil::Empty => respond(500, "text/plain", String::new()),
        Spoil::Html => html(200, "It works"),
        Spoil::Half => match answer {
            Some(mut answer) => {
                answer.body.truncate(answer.body.len() / 2);
                answer
            }
            None => respond(200, "application/json", "{".to_owned()),
        },
    }
}

/// The truth about a prompt, as a query has it: no receipt, no amount.
pub(crate) fn status(prompt: &Prompt) -> Response {
    let Some(code) = prompt.decided else {
        return still_processing();
    };
    let Prompt {
        merchant_request_id,
        checkout_request_id,
        ..
    } = prompt;
    let description = description(code);
    json(
        200,
        format!(
            r#"{{"ResponseCode":"0","ResponseDescription":"The service request has been accepted successsfully","MerchantRequestID":"{merchant_request_id}","CheckoutRequestID":"{checkout_request_id}","ResultCode":"{code}","ResultDesc":"{description}"}}"#
        ),
    )
}

pub(crate) fn still_processing() -> Response {
    envelope(500, "500.001.1001", "The transaction is being processed")
}

pub(crate) fn still_processing_otherwise(checkout_request_id: &str) -> Response {
    json(
        200,
        format!(
            r#"{{"ResponseCode":"0","ResponseDescription":"The service request has been accepted successsfully","MerchantRequestID":"1-1-1","CheckoutRequestID":"{checkout_request_id}","ResultCode":"4999","ResultDesc":"The transaction is still under processing"}}"#
        ),
    )
}

pub(crate) fn no_information() -> Response {
    envelope(500, "500.001.1001", "")
}

pub(crate) fn does_not_exist() -> Response {
    envelope(500, "500.001.1001", "The transaction does not Exist")
}

fn description(code: u32) -> &'static str {
    match code {
        0 => "The service request is processed successfully.",
        1 => "The balance is insufficient for the transaction.",
        1032 => "Request cancelled by user",
        1037 => "DS timeout user cannot be reached",
        2001 => "The initiator information is invalid.",
        _ => "The transaction failed",
    }
}

/// What a success says of the money.
#[derive(Clone, Debug)]
pub(crate) struct Claims<'a> {
    pub(crate) merchant_request_id: &'a str,
    pub(crate) checkout_request_id: &'a str,
    pub(crate) amount: u32,
    pub(crate) phone_number: &'a str,
    pub(crate) receipt: &'a str,
}

impl<'a> Claims<'a> {
    pub(crate) fn of(prompt: &'a Prompt) -> Self {
        Self {
            merchant_request_id: &prompt.merchant_request_id,
            checkout_request_id: &prompt.checkout_request_id,
            amount: prompt.amount,
            phone_number: &prompt.phone_number,
            receipt: &prompt.receipt,
        }
    }
}

/// A success, complete.
pub(crate) fn success(claims: &Claims<'_>, at: EatTime) -> Vec<u8> {
    let Claims {
        merchant_request_id,
        checkout_request_id,
        amount,
        phone_number,
        receipt,
    } = claims;
    let date = at.to_wire();
    format!(
        r#"{{"Body":{{"stkCallback":{{"MerchantRequestID":"{merchant_request_id}","CheckoutRequestID":"{checkout_request_id}","ResultCode":0,"ResultDesc":"The service request is processed successfully.","CallbackMetadata":{{"Item":[{{"Name":"Amount","Value":{amount}.00}},{{"Name":"MpesaReceiptNumber","Value":"{receipt}"}},{{"Name":"Balance"}},{{"Name":"TransactionDate","Value":{date}}},{{"Name":"PhoneNumber","Value":{phone_number}}}]}}}}}}}}"#
    )
    .into_bytes()
}

/// A result without anything of the money: what failed, or a success that says too little.
pub(crate) fn bare(merchant_request_id: &str, checkout_request_id: &str, code: u32) -> Vec<u8> {
    let description = description(code);
    format!(
        r#"{{"Body":{{"stkCallback":{{"MerchantRequestID":"{merchant_request_id}","CheckoutRequestID":"{checkout_request_id}","ResultCode":{code},"ResultDesc":"{description}"}}}}}}"#
    )
    .into_bytes()
}

/// The truth about a prompt that was decided, as it is posted.
pub(crate) fn callback(prompt: &Prompt, at: EatTime) -> Vec<u8> {
    match prompt.decided {
        Some(0) | None => success(&Claims::of(prompt), at),
        Some(code) => bare(
            &prompt.merchant_request_id,
            &prompt.checkout_request_id,
            code,
        ),
    }
}
