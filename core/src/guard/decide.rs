//! What follows from an outcome and from a gateway's refusal: pure decisions.

use super::GuardLimits;
use crate::{Disposition, Error, ErrorKind, Outcome};
use std::time::Duration;

/// `PalPluss`'s code for "too many pushes with too few paid": its answer closes the whole key.
const BANNED: &str = "STK_TEMP_BANNED";

/// What the guard does about something that it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consequence {
    /// Nothing is known yet: the place stays.
    Wait,
    /// The push does not count.
    Release,
    /// The push failed.
    Count,
    /// The push was paid.
    Clear,
    /// Nobody may push for that long, and this push does not count.
    Close(Duration),
}

/// Every final outcome that is not money counts: gateways count "failed or cancelled" pushes and name no reason
/// that they leave out. A reversed payment was paid once; it does not count, and ends no run either.
pub(super) fn of_outcome(outcome: Outcome) -> Consequence {
    match outcome {
        Outcome::Success => Consequence::Clear,
        Outcome::Reversed => Consequence::Release,
        Outcome::Pending | Outcome::Unknown => Consequence::Wait,
        Outcome::Cancelled
        | Outcome::Timeout
        | Outcome::InsufficientFunds
        | Outcome::WrongPin
        | Outcome::Limit
        | Outcome::Expired
        | Outcome::PushNotDelivered
        | Outcome::SubscriberBusy
        | Outcome::CustomerLocked
        | Outcome::CustomerAccountState
        | Outcome::MerchantConfig
        | Outcome::ProviderError
        | Outcome::Failed => Consequence::Count,
    }
}

/// A push that was not sent, or whose request was refused as it stood, prompted nobody and does not count. One that
/// the gateway took up and answered as failed may stand in its books as a failed push, and counts.
pub(super) fn of_refusal(error: &Error, limits: &GuardLimits) -> Consequence {
    if error.kind() == ErrorKind::Blocked && error.code() == BANNED {
        return Consequence::Close(error.retry_after().unwrap_or(limits.ban_without_end));
    }
    match (error.disposition(), error.kind()) {
        (Disposition::Unknown, _) => Consequence::Wait,
        (Disposition::Rejected, ErrorKind::ProviderError | ErrorKind::SubscriberBusy) => {
            Consequence::Count
        }
        (Disposition::NotSent | Disposition::Rejected, _) => Consequence::Release,
    }
}
