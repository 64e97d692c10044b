//! The words of each generation for a payment's status.

use super::generation::Generation;
use crate::records::payment::Payment;
use crate::scenarios::Ending;
use crate::scenarios::timeline::{InFlight, in_flight};

/// What a push costs, in shillings. Invented.
pub(super) const CHARGE: u32 = 6;

/// The word for the truth about a payment.
pub(super) fn status(payment: &Payment, generation: Generation) -> &'static str {
    match (payment.ending, generation) {
        (Some(ending), _) => ended(ending, generation),
        (None, Generation::First) => "QUEUED",
        (None, Generation::Second) => match in_flight(payment.scenario) {
            InFlight::BeingProcessed | InFlight::Unresolved => "sent",
            InFlight::UnderProcessing => "processing",
        },
    }
}

/// The word for an ending, true or not.
pub(super) fn ended(ending: Ending, generation: Generation) -> &'static str {
    match (generation, ending) {
        (Generation::First, Ending::Pay) => "SUCCESS",
        (Generation::First, _) => "FAILED",
        (Generation::Second, Ending::Pay) => "success",
        (Generation::Second, Ending::Cancel | Ending::CancelOldCode) => "cancelled",
        (Generation::Second, Ending::TimeOut | Ending::Unreachable | Ending::Expire) => "timeout",
        (Generation::Second, _) => "failed",
    }
}
