//! What went wrong, as data; the exceptions of each language are made from it.

use crate::numbers::{Seconds, WholeNumber};
use crate::words::{Disposition, ErrorKind, Remedy};
use std::fmt;

/// A call that could not be made or not be understood, as data. A customer who cancels is an outcome, not an error. No
/// error holds a secret.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
#[uniffi::export(Display)]
pub struct ErrorDetails {
    /// What kind of trouble it is.
    pub kind: ErrorKind,
    /// What it says about the customer's money.
    pub disposition: Disposition,
    /// What to do about it.
    pub remedy: Remedy,
    /// The gateway's own code (`500.001.1001`) where there is one, else one of Lipia's words (`phone_too_short`).
    pub code: String,
    /// What happened, in one or two sentences, without the hint.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
    /// The argument or setting that is at fault, by its name here: `phoneNumber`.
    pub field: Option<String>,
    /// The HTTP status of the gateway's answer, where there was one.
    pub http_status: Option<WholeNumber>,
    /// The gateway's id for the request: what its support desk asks for.
    pub request_id: Option<String>,
    /// The prompt's id, where the error concerns a prompt that has one. It embeds the payer's phone number.
    pub checkout_request_id: Option<String>,
    /// How long to wait before trying again, where that is known.
    pub retry_after: Option<Seconds>,
    /// Whether it is **safe to send again**: nobody was prompted, and time alone may mend it.
    pub retryable: bool,
    /// What lies beneath it, nearest first.
    pub causes: Vec<String>,
}

impl fmt::Display for ErrorDetails {
    /// The sentence for a person: what happened, and what to do next.
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
            message: error.message().to_owned(),
            hint: error.hint().map(str::to_owned),
            field: error.field().map(in_camel_case),
            http_status: error.http_status().map(|status| WholeNumber(status.into())),
            request_id: error.request_id().map(str::to_owned),
            checkout_request_id: error.checkout_request_id().map(str::to_owned),
            retry_after: error.retry_after().map(Seconds::from),
            retryable: error.retryable(),
            causes: error.causes(),
        }
    }
}

/// `phone_number` as both languages write it.
fn in_camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut whole, word| {
        let mut letters = word.chars();
        whole.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        whole + letters.as_str()
    })
}

/// How a call across the border ends when it brings nothing. The shells make their own errors of it.
#[derive(Clone, Debug, thiserror::Error, uniffi::Error)]
pub enum NativeError {
    /// The call failed.
    #[error("{details}")]
    Failed {
        /// How.
        details: ErrorDetails,
    },
    /// Its caller left before it had ended.
    #[error("The caller left.")]
    Left,
}

impl From<lipia::Error> for NativeError {
    fn from(error: lipia::Error) -> Self {
        Self::Failed {
            details: ErrorDetails::from(&error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::in_camel_case;

    #[test]
    fn names_are_written_as_both_languages_write_them() {
        for (core, here) in [
            ("amount", "amount"),
            ("phone_number", "phoneNumber"),
            ("checkout_request_id", "checkoutRequestId"),
            ("", ""),
            ("a__b_", "aB"),
        ] {
            assert_eq!(in_camel_case(core), here);
        }
    }
}
