//! What PalPluss's bytes look like: paths, bodies, and how an error answer is told apart from another. Nothing
//! outside this folder knows any of it.

use super::error_codes::{self, ErrorCode};
use crate::gateway::{Answer, Refusal, flat};
use crate::json::{self, Json};
use crate::{ErrorKind, Outcome, result_codes};
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

/// What an answer may have at most: a hundred transactions, several times as long as the documents' longest.
const MOST_ANSWER_BYTES: usize = 512 * 1024;

/// An answer's JSON object, or what else the answer means. The code in the envelope decides, not the status: the
/// same codes are documented under several.
pub(super) fn read(answer: &Answer) -> Result<Json<'_>, Box<Refusal>> {
    remark_on_rate_limit(answer);
    let json = match json::read(&answer.body, MOST_ANSWER_BYTES) {
        Ok(json @ Json::Object(_)) => json,
        Ok(_) | Err(_) => return Err(Box::new(without_envelope(answer))),
    };
    match json.object("error").and_then(|error| error.text("code")) {
        Some(code) => Err(Box::new(with_envelope(answer, &json, code))),
        None if answer.is_ok() && json.get("success") != Some(&Json::Bool(false)) => Ok(json),
        None => Err(Box::new(without_envelope(answer))),
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
    let details = error.and_then(|error| error.object("details"));
    let told = details
        .and_then(|details| details.text_or_number("retryAfterSeconds"))
        .and_then(whole_seconds);
    refusal(
        answer,
        row,
        code,
        error.and_then(|error| error.owned_text("message")),
        json.owned_text("requestId"),
        told,
    )
}

fn without_envelope(answer: &Answer) -> Refusal {
    let row = error_codes::by_status(answer.status);
    refusal(answer, row, row.code, None, None, None)
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
    Refusal {
        meaning: row.meaning,
        kind: row.kind,
        code: code.to_owned(),
        message: message.unwrap_or_else(|| answer.described()),
        hint: Some(row.hint.to_owned()),
        request_id,
        retry_after: told
            .or_else(|| answer.retry_after())
            .or_else(until_reset)
            .or(row.wait_seconds.map(Duration::from_secs)),
        http_status: answer.status,
    }
}

/// Whole seconds, rounded up; a month at most, so that nothing overflows further on.
fn whole_seconds(text: &str) -> Option<Duration> {
    const MOST: u64 = 31 * 24 * 3_600;
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let more = u64::from(fraction.bytes().any(|digit| digit != b'0'));
    let seconds = whole.parse::<u64>().unwrap_or(MOST).saturating_add(more);
    Some(Duration::from_secs(seconds.min(MOST)))
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
