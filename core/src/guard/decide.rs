//! The guard's decisions after an outcome or a gateway's refusal, as pure functions.

use super::limits::Limits;
use super::store::Counted;
use crate::error::block::BlockScope;
use crate::error::{Disposition, Error, ErrorKind};
use crate::meaning::outcome::Outcome;
use std::time::Duration;

/// The longest block that any gateway's documents know: `UpesiPay`'s third, of 72 hours. An answer that announces a
/// longer one is not believed beyond it.
const LONGEST_BLOCK: Duration = Duration::from_secs(72 * 3_600);

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
    /// The gateway takes no pushes of that scope for that long, and this push does not count.
    Close(BlockScope, Duration),
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
pub(super) fn of_refusal(error: &Error) -> Consequence {
    if let Some(block) = error.block() {
        return Consequence::Close(block.scope, block.lasts.min(LONGEST_BLOCK));
    }
    match (error.disposition(), error.kind()) {
        (Disposition::Unknown, _) => Consequence::Wait,
        (Disposition::Rejected, ErrorKind::ProviderError | ErrorKind::SubscriberBusy) => {
            Consequence::Count
        }
        (Disposition::NotSent | Disposition::Rejected, _) => Consequence::Release,
    }
}

/// For how long a failure closes the account. Only pushes that the guard did not let through (those of another
/// program, say) can take the failures beyond a rung; the gateway has then probably blocked the account. A block that
/// lasts is not lengthened by more failures on its own rung; one that has ended begins anew with the next failure.
pub(super) fn of_failure(limits: &Limits, counted: &Counted) -> Option<Duration> {
    if !counted.is_news {
        return None;
    }
    let crossed = |before: u32| {
        limits
            .account_rungs
            .iter()
            .zip(&counted.tally.rules)
            .filter(|(rung, tally)| {
                let failed = tally.counted.saturating_sub(tally.unsettled);
                failed.saturating_sub(before) > rung.failures.max(1)
            })
            .map(|(rung, _)| rung.closed_for)
            .max()
    };
    let is_shut = counted.tally.closing.is_some();
    crossed(0).filter(|closed_for| !is_shut || crossed(1) != Some(*closed_for))
}
