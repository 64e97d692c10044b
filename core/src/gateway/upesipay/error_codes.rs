//! What UpesiPay's error answers mean, in one table. It documents no codes, and of the statuses only a few are
//! known; whatever is not here may or may not have prompted a phone. To read another status, add a row.

use crate::ErrorKind::{self, Authentication, Blocked, InvalidRequest, RateLimited};
use crate::gateway::Meaning::{self, Busy, SaidNo, Unclear};

/// One row: this status, with a body of a documented shape, means that.
#[derive(Debug)]
pub(super) struct ErrorCode {
    status: u16,
    pub(super) code: &'static str,
    pub(super) meaning: Meaning,
    pub(super) kind: ErrorKind,
    pub(super) hint: &'static str,
}

const fn row(
    status: u16,
    code: &'static str,
    meaning: Meaning,
    kind: ErrorKind,
    hint: &'static str,
) -> ErrorCode {
    ErrorCode {
        status,
        code,
        meaning,
        kind,
        hint,
    }
}

const TOKEN: &str = "Check the token: it is copied whole from the UpesiPay dashboard. With a user name and password, check those.";
const UNSURE: &str = "UpesiPay did not say whether it had acted.";
const ADDRESS: &str = "Check the base URL.";

static STATUSES: &[ErrorCode] = &[
    row(
        400,
        "http_400",
        SaidNo,
        InvalidRequest,
        "Check the phone number, `channel_id` and the other fields; the message may name one.",
    ),
    row(401, "http_401", SaidNo, Authentication, TOKEN),
    row(
        402,
        "http_402",
        SaidNo,
        InvalidRequest,
        "Top up the service balance at UpesiPay, then push again.",
    ),
    row(
        412,
        "http_412",
        SaidNo,
        InvalidRequest,
        "The account is not set up for collections yet: finish that in the UpesiPay dashboard.",
    ),
];

/// UpesiPay blocks a phone for a day after more than 10 pushes in a row that failed, and an account for hours
/// after more than 50 in six hours. How it says so is not documented; the words of a refusal are all there is.
static BLOCK: ErrorCode = row(
    0,
    "blocked",
    SaidNo,
    Blocked,
    "UpesiPay blocks phones and accounts after many pushes that nobody paid. Do not push again before it is over.",
);
static TOO_MANY: ErrorCode = row(
    429,
    "http_429",
    Busy,
    RateLimited,
    "UpesiPay takes some 15 requests a minute; slow down.",
);
static UNAVAILABLE: ErrorCode = row(500, "http_5xx", Unclear, ErrorKind::ProviderError, UNSURE);
static NOBODY_KNOWS: ErrorCode = row(0, "refused", Unclear, ErrorKind::ProviderError, UNSURE);
static NO_KNOWN_SHAPE: ErrorCode = row(
    0,
    "unreadable_answer",
    Unclear,
    ErrorKind::UnreadableAnswer,
    ADDRESS,
);

/// What an error of a documented shape means.
pub(super) fn look_up(status: u16, message: &str) -> &'static ErrorCode {
    let message = message.to_ascii_lowercase();
    let speaks_of_a_block = ["block", "restricted", "suspended", "banned"]
        .iter()
        .any(|word| message.contains(word));
    match status {
        400 | 403 | 429 if speaks_of_a_block => &BLOCK,
        429 => &TOO_MANY,
        500..=599 => &UNAVAILABLE,
        _ => STATUSES
            .iter()
            .find(|row| row.status == status)
            .unwrap_or(&NOBODY_KNOWS),
    }
}

/// What any other answer means.
pub(super) fn by_status(status: u16) -> &'static ErrorCode {
    match status {
        429 => &TOO_MANY,
        500..=599 => &UNAVAILABLE,
        _ => &NO_KNOWN_SHAPE,
    }
}
