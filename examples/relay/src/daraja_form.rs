//! Daraja's form, seen from its other side: what an app with Lipia sends, and what it understands.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, body::Bytes};
use lipia::{Acceptance, Disposition, Error, ErrorKind, Outcome, Status};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A push. What it says of short code, timestamp and party is not read.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PushForm {
    pub(crate) amount: String,
    pub(crate) phone_number: String,
    pub(crate) account_reference: String,
    #[serde(rename = "CallBackURL")]
    pub(crate) call_back_url: String,
}

/// A question.
#[derive(Deserialize)]
pub(crate) struct QueryForm {
    #[serde(rename = "CheckoutRequestID")]
    pub(crate) checkout_request_id: String,
}

pub(crate) fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::of_field("body"))
}

pub(crate) fn accepted(acceptance: &Acceptance) -> Value {
    json!({
        "MerchantRequestID": acceptance.merchant_request_id,
        "CheckoutRequestID": acceptance.checkout_request_id,
        "ResponseCode": "0",
        "ResponseDescription": "Success. Request accepted for processing",
        "CustomerMessage": "Success. Request accepted for processing",
    })
}

/// What became of a prompt.
pub(crate) fn ended(checkout_request_id: &str, code: &str, description: &str) -> Value {
    json!({
        "ResponseCode": "0",
        "ResponseDescription": "The service request has been accepted successfully",
        "CheckoutRequestID": checkout_request_id,
        "ResultCode": code,
        "ResultDesc": description,
    })
}

/// What Daraja told; that nothing is known yet is an error in its form.
pub(crate) fn told(checkout_request_id: &str, status: &Status) -> Result<Value, Refusal> {
    let description = status.result_desc.as_deref().unwrap_or_default();
    match &status.result_code {
        Some(code) => Ok(ended(checkout_request_id, code, description)),
        None if status.outcome == Outcome::Pending => {
            Err(Refusal::no_outcome("The transaction is being processed"))
        }
        None => Err(Refusal::no_outcome("")),
    }
}

/// An answer that is none: Daraja's error envelope. What Lipia in the app makes of it is what counts, so each is chosen for that.
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    /// The app's token is none, or over: Lipia forgets it, and the next call asks the app's provider.
    pub(crate) fn sign_in_again() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "401.002.01",
            "Error Occurred - Invalid Access Token",
        )
    }

    /// Nobody was prompted, and nobody will be: `rejected`.
    pub(crate) fn of_field(field: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "400.002.02",
            format!("Bad Request - Invalid {field}"),
        )
    }

    /// This request prompts nobody, since another did.
    pub(crate) fn prompted_already() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "400.002.02",
            "Bad Request - Somebody was prompted for this order already",
        )
    }

    fn no_outcome(message: &str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "500.001.1001", message)
    }
}

impl From<Error> for Refusal {
    /// The same meaning for the money in the app as it has here.
    fn from(error: Error) -> Self {
        match error.disposition() {
            // Not one of the codes that say "nobody was prompted".
            Disposition::Unknown => Self::new(
                StatusCode::GATEWAY_TIMEOUT,
                "504.001.01",
                "M-Pesa did not answer in time",
            ),
            _ if error.kind() == ErrorKind::SubscriberBusy => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "500.001.1001",
                "Unable to lock subscriber, a transaction is already in process",
            ),
            _ if error.retryable() => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "500.003.02",
                "System is busy. Please try again in few minutes.",
            ),
            // What is wrong with this server's own keys is not for the app to know.
            _ => Self::new(
                StatusCode::BAD_REQUEST,
                "400.002.02",
                "Bad Request - the order cannot be paid now",
            ),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body =
            json!({ "requestId": "relay", "errorCode": self.code, "errorMessage": self.message });
        (self.status, Json(body)).into_response()
    }
}
