//! Daraja's error codes: what each means for a request, in one table. To make Lipia heal, or wait out, or report
//! another code differently, change its row here.
//!
//! Sources: the portal's error list and what was observed; see `docs/wire/daraja.md`. Codes decide, not HTTP statuses:
//! the same code was seen under several. Prose decides only for `500.001.1001`, which is many things at once.

use super::endpoint::Endpoint;
use crate::error::ErrorKind;
use crate::gateway::refusal::{Meaning, rejects_the_request};

/// One row: this code, on these endpoints, with this in its message, means that.
#[derive(Debug)]
pub(in crate::gateway) struct ErrorCode {
    pub(in crate::gateway) code: &'static str,
    /// `None`: on every endpoint.
    pub(in crate::gateway) endpoint: Option<Endpoint>,
    /// Lower case; empty: whatever the message.
    pub(in crate::gateway) message_contains: &'static str,
    pub(in crate::gateway) meaning: Meaning,
    pub(in crate::gateway) kind: ErrorKind,
    pub(in crate::gateway) hint: &'static str,
    /// What to wait before trying again, where that is known.
    pub(in crate::gateway) wait_seconds: Option<u64>,
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
    const fn named(self, code: &'static str) -> Self {
        Self { code, ..self }
    }

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
const TOKEN: &str = "A fresh token was refused as well: check that the credentials belong to this environment and that the app has the M-Pesa Express product.";
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
        "Check the short code: for a till it is the store number, and the till number goes into `party_b`.",
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

/// Every row, those of answers without a code at the end.
pub(in crate::gateway) fn all() -> impl Iterator<Item = &'static ErrorCode> {
    let without_code = [
        &NO_TO_THE_REQUEST,
        &NOBODY_KNOWS,
        &TOKEN_REFUSED,
        &UNAUTHORISED,
        &KEYS_NOT_ACCEPTED,
        &KEYS_REFUSED,
        &TOO_MANY,
        &UNAVAILABLE_AT_TOKEN,
        &UNAVAILABLE,
        &NO_KNOWN_SHAPE,
        &NO_SUCH_ADDRESS,
        &CALLOUT_FAILED,
    ];
    ERROR_CODES
        .iter()
        .chain(without_code)
        .chain(&FIREWALL_PAGE)
        .chain(&FORBIDDEN)
}

/// What an error envelope means.
pub(super) fn look_up(
    endpoint: Endpoint,
    status: u16,
    code: &str,
    message: &str,
) -> &'static ErrorCode {
    let message = message.to_ascii_lowercase();
    if refuses_the_token(&message) {
        return &TOKEN_REFUSED;
    }
    let fits = |row: &&ErrorCode| {
        row.code == code
            && row.endpoint.is_none_or(|only| only == endpoint)
            && message.contains(row.message_contains)
    };
    ERROR_CODES.iter().find(fits).unwrap_or(match status {
        401 => &UNAUTHORISED,
        429 => &TOO_MANY,
        // Daraja's envelope under a 4xx is a no, whatever the code.
        status if rejects_the_request(status) => &NO_TO_THE_REQUEST,
        _ => &NOBODY_KNOWS,
    })
}

static TOKEN_REFUSED: ErrorCode = row(
    "token",
    Meaning::TokenRefused,
    ErrorKind::Authentication,
    TOKEN,
);

/// Whether the words say that the token was refused: `404.001.04` comes with them as well, and so may codes that are new.
pub(super) fn refuses_the_token(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    let speaks_of_it = message.contains("access token") || message.contains("access_token");
    speaks_of_it
        && ["invalid", "expired", "revoked", "not valid"]
            .iter()
            .any(|word| message.contains(word))
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
)
.on(Endpoint::Token);
static KEYS_REFUSED: ErrorCode =
    row("http_401", Meaning::SaidNo, ErrorKind::Authentication, KEYS).on(Endpoint::Token);
static TOO_MANY: ErrorCode = row("http_429", Meaning::Busy, ErrorKind::RateLimited, BUSY);
const FIREWALL: ErrorCode = row(
    "firewall_page",
    Meaning::Unclear,
    ErrorKind::Blocked,
    "Safaricom's firewall answered instead of Daraja: check that this server's address is allowed, and slow down.",
);
/// Nobody was prompted, and asking again at once is what a firewall counts.
const FIREWALL_AT_TOKEN: ErrorCode = ErrorCode {
    meaning: Meaning::SaidNo,
    ..FIREWALL.on(Endpoint::Token)
};
/// The page of a web firewall, under whatever status.
static FIREWALL_PAGE: [ErrorCode; 2] = [FIREWALL_AT_TOKEN, FIREWALL];
/// A 403 without such a page.
static FORBIDDEN: [ErrorCode; 2] = [
    FIREWALL_AT_TOKEN.named("http_403"),
    FIREWALL.named("http_403"),
];
static UNAVAILABLE: ErrorCode = row(
    "http_5xx",
    Meaning::Unclear,
    ErrorKind::ProviderError,
    UNSURE,
);
static UNAVAILABLE_AT_TOKEN: ErrorCode = row(
    "http_5xx",
    Meaning::Unclear,
    ErrorKind::ProviderError,
    "Daraja failed before it gave a token. Nobody was prompted; try again in a few minutes.",
)
.on(Endpoint::Token);
static NO_KNOWN_SHAPE: ErrorCode = row(
    "unreadable_answer",
    Meaning::Unclear,
    ErrorKind::UnreadableAnswer,
    ADDRESS,
);

/// What the page of a web firewall means, under whatever status it comes.
pub(super) fn firewall(endpoint: Endpoint) -> &'static ErrorCode {
    for_endpoint(endpoint, &FIREWALL_PAGE)
}

/// Of the two rows for the token and for the other endpoints, the one for this endpoint.
const fn for_endpoint(endpoint: Endpoint, rows: &'static [ErrorCode; 2]) -> &'static ErrorCode {
    let [token, other] = rows;
    match endpoint {
        Endpoint::Token => token,
        Endpoint::Push | Endpoint::Query => other,
    }
}

pub(super) static NO_SUCH_ADDRESS: ErrorCode = row(
    "no_such_address",
    Meaning::SaidNo,
    ErrorKind::InvalidRequest,
    "Daraja has no such address: check the base URL and the environment.",
);

static CALLOUT_FAILED: ErrorCode = row(
    "steps.servicecallout.ExecutionFailed",
    Meaning::Unclear,
    ErrorKind::ProviderError,
    "Daraja's front door got no usable answer from M-Pesa behind it. The fault is Safaricom's, and whether M-Pesa had acted is not known.",
);

/// Daraja's own codes for a path that it does not have.
pub(super) const NO_SUCH_PATH: [&str; 2] = ["404.001.01", "404.003.01"];

/// What a fault of Apigee, Daraja's front door, means.
pub(super) fn fault(
    endpoint: Endpoint,
    status: u16,
    code: &str,
    words: &str,
) -> &'static ErrorCode {
    let text = format!("{code} {words}").to_ascii_lowercase();
    if text.contains("applicationnotfound") || text.contains("unable to identify proxy") {
        &NO_SUCH_ADDRESS
    } else if text.contains("spikearrest") || text.contains("quotaviolation") {
        &TOO_MANY
    } else if refuses_the_token(&text) || text.contains("invalidaccesstoken") {
        &TOKEN_REFUSED
    } else if text.contains("servicecallout") && status >= 500 {
        &CALLOUT_FAILED
    } else {
        by_status(endpoint, status, false)
    }
}

/// The setting or argument that a message of `400.002.02` names, and the usual cause.
pub(super) fn field_named(message: &str) -> Option<(&'static str, &'static str)> {
    const FIELDS: &[(&str, &str, &str)] = &[
        (
            "callbackurl",
            "callback_url",
            "The callback URL needs https and a public host that Daraja accepts: lower case, not an address of this network, not a tunnel that it refuses.",
        ),
        (
            "checkoutrequestid",
            "checkout_request_id",
            "The id is not known there, or the prompt is too young: ask again in a few seconds.",
        ),
        (
            "phonenumber",
            "phone_number",
            "Daraja takes Safaricom numbers as 2547... or 2541....",
        ),
        (
            "partya",
            "phone_number",
            "Daraja takes Safaricom numbers as 2547... or 2541....",
        ),
        (
            "partyb",
            "party_b",
            "For a till, `party_b` is the till number and `short_code` the store number; for a pay bill both are the same.",
        ),
        (
            "businessshortcode",
            "short_code",
            "Check the short code: for a till it is the store (head office) number.",
        ),
        (
            "shortcode",
            "short_code",
            "Check the short code: for a till it is the store (head office) number.",
        ),
        (
            "timestamp",
            "timestamp",
            "Check this machine's clock: the timestamp is made from it.",
        ),
        (
            "password",
            "pass_key",
            "Check the pass key: it must belong to this short code and environment.",
        ),
        (
            "transactiontype",
            "transaction_type",
            "A pay bill takes CustomerPayBillOnline and a till CustomerBuyGoodsOnline; the sandbox's 174379 is a pay bill only.",
        ),
        (
            "accountreference",
            "account_reference",
            "The reference is too long, or has characters that Daraja refuses.",
        ),
        (
            "transactiondesc",
            "transaction_desc",
            "The description is too long, or has characters that Daraja refuses.",
        ),
        (
            "amount",
            "amount",
            "The amount is a whole number of shillings, at least 1, within the limits of the customer and the short code.",
        ),
    ];
    let plain: String = message
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_lowercase())
        .collect();
    FIELDS
        .iter()
        .find(|(member, ..)| plain.contains(member))
        .map(|(_, field, cause)| (*field, *cause))
}

/// What an answer without an error envelope means.
pub(super) fn by_status(endpoint: Endpoint, status: u16, empty: bool) -> &'static ErrorCode {
    match status {
        // On the token address nothing but the keys is at stake, and an empty 400 was seen for dead keys.
        400 if endpoint == Endpoint::Token && empty => &KEYS_NOT_ACCEPTED,
        401 if endpoint == Endpoint::Token => &KEYS_REFUSED,
        401 => &UNAUTHORISED,
        403 => for_endpoint(endpoint, &FORBIDDEN),
        429 => &TOO_MANY,
        500..=599 if endpoint == Endpoint::Token => &UNAVAILABLE_AT_TOKEN,
        500..=599 => &UNAVAILABLE,
        _ => &NO_KNOWN_SHAPE,
    }
}
