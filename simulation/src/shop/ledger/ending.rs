//! The end of a world whose shop has a ledger: when the world may end, and the state of the ledger then.

use super::super::{end_of, note_known};
use super::Servers;
use crate::plan::Plan;
use crate::time::{HORIZON_MS, at_ms, eat_time};
use crate::world::order::{End, Order};
use futures_util::FutureExt as _;
use lipia::ledger::{LedgerStore as _, Row, Scope, Search};
use lipia::payment::PaymentState;
use lipia::values::Environment;

/// More rows than any world has.
const ALL: usize = 100_000;

impl Servers {
    fn rows(&self) -> Vec<Row> {
        let all = Search::of(Scope::default_of(Environment::Sandbox));
        let sandbox = self.tables.list(&all, None, ALL).now_or_never();
        let all = Search::of(Scope::default_of(Environment::Production));
        let production = self.tables.list(&all, None, ALL).now_or_never();
        let found = sandbox.into_iter().chain(production);
        found.flat_map(Result::unwrap_or_default).collect()
    }

    /// Whether the ledger has nothing left to do before the world ends.
    pub(super) fn is_quiet(&self) -> bool {
        let horizon = eat_time(HORIZON_MS);
        self.rows().iter().all(|row| {
            !row.is_owed()
                && row.lease_until.is_none()
                && (row.ask_after.is_none_or(|due| due > horizon) || is_given_up(row))
                && !matches!(
                    row.payment.state(),
                    PaymentState::Sending | PaymentState::Unknown | PaymentState::Accepted
                )
        })
    }

    /// Notes what the ledger says of each sale at the end of the world.
    pub(super) fn note_the_end(&self) {
        let rows = self.rows();
        let mut state = self.world.lock();
        for number in 0..self.world.plan().sales.len() {
            let text = crate::plan::order_of(number);
            let is_of_sale = |row: &&Row| {
                row.order
                    .as_ref()
                    .is_some_and(|order| order.as_str() == text)
            };
            let of_sale: Vec<&Row> = rows.iter().filter(is_of_sale).collect();
            let order = ended(self.world.plan(), &of_sale, &|id| {
                state.ledger.truths.contains(id)
            });
            // What is known of the newest payment was noted when it was written.
            let noted = state.orders.entry(number).or_default();
            *noted = order;
        }
        state.ledger.ended_quietly = state.now_ms() < HORIZON_MS;
        state.ledger.rows = rows;
    }
}

/// A failure that no longer holds its order: further looks at it come minutes later, and no customer of these worlds pays then.
fn is_given_up(row: &Row) -> bool {
    row.payment.state() == PaymentState::Settled && !row.payment.is_paid() && !row.holds_order
}

/// What the shop knows of an order, by its payments, the newest first.
fn ended(plan: &Plan, rows: &[&Row], is_true: &dyn Fn(&str) -> bool) -> Order {
    let attempts = rows.len().saturating_sub(1);
    let mut order = Order::of_attempt(u32::try_from(attempts).unwrap_or(u32::MAX));
    let state = |row: &&&Row| row.payment.state();
    let is_open = |row: &&&Row| {
        matches!(
            state(row),
            PaymentState::Sending | PaymentState::Unknown | PaymentState::Accepted
        )
    };
    let paid = rows.iter().find(|row| row.payment.is_paid());
    let open = || rows.iter().find(is_open);
    let settled = || rows.iter().find(|row| state(row) == PaymentState::Settled);
    let Some(row) = paid.or_else(open).or_else(settled) else {
        order.end = Some(End::NotPrompted);
        return order;
    };
    let payment = &row.payment;
    order.payment_id = Some(row.id().to_string());
    order.heard_truth = is_true(row.id().as_str());
    note_known(plan, &mut order, payment);
    let free_ms = payment.order_free_at().map(at_ms);
    let is_held = row.holds_order && free_ms.is_some_and(|free_ms| free_ms >= HORIZON_MS);
    order.end = Some(match payment.state() {
        PaymentState::Settled if is_held && !payment.is_paid() => {
            order.is_held = true;
            End::Open
        }
        PaymentState::Settled => end_of(payment),
        _ => End::Open,
    });
    order
}
