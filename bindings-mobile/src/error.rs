//! Errors as data, from which each language makes its exceptions.

use crate::app_error::AppError;
use crate::integers::{Seconds, WholeNumber};
use crate::words::{Disposition, ErrorKind, Remedy};
use lipia::error::Spelling;
use std::fmt;

/// The fields of an error: the call could not be made, or its answer was not understood. A customer who cancels is an
/// outcome, not an error. No error holds a secret.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
#[uniffi::export(Display)]
pub struct ErrorDetails {
    /// The kind of trouble.
    pub kind: ErrorKind,
    /// What the error says about the customer's money.
    pub disposition: Disposition,
    /// What to do next, as a word.
    pub remedy: Remedy,
    /// The gateway's own code (`500.001.1001`) where there is one, else one of Lipia's words (`phone_too_short`).
    pub code: String,
    /// What happened, in one or two sentences, without the hint.
    pub message: String,
    /// What to do next, in a sentence.
    pub hint: Option<String>,
    /// The argument or setting that is at fault, by its name in the API: `phoneNumber`.
    pub field: Option<String>,
    /// The HTTP status of the gateway's answer, where there was one.
    pub http_status: Option<WholeNumber>,
    /// The gateway's id for the request, which its support desk asks for.
    pub request_id: Option<String>,
    /// The prompt's id, where the error concerns a prompt that has one. It embeds the payer's phone number.
    pub checkout_request_id: Option<String>,
    /// The id of the payment that the error concerns; a client's `find` has the live payment.
    pub payment_id: Option<String>,
    /// The time to wait before trying again, where that is known.
    pub retry_after: Option<Seconds>,
    /// Whether it is **safe to send again**: no phone was prompted, and time alone may mend the trouble.
    pub retryable: bool,
    /// The underlying errors, nearest first.
    pub causes: Vec<String>,
}

impl fmt::Display for ErrorDetails {
    /// What happened and what to do next, in sentences for a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            // A gateway's own words seldom end in a full stop.
            Some(hint) if self.message.ends_with(char::is_alphanumeric) => write!(f, ". {hint}"),
            Some(hint) => write!(f, " {hint}"),
            None => Ok(()),
        }
    }
}

impl From<&lipia::Error> for ErrorDetails {
    fn from(error: &lipia::Error) -> Self {
        Self {
            kind: error.kind().into(),
            disposition: error.disposition().into(),
            remedy: error.remedy().into(),
            code: error.code().to_owned(),
            message: Spelling::Mobile.of(error.message()),
            hint: error.hint().map(|hint| Spelling::Mobile.of(hint)),
            field: error.field().map(field),
            http_status: error.http_status().map(|status| WholeNumber(status.into())),
            request_id: error.request_id().map(str::to_owned),
            checkout_request_id: error.checkout_request_id().cloned().map(String::from),
            payment_id: error.payment_id().map(|id| id.as_str().to_owned()),
            retry_after: error.retry_after().map(Seconds::from),
            retryable: error.retryable(),
            causes: error.causes(),
        }
    }
}

/// The argument or setting that an error names, as both languages call it. The provider of the credentials is the argument
/// `credentials` of a client.
fn field(name: &str) -> String {
    match name {
        "credentials_provider" => "credentials".to_owned(),
        _ => Spelling::Mobile.name(name),
    }
}

/// The end of a failed call across the border. The shells make their own errors of it.
#[allow(
    clippy::large_enum_variant,
    reason = "the border takes no box, and a call that fails is rare"
)]
#[derive(Clone, Debug, thiserror::Error, uniffi::Error)]
pub enum NativeError {
    /// The call failed.
    #[error("{details}")]
    Failed {
        /// The error.
        details: ErrorDetails,
    },
    /// The caller left before the call had ended.
    #[error("The caller left.")]
    Cancelled,
}

impl From<lipia::Error> for NativeError {
    fn from(error: lipia::Error) -> Self {
        let mut details = ErrorDetails::from(&error);
        if let Some(beneath) = AppError::beneath(&error) {
            details = ErrorDetails {
                payment_id: details.payment_id,
                ..beneath.clone()
            };
        }
        Self::Failed { details }
    }
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn names_are_written_as_both_languages_write_them() {
        for (core, here) in [
            ("amount", "amount"),
            ("phone_number", "phoneNumber"),
            ("checkout_request_id", "checkoutRequestId"),
            ("", ""),
            ("a__b_", "aB"),
            ("credentials_provider", "credentials"),
        ] {
            assert_eq!(field(core), here);
        }
    }
}
