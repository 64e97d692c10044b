//! What outlives the shop's process: time, the gateway, what is on its way, what the shop has saved, and what was seen to
//! go wrong.

use crate::fault::FaultKind;
use crate::gateway::{Answered, Ask, Gateway, Trouble};
use crate::network::Delivered;
use crate::plan::{Crash, Plan};
use crate::promises::{Broken, Promise};
use crate::shop::Order;
use crate::tokens::LifeTokens;
use lipia::{EatTime, MemoryGuardStore};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

/// After so long the world ends. What is open then has been asked about for many times as long as any prompt lives.
pub(crate) const HORIZON_MS: u64 = 1_200_000;

/// What the clocks on the walls show when a world begins: 2026-11-22, nine in the morning in Nairobi.
const BEGINS_AT_UNIX_MS: i64 = 1_795_327_200_000;

/// The time on the walls.
pub(crate) fn eat_time(at_ms: u64) -> EatTime {
    let at_ms = i64::try_from(at_ms).unwrap_or(i64::MAX);
    EatTime::from_unix_millis(BEGINS_AT_UNIX_MS.saturating_add(at_ms))
}

/// How the other end of a request is told.
pub(crate) type Reply = oneshot::Sender<Delivered>;

/// What will happen.
pub(crate) enum Event {
    /// A request arrives at the gateway.
    Arrives {
        ask: Ask,
        trouble: Trouble,
        reply: Reply,
    },
    /// An answer, or the end of its connection, arrives at the shop.
    Answers { answered: Answered, reply: Reply },
    /// A customer decides.
    Decides { prompt: usize },
    /// Somebody posts to the shop.
    Posts(Post),
    /// A failure of what was paid is posted.
    Contradicts { prompt: usize },
    /// All tokens become invalid.
    TokensEnd,
    /// A stranger makes a callback up.
    Forges { forgery: usize },
}

/// Something that is posted to the shop.
#[derive(Clone)]
pub(crate) struct Post {
    pub(crate) path: String,
    pub(crate) body: Vec<u8>,
    /// The prompt that it tells the truth about, to the right address.
    pub(crate) truth_about: Option<usize>,
    /// Whose address it is, where it is somebody's.
    pub(crate) sale: Option<usize>,
    pub(crate) what: &'static str,
    /// After how long it is posted again, and again, while nobody takes it in.
    pub(crate) again_after_ms: &'static [u64],
}

struct Scheduled {
    at_ms: u64,
    number: u64,
    event: Event,
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        (self.at_ms, self.number) == (other.at_ms, other.number)
    }
}

impl Eq for Scheduled {}

impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scheduled {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at_ms, self.number).cmp(&(other.at_ms, other.number))
    }
}

/// All of it.
pub(crate) struct State {
    pub(crate) gateway: Gateway,
    /// What the shop has saved of each order. It survives a crash.
    pub(crate) orders: BTreeMap<usize, Order>,
    /// What is known of tokens in this life of the process.
    pub(crate) tokens: LifeTokens,
    /// The faults that happened to each sale.
    pub(crate) faults: Vec<FaultKind>,
    pub(crate) broken: Option<Broken>,
    pub(crate) trace: Option<Vec<String>>,
    pub(crate) saves: u32,
    /// How often the process has begun.
    pub(crate) lives: u32,
    /// Until when the gateway takes no pushes, as this life of the process was told.
    pub(crate) told_banned_until_ms: u64,
    /// How much was ever posted.
    pub(crate) posted: u64,
    /// What was posted to this life of the process, and is not yet acknowledged.
    pub(crate) unacknowledged: BTreeMap<u64, Post>,
    /// How many requests of each sale were met with what its plan has for them.
    pub(crate) pushes_seen: Vec<usize>,
    pub(crate) queries_seen: Vec<usize>,
    pub(crate) tokens_seen: usize,
    queue: BinaryHeap<Reverse<Scheduled>>,
    scheduled: u64,
    base_ms: u64,
    began: Option<Instant>,
    steps: u32,
    crashes: usize,
    is_dead: bool,
}

struct Shared {
    plan: Plan,
    /// Where a shop whose process dies has its guard keep its counts.
    guard_store: Arc<MemoryGuardStore>,
    state: Mutex<State>,
    /// Something was put into the queue.
    news: Notify,
    death: Notify,
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
            faults: vec![FaultKind::NONE; sales],
            broken: None,
            trace: is_told.then(Vec::new),
            saves: 0,
            lives: 0,
            told_banned_until_ms: 0,
            posted: 0,
            unacknowledged: BTreeMap::new(),
            pushes_seen: vec![0; sales],
            queries_seen: vec![0; sales],
            tokens_seen: 0,
            queue: BinaryHeap::new(),
            scheduled: 0,
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

    pub(crate) fn guard_store(&self) -> Arc<MemoryGuardStore> {
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
        match state.queue.peek() {
            Some(Reverse(next)) if next.at_ms <= now_ms => state
                .queue
                .pop()
                .map_or(Due::Nothing, |Reverse(due)| Due::Now(due.event)),
            Some(Reverse(next)) if next.at_ms <= HORIZON_MS => Due::At(next.at_ms),
            _ => Due::Nothing,
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
        state.told_banned_until_ms = 0;
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
    pub(crate) async fn step(&self, what: &'static str) {
        if !self.goes_on(what) {
            std::future::pending::<()>().await;
        }
    }

    fn goes_on(&self, what: &'static str) -> bool {
        let mut state = self.lock();
        if state.is_dead {
            return false;
        }
        let at_step = state.steps;
        state.steps += 1;
        let dies = state
            .next_crash(self.plan())
            .is_some_and(|crash| crash.at_step == at_step);
        if dies {
            state.is_dead = true;
            state.crashes += 1;
            let step = at_step;
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

/// What [`World::take_due`] says.
#[allow(
    clippy::large_enum_variant,
    reason = "there is one at a time, on the stack"
)]
pub(crate) enum Due {
    Now(Event),
    At(u64),
    Nothing,
}

impl State {
    pub(crate) fn now_ms(&self) -> u64 {
        let alive = self.began.map_or(0, |began| began.elapsed().as_millis());
        self.base_ms + u64::try_from(alive).unwrap_or(u64::MAX)
    }

    pub(crate) fn schedule(&mut self, at_ms: u64, event: Event) {
        self.scheduled += 1;
        let scheduled = Scheduled {
            at_ms: at_ms.max(self.now_ms()),
            number: self.scheduled,
            event,
        };
        self.queue.push(Reverse(scheduled));
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

    /// The sales that have begun and have not ended.
    pub(crate) fn open_sales(&self) -> impl Iterator<Item = usize> {
        self.orders
            .iter()
            .filter(|(_, order)| order.end.is_none())
            .map(|(sale, _)| *sale)
    }

    pub(crate) fn suffers(&mut self, sale: usize, fault: FaultKind) {
        if let Some(faults) = self.faults.get_mut(sale) {
            *faults |= fault;
        }
    }

    fn next_crash<'a>(&self, plan: &'a Plan) -> Option<&'a Crash> {
        plan.crashes.get(self.crashes)
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("seed", &self.plan().seed)
            .finish_non_exhaustive()
    }
}
