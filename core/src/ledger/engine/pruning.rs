//! The decision which payments may lose their personal data, and what is left of them.

use crate::ledger::row::Row;
use crate::payment::PaymentState;
use std::time::Duration;

/// What becomes of a row in a prune.
#[derive(Debug)]
pub(crate) enum Prune {
    /// The row is written so, and its callbacks are deleted.
    Write(Box<Row>),
    /// The row is old enough, and something is still to be learnt or told of it.
    Unfinished,
    /// The row is too young, was pruned before, or may yet be paid.
    Leave,
}

/// Decides about a row. `age`: how long ago the outcome was first known, at least. A paid order stays paid: the row keeps its
/// order, its outcome and its receipt.
pub(crate) fn prune(row: &Row, age: Duration) -> Prune {
    let payment = &row.payment;
    let is_old = payment
        .settled_at()
        .is_some_and(|settled| row.read_at.since(settled) >= age);
    if payment.state() != PaymentState::Settled || payment.is_pruned() || !is_old {
        return Prune::Leave;
    }
    // A failure that holds its order may be a success: a callback said so, or nobody has looked again.
    let is_undecided = payment.is_failed() && row.holds_order;
    let is_asked_about = row.ask_after.is_some() || row.lease_until.is_some();
    if row.is_owed() || is_undecided || is_asked_about {
        return Prune::Unfinished;
    }
    let mut payment = payment.clone();
    payment.prune();
    Prune::Write(Box::new(Row {
        payment,
        trouble: None,
        ..row.clone()
    }))
}
