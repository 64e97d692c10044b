//! Trouble: faults of the gateway, and processes that are killed and stopped while they work.

use crate::driver::workers::Workers;
use lipia_sandbox::{Fault, FaultKind, News, Sandbox, Step};
use lipia_storm::Chance;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What goes wrong, where, and for how many seconds of the gateway's clock where it takes time. A gateway that refuses a push
/// and prompts all the same is not among them: no client can know that.
const FAULTS: [(Step, FaultKind, Option<f64>); 24] = [
    (Step::Push, FaultKind::AnswerLost, None),
    (Step::Push, FaultKind::AnswerCut, None),
    (Step::Push, FaultKind::TruncatedJson, None),
    (Step::Push, FaultKind::ConnectionRefused, None),
    (Step::Push, FaultKind::SystemBusy, None),
    (Step::Push, FaultKind::InternalError, None),
    (Step::Push, FaultKind::TooManyRequests, None),
    (Step::Push, FaultKind::UnavailableHtml, None),
    (Step::Push, FaultKind::InvalidToken404, None),
    (Step::Push, FaultKind::SlowBefore, Some(10.0)),
    (Step::Push, FaultKind::SlowAfter, Some(20.0)),
    // Longer than a call may take.
    (Step::Push, FaultKind::SlowAfter, Some(140.0)),
    (Step::Query, FaultKind::AnswerLost, None),
    (Step::Query, FaultKind::Empty500, None),
    (Step::Query, FaultKind::SystemBusy, None),
    (Step::Query, FaultKind::TruncatedJson, None),
    (Step::Query, FaultKind::QueryWithOtherIds, None),
    (Step::Query, FaultKind::SlowAfter, Some(20.0)),
    (Step::Callback, FaultKind::CallbackLost, None),
    (Step::Callback, FaultKind::CallbackTwice, None),
    (Step::Callback, FaultKind::SlowBefore, Some(20.0)),
    (Step::Callback, FaultKind::SlowBefore, Some(100.0)),
    (Step::Oauth, FaultKind::AnswerLost, None),
    (Step::Oauth, FaultKind::SystemBusy, None),
];

/// What makes things go wrong in one run.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) workers: Arc<Workers>,
    pub(crate) sandbox: Arc<Sandbox>,
    /// Orders whose process is killed once their phone rings.
    doomed: Mutex<HashSet<String>>,
    is_over: AtomicBool,
    pub(crate) seed: u64,
}

impl Trouble {
    pub(crate) fn new(workers: Arc<Workers>, sandbox: Arc<Sandbox>, seed: u64) -> Self {
        Self {
            workers,
            sandbox,
            doomed: Mutex::default(),
            is_over: AtomicBool::new(false),
            seed,
        }
    }

    /// Makes something go wrong around an order that is about to be requested.
    pub(crate) fn spoil(&self, order: &str, chance: &mut Chance) {
        if self.is_over() {
            return;
        }
        if chance.percent(45)
            && let Some((step, kind, seconds)) = chance.one_of(&FAULTS)
        {
            let fault = Fault::new(step, kind);
            let fault = match seconds {
                Some(seconds) => fault.seconds(seconds),
                None => fault,
            };
            self.inject(fault);
        }
        if chance.percent(8) {
            self.doomed
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(order.to_owned());
            self.inject(Fault::new(Step::Push, FaultKind::SlowAfter).seconds(4.0));
        }
    }

    fn inject(&self, fault: Fault) {
        if self.sandbox.inject(fault).is_ok() {
            self.workers.counts.faults.raise();
        }
    }

    /// Kills and stops processes until it is over, at pauses of so many milliseconds.
    pub(crate) async fn rage(&self, pauses: (u64, u64)) {
        let mut chance = Chance::of(self.seed, 79);
        while !self.is_over() {
            tokio::time::sleep(chance.pause(pauses.0, pauses.1)).await;
            let ready = self.workers.ready();
            let Some(life) = chance.one_of(&ready).filter(|_| !self.is_over()) else {
                continue;
            };
            if chance.percent(85) {
                if self.workers.kill(life) {
                    self.workers.counts.killed_at_random.raise();
                }
            } else {
                self.workers.stop_for(life, chance.pause(200, 2_000));
            }
        }
    }

    /// Kills the process of a doomed order as soon as its phone rings: its bytes have left, and the answer is on its way.
    pub(crate) fn watch(self: &Arc<Self>) {
        let (news, trouble) = (self.sandbox.news(), Arc::clone(self));
        std::thread::spawn(move || {
            for piece in news {
                if trouble.is_over() {
                    return;
                }
                trouble.kill_doomed(&piece);
            }
        });
    }

    fn kill_doomed(&self, news: &News) {
        if news.event != "prompted" {
            return;
        }
        let order = news.text.split('"').nth(1).unwrap_or_default();
        let is_doomed = self
            .doomed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(order);
        if let Some(life) = self.workers.claimer(order).filter(|_| is_doomed)
            && self.workers.kill(life)
        {
            self.workers.counts.killed_after_bytes.raise();
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    /// Ends all trouble: faults that have not happened are taken back.
    pub(crate) fn end(&self) {
        self.is_over.store(true, Ordering::Release);
        self.sandbox.clear_faults();
        self.workers.settle();
    }
}
