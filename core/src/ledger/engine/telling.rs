//! The decision whether the shop is told, and when again where its handler failed.

use crate::ledger::row::{Row, Telling};
use crate::payment::PaymentState;
use std::time::Duration;

/// How long one telling may take before another process tells.
pub(crate) const TELLING_LEASE: Duration = Duration::from_secs(60);

const SHORTEST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

/// What to do about a telling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tell {
    /// Tell the shop.
    Say,
    /// Tell nothing: the payment failed, and its order was paid since, or pushed again: the later payment is told.
    Superseded,
    /// Tell nothing for now: the payment failed, and its order was claimed again since. The push of that claim may yet turn
    /// out not to have been sent, and then this failure is the last thing that happened to the order.
    NotYet,
}

/// Whether the shop is told: a late "the first try failed" must not undo "paid". `of_order`: the payments of the order.
pub(crate) fn tell(telling: &Telling, of_order: &[Row]) -> Tell {
    let failed = &telling.row;
    if !failed.payment.is_failed() {
        return Tell::Say;
    }
    // The shop hears of each of these, but for one that failed and that another one follows.
    let was_pushed = |row: &Row| row.payment.state() >= PaymentState::Accepted;
    let is_pushed_again = of_order
        .iter()
        .any(|row| row.seq > failed.seq && was_pushed(row));
    // The store may have read the order a moment before the row.
    let is_paid = telling.order_is_paid || of_order.iter().any(|row| row.payment.is_paid());
    if is_paid || is_pushed_again {
        Tell::Superseded
    } else if telling.order_is_held_by_another {
        Tell::NotYet
    } else {
        Tell::Say
    }
}

/// The pause before the telling of a row that failed is repeated. Every telling that was taken raised `told`, so that what
/// `attempts` are above it are failures.
pub(crate) fn pause_after_failure(row: &Row) -> Duration {
    let taken = u32::try_from(row.told).unwrap_or(u32::MAX);
    pause_after(row.attempts.saturating_sub(taken))
}

fn pause_after(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    SHORTEST_PAUSE
        .saturating_mul(2_u32.saturating_pow(doublings))
        .min(LONGEST_PAUSE)
}
