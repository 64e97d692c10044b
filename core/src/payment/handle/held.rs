//! Live payments that a client holds after a push, so that callbacks, `find` and errors reach them though the program kept nothing.

use super::PaymentHandle;
use crate::error::ids::PaymentId;
use crate::payment::{Payment, PaymentState};
use crate::values::clock::EatTime;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// How long a payment is held after it was settled, or its push refused: for a callback that comes twice, and for the
/// caller who has no more than its id.
const SETTLED_FOR: Duration = MINUTE.saturating_mul(60);

/// How long a payment is held from its push while a success may still come: the last look is an hour after the push.
const FAILED_FOR: Duration = MINUTE.saturating_mul(120);

/// How long a payment is held from its push while nobody knows what became of it.
const OPEN_FOR: Duration = MINUTE.saturating_mul(24 * 60);

/// How many payments are looked at when another one is pushed. Two would do.
const LOOKS: usize = 8;

impl Payment {
    /// Until when the client that pushed it holds it.
    fn held_until(&self) -> EatTime {
        let pushed = self.sent_at.unwrap_or(self.reserved_at);
        match (self.state, self.settled_at) {
            (PaymentState::Settled, settled_at) if !self.is_failed() => {
                settled_at.unwrap_or(pushed).plus(SETTLED_FOR)
            }
            (PaymentState::Settled, settled_at) => settled_at
                .unwrap_or(pushed)
                .plus(SETTLED_FOR)
                .max(pushed.plus(FAILED_FOR)),
            (PaymentState::Reserved, _) => pushed.plus(SETTLED_FOR),
            _ => pushed.plus(OPEN_FOR),
        }
    }
}

/// A payment that is held no longer.
#[derive(Debug)]
pub(super) struct LetGo {
    payment: PaymentHandle,
    was_open: bool,
}

impl LetGo {
    /// Logs what is lost with it. A subscriber of the log may come back to the client, so nothing is locked here.
    pub(super) fn log(&self) {
        if self.was_open {
            tracing::warn!(
                target: "lipia",
                payment_id = %self.payment.id(),
                "nobody learnt in a day what became of a payment, and the client lets it go: look at the merchant's statement"
            );
        }
    }
}

/// The payments that a client holds. Bounded by their age.
#[derive(Debug, Default)]
pub(super) struct Held {
    payments: HashMap<PaymentId, PaymentHandle>,
    /// When to look whether a payment can be let go, about in order.
    due: VecDeque<(EatTime, PaymentId)>,
}

impl Held {
    /// Holds a payment, and hands out those that need not be held any longer.
    pub(super) fn hold(&mut self, payment: PaymentHandle, now: EatTime) -> Vec<LetGo> {
        let id = payment.id().clone();
        if self.payments.insert(id.clone(), payment).is_none() {
            self.due.push_back((now.plus(SETTLED_FOR), id));
        }
        self.let_go(now)
    }

    fn let_go(&mut self, now: EatTime) -> Vec<LetGo> {
        let mut let_go = Vec::new();
        for _ in 0..LOOKS {
            if self.due.front().is_none_or(|(due, _)| *due > now) {
                break;
            }
            let Some((_, id)) = self.due.pop_front() else {
                break;
            };
            let Some(payment) = self.payments.get(&id) else {
                continue;
            };
            let (until, is_open) = payment.read(|payment| {
                let is_open = payment.state() > PaymentState::Reserved
                    && payment.state() != PaymentState::Settled;
                (payment.held_until(), is_open)
            });
            if until > now {
                self.due.push_back((now.plus(SETTLED_FOR).min(until), id));
                continue;
            }
            let_go.extend(self.payments.remove(&id).map(|payment| LetGo {
                payment,
                was_open: is_open,
            }));
        }
        let_go
    }
}
