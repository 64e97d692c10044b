//! The wire format of PalPluss: paths, bodies, and how an error answer is told apart from another. Nothing
//! outside this folder knows any of it.

use super::error_codes;
use super::error_codes::ErrorCode;
use crate::error::ErrorKind;
use crate::gateway::block::Documented;
use crate::gateway::block::announced::{self, Said};
use crate::gateway::message::Answer;
use crate::gateway::refusal::Refusal;
use crate::gateway::{block, firewall, flat};
use crate::json;
use crate::json::Json;
use crate::meaning::outcome::Outcome;
use crate::meaning::result_codes;
use serde::Serialize;
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

pub(super) const PUSH_PATH: &str = "/payments/stk";

pub(super) fn transaction_path(id: &str) -> String {
    format!("/transactions/{}", flat::query_value(id))
}

/// One page of the latest pushes; of those that mention a reference, where one is known.
pub(super) fn list_path(reference: Option<&str>) -> String {
    let search = reference.map(|text| format!("&q={}", flat::query_value(text)));
    format!(
        "/transactions?limit=100&type=STK{}",
        search.unwrap_or_default()
    )
}

/// The members in the order of the documents. `credential_id` alone is written with an underscore there.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PushBody<'a> {
    pub(super) amount: u32,
    pub(super) phone: &'a str,
    pub(super) account_reference: &'a str,
    pub(super) transaction_desc: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) channel_id: Option<&'a str>,
    pub(super) callback_url: &'a str,
    #[serde(rename = "credential_id", skip_serializing_if = "Option::is_none")]
    pub(super) credential_id: Option<&'a str>,
}

/// How long PalPluss stops an API key's pushes, as its documents say. They know no block of one phone.
const BAN: Documented = Documented {
    account: Duration::from_secs(3_600),
    phone: Duration::from_secs(3_600),
};

/// What an answer may have at most: a hundred transactions, several times as long as the documents' longest.
const MAX_ANSWER_BYTES: usize = 512 * 1024;

/// An answer's JSON object, or what else the answer means. The code in the envelope decides, not the status: the
/// same codes are documented under several.
pub(super) fn read(answer: &Answer) -> Result<Json<'_>, Box<Refusal>> {
    remark_on_rate_limit(answer);
    let json = match json::read(&answer.body, MAX_ANSWER_BYTES) {
        Ok(json @ Json::Object(_)) => json,
        Ok(_) | Err(_) => return Err(Box::new(without_envelope(answer, None))),
    };
    match json.object("error").and_then(|error| error.text("code")) {
        Some(code) => Err(Box::new(with_envelope(answer, &json, code))),
        None if answer.is_ok() && json.get("success") != Some(&Json::Bool(false)) => Ok(json),
        None => Err(Box::new(without_envelope(answer, Some(&json)))),
    }
}

/// The payload: under `data` in every document, bare in some clients' tests.
pub(super) fn data<'j>(json: &'j Json<'j>) -> &'j Json<'j> {
    json.get("data").unwrap_or(json)
}

/// The transactions of a list.
pub(super) fn items<'j>(json: &'j Json<'j>) -> Option<&'j [Json<'j>]> {
    let data = data(json);
    let list = match data {
        Json::List(_) => Some(data),
        _ => ["items", "transactions", "data"]
            .iter()
            .find_map(|name| data.get(name)),
    };
    match list {
        Some(Json::List(items)) => Some(items),
        _ => None,
    }
}

fn with_envelope(answer: &Answer, json: &Json<'_>, code: &str) -> Refusal {
    let error = json.object("error");
    let row = error_codes::look_up(answer.status, code);
    let refusal = Refusal {
        is_own_form: true,
        ..refusal(
            answer,
            row,
            code,
            error.and_then(|error| error.owned_text("message")),
            json.owned_text("requestId"),
            block::told_in_members(json),
        )
    };
    or_block(answer, refusal, Some(code), Some(json))
}

/// Other forms of an error: a code at the top, plain text, or a page.
fn without_envelope(answer: &Answer, json: Option<&Json<'_>>) -> Refusal {
    let row = if firewall::is_page(&answer.body) {
        &error_codes::FIREWALL_PAGE
    } else {
        error_codes::by_status(answer.status)
    };
    let code = json.and_then(|json| flat::text(json, &["error_code", "errorCode", "code"]));
    let told = json.and_then(block::told_in_members);
    let refusal = refusal(answer, row, row.code, None, None, told);
    or_block(answer, refusal, code.as_deref(), json)
}

/// The same refusal, unless the answer announces a block.
fn or_block(
    answer: &Answer,
    refusal: Refusal,
    code: Option<&str>,
    json: Option<&Json<'_>>,
) -> Refusal {
    let said = Said {
        status: answer.status,
        code: code.unwrap_or_default(),
        is_known_code: code.is_some_and(error_codes::is_known),
        json,
    };
    announced::or_block(answer, refusal, said, BAN, error_codes::BANNED)
}

fn refusal(
    answer: &Answer,
    row: &ErrorCode,
    code: &str,
    message: Option<String>,
    request_id: Option<String>,
    told: Option<Duration>,
) -> Refusal {
    let until_reset =
        || (row.kind == ErrorKind::RateLimited).then(|| until_rate_limit_reset(answer))?;
    let message = message.unwrap_or_else(|| answer.described());
    Refusal {
        hint: Some(row.hint.to_owned()),
        request_id,
        retry_after: told.or_else(|| answer.retry_after()).or_else(until_reset),
        ..Refusal::new(answer, row.meaning, row.kind, code, message)
    }
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.get(name)?.to_str().ok().map(str::trim)
}

/// `x-ratelimit-reset` counts in PalPluss's own clock, so it is compared with the answer's own date.
fn until_rate_limit_reset(answer: &Answer) -> Option<Duration> {
    let reset: i64 = header(answer, "x-ratelimit-reset")?.parse().ok()?;
    let date = OffsetDateTime::parse(header(answer, "date")?, &Rfc2822).ok()?;
    let seconds = u64::try_from(reset.checked_sub(date.unix_timestamp())?).ok()?;
    // The window is a minute long: anything beyond a few of them is another clock, or another unit.
    (seconds <= 300).then_some(Duration::from_secs(seconds))
}

fn remark_on_rate_limit(answer: &Answer) {
    let remaining =
        header(answer, "x-ratelimit-remaining").and_then(|text| text.parse::<u64>().ok());
    if let Some(remaining @ 0..=5) = remaining {
        tracing::warn!(
            target: "lipia",
            remaining,
            limit = header(answer, "x-ratelimit-limit"),
            reset = header(answer, "x-ratelimit-reset"),
            "PalPluss will soon refuse requests of this API key"
        );
    }
}

/// What a transaction's status and code say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) outcome: Outcome,
    /// Whether they contradict each other.
    pub(super) contradictory: bool,
}

/// The status decides. The code says why something failed; `0` says nothing but "accepted" on anything but a
/// success, where any other code contradicts. A receipt with a failure whose code is `0` contradicts it too.
pub(super) fn verdict(status: &str, code: Option<&str>, has_receipt: bool) -> Verdict {
    let clear = |outcome| Verdict {
        outcome,
        contradictory: false,
    };
    let contradictory = Verdict {
        outcome: Outcome::Unknown,
        contradictory: true,
    };
    let by_code = code
        .and_then(result_codes::lookup)
        .map(|row| row.outcome)
        .filter(|outcome| outcome.is_final() && !outcome.is_paid());
    let paid_after_all = code == Some("0") && has_receipt;
    match status.to_ascii_uppercase().as_str() {
        "PENDING" | "PROCESSING" => clear(Outcome::Pending),
        "SUCCESS" if matches!(code, None | Some("0")) => clear(Outcome::Success),
        "SUCCESS" => contradictory,
        "REVERSED" => clear(Outcome::Reversed),
        "FAILED" | "CANCELLED" | "EXPIRED" if paid_after_all => contradictory,
        "FAILED" => clear(by_code.unwrap_or(Outcome::Failed)),
        "CANCELLED" => clear(Outcome::Cancelled),
        "EXPIRED" => clear(by_code.unwrap_or(Outcome::Expired)),
        _ => clear(Outcome::Unknown),
    }
}
