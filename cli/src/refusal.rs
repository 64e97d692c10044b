//! Errors of the command itself, in the form that the core's errors have.

use crate::exit::Exit;
use crate::output::{Output, complain, tell};
use lipia::error::ErrorCode;
use serde_json::{Value, json};

/// Something that the command does not do. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: ErrorCode,
    pub(crate) field: &'static str,
    pub(crate) message: String,
    pub(crate) hint: String,
    /// The payment that it concerns, where there is one.
    pub(crate) payment_id: Option<String>,
    pub(crate) exit: Exit,
}

impl Refusal {
    /// Prints it, and says how the command ends.
    pub(crate) fn report(&self, output: Output) -> Exit {
        if output.as_json {
            output.json(&json!({ "error": self.to_json() }));
        } else {
            complain(&self.message);
            tell(&format!("       {}", self.hint));
            tell(&format!(
                "       [{} / not_sent, {}]",
                self.code.kind(),
                self.code
            ));
        }
        self.exit
    }

    /// The members that every error has, so that a reader never has to look whether one is there.
    fn to_json(&self) -> Value {
        json!({
            "kind": self.code.kind(),
            "disposition": "not_sent",
            "code": self.code.as_str(),
            "message": self.message,
            "hint": self.hint,
            "field": self.field,
            "http_status": null,
            "request_id": null,
            "checkout_request_id": null,
            "payment_id": self.payment_id,
            "retry_after_seconds": null,
            "retryable": false,
        })
    }
}
