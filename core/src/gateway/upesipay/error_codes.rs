//! Error codes of UpesiPay and PayHero: what each means for a request, in one table. They document no codes, and
//! of the statuses only a few are known; whatever is not here may or may not have prompted a phone. To read another status, add a row.

use crate::error::ErrorKind::{self, Authentication, InvalidRequest, RateLimited};
use crate::gateway::refusal::Meaning::{self, Busy, SaidNo, Unclear};

/// One row: this status, with a body of a documented shape, means that.
#[derive(Debug)]
pub(in crate::gateway) struct ErrorCode {
    status: u16,
    pub(in crate::gateway) code: &'static str,
    pub(in crate::gateway) meaning: Meaning,
    pub(in crate::gateway) kind: ErrorKind,
    pub(in crate::gateway) hint: &'static str,
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

const TOKEN: &str = "Check the token: it is copied whole from the gateway's dashboard. With a user name and password, check those.";
const UNSURE: &str = "The gateway did not say whether it had acted.";
const ADDRESS: &str = "Check the base URL.";

static STATUSES: &[ErrorCode] = &[
    row(
        400,
        "http_400",
        SaidNo,
        InvalidRequest,
        "Check the phone number, `channel_id` and the other fields; the message may name one.",
    ),
    row(
        402,
        "http_402",
        SaidNo,
        InvalidRequest,
        "Top up the service balance at the gateway, then push again.",
    ),
    row(
        412,
        "http_412",
        SaidNo,
        InvalidRequest,
        "The account is not set up for collections yet: finish that in the gateway's dashboard.",
    ),
];

/// UpesiPay blocks a phone for a day after more than 10 pushes in a row that failed, and an account for hours
/// after more than 50 in six hours. How it says so is not documented: `gateway/block/announced.rs` reads
/// codes and words.
pub(super) const BLOCKED: &str = "The gateway blocks phones and accounts after many pushes that nobody paid. Do not push again before it is over.";

static TOKEN_REFUSED: ErrorCode = row(401, "http_401", SaidNo, Authentication, TOKEN);
static TOO_MANY: ErrorCode = row(
    429,
    "http_429",
    Busy,
    RateLimited,
    "The gateway takes some 15 requests a minute; slow down.",
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

/// The page of a web firewall, under whatever status.
pub(super) static FIREWALL_PAGE: ErrorCode = row(
    0,
    "firewall_page",
    Unclear,
    ErrorKind::Blocked,
    "A firewall in front of the gateway answered: check that this server's address is allowed, and slow down.",
);

/// Every row, those of answers without a code at the end.
pub(in crate::gateway) fn all() -> impl Iterator<Item = &'static ErrorCode> {
    STATUSES.iter().chain([
        &TOKEN_REFUSED,
        &TOO_MANY,
        &UNAVAILABLE,
        &NOBODY_KNOWS,
        &FIREWALL_PAGE,
        &NO_KNOWN_SHAPE,
    ])
}

/// What an error of a documented shape means.
pub(super) fn look_up(status: u16) -> &'static ErrorCode {
    match status {
        // Whoever says it, nobody was let in.
        401 => &TOKEN_REFUSED,
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
        // Whoever says it, nobody was let in.
        401 => &TOKEN_REFUSED,
        429 => &TOO_MANY,
        500..=599 => &UNAVAILABLE,
        _ => &NO_KNOWN_SHAPE,
    }
}
