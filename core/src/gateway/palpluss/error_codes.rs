//! PalPluss's error codes: what each means for a request, in one table. To make Lipia wait out, or report another
//! code differently, change its row here.
//!
//! Sources: PalPluss's documents and OpenAPI file; see `docs/wire/palpluss.md`. Codes decide, not HTTP statuses.

use crate::error::ErrorKind::{
    self, Authentication, Blocked, Credentials, InvalidRequest, RateLimited,
};
use crate::gateway::refusal::Meaning::{self, Busy, SaidNo, Unclear};
use crate::gateway::refusal::rejects_the_request;

/// One row: this code means that.
#[derive(Debug)]
pub(in crate::gateway) struct ErrorCode {
    pub(in crate::gateway) code: &'static str,
    pub(in crate::gateway) meaning: Meaning,
    pub(in crate::gateway) kind: ErrorKind,
    pub(in crate::gateway) hint: &'static str,
}

const fn row(
    code: &'static str,
    meaning: Meaning,
    kind: ErrorKind,
    hint: &'static str,
) -> ErrorCode {
    ErrorCode {
        code,
        meaning,
        kind,
        hint,
    }
}

const KEY: &str =
    "Check the API key: it is copied whole from the PalPluss console, and was not revoked.";
const ACCOUNT: &str =
    "PalPluss has not activated this account, or has suspended it: contact PalPluss.";
const CHANNEL: &str = "Check `channel_id`, or set a default channel in the PalPluss console.";
const CREDENTIAL: &str =
    "Check `credential_id`: the profile must exist and be enabled in the PalPluss console.";
const OTHER_PRODUCT: &str = "PalPluss documents this code for other requests than an STK push.";
const BUSY: &str = "PalPluss takes 60 requests a minute from one API key; none was carried out.";
const UNSURE: &str = "PalPluss failed without saying whether it had acted.";
const ADDRESS: &str = "Check the base URL; it ends in /v1.";
pub(super) const BANNED: &str = "PalPluss stops all pushes of this API key after too many that nobody paid, for about an hour. Do not send it again before that.";

static ERROR_CODES: &[ErrorCode] = &[
    // The key and the account.
    row("AUTH_HEADER_INVALID", SaidNo, Authentication, KEY),
    row("INVALID_API_KEY", SaidNo, Authentication, KEY),
    row("UNAUTHORIZED", SaidNo, Authentication, KEY),
    row("TENANT_INACTIVE", SaidNo, Authentication, ACCOUNT),
    row(
        "INSUFFICIENT_SCOPE",
        SaidNo,
        Authentication,
        "The API key may not do this: issue one with the scope that the message names.",
    ),
    row("ACCOUNT_INACTIVE", SaidNo, InvalidRequest, ACCOUNT),
    row(
        "KYC_NOT_VERIFIED",
        SaidNo,
        InvalidRequest,
        "PalPluss has not verified this business yet: finish that in its console.",
    ),
    // The service wallet, from which PalPluss takes its fee.
    row(
        "INSUFFICIENT_SERVICE_BALANCE",
        SaidNo,
        InvalidRequest,
        TOP_UP,
    ),
    row("INSUFFICIENT_BALANCE", SaidNo, InvalidRequest, TOP_UP),
    row(
        "WALLET_NOT_FOUND",
        SaidNo,
        InvalidRequest,
        "This account has no service wallet: contact PalPluss.",
    ),
    // The request.
    row(
        "INVALID_PHONE",
        SaidNo,
        InvalidRequest,
        "PalPluss does not recognise this phone number.",
    ),
    row(
        "UNSUPPORTED_CURRENCY",
        SaidNo,
        InvalidRequest,
        "PalPluss takes KES alone.",
    ),
    row("CHANNEL_NOT_FOUND", SaidNo, InvalidRequest, CHANNEL),
    row("NO_PAYMENT_CHANNELS", SaidNo, InvalidRequest, CHANNEL),
    row("NO_DEFAULT_CHANNEL", SaidNo, InvalidRequest, CHANNEL),
    row("CREDENTIAL_NOT_FOUND", SaidNo, Credentials, CREDENTIAL),
    row("CREDENTIAL_INACTIVE", SaidNo, Credentials, CREDENTIAL),
    row(
        "PLATFORM_CREDENTIALS_NOT_CONFIGURED",
        SaidNo,
        Credentials,
        "PalPluss has no Daraja credentials for this account: contact PalPluss, or name your own in `credential_id`.",
    ),
    // Queries.
    row(
        "TRANSACTION_NOT_FOUND",
        SaidNo,
        InvalidRequest,
        "PalPluss knows no such transaction in this account.",
    ),
    row(
        "INVALID_UUID",
        SaidNo,
        InvalidRequest,
        "PalPluss's transaction ids are UUIDs.",
    ),
    row("INVALID_CURSOR", SaidNo, InvalidRequest, OTHER_PRODUCT),
    // Other products. None of them was carried out.
    row(
        "INVALID_IDEMPOTENCY_KEY",
        SaidNo,
        InvalidRequest,
        OTHER_PRODUCT,
    ),
    row("EMPTY_UPDATE", SaidNo, InvalidRequest, OTHER_PRODUCT),
    row("WALLET_INACTIVE", SaidNo, InvalidRequest, OTHER_PRODUCT),
    row("INSUFFICIENT_FUNDS", SaidNo, InvalidRequest, OTHER_PRODUCT),
    row("DUPLICATE_SHORTCODE", SaidNo, InvalidRequest, OTHER_PRODUCT),
    row("CHANNEL_IN_USE", SaidNo, InvalidRequest, OTHER_PRODUCT),
    // An earlier request with the same key was carried out: that one may have prompted a phone.
    row(
        "DUPLICATE_IDEMPOTENCY_KEY",
        Unclear,
        InvalidRequest,
        OTHER_PRODUCT,
    ),
    // Refused before acting: the same request may be sent again after a pause.
    row("RATE_LIMIT_EXCEEDED", Busy, RateLimited, BUSY),
    row("RATE_LIMITED", Busy, RateLimited, BUSY),
    // The door is closed, and every further push keeps it closed. Other names of a block: `gateway/block/announced.rs`.
    row("STK_TEMP_BANNED", SaidNo, Blocked, BANNED),
];

const TOP_UP: &str = "Top up the service wallet at PalPluss, then push again.";

static TOO_MANY: ErrorCode = row("http_429", Busy, RateLimited, BUSY);
static NO_TO_THE_REQUEST: ErrorCode = row(
    "4xx",
    SaidNo,
    InvalidRequest,
    "PalPluss refused the request with a code that Lipia does not know; its message says why.",
);
static NOBODY_KNOWS: ErrorCode = row("5xx", Unclear, ErrorKind::ProviderError, UNSURE);

/// Every row, those of answers without a code at the end.
pub(in crate::gateway) fn all() -> impl Iterator<Item = &'static ErrorCode> {
    ERROR_CODES.iter().chain([
        &TOO_MANY,
        &NO_TO_THE_REQUEST,
        &NOBODY_KNOWS,
        &KEY_REFUSED,
        &FORBIDDEN,
        &FIREWALL_PAGE,
        &UNAVAILABLE,
        &NO_KNOWN_SHAPE,
    ])
}

/// Whether the documents give a code a meaning.
pub(super) fn is_known(code: &str) -> bool {
    ERROR_CODES.iter().any(|row| row.code == code)
}

/// What an error envelope means.
pub(super) fn look_up(status: u16, code: &str) -> &'static ErrorCode {
    ERROR_CODES
        .iter()
        .find(|row| row.code == code)
        .unwrap_or(match status {
            429 => &TOO_MANY,
            status if rejects_the_request(status) => &NO_TO_THE_REQUEST,
            _ => &NOBODY_KNOWS,
        })
}

/// Whoever says it, nobody was let in.
static KEY_REFUSED: ErrorCode = row("http_401", SaidNo, Authentication, KEY);
const IN_FRONT: &str = "Something in front of PalPluss answered: check that this server's address is allowed, and slow down.";
static FORBIDDEN: ErrorCode = row("http_403", Unclear, Blocked, IN_FRONT);
/// The page of a web firewall, under whatever status.
pub(super) static FIREWALL_PAGE: ErrorCode = row("firewall_page", Unclear, Blocked, IN_FRONT);
static UNAVAILABLE: ErrorCode = row("http_5xx", Unclear, ErrorKind::ProviderError, UNSURE);
static NO_KNOWN_SHAPE: ErrorCode = row(
    "unreadable_answer",
    Unclear,
    ErrorKind::UnreadableAnswer,
    ADDRESS,
);

/// What an answer without PalPluss's envelope means.
pub(super) fn by_status(status: u16) -> &'static ErrorCode {
    match status {
        401 => &KEY_REFUSED,
        403 => &FORBIDDEN,
        429 => &TOO_MANY,
        500..=599 => &UNAVAILABLE,
        _ => &NO_KNOWN_SHAPE,
    }
}
