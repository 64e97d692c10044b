//! The age at which a ledger in memory drops a row, by what is left to do about it.

use crate::ledger::row::Row;
use crate::payment::PaymentState;
use crate::values::clock::EatTime;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);

/// How long a payment is kept about which nothing is left to do and that holds no order: for a callback that comes twice.
const DONE_FOR: Duration = HOUR;

/// How long everything else is kept: a payment that is paid, so that its order stays paid, one that is open, and one that the
/// shop was not told of. Callbacks without a payment as well.
pub(super) const KEPT_FOR: Duration = HOUR.saturating_mul(7 * 24);

/// After how long a row is looked at, for the first time and again.
pub(super) const LOOK_AFTER: Duration = HOUR;

/// Until when a row is kept that was last written at that time.
pub(super) fn kept_until(row: &Row, written_at: EatTime) -> EatTime {
    let is_over = row.lease_until.is_none() && row.ask_after.is_none() && !is_open(row);
    if is_over && !row.is_owed() && !row.holds_order {
        written_at.plus(DONE_FOR)
    } else {
        written_at.plus(KEPT_FOR)
    }
}

/// Whether somebody would miss a row: its payment may yet be paid, or the shop was not told.
pub(super) fn is_missed(row: &Row) -> bool {
    is_open(row) || row.is_owed()
}

fn is_open(row: &Row) -> bool {
    !matches!(
        row.payment.state(),
        PaymentState::Reserved | PaymentState::Settled
    )
}
