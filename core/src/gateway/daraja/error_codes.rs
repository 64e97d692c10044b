//! Daraja's error codes: what each means for a request, in one table. To make Lipia heal, or wait out, or report
//! another code differently, change its row here.
//!
//! Sources: the portal's error list and what was observed; see `docs/wire/daraja.md`. Codes decide, not HTTP statuses:
//! the same code was seen under several. Prose decides only for `500.001.1001`, which is many things at once.

use super::wire::Endpoint;
use crate::ErrorKind;
use crate::gateway::Meaning;

/// One row: this code, on these endpoints, with this in its message, means that.
#[derive(Debug)]
pub(super) struct ErrorCode {
    pub(super) code: &'static str,
    /// `None`: on every endpoint.
    pub(super) endpoint: Option<Endpoint>,
    /// Lower case; empty: whatever the message.
    pub(super) message_contains: &'static str,
    pub(super) meaning: Meaning,
    pub(super) kind: ErrorKind,
    pub(super) hint: &'static str,
    /// What to wait before trying again, where that is known.
    pub(super) wait_seconds: Option<u64>,
}

const fn row(
    code: &'static str,
    meaning: Meaning,
    kind: ErrorKind,
    hint: &'static str,
) -> ErrorCode {
    ErrorCode {
        code,
        endpoint: None,
        message_contains: "",
        meaning,
        kind,
        hint,
        wait_seconds: None,
    }
}

impl ErrorCode {
    const fn on(self, endpoint: Endpoint) -> Self {
        Self {
            endpoint: Some(endpoint),
            ..self
        }
    }

    const fn saying(self, message_contains: &'static str) -> Self {
        Self {
            message_contains,
            ..self
        }
    }

    const fn waiting(self, seconds: u64) -> Self {
        Self {
            wait_seconds: Some(seconds),
            ..self
        }
    }
}

const KEYS: &str = "Check the consumer key and secret, and that they belong to this environment (sandbox or production).";
const TOKEN: &str = "A fresh token was refused as well: check that the keys belong to this environment and that the app has the M-Pesa Express product.";
const FIELD: &str = "The message names the field that Daraja refuses.";
const ADDRESS: &str = "Check the base URL and the environment.";
const BUSY: &str = "M-Pesa refused before prompting anyone; try again in a few minutes.";
const UNSURE: &str = "M-Pesa failed without saying whether it had acted.";

/// The first row that fits decides.
static ERROR_CODES: &[ErrorCode] = &[
    // Tokens: renewed once inside the call, and the request is sent again.
    row("404.001.03", Meaning::TokenRefused, ErrorKind::Authentication, TOKEN),
    row("400.003.01", Meaning::TokenRefused, ErrorKind::Authentication, TOKEN),
    row("401.002.01", Meaning::TokenRefused, ErrorKind::Authentication, TOKEN),
    row("401.003.01", Meaning::TokenRefused, ErrorKind::Authentication, TOKEN),
    // Refused before acting: the same request may be sent again after a pause.
    row("500.003.02", Meaning::Busy, ErrorKind::RateLimited, BUSY),
    row("500.003.03", Meaning::Busy, ErrorKind::RateLimited, BUSY),
    row("429", Meaning::Busy, ErrorKind::RateLimited, BUSY),
    // The keys.
    row("400.008.01", Meaning::SaidNo, ErrorKind::Authentication, KEYS),
    row("400.008.02", Meaning::SaidNo, ErrorKind::Authentication, ADDRESS),
    row("404.001.04", Meaning::SaidNo, ErrorKind::Authentication, ADDRESS),
    // The request.
    row("400.002.02", Meaning::SaidNo, ErrorKind::InvalidRequest, FIELD),
    row("400.002.05", Meaning::SaidNo, ErrorKind::InvalidRequest, FIELD),
    row("400.003.02", Meaning::SaidNo, ErrorKind::InvalidRequest, FIELD),
    row("404.001.01", Meaning::SaidNo, ErrorKind::InvalidRequest, ADDRESS),
    row("404.003.01", Meaning::SaidNo, ErrorKind::InvalidRequest, ADDRESS),
    row("405.001", Meaning::SaidNo, ErrorKind::InvalidRequest, ADDRESS),
    // 500.001.1001 is told apart by its message.
    row(
        "500.001.1001",
        Meaning::SaidNo,
        ErrorKind::Credentials,
        "Check the pass key: it must belong to this short code and environment.",
    )
    .saying("wrong credentials"),
    row(
        "500.001.1001",
        Meaning::SaidNo,
        ErrorKind::Credentials,
        "Check the short code: for a till it is the store number, and the till number goes into party_b.",
    )
    .saying("merchant does not exist"),
    row(
        "500.001.1001",
        Meaning::SaidNo,
        ErrorKind::SubscriberBusy,
        "The customer has another M-Pesa prompt open: let them finish it, then push again.",
    )
    .on(Endpoint::Push)
    .saying("unable to lock subscriber")
    .waiting(60),
    row("500.001.1001", Meaning::Unclear, ErrorKind::ProviderError, UNSURE),
    row("500.003.1001", Meaning::Unclear, ErrorKind::ProviderError, UNSURE),
    row("500.002.1001", Meaning::Unclear, ErrorKind::ProviderError, UNSURE),
];

static NO_TO_THE_REQUEST: ErrorCode = row(
    "4xx",
    Meaning::SaidNo,
    ErrorKind::InvalidRequest,
    "Daraja refused the request with a code that Lipia does not know; its message says why.",
);

static NOBODY_KNOWS: ErrorCode = row("5xx", Meaning::Unclear, ErrorKind::ProviderError, UNSURE);

/// What an error envelope means.
pub(super) fn look_up(
    endpoint: Endpoint,
    status: u16,
    code: &str,
    message: &str,
) -> &'static ErrorCode {
    let message = message.to_ascii_lowercase();
    let fits = |row: &&ErrorCode| {
        row.code == code
            && row.endpoint.is_none_or(|only| only == endpoint)
            && message.contains(row.message_contains)
    };
    ERROR_CODES.iter().find(fits).unwrap_or(match status {
        401 => &UNAUTHORISED,
        429 => &TOO_MANY,
        // Daraja's envelope under a 4xx is a no, whatever the code.
        400..=499 => &NO_TO_THE_REQUEST,
        _ => &NOBODY_KNOWS,
    })
}

static UNAUTHORISED: ErrorCode = row(
    "http_401",
    Meaning::TokenRefused,
    ErrorKind::Authentication,
    TOKEN,
);
static KEYS_NOT_ACCEPTED: ErrorCode = row(
    "empty_400",
    Meaning::SaidNo,
    ErrorKind::Authentication,
    KEYS,
);
static TOO_MANY: ErrorCode = row("http_429", Meaning::Busy, ErrorKind::RateLimited, BUSY);
const FIREWALL: ErrorCode = row(
    "http_403",
    Meaning::Unclear,
    ErrorKind::Blocked,
    "Safaricom's firewall answered instead of Daraja: check that this server's address is allowed, and slow down.",
);
/// Nobody was prompted, and asking again at once is what a firewall counts.
static FIREWALL_AT_TOKEN: ErrorCode = ErrorCode {
    meaning: Meaning::SaidNo,
    ..FIREWALL
};
static UNAVAILABLE: ErrorCode = row(
    "http_5xx",
    Meaning::Unclear,
    ErrorKind::ProviderError,
    UNSURE,
);
static NO_KNOWN_SHAPE: ErrorCode = row(
    "unreadable_answer",
    Meaning::Unclear,
    ErrorKind::UnreadableAnswer,
    ADDRESS,
);

/// What an answer without an error envelope means.
pub(super) fn by_status(endpoint: Endpoint, status: u16, empty: bool) -> &'static ErrorCode {
    match status {
        // On the token address nothing but the keys is at stake, and an empty 400 was seen for dead keys.
        400 if endpoint == Endpoint::Token && empty => &KEYS_NOT_ACCEPTED,
        401 if endpoint == Endpoint::Token => &KEYS_NOT_ACCEPTED,
        401 => &UNAUTHORISED,
        403 if endpoint == Endpoint::Token => &FIREWALL_AT_TOKEN,
        403 => &FIREWALL,
        429 => &TOO_MANY,
        500..=599 => &UNAVAILABLE,
        _ => &NO_KNOWN_SHAPE,
    }
}
