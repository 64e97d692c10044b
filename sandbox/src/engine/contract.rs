//! The contract of a gateway, which each gateway's folder implements for the engine.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use http::StatusCode;

use super::Engine;
use crate::records::counters::GatewayCounters;
use crate::records::payment::Payment;
use crate::scenarios::timeline::CallbackShape;
use crate::values::clock::SandboxClock;
use crate::values::gateway::{Gateway, Step};
use crate::wire::answer::Answer;
use crate::wire::outgoing::OutgoingCallback;
use crate::wire::request::Received;

/// A gateway that the engine plays. What it remembers of its merchant it keeps behind a lock of its own, which it takes
/// for single looks only: the lock of the world may be held around it, and is never taken within it.
pub(crate) trait PlayedGateway: Debug + Send + Sync {
    fn name(&self) -> Gateway;

    fn routes(self: Arc<Self>) -> Router<Arc<Engine>>;

    /// The step behind a path; None for a path of another gateway, or of no step.
    fn step_of_path(&self, path: &str) -> Option<Step>;

    /// An error in this gateway's own envelope.
    fn error_answer(&self, engine: &Engine, request: &Received, error: &ErrorText<'_>) -> Answer;

    /// The callback of a payment, or None while there is nothing to say.
    fn callback(
        &self,
        clock: &SandboxClock,
        payment: &Payment,
        said: &Said,
    ) -> Option<OutgoingCallback>;

    /// Counts a push that ended, paid or not, towards the gateway's blocks.
    fn push_ended(
        &self,
        _payment: &Payment,
        _paid: bool,
        _now: Duration,
        _counters: &mut GatewayCounters,
    ) {
    }

    /// Makes every access token invalid.
    fn kill_tokens(&self) {}

    /// Forgets everything about the merchant.
    fn reset(&self);
}

/// An error, whatever the envelope.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ErrorText<'a> {
    pub(crate) status: StatusCode,
    /// The gateway's word for it; None is its usual word for the status.
    pub(crate) code: Option<&'a str>,
    pub(crate) message: &'a str,
    /// For a block, how long it lasts.
    pub(crate) block: Option<Duration>,
}

/// What a callback says.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) shape: CallbackShape,
    /// When the payment was decided, or now where it was not, in sandbox time.
    pub(crate) settled_at: Duration,
    /// The receipt of a success that is a lie.
    pub(crate) invented_receipt: String,
}
