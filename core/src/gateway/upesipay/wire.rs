//! The wire format of UpesiPay and PayHero, in both generations of the interface: paths, bodies, and how an error answer
//! is told apart from another. Nothing outside this folder knows any of it.

use super::error_codes;
use super::error_codes::ErrorCode;
use crate::gateway::block::Documented;
use crate::gateway::block::announced::{self, Said};
use crate::gateway::firewall;
use crate::gateway::flat;
use crate::gateway::message::Answer;
use crate::gateway::reading;
use crate::gateway::refusal::Refusal;
use crate::json;
use crate::json::Json;
use crate::meaning::outcome::Outcome;
use serde::Serialize;
use std::time::Duration;

pub(super) const PUSH_PATH_ONE: &str = "/api/v2/payments";
pub(super) const PUSH_PATH_TWO: &str = "/api/v2/collections/initiate/";

pub(super) fn status_path(reference: &str) -> String {
    format!(
        "/api/v2/transaction-status?reference={}",
        flat::query_value(reference)
    )
}

/// A number in the documents; generation 2 also knows the word `wallet`.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum ChannelId<'a> {
    Number(u64),
    Word(&'a str),
}

/// The members in the order of the documents.
#[derive(Serialize)]
pub(super) struct PushBodyOne<'a> {
    pub(super) amount: u32,
    pub(super) phone_number: &'a str,
    pub(super) channel_id: ChannelId<'a>,
    pub(super) provider: &'a str,
    pub(super) external_reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) customer_name: Option<&'a str>,
    pub(super) callback_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) credential_id: Option<&'a str>,
}

/// What clients of generation 2 send; the vendor's own page for it was not found.
#[derive(Serialize)]
pub(super) struct PushBodyTwo<'a> {
    pub(super) channel_id: ChannelId<'a>,
    pub(super) phone_number: &'a str,
    pub(super) amount: u32,
    pub(super) callback_url: &'a str,
    pub(super) external_reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) customer_name: Option<&'a str>,
}

/// How long UpesiPay blocks, as its documents say: a phone for a day, an account for at least four hours.
const BLOCKS: Documented = Documented {
    account: Duration::from_secs(4 * 3_600),
    phone: Duration::from_secs(24 * 3_600),
};

/// An answer's JSON object, or what else the answer means.
pub(super) fn read(answer: &Answer) -> Result<Json<'_>, Box<Refusal>> {
    let json = match json::read(&answer.body, json::MAX_BYTES) {
        Ok(json @ Json::Object(_)) => json,
        Ok(_) | Err(_) => return Err(Box::new(without_shape(answer, None))),
    };
    if is_error_body(&json) {
        Err(Box::new(with_shape(answer, &json)))
    } else if answer.is_ok() && json.get("success") != Some(&Json::Bool(false)) {
        Ok(json)
    } else {
        Err(Box::new(without_shape(answer, Some(&json))))
    }
}

/// `{"error_message"}` in generation 1, `{"success":false,"status_code","message","error_code","details"}` in
/// generation 2.
fn is_error_body(json: &Json<'_>) -> bool {
    let says = |name: &str| flat::get(json, &[name]).is_some();
    says("error_message")
        || (json.get("success") == Some(&Json::Bool(false))
            && ["message", "error_code", "status_code"]
                .into_iter()
                .any(says))
}

fn with_shape(answer: &Answer, json: &Json<'_>) -> Refusal {
    let message = flat::text(json, &["error_message", "message"]);
    // Under HTTP 200 the status stands in the body.
    let status = if answer.is_ok() {
        json.text_or_number("status_code")
            .and_then(|text| reading::integer(text)?.parse().ok())
            .unwrap_or(answer.status)
    } else {
        answer.status
    };
    let code = flat::text(json, &["error_code"]);
    let row = error_codes::look_up(status);
    let refusal = Refusal {
        code: code.clone().unwrap_or_else(|| row.code.to_owned()),
        message: message.unwrap_or_else(|| answer.described()),
        request_id: flat::text(json, &["request_id"]),
        is_own_form: true,
        ..refusal(answer, row)
    };
    or_block(answer, status, refusal, code.as_deref(), Some(json))
}

/// Other forms of an error: another gateway's envelope, plain text, or a page.
fn without_shape(answer: &Answer, json: Option<&Json<'_>>) -> Refusal {
    let row = if firewall::is_page(&answer.body) {
        &error_codes::FIREWALL_PAGE
    } else {
        error_codes::by_status(answer.status)
    };
    let refusal = refusal(answer, row);
    let code = json.and_then(|json| flat::text(json, &["error_code", "code"]));
    or_block(answer, answer.status, refusal, code.as_deref(), json)
}

fn refusal(answer: &Answer, row: &ErrorCode) -> Refusal {
    Refusal {
        hint: Some(row.hint.to_owned()),
        retry_after: answer.retry_after(),
        ..Refusal::new(answer, row.meaning, row.kind, row.code, answer.described())
    }
}

/// The same refusal, unless the answer announces a block.
fn or_block(
    answer: &Answer,
    status: u16,
    refusal: Refusal,
    code: Option<&str>,
    json: Option<&Json<'_>>,
) -> Refusal {
    let said = Said {
        status,
        code: code.unwrap_or_default(),
        is_known_code: false,
        json,
    };
    announced::or_block(answer, refusal, said, BLOCKS, error_codes::BLOCKED)
}

/// What a status says, in either generation. `success` at the top of an answer only means that the question was
/// answered.
pub(super) fn outcome(status: &str) -> Outcome {
    match status.trim().to_ascii_lowercase().as_str() {
        "success" => Outcome::Success,
        "failed" => Outcome::Failed,
        "cancelled" | "canceled" => Outcome::Cancelled,
        "timeout" => Outcome::Timeout,
        "queued" | "sent" | "pending" | "processing" => Outcome::Pending,
        _ => Outcome::Unknown,
    }
}
