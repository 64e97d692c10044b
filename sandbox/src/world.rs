//! Everything the sandbox remembers, behind one lock (see [`crate::engine::Engine`]).

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::counters::Counters;
use crate::daraja::Tokens;
use crate::dice::Dice;
use crate::faults::{Fault, FaultBook};
use crate::gateway::Step;
use crate::payment::{Payment, PaymentView};
use crate::request_log::RequestLog;
use crate::scenario::{Ending, Scenario, scenario_for_phone};

/// How many payments are kept; a sandbox that runs for weeks must not grow without bound.
const KEPT_PAYMENTS: usize = 100_000;

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) counters: Counters,
    pub(crate) requests: RequestLog,
    pub(crate) faults: FaultBook,
    pub(crate) tokens: Tokens,
    pub(crate) dice: Dice,
    scripts: HashMap<String, Scenario>,
    payments: HashMap<String, Payment>,
    /// Checkout ids, oldest first.
    order: VecDeque<String>,
    /// The payment that last prompted each phone: the only one that can hold it.
    last_on_phone: HashMap<String, String>,
    accepted: u64,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            counters: Counters::default(),
            requests: RequestLog::default(),
            faults: FaultBook::default(),
            tokens: Tokens::default(),
            dice: Dice::new(),
            scripts: HashMap::new(),
            payments: HashMap::new(),
            order: VecDeque::new(),
            last_on_phone: HashMap::new(),
            accepted: 0,
        }
    }

    /// Forgets everything. Numbers inside ids go on, so that an id from before is never issued again.
    pub(crate) fn reset(&mut self) {
        let accepted = self.accepted;
        *self = Self {
            accepted,
            ..Self::new()
        };
    }

    pub(crate) fn script(&mut self, phone: String, scenario: Scenario) {
        self.scripts.insert(phone, scenario);
    }

    pub(crate) fn scenario(&self, phone: &str) -> Scenario {
        self.scripts
            .get(phone)
            .copied()
            .unwrap_or_else(|| scenario_for_phone(phone))
    }

    /// The fault to play at a step, if one waits there.
    pub(crate) fn take_fault(&mut self, step: Step) -> Option<Fault> {
        let fault = self.faults.take(step)?;
        self.counters.faults_played = self.counters.faults_played.saturating_add(1);
        Some(fault)
    }

    /// Whether a connection that asks for a step is to be closed unread.
    pub(crate) fn take_refusal(&mut self, step: Step) -> bool {
        let refused = self.faults.take_refusal(step);
        if refused {
            self.counters.faults_played = self.counters.faults_played.saturating_add(1);
            self.counters.connections_refused = self.counters.connections_refused.saturating_add(1);
        }
        refused
    }

    /// Whether a prompt is open on a phone.
    pub(crate) fn phone_is_held(&self, phone: &str, now: Duration) -> bool {
        self.last_on_phone
            .get(phone)
            .and_then(|id| self.payments.get(id))
            .is_some_and(|payment| payment.holds_the_phone(now))
    }

    /// The number of the next payment, from 1.
    pub(crate) fn next_number(&mut self) -> u64 {
        self.accepted = self.accepted.saturating_add(1);
        self.accepted
    }

    /// Keeps an accepted push and counts its prompt.
    pub(crate) fn accept(&mut self, payment: Payment) {
        self.counters.prompts = self.counters.prompts.saturating_add(1);
        let of_phone = self
            .counters
            .prompts_by_phone
            .entry(payment.asked.phone.clone())
            .or_default();
        *of_phone = of_phone.saturating_add(1);
        let id = payment.checkout_request_id.clone();
        self.last_on_phone
            .insert(payment.asked.phone.clone(), id.clone());
        self.order.push_back(id.clone());
        self.payments.insert(id, payment);
        while self.order.len() > KEPT_PAYMENTS {
            if let Some(oldest) = self.order.pop_front() {
                self.payments.remove(&oldest);
            }
        }
    }

    pub(crate) fn payment(&self, id: &str) -> Option<&Payment> {
        self.payments.get(id)
    }

    pub(crate) fn payment_mut(&mut self, id: &str) -> Option<&mut Payment> {
        self.payments.get_mut(id)
    }

    /// Makes an ending the truth about a payment; a receipt is issued once, with the money.
    pub(crate) fn settle(&mut self, id: &str, ending: Ending, now: Duration) {
        let receipt = self.dice.receipt();
        if let Some(payment) = self.payments.get_mut(id) {
            payment.ending = Some(ending);
            payment.settled_at = Some(now);
            if ending == Ending::Pay && payment.receipt.is_none() {
                payment.receipt = Some(receipt);
            }
        }
    }

    pub(crate) fn views(&self) -> Vec<PaymentView> {
        self.order
            .iter()
            .filter_map(|id| self.payments.get(id))
            .map(Payment::view)
            .collect()
    }
}
