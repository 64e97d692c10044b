//! The one error type: what kind of trouble, what it says about the customer's money, and what to do next.

pub(crate) mod block;
pub(crate) mod codes;
mod construction;
pub(crate) mod ids;
pub(crate) mod mask;
pub(crate) mod spelling;

pub use codes::ErrorCode;
pub use spelling::Spelling;

use crate::error::block::Block;
use crate::error::ids::{CheckoutRequestId, NamedPrompt, PaymentId};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

word_list! {
    /// What an error says about the customer's money.
    ///
    /// ```
    /// use lipia::Disposition;
    /// assert_eq!(Disposition::Unknown.as_str(), "unknown");
    /// ```
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Disposition {
        /// Nothing left this device, or the gateway refused before it acted. No phone was prompted.
        NotSent = "not_sent",
        /// The gateway refused the request. No phone was prompted.
        Rejected = "rejected",
        /// A phone may have been prompted. Wait for the callback or query; do not send again.
        Unknown = "unknown",
    }
}

word_list! {
    /// What kind of trouble an error is, named for what the developer looks at next.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum ErrorKind {
        /// An argument is not valid; the error's `field` names it. Found before anything was sent.
        InvalidInput = "invalid_input",
        /// A setting is missing or not valid. Found before anything was sent.
        Configuration = "configuration",
        /// The step does not fit the payment's state: it was sent already, or is settled.
        PaymentState = "payment_state",
        /// The gateway does not accept the credentials.
        Authentication = "authentication",
        /// The gateway accepts the API credentials, but not the short code and pass key.
        Credentials = "credentials",
        /// The gateway refused the request as it stands.
        InvalidRequest = "invalid_request",
        /// The customer has another M-Pesa prompt open; nothing was sent to the phone.
        SubscriberBusy = "subscriber_busy",
        /// Too many requests, and no time left in this call to wait it out.
        RateLimited = "rate_limited",
        /// The gateway, or Lipia's own guard ahead of it, refuses all pushes for a while.
        Blocked = "blocked",
        /// The gateway could not be reached: no byte of the request left.
        Connection = "connection",
        /// The request left and no whole answer came back in time.
        NoAnswer = "no_answer",
        /// The gateway answered that it failed.
        ProviderError = "provider_error",
        /// The gateway's answer fits no known shape.
        UnreadableAnswer = "unreadable_answer",
        /// The body is not a callback, or not one that can be trusted.
        InvalidCallback = "invalid_callback",
        /// The caller's store or credentials provider failed. Nothing was sent.
        Storage = "storage",
    }
}

impl ErrorKind {
    /// Whether the same request can succeed later without a change by the developer.
    const fn passes_with_time(self) -> bool {
        matches!(
            self,
            Self::SubscriberBusy
                | Self::RateLimited
                | Self::Connection
                | Self::NoAnswer
                | Self::ProviderError
                | Self::UnreadableAnswer
                | Self::Storage
        )
    }
}

word_list! {
    /// What to do about an error: a closed list. Where a language has exception classes, each of these is one.
    ///
    /// ```
    /// use lipia::{PhoneNumber, Remedy};
    /// assert_eq!(PhoneNumber::parse("0712345678x").unwrap_err().remedy(), Remedy::CorrectInput);
    /// ```
    pub enum Remedy {
        /// Correct the argument that the error's `field` names.
        CorrectInput = "correct_input",
        /// Correct the settings or credentials.
        CorrectSettings = "correct_settings",
        /// The step does not fit the payment as it is: look at the payment, and do not push it again.
        LookAtPayment = "look_at_payment",
        /// A phone may have been prompted: wait for the callback or query, and do not send again.
        FindOut = "find_out",
        /// It is safe to send again, after the error's `retry_after` where that is known.
        TryAgain = "try_again",
        /// Send nothing for a while: the gateway, or the guard ahead of it, refuses all pushes.
        HoldBack = "hold_back",
        /// The gateway refused this request; sending it again as it stands brings the same.
        ChangeRequest = "change_request",
        /// Believe nothing of this callback.
        Disbelieve = "disbelieve",
    }
}

/// A call that could not be made or not be understood. A customer who cancels is an [`Outcome`](crate::Outcome),
/// not an error.
///
/// `Display` is one sentence for a person, with the hint; the fields are for programs. No error holds a secret.
///
/// ```
/// use lipia::{Disposition, PhoneNumber};
/// let error = PhoneNumber::parse("0712345678x").unwrap_err();
/// assert!(error.is_validation());
/// assert!(!error.retryable());
/// assert_eq!(error.disposition(), Disposition::NotSent);
/// assert_eq!(error.field(), Some("phone_number"));
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Error {
    details: Box<Details>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Details {
    kind: ErrorKind,
    disposition: Disposition,
    code: String,
    message: String,
    hint: Option<String>,
    field: Option<String>,
    http_status: Option<u16>,
    request_id: Option<String>,
    checkout_request_id: Option<CheckoutRequestId>,
    retry_after_seconds: Option<u64>,
    /// The block that the gateway's answer announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    block: Option<Block>,
    #[serde(default)]
    retryable: bool,
    /// Whether the call asked about a prompt.
    #[serde(skip)]
    of_a_question: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    named: Option<NamedPrompt>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payment_id: Option<PaymentId>,
    #[serde(skip)]
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// The kind of trouble.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.details.kind
    }

    /// The disposition: what the error says about the customer's money.
    #[must_use]
    pub fn disposition(&self) -> Disposition {
        self.details.disposition
    }

    /// The gateway's own code (`500.001.1001`) where there is one, else one of Lipia's words (`phone_too_short`).
    #[must_use]
    pub fn code(&self) -> &str {
        &self.details.code
    }

    /// The message: what happened, in one or two sentences, without the hint.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.details.message
    }

    /// The hint: what to do next.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.details.hint.as_deref()
    }

    /// The argument or setting that is at fault, by its name in the API.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.details.field.as_deref()
    }

    /// The HTTP status of the gateway's answer, where there was one.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        self.details.http_status
    }

    /// The gateway's id for the request: what its support desk asks for.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.details.request_id.as_deref()
    }

    /// The prompt's id, where the error concerns a prompt that has one. It embeds the payer's phone number.
    #[must_use]
    pub fn checkout_request_id(&self) -> Option<&CheckoutRequestId> {
        self.details.checkout_request_id.as_ref()
    }

    /// The block that the gateway's answer announced.
    pub(crate) fn block(&self) -> Option<Block> {
        self.details.block
    }

    /// Whether the call asked about a prompt.
    pub(crate) fn is_of_a_question(&self) -> bool {
        self.details.of_a_question
    }

    /// The prompt that the gateway's answer named without accepting the push.
    pub(crate) fn named(&self) -> Option<&NamedPrompt> {
        self.details.named.as_ref()
    }

    /// The payment that the error concerns, where the call was about one payment: `push`, `stk_push`, `collect`, `wait`,
    /// `ask` and `begin`. [`Client::find`](crate::Client::find) has the live payment, also where `stk_push` or `collect`
    /// made the payment itself.
    #[must_use]
    pub fn payment_id(&self) -> Option<&PaymentId> {
        self.details.payment_id.as_ref()
    }

    /// The time to wait before trying again, where that is known.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.details.retry_after_seconds.map(Duration::from_secs)
    }

    /// Whether it is **safe to send again**: nothing was prompted, and time alone may mend it. Never "try your
    /// luck": where a phone may have been prompted this is false.
    #[must_use]
    pub fn retryable(&self) -> bool {
        self.details.retryable
    }

    /// The causes beneath the error, as text, nearest first: for a log, or for a language with causes of its own.
    #[must_use]
    pub fn causes(&self) -> Vec<String> {
        let beneath =
            std::iter::successors(std::error::Error::source(self), |cause| cause.source());
        beneath.map(ToString::to_string).collect()
    }

    /// The remedy: what to do about the error.
    #[must_use]
    pub fn remedy(&self) -> Remedy {
        match self.details.kind {
            ErrorKind::InvalidInput => Remedy::CorrectInput,
            ErrorKind::InvalidCallback => Remedy::Disbelieve,
            _ if self.retryable() => Remedy::TryAgain,
            ErrorKind::PaymentState => Remedy::LookAtPayment,
            _ if self.disposition() == Disposition::Unknown => Remedy::FindOut,
            ErrorKind::Configuration | ErrorKind::Authentication | ErrorKind::Credentials => {
                Remedy::CorrectSettings
            }
            ErrorKind::Blocked => Remedy::HoldBack,
            _ => Remedy::ChangeRequest,
        }
    }

    /// Whether an argument was refused before anything was sent.
    #[must_use]
    pub fn is_validation(&self) -> bool {
        matches!(self.details.kind, ErrorKind::InvalidInput)
    }

    /// Whether a ledger's store failed: its code begins with `ledger_`.
    pub(crate) fn is_of_the_ledger(&self) -> bool {
        self.code().starts_with("ledger_")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.details.message)?;
        if let Some(hint) = &self.details.hint {
            // A gateway's own words seldom end in a full stop.
            let stop = if self.details.message.ends_with(char::is_alphanumeric) {
                "."
            } else {
                ""
            };
            write!(f, "{stop} {hint}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = &self.details;
        f.debug_struct("Error")
            .field("kind", &details.kind)
            .field("disposition", &details.disposition)
            .field("code", &details.code)
            .field("message", &details.message)
            .field("hint", &details.hint)
            .field("field", &details.field)
            .field("http_status", &details.http_status)
            .field("payment_id", &details.payment_id)
            .field(
                "request_id",
                &details
                    .request_id
                    .as_deref()
                    .map(crate::error::mask::checkout_request_id),
            )
            .field("checkout_request_id", &details.checkout_request_id)
            .field("retry_after_seconds", &details.retry_after_seconds)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.details
            .source
            .as_deref()
            .map(|source| source as &(dyn std::error::Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::{Disposition, Error, ErrorKind, Remedy};

    #[test]
    fn whoever_may_have_been_prompted_is_never_told_to_try_again() {
        let error = |kind, disposition| Error::of_gateway(kind, disposition, "code", "message");
        for (kind, disposition, remedy) in [
            (
                ErrorKind::InvalidInput,
                Disposition::NotSent,
                Remedy::CorrectInput,
            ),
            (
                ErrorKind::Configuration,
                Disposition::NotSent,
                Remedy::CorrectSettings,
            ),
            (
                ErrorKind::Credentials,
                Disposition::Rejected,
                Remedy::CorrectSettings,
            ),
            (
                ErrorKind::PaymentState,
                Disposition::Unknown,
                Remedy::LookAtPayment,
            ),
            (ErrorKind::NoAnswer, Disposition::Unknown, Remedy::FindOut),
            (
                ErrorKind::ProviderError,
                Disposition::Unknown,
                Remedy::FindOut,
            ),
            (
                ErrorKind::Authentication,
                Disposition::Unknown,
                Remedy::FindOut,
            ),
            (
                ErrorKind::ProviderError,
                Disposition::NotSent,
                Remedy::TryAgain,
            ),
            (
                ErrorKind::SubscriberBusy,
                Disposition::Rejected,
                Remedy::TryAgain,
            ),
            (ErrorKind::Blocked, Disposition::NotSent, Remedy::HoldBack),
            (
                ErrorKind::InvalidRequest,
                Disposition::Rejected,
                Remedy::ChangeRequest,
            ),
            (
                ErrorKind::InvalidCallback,
                Disposition::Unknown,
                Remedy::Disbelieve,
            ),
        ] {
            assert_eq!(
                error(kind, disposition).remedy(),
                remedy,
                "{kind} {disposition}"
            );
        }
        let question = error(ErrorKind::NoAnswer, Disposition::Unknown).of_a_reading_call();
        assert_eq!(
            question.remedy(),
            Remedy::TryAgain,
            "a question prompts nobody"
        );
    }

    #[test]
    fn causes_are_told_nearest_first() {
        let error = |message: &str| {
            Error::of_gateway(
                ErrorKind::NoAnswer,
                Disposition::NotSent,
                "code",
                message.to_owned(),
            )
        };
        assert!(error("one").causes().is_empty());
        let chain = error("one").with_source(error("two").with_source(error("three")));
        assert_eq!(chain.causes(), ["two", "three"]);
    }
}
