//! The door for what keeps a merchant from being blocked by a gateway: asked before every push, told afterwards.

use crate::{EatTime, Error, Outcome, PhoneNumber};
use futures_util::future::BoxFuture;
use std::fmt;

/// Asked before every push and told what came of it.
pub(crate) trait PushGuard: Send + Sync + fmt::Debug {
    /// Lets the push through, or refuses it before anything is sent.
    fn before_push<'a>(
        &'a self,
        phone: &'a PhoneNumber,
        now: EatTime,
    ) -> BoxFuture<'a, Result<(), Error>>;

    /// Learns what the gateway said to the push itself.
    fn after_refusal<'a>(
        &'a self,
        phone: &'a PhoneNumber,
        error: &'a Error,
        now: EatTime,
    ) -> BoxFuture<'a, ()>;

    /// Learns what became of the payment, once.
    fn after_outcome<'a>(
        &'a self,
        phone: &'a PhoneNumber,
        outcome: Outcome,
        now: EatTime,
    ) -> BoxFuture<'a, ()>;
}
