//! A world, which outlives the shop's process: its time, its gateway, the messages in flight, the shop's saved data, and
//! the broken promise.

pub(crate) mod delivered;
pub(crate) mod ledger;
pub(crate) mod order;
pub(crate) mod post;
pub(crate) mod schedule;
mod servers;
pub(crate) mod tokens;

use self::delivered::{ConnectionId, Process, Server};
use self::ledger::LedgerBooks;
use self::order::Order;
use self::post::Post;
use self::schedule::{Due, Event, Schedule};
use self::tokens::LifeTokens;
use crate::fault::FaultKind;
use crate::gateway::Gateway;
use crate::plan::{Crash, Plan, sale_of};
use crate::promises::{Broken, Promise};
use crate::time::HORIZON_MS;
use lipia::Payment;
use lipia::guard::MemoryStore;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::time::Instant;

/// All of it.
pub(crate) struct State {
    pub(crate) gateway: Gateway,
    /// What the shop has saved of each order. It survives a crash.
    pub(crate) orders: BTreeMap<usize, Order>,
    /// What is known of tokens in this life of the process.
    tokens: LifeTokens,
    /// And in that of the process beside it that takes in what is posted.
    tokens_at_the_door: LifeTokens,
    /// And in each life of the processes that share a ledger.
    tokens_of_servers: BTreeMap<Server, LifeTokens>,
    pub(crate) ledger: LedgerBooks,
    /// The faults that happened to each sale.
    pub(crate) faults: Vec<FaultKind>,
    pub(crate) broken: Option<Broken>,
    pub(crate) trace: Option<Vec<String>>,
    pub(crate) saves: u32,
    /// How often the process has begun.
    pub(crate) lives: u32,
    /// Until when the gateway takes no pushes, as this life of the process was told.
    pub(crate) told_banned_until_ms: u64,
    /// Whether it announced that in words of its own.
    pub(crate) told_blocked: bool,
    /// The sale of each payment, where its reference does not tell.
    pub(crate) sales_of_payments: BTreeMap<String, usize>,
    /// The payments of which a callback was believed.
    pub(crate) heard_of: BTreeSet<String>,
    /// What was given to a payment, and to which: prompts, transactions and receipts.
    pub(crate) owners: BTreeMap<String, String>,
    /// How much was ever posted.
    pub(crate) posted: u64,
    /// What was posted to this life of the process, and is not yet acknowledged.
    pub(crate) unacknowledged: BTreeMap<u64, Post>,
    /// How many requests of each sale were met with what its plan has for them.
    pub(crate) pushes_seen: Vec<usize>,
    pub(crate) queries_seen: Vec<usize>,
    pub(crate) tokens_seen: usize,
    schedule: Schedule,
    base_ms: u64,
    began: Option<Instant>,
    steps: u32,
    pub(crate) crashes: usize,
    is_dead: bool,
}

struct Shared {
    plan: Plan,
    /// Where a shop whose process dies has its guard keep its counts.
    guard_store: Arc<MemoryStore>,
    state: Mutex<State>,
    /// Something was put into the queue.
    news: Notify,
    death: Notify,
    server_died: Notify,
    /// The ledger was written to.
    ledger_written: Notify,
}

/// A world. Clones are the same one.
#[derive(Clone)]
pub(crate) struct World(Arc<Shared>);

impl World {
    pub(crate) fn new(plan: Plan, is_told: bool) -> Self {
        let sales = plan.sales.len();
        let state = State {
            gateway: Gateway::default(),
            orders: BTreeMap::new(),
            tokens: LifeTokens::default(),
            tokens_at_the_door: LifeTokens::default(),
            tokens_of_servers: BTreeMap::new(),
            ledger: LedgerBooks::default(),
            faults: vec![FaultKind::NONE; sales],
            broken: None,
            trace: is_told.then(Vec::new),
            saves: 0,
            lives: 0,
            told_banned_until_ms: 0,
            told_blocked: false,
            sales_of_payments: BTreeMap::new(),
            heard_of: BTreeSet::new(),
            owners: BTreeMap::new(),
            posted: 0,
            unacknowledged: BTreeMap::new(),
            pushes_seen: vec![0; sales],
            queries_seen: vec![0; sales],
            tokens_seen: 0,
            schedule: Schedule::default(),
            base_ms: 0,
            began: None,
            steps: 0,
            crashes: 0,
            is_dead: false,
        };
        let world = Self(Arc::new(Shared {
            plan,
            guard_store: Arc::default(),
            state: Mutex::new(state),
            news: Notify::new(),
            death: Notify::new(),
            server_died: Notify::new(),
            ledger_written: Notify::new(),
        }));
        for at_ms in &world.plan().tokens_end_at_ms {
            world.schedule(*at_ms, Event::TokensEnd);
        }
        for (forgery, made_up) in world.plan().forgeries.iter().enumerate() {
            world.schedule(made_up.at_ms, Event::Forges { forgery });
        }
        world
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.0.plan
    }

    pub(crate) fn guard_store(&self) -> Arc<MemoryStore> {
        Arc::clone(&self.0.guard_store)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now_ms(&self) -> u64 {
        self.lock().now_ms()
    }

    /// Has something happen at that time, or now where that is past.
    pub(crate) fn schedule(&self, at_ms: u64, event: Event) {
        self.lock().schedule(at_ms, event);
        self.0.news.notify_one();
    }

    /// The next thing that happens, once its time has come; `None` once nothing more will in time.
    pub(crate) fn take_due(&self) -> Due {
        let mut state = self.lock();
        let now_ms = state.now_ms();
        state.schedule.take_due(now_ms, HORIZON_MS)
    }

    /// A gateway that was not answered posts again, some more often than others.
    pub(crate) fn post_again(&self, mut post: Post) {
        if let [after_ms, further @ ..] = post.again_after_ms {
            post.again_after_ms = further;
            self.schedule(self.now_ms() + after_ms, Event::Posts(post));
        }
    }

    /// Ends when something was put into the queue.
    pub(crate) async fn news(&self) {
        self.0.news.notified().await;
    }

    /// Ends when the process dies.
    pub(crate) async fn death(&self) {
        self.0.death.notified().await;
    }

    /// The process begins.
    pub(crate) fn begin_life(&self) {
        let mut state = self.lock();
        state.began = Some(Instant::now());
        state.is_dead = false;
        state.lives += 1;
        state.tokens = LifeTokens::default();
        state.tokens_at_the_door = LifeTokens::default();
        state.told_banned_until_ms = 0;
        state.told_blocked = false;
    }

    /// The process has ended; time stands still until the next begins.
    pub(crate) fn end_life(&self) {
        let mut state = self.lock();
        state.base_ms = state.now_ms();
        state.began = None;
    }

    /// Time passes while nobody runs.
    pub(crate) fn pass(&self, to_ms: u64) {
        let mut state = self.lock();
        state.base_ms = state.base_ms.max(to_ms);
    }

    /// One of the steps at which something can be half done. Where the plan has the process die here, it never returns,
    /// and neither does any other step of this life.
    pub(crate) async fn step(&self, what: &str) {
        if !self.goes_on(what) {
            std::future::pending::<()>().await;
        }
    }

    fn goes_on(&self, what: &str) -> bool {
        let mut state = self.lock();
        if state.is_dead {
            return false;
        }
        let step = state.steps;
        let dies = state.is_at_crash(self.plan());
        if dies {
            state.is_dead = true;
            state.tell(|| format!("the shop's process dies at step {step}: {what}"));
            drop(state);
            self.0.death.notify_one();
        }
        !dies
    }

    /// How long the process is down after the crash that has just happened.
    pub(crate) fn down_ms(&self) -> u64 {
        let crashes = self.lock().crashes;
        crashes
            .checked_sub(1)
            .and_then(|last| self.plan().crashes.get(last))
            .map_or(0, |crash| crash.down_ms)
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.lock().is_dead
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.lock().broken.is_some()
    }

    /// Notes a line of the story, where somebody wants to read it.
    pub(crate) fn tell(&self, line: impl FnOnce() -> String) {
        self.lock().tell(line);
    }

    /// A promise was broken. The first one counts.
    pub(crate) fn broke(
        &self,
        promise: Promise,
        sale: Option<usize>,
        what: impl FnOnce() -> String,
    ) {
        self.lock().broke(promise, sale, what);
        self.0.death.notify_one();
    }

    /// Notes that something went wrong for a sale.
    pub(crate) fn suffers(&self, sale: usize, fault: FaultKind) {
        self.lock().suffers(sale, fault);
    }
}

impl State {
    /// What is known of tokens in a process.
    pub(crate) fn tokens_of(&mut self, process: Process) -> &mut LifeTokens {
        match process {
            Process::Till => &mut self.tokens,
            Process::Door => &mut self.tokens_at_the_door,
            Process::Server(server) => self.tokens_of_servers.entry(server).or_default(),
        }
    }

    /// The sale of the payment whose callback's address this is, where its reference does not tell.
    pub(crate) fn sale_of_path(&self, callback_path: &str) -> Option<usize> {
        self.sales_of_payments
            .iter()
            .find(|(id, _)| callback_path.contains(id.as_str()))
            .map(|(_, sale)| *sale)
    }

    /// The sale that a payment is for.
    pub(crate) fn sale_of(&self, payment: &Payment) -> Option<usize> {
        let by_id = self.sales_of_payments.get(payment.id().as_str());
        let by_reference = || sale_of(payment.push().account_reference.as_str());
        by_id.copied().or_else(by_reference)
    }

    pub(crate) fn now_ms(&self) -> u64 {
        let alive = self.began.map_or(0, |began| began.elapsed().as_millis());
        self.base_ms + u64::try_from(alive).unwrap_or(u64::MAX)
    }

    pub(crate) fn schedule(&mut self, at_ms: u64, event: Event) {
        let at_ms = at_ms.max(self.now_ms());
        self.schedule.add(at_ms, event);
    }

    /// A request has left on a connection: what has not yet followed an earlier answer there comes now, at the worst moment.
    pub(crate) fn has_left(&mut self, connection: ConnectionId) {
        let at_ms = self.now_ms() + 1;
        self.schedule.hasten(connection, at_ms);
    }

    pub(crate) fn tell(&mut self, line: impl FnOnce() -> String) {
        let now_ms = self.now_ms();
        if let Some(trace) = &mut self.trace {
            let (seconds, millis) = (now_ms / 1_000, now_ms % 1_000);
            trace.push(format!("{seconds:>5}.{millis:03} s  {}", line()));
        }
    }

    pub(crate) fn broke(
        &mut self,
        promise: Promise,
        sale: Option<usize>,
        what: impl FnOnce() -> String,
    ) {
        if self.broken.is_some() {
            return;
        }
        let what = what();
        self.tell(|| format!("BROKEN: {what}"));
        self.broken = Some(Broken {
            promise,
            sale,
            at_ms: self.now_ms(),
            what,
        });
    }

    /// Notes that something went wrong for all sales that have begun and have not ended.
    pub(crate) fn all_open_suffer(&mut self, fault: FaultKind) {
        for (sale, order) in &self.orders {
            if let (None, Some(faults)) = (order.end, self.faults.get_mut(*sale)) {
                *faults |= fault;
            }
        }
    }

    pub(crate) fn suffers(&mut self, sale: usize, fault: FaultKind) {
        if let Some(faults) = self.faults.get_mut(sale) {
            *faults |= fault;
        }
    }

    /// Counts a step. Whether the plan has a crash there, which is used up.
    fn is_at_crash(&mut self, plan: &Plan) -> bool {
        let at_step = self.steps;
        self.steps += 1;
        let crash: Option<&Crash> = plan.crashes.get(self.crashes);
        let is_here = crash.is_some_and(|crash| crash.at_step == at_step);
        self.crashes += usize::from(is_here);
        is_here
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("seed", &self.plan().seed)
            .finish_non_exhaustive()
    }
}
