//! The answers of the page's server, and errors in the form that the page shows.

use crate::connect::CliError;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use lipia::error::Spelling;
use lipia::{Error, ErrorKind};
use serde_json::{Value, json};

/// A refusal with the status that it has over HTTP.
#[derive(Debug)]
pub(super) struct Refused {
    status: StatusCode,
    error: String,
    hint: String,
    code: Option<String>,
}

pub(super) type Answered = Result<Value, Refused>;

impl Refused {
    pub(super) fn new(status: StatusCode, error: &str, hint: &str) -> Self {
        Self {
            status,
            error: error.to_owned(),
            hint: hint.to_owned(),
            code: None,
        }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let status = match error.kind() {
            ErrorKind::InvalidInput => StatusCode::BAD_REQUEST,
            ErrorKind::PaymentState => StatusCode::CONFLICT,
            ErrorKind::Storage => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_GATEWAY,
        };
        Self {
            status,
            error: Spelling::CommandLine.of(error.message()),
            hint: Spelling::CommandLine.of(error.hint().unwrap_or_default()),
            code: Some(error.code().to_owned()),
        }
    }
}

impl From<CliError> for Refused {
    fn from(error: CliError) -> Self {
        match error {
            CliError::Lipia(error) => Self::from(*error),
            CliError::Refused(refusal) => Self {
                status: StatusCode::BAD_REQUEST,
                error: refusal.message,
                hint: refusal.hint,
                code: Some(refusal.code.as_str().to_owned()),
            },
            CliError::Machine(message) => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, &message, "")
            }
        }
    }
}

/// The answer with a value or a refusal, as JSON.
pub(super) fn say(answered: Answered) -> Response {
    let (status, value) = match answered {
        Ok(value) => (StatusCode::OK, value),
        Err(refused) => (
            refused.status,
            json!({ "error": refused.error, "hint": refused.hint, "code": refused.code }),
        ),
    };
    text(status, "application/json", value.to_string())
}

/// An answer with a text of this type.
pub(super) fn text(
    status: StatusCode,
    content_type: &'static str,
    text: impl Into<String>,
) -> Response {
    let content_type = HeaderValue::from_static(content_type);
    (status, [(CONTENT_TYPE, content_type)], text.into()).into_response()
}
