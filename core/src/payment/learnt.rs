//! The outcome of a push as a payment reports it to the guard.

use crate::error::ids::PaymentId;
use crate::meaning::outcome::Outcome;
use crate::values::clock::EatTime;
use crate::values::phone::PhoneNumber;

/// What became of a push, for the guard of the client that learnt it.
#[derive(Debug)]
pub(crate) struct Learnt {
    pub(crate) payment: PaymentId,
    pub(crate) phone: PhoneNumber,
    pub(crate) sent_at: EatTime,
    pub(crate) outcome: Outcome,
    pub(crate) settled_at: Option<EatTime>,
    /// Whether the payment was settled already when this client took it up: its failure counts only where this guard
    /// let the push through and does not know yet what became of it.
    pub(crate) was_settled: bool,
}
