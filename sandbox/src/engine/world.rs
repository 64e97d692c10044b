//! The memory of a sandbox, behind one lock: payments, scripts, faults that wait, counters, requests.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use crate::faults::Fault;
use crate::faults::queue::FaultQueue;
use crate::records::counters::{Counters, bump};
use crate::records::payment::{Payment, PaymentView};
use crate::records::request_log::RequestLog;
use crate::scenarios::table::scenario_for_phone;
use crate::scenarios::{Ending, Scenario};
use crate::values::gateway::{Endpoint, Gateway};
use crate::values::random_ids::RandomIds;

/// How many payments are kept; a sandbox that runs for weeks must not grow without bound.
const KEPT_PAYMENTS: usize = 100_000;

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) counters: Counters,
    pub(crate) requests: RequestLog,
    pub(crate) faults: FaultQueue,
    pub(crate) random_ids: RandomIds,
    scripts: HashMap<String, Scenario>,
    /// The phones that people hold, and until when.
    holds: Vec<(String, Instant)>,
    payments: HashMap<String, Payment>,
    /// From gateways' own ids and receipts to checkout ids.
    aliases: HashMap<String, String>,
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
            faults: FaultQueue::default(),
            random_ids: RandomIds::new(),
            scripts: HashMap::new(),
            holds: Vec::new(),
            payments: HashMap::new(),
            aliases: HashMap::new(),
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

    /// Gives a phone into a person's hands until an instant of real time.
    pub(crate) fn hold(&mut self, phone: String, until: Instant) {
        // A page that went away without a word leaves its phones to be forgotten here.
        let now = Instant::now();
        self.holds
            .retain(|(held, until)| *held != phone && now < *until);
        self.holds.push((phone, until));
    }

    /// Takes a phone out of a person's hands.
    pub(crate) fn let_go(&mut self, phone: &str) {
        self.holds.retain(|(held, _)| held != phone);
    }

    fn is_in_hand(&self, phone: &str) -> bool {
        let now = Instant::now();
        self.holds
            .iter()
            .any(|(held, until)| held == phone && now < *until)
    }

    /// What a push to a phone leads to now: nothing while it is busy, what the person does who holds it, what the phone was
    /// told to do, or what its number says.
    pub(crate) fn scenario(&self, phone: &str, now: Duration) -> Scenario {
        if self.has_open_prompt(phone, now) {
            return Scenario::RefuseBusy;
        }
        if self.is_in_hand(phone) {
            return Scenario::Held;
        }
        self.scripts
            .get(phone)
            .copied()
            .unwrap_or_else(|| scenario_for_phone(phone))
    }

    /// The fault to play at a step, if one waits there.
    pub(crate) fn take_fault(&mut self, endpoint: Endpoint, path: &str) -> Option<Fault> {
        let fault = self.faults.take(endpoint.gateway, endpoint.step, path)?;
        bump(&mut self.counters.faults_played);
        Some(fault)
    }

    /// Whether a connection that asks for a step is to be closed unread.
    pub(crate) fn take_refusal(&mut self, endpoint: Endpoint, path: &str) -> bool {
        let refused = self
            .faults
            .take_refusal(endpoint.gateway, endpoint.step, path);
        if refused {
            bump(&mut self.counters.faults_played);
            bump(&mut self.counters.connections_refused);
        }
        refused
    }

    /// Whether a prompt is open on a phone.
    fn has_open_prompt(&self, phone: &str, now: Duration) -> bool {
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
        let id = payment.checkout_request_id.clone();
        if payment.prompted {
            let phone = payment.push.phone.clone();
            bump(&mut self.counters.prompts);
            bump(&mut self.counters.of_mut(payment.gateway).prompts);
            bump(
                self.counters
                    .prompts_by_phone
                    .entry(phone.clone())
                    .or_default(),
            );
            self.last_on_phone.insert(phone, id.clone());
        }
        if let Some(own) = payment.transaction_id.clone() {
            self.aliases.insert(own, id.clone());
        }
        self.order.push_back(id.clone());
        self.payments.insert(id, payment);
        while self.order.len() > KEPT_PAYMENTS {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some(payment) = self
            .order
            .pop_front()
            .and_then(|oldest| self.payments.remove(&oldest))
        else {
            return;
        };
        for alias in [payment.transaction_id, payment.receipt].iter().flatten() {
            self.aliases.remove(alias);
        }
    }

    /// The checkout id behind a checkout id, a gateway's own id or a receipt.
    pub(crate) fn checkout_id(&self, id: &str) -> Option<String> {
        if self.payments.contains_key(id) {
            return Some(id.to_owned());
        }
        self.aliases.get(id).cloned()
    }

    pub(crate) fn payment(&self, id: &str) -> Option<&Payment> {
        self.payments.get(id)
    }

    pub(crate) fn payment_mut(&mut self, id: &str) -> Option<&mut Payment> {
        self.payments.get_mut(id)
    }

    /// Makes an ending the truth about a payment, and tells whether it is the first; a receipt is issued once, with the
    /// money.
    pub(crate) fn settle(&mut self, id: &str, ending: Ending, now: Duration) -> bool {
        let receipt = self.random_ids.receipt();
        let Some(payment) = self.payments.get_mut(id) else {
            return false;
        };
        let is_first = payment.ending.is_none();
        payment.ending = Some(ending);
        payment.settled_at = Some(now);
        if ending == Ending::Pay && payment.receipt.is_none() {
            self.aliases.insert(receipt.clone(), id.to_owned());
            payment.receipt = Some(receipt);
        }
        is_first
    }

    /// The payments of a gateway, newest first.
    pub(crate) fn newest(&self, gateway: Gateway) -> impl Iterator<Item = &Payment> {
        self.order
            .iter()
            .rev()
            .filter_map(|id| self.payments.get(id))
            .filter(move |payment| payment.gateway == gateway)
    }

    pub(crate) fn views(&self) -> Vec<PaymentView> {
        self.latest(self.order.len()).map(Payment::view).collect()
    }

    /// The last so many payments, oldest first.
    pub(crate) fn latest(&self, count: usize) -> impl Iterator<Item = &Payment> {
        self.order
            .iter()
            .skip(self.order.len().saturating_sub(count))
            .filter_map(|id| self.payments.get(id))
    }
}
