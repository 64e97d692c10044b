//! The next row of a payment, from what a process learnt of it.

use crate::error::ids::Receipt;
use crate::ledger::engine::asking::ask_next;
use crate::ledger::row::Row;
use crate::payment::gain::Gain;
use crate::payment::names::Doubt;
use crate::payment::{Change, Payment, PaymentState};

/// The row once it has taken over what a process learnt; `None` where that is nothing.
pub(crate) fn learn(row: &Row, learnt: &Payment) -> Option<Row> {
    let mut payment = row.payment.clone();
    match payment.learn(learnt, row.is_leased()) {
        Gain::Nothing => None,
        // What was deleted does not come back with an old copy.
        Gain::Keep if row.payment.is_pruned() => None,
        Gain::Keep | Gain::Forward => Some(moved(row, payment)),
    }
}

/// The row once it refused what a process learnt, which names what another payment has.
pub(crate) fn refuse(row: &Row, learnt: &Payment, doubt: Doubt) -> Row {
    let mut payment = row.payment.clone();
    payment.refuse_learnt(learnt, doubt, row.read_at);
    moved(row, payment)
}

/// The row once its sender's lease has ended: whether the push left, nobody knows.
pub(crate) fn forget_sender(row: &Row) -> Option<Row> {
    if row.lease_until.is_none() || row.is_leased() {
        return None;
    }
    let mut payment = row.payment.clone();
    payment.after_restart();
    Some(Row {
        lease_until: None,
        ..moved(row, payment)
    })
}

/// The row once a question about it was put, whatever it brought: when to ask next, and whether it gives up its order.
pub(crate) fn asked(row: &Row) -> Option<Row> {
    let ask_after = ask_next(row);
    let holds_order = row.holds_order && !row.payment.lets_its_order_go_unasked(row.read_at);
    (ask_after != row.ask_after || holds_order != row.holds_order).then(|| Row {
        ask_after,
        holds_order,
        ..row.clone()
    })
}

/// The row with its order given up by a person; `None` where it holds none.
pub(crate) fn release(row: &Row) -> Option<Row> {
    row.holds_order.then(|| Row {
        holds_order: false,
        released_at: Some(row.read_at),
        ..row.clone()
    })
}

/// The row as a person settled it; `None` where there is nothing to settle. A payment whose sender's lease has ended is
/// taken as cut off: it may be that no process does its upkeep.
pub(crate) fn resolve(row: &Row, receipt: Option<&Receipt>) -> Option<Row> {
    let forgotten = forget_sender(row);
    let row = forgotten.as_ref().unwrap_or(row);
    let mut payment = row.payment.clone();
    match payment.resolve(receipt.cloned(), row.read_at) {
        Change::Applied => Some(moved(row, payment)),
        Change::Unchanged | Change::Suspicious => None,
    }
}

/// The row of which the shop is to be told once more; `None` while the payment is open, so that there is nothing to tell.
pub(crate) fn retell(row: &Row) -> Option<Row> {
    (row.payment.state() == PaymentState::Settled).then(|| Row {
        news: row.news + 1,
        ..row.clone()
    })
}

/// The row flagged as paid for an order that another payment has paid; `None` where it says so.
pub(crate) fn flag_paid_twice(row: &Row) -> Option<Row> {
    if row.payment.is_flagged_paid_twice() {
        return None;
    }
    let mut payment = row.payment.clone();
    payment.flag_paid_twice(row.read_at);
    Some(Row {
        payment,
        news: row.news + 1,
        ..row.clone()
    })
}

/// The payments of an order that were paid beside another one.
pub(crate) fn paid_twice(rows: &[Row]) -> Vec<&Row> {
    let paid: Vec<&Row> = rows.iter().filter(|row| row.payment.is_paid()).collect();
    if paid.len() > 1 { paid } else { Vec::new() }
}

/// The row with its payment moved, and everything that follows from it.
fn moved(row: &Row, mut payment: Payment) -> Row {
    if row.payment.is_pruned() {
        payment.prune();
    }
    let is_news = row.payment.gain_from(&payment) == Gain::Forward;
    let is_sending = payment.state() == PaymentState::Sending;
    let holds_order = row.order.is_some()
        && if payment.is_paid() {
            // A success takes its order back, should it have been free.
            true
        } else {
            row.holds_order && !payment.lets_its_order_go()
        };
    let state_moved = row.payment.state() != payment.state();
    let mut next = Row {
        payment,
        holds_order,
        lease_until: row.lease_until.filter(|_| is_sending),
        news: row.news + u64::from(is_news),
        ..row.clone()
    };
    if state_moved || next.payment.state() == PaymentState::Settled {
        next.ask_after = ask_next(&next);
    }
    next
}
