//! UpesiPay's errors: a body per generation.

use http::StatusCode;
use serde_json::{Value, json};

use super::account::Blocked;
use super::generation::Generation;
use crate::engine::contract::ErrorText;
use crate::wire::answer::Answer;

/// A refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UpesiPayError {
    /// A member or a parameter that is wrong.
    Invalid(&'static str),
    Token,
    NotFound,
    Method,
    Blocked(Blocked),
}

impl UpesiPayError {
    pub(super) fn answer(self, generation: Generation) -> Answer {
        let (status, message, code) = match self {
            Self::Invalid(what) => {
                let message = format!("Invalid request: {what}");
                let details = json!({ "field": what });
                let status = StatusCode::BAD_REQUEST;
                return body(generation, status, &message, code_of(status), &details);
            }
            Self::Token => (
                StatusCode::UNAUTHORIZED,
                "Invalid auth token",
                code_of(StatusCode::UNAUTHORIZED),
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "Transaction not found",
                code_of(StatusCode::NOT_FOUND),
            ),
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "Method not allowed",
                code_of(StatusCode::METHOD_NOT_ALLOWED),
            ),
            Self::Blocked(Blocked::Phone) => (
                StatusCode::FORBIDDEN,
                "This phone number is blocked: too many successive failed requests",
                "PHONE_BLOCKED",
            ),
            Self::Blocked(Blocked::Account) => (
                StatusCode::FORBIDDEN,
                "This account is blocked: too many failed requests",
                "ACCOUNT_BLOCKED",
            ),
        };
        body(generation, status, message, code, &Value::Null)
    }
}

/// Any error, in the body of a generation. That of a block also says how long it lasts.
pub(super) fn body_of(generation: Generation, error: &ErrorText<'_>) -> Answer {
    let ErrorText {
        status,
        code,
        message,
        block,
    } = *error;
    let code = code.unwrap_or_else(|| code_of(status));
    let Some(seconds) = block.map(|left| left.as_secs()) else {
        return body(generation, status, message, code, &Value::Null);
    };
    let details = json!({ "retry_after_seconds": seconds });
    match generation {
        Generation::First => Answer::json(
            status,
            &json!({
                "error_message": message,
                "error_code": code,
                "retry_after_seconds": seconds,
            }),
        ),
        Generation::Second => body(generation, status, message, code, &details),
    }
}

/// The `error_code` beside a status. Invented: no list of the real ones was found.
fn code_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "INVALID_REQUEST",
        StatusCode::UNAUTHORIZED => "UNAUTHORIZED",
        StatusCode::PAYMENT_REQUIRED => "INSUFFICIENT_BALANCE",
        StatusCode::NOT_FOUND => "NOT_FOUND",
        StatusCode::METHOD_NOT_ALLOWED => "METHOD_NOT_ALLOWED",
        StatusCode::PRECONDITION_FAILED => "ACCOUNT_NOT_READY",
        _ => "ERROR",
    }
}

fn body(
    generation: Generation,
    status: StatusCode,
    message: &str,
    code: &str,
    details: &Value,
) -> Answer {
    let body = match generation {
        Generation::First => json!({ "error_message": message }),
        Generation::Second => json!({
            "success": false,
            "status_code": status.as_u16(),
            "message": message,
            "error_code": code,
            "details": details,
        }),
    };
    Answer::json(status, &body)
}
