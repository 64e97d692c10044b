//! Construction of errors: the ways in which the core makes one, and what it adds to one on its way to the caller.

use super::block::Block;
use super::codes::ErrorCode;
use super::ids::{CheckoutRequestId, NamedPrompt, PaymentId};
use super::{Details, Disposition, Error, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

impl Error {
    /// An error with one of Lipia's own codes.
    pub(crate) fn new(
        code: ErrorCode,
        disposition: Disposition,
        message: impl Into<String>,
    ) -> Self {
        Self::of_gateway(code.kind(), disposition, code, message)
    }

    /// An error whose code comes from a gateway's answer.
    pub(crate) fn of_gateway(
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
                block: None,
                retryable: kind.passes_with_time() && !matches!(disposition, Disposition::Unknown),
                named: None,
                of_a_question: false,
                payment_id: None,
                source: None,
            }),
        }
    }

    /// An argument that is not valid.
    pub(crate) fn invalid(field: &str, code: ErrorCode, message: impl Into<String>) -> Self {
        let mut error = Self::new(code, Disposition::NotSent, message);
        error.details.field = Some(field.to_owned());
        error
    }

    /// A setting that is missing or not valid.
    pub(crate) fn configuration(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::new(code, Disposition::NotSent, message)
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

    pub(crate) fn with_checkout_request_id(
        mut self,
        checkout_request_id: Option<CheckoutRequestId>,
    ) -> Self {
        self.details.checkout_request_id = checkout_request_id;
        self
    }

    /// Keeps the prompt that the answer named without accepting the push: the payment asks about it.
    pub(crate) fn with_named(mut self, named: Option<NamedPrompt>) -> Self {
        if let Some(id) = named
            .as_ref()
            .and_then(|named| named.checkout_request_id.as_ref())
        {
            self.details.checkout_request_id = Some(id.clone());
        }
        self.details.named = named;
        self
    }

    /// The same error, of a call that concerned this payment.
    pub(crate) fn of_payment(mut self, payment_id: &PaymentId) -> Self {
        self.details.payment_id = Some(payment_id.clone());
        self
    }

    pub(crate) fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.details.retry_after_seconds = retry_after.map(whole_seconds_up);
        self
    }

    pub(crate) fn with_block(mut self, block: Option<Block>) -> Self {
        self.details.block = block;
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

    /// Marks an error of a question about a prompt: what it says about sending says nothing about that prompt.
    pub(crate) fn of_a_question(mut self) -> Self {
        self.details.of_a_question = true;
        self
    }
}

/// Whole seconds, rounded up: waiting a moment longer is always allowed, waiting shorter is not.
fn whole_seconds_up(duration: Duration) -> u64 {
    duration
        .as_secs()
        .saturating_add(u64::from(duration.subsec_nanos() > 0))
}
