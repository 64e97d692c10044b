//! The one error type: what kind of trouble, what it says about the customer's money, and what to do next.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What an error says about the customer's money.
///
/// ```
/// use lipia::Disposition;
/// assert_eq!(Disposition::Unknown.as_str(), "unknown");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// Nothing left this machine, or the gateway refused before it acted. No phone was prompted.
    NotSent,
    /// The gateway read the request and said no. No phone was prompted.
    Rejected,
    /// A phone may have been prompted. Look (callback, query); do not send again.
    Unknown,
}

impl Disposition {
    /// The word, as it is written in JSON, logs and every other language.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What kind of trouble it is: a closed list, named for what the developer looks at next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// An argument is not valid; [`Error::field`] names it. Found before anything was sent.
    InvalidInput,
    /// A setting is missing or not valid. Found before anything was sent.
    Configuration,
    /// The step does not fit the payment's state: it was sent already, or is settled.
    PaymentState,
    /// The gateway does not accept the keys.
    Authentication,
    /// The gateway accepts the keys but not the short code and pass key.
    Credentials,
    /// The gateway refused the request as it stands.
    InvalidRequest,
    /// The customer has another M-Pesa prompt open; nothing was sent to the phone.
    SubscriberBusy,
    /// Too many requests, and no time left in this call to wait it out.
    RateLimited,
    /// The gateway, or Lipia's own guard ahead of it, has closed the door for a while.
    Blocked,
    /// The gateway could not be reached: no byte of the request left.
    Connection,
    /// The request left and no whole answer came back in time.
    NoAnswer,
    /// The gateway answered that it failed.
    ProviderError,
    /// The gateway's answer fits no known shape.
    UnreadableAnswer,
    /// A callback body is not one, or not one that can be trusted.
    InvalidCallback,
    /// What the caller gave Lipia failed, be it to save a payment with or to have the keys from, so nothing was sent.
    Storage,
}

impl ErrorKind {
    /// The word, as it is written in JSON, logs and every other language.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid_input",
            Self::Configuration => "configuration",
            Self::PaymentState => "payment_state",
            Self::Authentication => "authentication",
            Self::Credentials => "credentials",
            Self::InvalidRequest => "invalid_request",
            Self::SubscriberBusy => "subscriber_busy",
            Self::RateLimited => "rate_limited",
            Self::Blocked => "blocked",
            Self::Connection => "connection",
            Self::NoAnswer => "no_answer",
            Self::ProviderError => "provider_error",
            Self::UnreadableAnswer => "unreadable_answer",
            Self::InvalidCallback => "invalid_callback",
            Self::Storage => "storage",
        }
    }

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

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What to do about an error: a closed list. Where a language has exception classes, each of these is one.
///
/// ```
/// use lipia::{PhoneNumber, Remedy};
/// assert_eq!(PhoneNumber::parse("0712345678x").unwrap_err().remedy(), Remedy::CorrectInput);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Remedy {
    /// Correct the argument that [`Error::field`] names.
    CorrectInput,
    /// Correct the settings or keys.
    CorrectSettings,
    /// The step does not fit the payment as it is: look at the payment, and do not push it again.
    LookAtPayment,
    /// A phone may have been prompted: wait for the callback or query, and do not send again.
    FindOut,
    /// It is safe to send again, after [`Error::retry_after`] where that is known.
    TryAgain,
    /// Send nothing for a while: the gateway, or the guard ahead of it, has closed the door.
    HoldBack,
    /// The gateway refused this request; sending it again as it stands brings the same.
    ChangeRequest,
    /// Believe nothing of this callback.
    Disbelieve,
}

impl Remedy {
    /// Every remedy.
    pub const ALL: [Self; 8] = [
        Self::CorrectInput,
        Self::CorrectSettings,
        Self::LookAtPayment,
        Self::FindOut,
        Self::TryAgain,
        Self::HoldBack,
        Self::ChangeRequest,
        Self::Disbelieve,
    ];

    /// The word, as every language has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CorrectInput => "correct_input",
            Self::CorrectSettings => "correct_settings",
            Self::LookAtPayment => "look_at_payment",
            Self::FindOut => "find_out",
            Self::TryAgain => "try_again",
            Self::HoldBack => "hold_back",
            Self::ChangeRequest => "change_request",
            Self::Disbelieve => "disbelieve",
        }
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
    checkout_request_id: Option<String>,
    retry_after_seconds: Option<u64>,
    #[serde(default)]
    retryable: bool,
    #[serde(skip)]
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// A new error. `code` is the gateway's own code where there is one, else one of Lipia's words.
    pub(crate) fn new(
        kind: ErrorKind,
        disposition: Disposition,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            details: Box::new(Details {
                kind,
                disposition,
                code: code.into(),
                message: message.into(),
                hint: None,
                field: None,
                http_status: None,
                request_id: None,
                checkout_request_id: None,
                retry_after_seconds: None,
                retryable: kind.passes_with_time() && !matches!(disposition, Disposition::Unknown),
                source: None,
            }),
        }
    }

    /// An argument that is not valid.
    pub(crate) fn invalid(field: &str, code: &str, message: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorKind::InvalidInput, Disposition::NotSent, code, message);
        error.details.field = Some(field.to_owned());
        error
    }

    /// A setting that is missing or not valid.
    pub(crate) fn configuration(code: &str, message: impl Into<String>) -> Self {
        Self::new(
            ErrorKind::Configuration,
            Disposition::NotSent,
            code,
            message,
        )
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.details.hint = Some(hint.into());
        self
    }

    pub(crate) fn with_field(mut self, field: &str) -> Self {
        self.details.field = Some(field.to_owned());
        self
    }

    pub(crate) fn with_http_status(mut self, status: u16) -> Self {
        self.details.http_status = Some(status);
        self
    }

    pub(crate) fn with_request_id(mut self, request_id: Option<String>) -> Self {
        self.details.request_id = request_id;
        self
    }

    pub(crate) fn with_checkout_request_id(mut self, checkout_request_id: Option<String>) -> Self {
        self.details.checkout_request_id = checkout_request_id;
        self
    }

    pub(crate) fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.details.retry_after_seconds = retry_after.map(whole_seconds_up);
        self
    }

    pub(crate) fn with_source(
        mut self,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        self.details.source = Some(Arc::new(source));
        self
    }

    pub(crate) fn with_boxed_source(
        mut self,
        source: Box<dyn std::error::Error + Send + Sync>,
    ) -> Self {
        self.details.source = Some(source.into());
        self
    }

    /// The same error with another word about the money: a token that could not be fetched, say, means for a
    /// push that nothing was sent.
    pub(crate) fn with_disposition(mut self, disposition: Disposition) -> Self {
        self.details.disposition = disposition;
        self.details.retryable =
            self.details.kind.passes_with_time() && !matches!(disposition, Disposition::Unknown);
        self
    }

    /// Marks an error of a call that prompts nobody (a query): asking again is always safe.
    pub(crate) fn of_a_reading_call(mut self) -> Self {
        self.details.retryable = self.details.kind.passes_with_time();
        self
    }

    /// What kind of trouble it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.details.kind
    }

    /// What it says about the customer's money.
    #[must_use]
    pub fn disposition(&self) -> Disposition {
        self.details.disposition
    }

    /// The gateway's own code (`500.001.1001`) where there is one, else one of Lipia's words (`phone_too_short`).
    #[must_use]
    pub fn code(&self) -> &str {
        &self.details.code
    }

    /// What happened, in one or two sentences, without the hint.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.details.message
    }

    /// What to do next.
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
    pub fn checkout_request_id(&self) -> Option<&str> {
        self.details.checkout_request_id.as_deref()
    }

    /// How long to wait before trying again, where that is known.
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

    /// What lies beneath it, as text, nearest first: for a log, or for a language with causes of its own.
    #[must_use]
    pub fn causes(&self) -> Vec<String> {
        let beneath =
            std::iter::successors(std::error::Error::source(self), |cause| cause.source());
        beneath.map(ToString::to_string).collect()
    }

    /// What to do about it.
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
}

/// Whole seconds, rounded up: waiting a moment longer is always allowed, waiting shorter is not.
fn whole_seconds_up(duration: Duration) -> u64 {
    duration
        .as_secs()
        .saturating_add(u64::from(duration.subsec_nanos() > 0))
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.details.message)?;
        if let Some(hint) = &self.details.hint {
            write!(f, " {hint}")?;
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
            .field(
                "request_id",
                &details
                    .request_id
                    .as_deref()
                    .map(crate::mask::checkout_request_id),
            )
            .field(
                "checkout_request_id",
                &details
                    .checkout_request_id
                    .as_deref()
                    .map(crate::mask::checkout_request_id),
            )
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
        let error = |kind, disposition| Error::new(kind, disposition, "code", "message");
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
            Error::new(
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
