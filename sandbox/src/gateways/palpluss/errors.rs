//! PalPluss's errors: one envelope, many codes.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use crate::engine::Engine;
use crate::engine::contract::ErrorText;
use crate::wire::answer::Answer;

/// A refusal.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum PalPlussError {
    Plain {
        status: StatusCode,
        code: &'static str,
        message: &'static str,
    },
    /// A member or a parameter that is wrong and has no code of its own.
    Validation { what: &'static str },
    /// One request too many this minute.
    RateLimited { wait: Duration },
    /// A temporary ban.
    Banned { left: Duration },
}

const fn plain(status: StatusCode, code: &'static str, message: &'static str) -> PalPlussError {
    PalPlussError::Plain {
        status,
        code,
        message,
    }
}

impl PalPlussError {
    pub(super) const AUTH_HEADER: Self = plain(
        StatusCode::UNAUTHORIZED,
        "AUTH_HEADER_INVALID",
        "Authorization header missing or malformed",
    );
    pub(super) const API_KEY: Self = plain(
        StatusCode::UNAUTHORIZED,
        "INVALID_API_KEY",
        "API key not found or revoked",
    );
    pub(super) const PHONE: Self = plain(
        StatusCode::BAD_REQUEST,
        "INVALID_PHONE",
        "Phone format not recognized",
    );
    pub(super) const CURRENCY: Self = plain(
        StatusCode::BAD_REQUEST,
        "UNSUPPORTED_CURRENCY",
        "Only KES supported",
    );
    pub(super) const CHANNEL: Self = plain(
        StatusCode::BAD_REQUEST,
        "CHANNEL_NOT_FOUND",
        "channelId not found for tenant",
    );
    pub(super) const CREDENTIAL: Self = plain(
        StatusCode::NOT_FOUND,
        "CREDENTIAL_NOT_FOUND",
        "credential_id not found",
    );
    pub(super) const UUID: Self = plain(
        StatusCode::BAD_REQUEST,
        "INVALID_UUID",
        "Transaction ID is not a valid UUID",
    );
    pub(super) const TRANSACTION: Self = plain(
        StatusCode::NOT_FOUND,
        "TRANSACTION_NOT_FOUND",
        "Transaction not found",
    );
    pub(super) const CURSOR: Self = plain(
        StatusCode::BAD_REQUEST,
        "INVALID_CURSOR",
        "Cursor malformed or expired",
    );
    pub(super) const PATH: Self = plain(StatusCode::NOT_FOUND, "NOT_FOUND", "Not found");
    pub(super) const METHOD: Self = plain(
        StatusCode::METHOD_NOT_ALLOWED,
        "METHOD_NOT_ALLOWED",
        "Method not allowed",
    );

    pub(super) fn answer(&self, engine: &Engine) -> Answer {
        match self {
            Self::Plain {
                status,
                code,
                message,
            } => envelope(engine, *status, code, message, json!({})),
            Self::Validation { what } => envelope(
                engine,
                StatusCode::BAD_REQUEST,
                "VALIDATION_ERROR",
                &format!("{what} is invalid"),
                json!({ "field": what }),
            ),
            Self::RateLimited { wait } => Answer {
                retry_after: Some(whole_seconds(*wait)),
                ..envelope(
                    engine,
                    StatusCode::TOO_MANY_REQUESTS,
                    "RATE_LIMIT_EXCEEDED",
                    "Too many requests: the limit per minute is reached",
                    json!({}),
                )
            },
            Self::Banned { left } => ban_answer(engine, *left),
        }
    }
}

/// Seconds, rounded up: whoever waits them has waited long enough.
fn whole_seconds(wait: Duration) -> u64 {
    let rounded_up = wait.saturating_add(Duration::from_nanos(999_999_999));
    rounded_up.as_secs()
}

/// The code of a temporary ban, which spells its details unlike other blocks.
const TEMPORARY_BAN: &str = "STK_TEMP_BANNED";

/// Any error in PalPluss's envelope. That of a block says in its details alone how long it lasts.
pub(super) fn envelope_of(engine: &Engine, error: &ErrorText<'_>) -> Answer {
    let code = error.code.unwrap_or("VALIDATION_ERROR");
    let details = match error.block.map(whole_seconds) {
        None => json!({}),
        Some(seconds) if code == TEMPORARY_BAN => json!({ "retryAfterSeconds": seconds }),
        Some(seconds) => json!({ "retry_after_seconds": seconds }),
    };
    envelope(engine, error.status, code, error.message, details)
}

/// The refusal of a push during a temporary ban.
fn ban_answer(engine: &Engine, left: Duration) -> Answer {
    let seconds = whole_seconds(left);
    let error = ErrorText {
        status: StatusCode::TOO_MANY_REQUESTS,
        code: Some(TEMPORARY_BAN),
        message: "STK push is temporarily banned: too many pushes with a low success rate",
        block: Some(left),
    };
    Answer {
        retry_after: Some(seconds),
        ..envelope_of(engine, &error)
    }
}

fn envelope(
    engine: &Engine,
    status: StatusCode,
    code: &str,
    message: &str,
    details: Value,
) -> Answer {
    let request_id = engine.with(|world| world.random_ids.uuid());
    Answer::json(
        status,
        &json!({
            "success": false,
            "error": { "message": message, "code": code, "details": details },
            "requestId": request_id,
        }),
    )
}

/// A success in PalPluss's envelope.
pub(super) fn success(engine: &Engine, data: &Value) -> Answer {
    let request_id = engine.with(|world| world.random_ids.uuid());
    Answer::json(
        StatusCode::OK,
        &json!({ "success": true, "data": data, "requestId": request_id }),
    )
}
