//! The ledger's promises at the end of a world: every outcome is told, no order is blocked, and no payment stays open
//! without a reason.

use crate::plan::Plan;
use crate::plan::ledger::{StoreFault, StoreTrouble};
use crate::promises::{Broken, Promise};
use crate::time::{HORIZON_MS, at_ms};
use crate::world::State;
use crate::world::ledger::{Kept, News};
use crate::world::order::End;
use lipia::ledger::Row;
use lipia::payment::PaymentState;

/// How long after the last change, and after the last trouble, everything must have been told: longer than a telling's lease
/// and the pauses after some failures.
const TIME_TO_TELL_MS: u64 = 240_000;

/// How long after its end a sender's lease may stand: the passes that look for it come every second, where the store is there.
const TIME_TO_FORGET_MS: u64 = 100_000;

/// The first promise that the ledger's rows break.
pub(super) fn check_rows(state: &State, plan: &Plan) -> Option<Broken> {
    let broken = |promise, row: &Row, what: String| Broken {
        promise,
        sale: state.sale_of(&row.payment),
        at_ms: state.now_ms(),
        what,
    };
    state.ledger.rows.iter().find_map(|row| {
        let told = check_told(state, row).map(|what| (Promise::OutcomeTold, what));
        let free = || check_free(state, plan, row).map(|what| (Promise::OrderFree, what));
        let open = || check_open(state, plan, row).map(|what| (Promise::NothingOpen, what));
        let (promise, what) = told.or_else(free).or_else(open)?;
        Some(broken(promise, row, what))
    })
}

fn check_told(state: &State, row: &Row) -> Option<String> {
    let id = row.id().as_str();
    let told = state.ledger.told.get(id).map_or(&[][..], Vec::as_slice);
    let excused =
        state.ledger.excuses.get(id).copied().unwrap_or(0) + state.crashes + state.ledger.stalls;
    let repeated = told.len()
        - told
            .iter()
            .enumerate()
            .filter(|(at, news)| !told.iter().take(*at).any(|earlier| earlier == *news))
            .count();
    if repeated > excused {
        return Some(format!(
            "an outcome is told {} times, and {excused} of these have a reason",
            repeated + 1
        ));
    }
    let learnt = state.ledger.learnt.get(id)?;
    let quiet_since_ms = learnt.at_ms.max(state.ledger.last_trouble_ms) + TIME_TO_TELL_MS;
    let must_be_told = state.ledger.ended_quietly || quiet_since_ms < HORIZON_MS;
    // A process that stood still inside its handler says there what it was given before.
    let is_told = match state.ledger.stalls {
        0 => told.last() == Some(&learnt.news),
        _ => told.contains(&learnt.news),
    };
    if must_be_told && !is_told && !is_superseded(state, row) {
        return Some(format!(
            "an outcome that the ledger has is not told: {}",
            learnt.news.outcome
        ));
    }
    None
}

/// A failure whose order was paid or claimed again since is not told.
fn is_superseded(state: &State, row: &Row) -> bool {
    let is_other = |other: &&Row| other.order == row.order && other.id() != row.id();
    let mut others = state.ledger.rows.iter().filter(is_other);
    !row.payment.is_paid() && others.any(|other| other.payment.is_paid() || other.seq > row.seq)
}

fn check_free(state: &State, plan: &Plan, row: &Row) -> Option<String> {
    let id = row.id().as_str();
    // A refusal is written again and again for as long as the sender's lease, and what was not sent is given up.
    let is_short = |fault: &StoreFault| !matches!(fault.trouble, StoreTrouble::Away { .. });
    let is_quick = plan.crashes.is_empty() && plan.stalls.is_empty();
    if is_quick && plan.store_faults.iter().all(is_short) && row.holds_order {
        if state.ledger.told_unsent.contains(id) && !row.payment.is_paid() {
            return Some(
                "the shop was told that nothing was sent, and the payment holds its order"
                    .to_owned(),
            );
        }
        let is_open = row.payment.state() != PaymentState::Settled;
        if is_open && !state.ledger.pushed.contains(id) && row.lease_until.is_none() {
            return Some("an order is held by a payment of which nothing was sent".to_owned());
        }
    }
    let ended_ms = row.lease_until.map(at_ms)?;
    let quiet_since_ms = ended_ms.max(state.ledger.last_trouble_ms) + TIME_TO_FORGET_MS;
    (quiet_since_ms < HORIZON_MS)
        .then(|| "the sender of a payment died, and nobody noticed".to_owned())
}

/// What was kept is judged: at once, or with a later pass.
pub(super) fn check_judged(state: &State) -> Option<Broken> {
    let is_late = |kept: &Kept| {
        let quiet_since_ms = kept.at_ms.max(state.ledger.last_trouble_ms) + TIME_TO_TELL_MS;
        !kept.is_judged && (state.ledger.ended_quietly || quiet_since_ms < HORIZON_MS)
    };
    let mut kept = state.ledger.kept.iter();
    let ((id, _), _) = kept.find(|(_, kept)| is_late(kept))?;
    let is_here = state.ledger.rows.iter().any(|row| row.id().as_str() == id);
    is_here.then(|| Broken {
        promise: Promise::CallbackKept,
        sale: state.sales_of_payments.get(id).copied(),
        at_ms: state.now_ms(),
        what: "a callback is kept, and nobody ever judges it".to_owned(),
    })
}

fn check_open(state: &State, plan: &Plan, row: &Row) -> Option<String> {
    let sale = state.sale_of(&row.payment)?;
    let order = state.orders.get(&sale)?;
    let has_no_fault = state
        .faults
        .get(sale)
        .is_some_and(|faults| faults.is_none());
    let is_plain = plan.crashes.is_empty()
        && plan.store_faults.is_empty()
        && plan.token_faults.is_empty()
        && plan.tokens_end_at_ms.is_empty();
    let is_open = order.end == Some(End::Open)
        && !order.is_held
        && row.payment.state() != PaymentState::Settled;
    (has_no_fault && is_plain && is_open)
        .then(|| "nothing went wrong, and the payment is still open".to_owned())
}

/// Whether two payments of one order were paid, and one of them does not say so.
pub(super) fn check_paid_twice(state: &State) -> Option<Broken> {
    let rows = &state.ledger.rows;
    let is_paid = |row: &&Row| row.payment.is_paid();
    let quiet_since_ms = |row: &Row| {
        let learnt = state.ledger.learnt.get(row.id().as_str());
        learnt
            .map_or(0, |learnt| learnt.at_ms)
            .max(state.ledger.last_trouble_ms)
            + TIME_TO_TELL_MS
    };
    rows.iter().filter(is_paid).find_map(|row| {
        let other = rows
            .iter()
            .filter(is_paid)
            .find(|other| other.order == row.order && other.id() != row.id())?;
        let is_flagged = News::of(&row.payment).is_some_and(|news| news.is_paid_twice);
        let is_due = quiet_since_ms(row).max(quiet_since_ms(other)) < HORIZON_MS
            || state.ledger.ended_quietly;
        (is_due && !is_flagged).then(|| Broken {
            promise: Promise::OutcomeTold,
            sale: state.sale_of(&row.payment),
            at_ms: state.now_ms(),
            what: "an order was paid twice, and the shop is not told so".to_owned(),
        })
    })
}
