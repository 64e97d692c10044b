//! The books of a world whose shop has a ledger: what the store has acknowledged, what the handlers were told, and what can
//! excuse a second telling. Kept beside the ledger, so that nothing is checked against what the core believes.

use lipia::Payment;
use lipia::ledger::Row;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What a shop wants to be told of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct News {
    pub(crate) outcome: String,
    pub(crate) receipt: Option<String>,
    pub(crate) is_paid_twice: bool,
}

impl News {
    /// The news of a settled payment; `None` while it is open, and where nobody was prompted.
    pub(crate) fn of(payment: &Payment) -> Option<Self> {
        (payment.state() == lipia::payment::PaymentState::Settled).then(|| Self {
            outcome: payment.outcome().to_string(),
            receipt: payment.receipt().map(ToString::to_string),
            is_paid_twice: payment
                .flags()
                .iter()
                .any(|flag| flag.reason == "order_paid_twice"),
        })
    }
}

/// A piece of news, and since when the ledger has it.
#[derive(Clone, Debug)]
pub(crate) struct Learnt {
    pub(crate) news: News,
    pub(crate) at_ms: u64,
}

/// What was true of an order when a telling was leased.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leased {
    pub(crate) at_ms: u64,
    pub(crate) order_is_paid: bool,
    pub(crate) is_held_by_another: bool,
}

/// A callback in the ledger.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept {
    pub(crate) at_ms: u64,
    pub(crate) is_judged: bool,
}

/// All of it.
#[derive(Debug, Default)]
pub(crate) struct LedgerBooks {
    /// The life of each process, and whether it is dead.
    pub(crate) lives: Vec<(u32, bool)>,
    /// Processes that have died and were not buried.
    pub(crate) deaths: VecDeque<u32>,
    /// Until when each process stands still.
    pub(crate) stalled_until_ms: BTreeMap<u32, u64>,
    /// How often a process has stood still.
    pub(crate) stalls: usize,
    /// Commands that matter so far.
    pub(crate) commands: u32,
    pub(crate) away_until_ms: u64,
    /// When the last process died, or the last command or telling failed.
    pub(crate) last_trouble_ms: u64,
    /// Whether anything at all has gone wrong with a process, the store or a handler.
    pub(crate) had_trouble: bool,
    /// Callbacks that the store has acknowledged, by payment and body.
    pub(crate) kept: BTreeMap<(String, Vec<u8>), Kept>,
    /// Payments of which a push has left.
    pub(crate) pushed: BTreeSet<String>,
    /// What the ledger says of each settled payment.
    pub(crate) learnt: BTreeMap<String, Learnt>,
    /// By payment and attempt.
    pub(crate) leased: BTreeMap<(String, u32), Leased>,
    /// What the shop was told of each payment, in the order in which it noted it.
    pub(crate) told: BTreeMap<String, Vec<News>>,
    /// How many further tellings of a payment have a reason: a handler that failed, an acknowledgement that did.
    pub(crate) excuses: BTreeMap<String, usize>,
    /// Payments of which the shop was told that nobody was prompted.
    pub(crate) told_unsent: BTreeSet<String>,
    /// Payments whose true callback was answered with 200.
    pub(crate) truths: BTreeSet<String>,
    /// Requests that have ended, by sale and place.
    pub(crate) requests_done: BTreeSet<(usize, usize)>,
    /// How many tellings of each sale the handlers have heard.
    pub(crate) hearings: BTreeMap<usize, usize>,
    /// The rows at the end of the world.
    pub(crate) rows: Vec<Row>,
    /// Whether the world ended since the ledger had nothing left to do.
    pub(crate) ended_quietly: bool,
}

impl LedgerBooks {
    /// A reason to tell a payment once more.
    pub(crate) fn excuse(&mut self, payment_id: &str) {
        *self.excuses.entry(payment_id.to_owned()).or_default() += 1;
    }

    /// Something has gone wrong.
    pub(crate) fn trouble(&mut self, now_ms: u64) {
        self.last_trouble_ms = now_ms;
        self.had_trouble = true;
    }
}
