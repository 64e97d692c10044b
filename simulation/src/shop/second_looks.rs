//! Second looks: a failure that only says that nobody answered in time is asked about again before its order is free, and
//! some minutes later.

use super::sale::sleep_ms;
use super::{Shop, end_of};
use crate::time::{HORIZON_MS, at_ms};
use crate::world::order::End;
use lipia::{Payment, PaymentHandle};

/// How long the shop waits where a second look brought no answer.
const PAUSE_AFTER_A_FAILED_LOOK_MS: u64 = 60_000;

impl Shop {
    /// Looks at a settled payment again for as long as it says when, or until its order is free where the shop is to offer
    /// the sale once more.
    pub(super) async fn look_again(&self, number: usize, payment: &PaymentHandle) -> End {
        loop {
            let snapshot = payment.snapshot();
            let due_ms = snapshot.look_again_at().map(at_ms);
            let now_ms = self.world.now_ms();
            let free_ms = snapshot.order_free_at().map(at_ms);
            let Some(due_ms) = due_ms.filter(|due_ms| *due_ms < HORIZON_MS) else {
                return self.end_of_looks(number, &snapshot, free_ms);
            };
            let is_free = free_ms.is_none_or(|free_ms| free_ms <= now_ms);
            if is_free && due_ms > now_ms && self.is_to_offer_again(number) {
                return end_of(&snapshot);
            }
            sleep_ms(due_ms.saturating_sub(now_ms)).await;
            if self.world.now_ms() >= HORIZON_MS {
                return end_of(&payment.snapshot());
            }
            self.catch_up(payment);
            let timeout_ms = self.world.plan().timeout_ms;
            let asking = self.client.ask(payment);
            let asked = self.timed(Some(number), "ask", timeout_ms, asking).await;
            self.save(payment).await;
            let is_still_due = |asked: &Payment| asked.look_again_at().map(at_ms) == Some(due_ms);
            match asked {
                Ok(asked) if is_still_due(&asked) => sleep_ms(PAUSE_AFTER_A_FAILED_LOOK_MS).await,
                Ok(_) => {}
                Err(error) if error.code() == "nothing_to_ask_by" => {
                    return end_of(&payment.snapshot());
                }
                Err(error) => {
                    self.world
                        .tell(|| format!("a second look at sale {number} fails: {}", error.code()));
                    sleep_ms(PAUSE_AFTER_A_FAILED_LOOK_MS).await;
                }
            }
        }
    }

    /// No further look comes before the world ends. An order that is held then was not given up.
    fn end_of_looks(&self, number: usize, payment: &Payment, free_ms: Option<u64>) -> End {
        if free_ms.is_none_or(|free_ms| free_ms < HORIZON_MS) {
            return end_of(payment);
        }
        if let Some(order) = self.world.lock().orders.get_mut(&number) {
            order.is_held = true;
        }
        End::Open
    }

    /// Whether the shop will prompt once more if the payment failed.
    fn is_to_offer_again(&self, number: usize) -> bool {
        let tries_again = self
            .world
            .plan()
            .sales
            .get(number)
            .is_some_and(|sale| sale.tries_again);
        let state = self.world.lock();
        let attempt = state.orders.get(&number).map_or(0, |order| order.attempt);
        tries_again && attempt == 0
    }
}
