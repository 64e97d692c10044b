//! Daraja's errors: one envelope, many codes.

use std::borrow::Cow;

use http::StatusCode;
use serde::Serialize;

use crate::engine::Engine;
use crate::wire::answer::Answer;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    request_id: &'a str,
    error_code: &'a str,
    error_message: &'a str,
}

/// An error in Daraja's envelope.
pub(super) fn error_answer(
    status: StatusCode,
    request_id: &str,
    code: &str,
    message: &str,
) -> Answer {
    Answer::json(
        status,
        &Envelope {
            request_id,
            error_code: code,
            error_message: message,
        },
    )
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DarajaError {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: Cow<'static, str>,
}

impl DarajaError {
    /// The code of an invalid field.
    pub(super) const INVALID: &str = "400.002.02";
    pub(super) const WRONG_PATH: Self =
        Self::of(StatusCode::NOT_FOUND, "404.001.01", "Resource not found");
    pub(super) const WRONG_METHOD: Self = Self::of(
        StatusCode::METHOD_NOT_ALLOWED,
        "405.001",
        "Method Not Allowed",
    );
    pub(super) const NO_AUTHORIZATION: Self = Self::of(
        StatusCode::NOT_FOUND,
        "404.001.04",
        "Invalid Authentication Header",
    );
    pub(super) const WRONG_KEYS: Self = Self::of(
        StatusCode::BAD_REQUEST,
        "400.008.01",
        "Invalid Authentication passed",
    );
    pub(super) const WRONG_GRANT_TYPE: Self = Self::of(
        StatusCode::BAD_REQUEST,
        "400.008.02",
        "Invalid grant type passed.",
    );
    pub(super) const PUSH_TOKEN: Self =
        Self::of(StatusCode::NOT_FOUND, "404.001.03", "Invalid Access Token");
    pub(super) const QUERY_TOKEN: Self = Self::of(
        StatusCode::BAD_REQUEST,
        "400.003.01",
        "Invalid Access Token",
    );
    pub(super) const NO_MERCHANT: Self = Self::server("Merchant does not exist");
    pub(super) const PUSH_PASSWORD: Self = Self::server("[MerchantValidate] - Wrong credentials");
    pub(super) const QUERY_PASSWORD: Self = Self::server("Wrong credentials");
    pub(super) const PHONE_IS_HELD: Self = Self::server(
        "Unable to lock subscriber, a transaction is already in process for the current subscriber",
    );
    pub(super) const BEING_PROCESSED: Self = Self::server("The transaction is being processed");
    pub(super) const NO_TRANSACTION: Self = Self::server("The transaction does not Exist");
    pub(super) const EMPTY: Self = Self::server("");
    pub(super) const EMPTY_UNDER_200: Self = Self::of(StatusCode::OK, "500.001.1001", "");

    const fn of(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self {
            status,
            code,
            message: Cow::Borrowed(message),
        }
    }

    /// 500.001.1001 is many things: only its message tells them apart.
    const fn server(message: &'static str) -> Self {
        Self::of(StatusCode::INTERNAL_SERVER_ERROR, "500.001.1001", message)
    }

    /// A field that is missing or wrong, or something about the request as a whole.
    pub(super) fn invalid(what: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: Self::INVALID,
            message: Cow::Owned(format!("Bad Request - Invalid {what}")),
        }
    }

    pub(super) fn answer(&self, request_id: &str) -> Answer {
        error_answer(self.status, request_id, self.code, &self.message)
    }
}

/// Answers an error under a request id of its own.
pub(super) fn refuse(engine: &Engine, error: &DarajaError) -> Answer {
    error.answer(&new_request_id(engine))
}

/// A request id for an answer that belongs to no push.
pub(super) fn new_request_id(engine: &Engine) -> String {
    engine.with(|world| world.random_ids.request_id(0))
}
