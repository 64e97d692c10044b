//! A campaign: many worlds, shared out to threads and counted in the order of their seeds, so that the count is the same with
//! any number of threads.

use crate::plan::Plan;
use crate::promises::Broken;
use crate::report::tally::Tally;
use crate::run::Report;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// How far each thread may be ahead of the count, in worlds.
const AHEAD: usize = 64;

/// The worlds from a seed on, until there are enough payments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// The seed of the first world.
    pub first_seed: u64,
    /// How many payments there are to be at least: the last world is counted whole.
    pub payments: u64,
    /// How many worlds run at the same time.
    pub threads: NonZeroUsize,
}

/// What came of a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// What was counted.
    pub tally: Tally,
    /// The world that broke a promise, which ends the campaign. Of several, the one with the lowest seed.
    pub broken: Option<BrokenWorld>,
}

/// A world that broke a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenWorld {
    /// What was to happen in it; its seed is here.
    pub plan: Plan,
    /// Which promise, when, and how.
    pub broken: Broken,
}

/// Why a campaign could not go on.
#[derive(Debug)]
pub enum Failure {
    /// The system gives no further thread.
    NoThread(io::Error),
    /// The system gives no runtime.
    NoRuntime(io::Error),
    /// Something panicked in the world of this seed. The panic's own message is on stderr.
    Panicked {
        /// The seed.
        seed: u64,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoThread(error) => write!(f, "no further thread can be started: {error}"),
            Self::NoRuntime(error) => write!(f, "no runtime can be made: {error}"),
            Self::Panicked { seed } => write!(f, "something panicked in the world of seed {seed}"),
        }
    }
}

impl std::error::Error for Failure {}

/// A world that has ended, with its place in the order.
struct Ended {
    place: u64,
    plan: Plan,
    report: Result<Report, Failure>,
}

impl Campaign {
    /// Runs it. `watch` sees the count after each world.
    ///
    /// # Errors
    /// Where the system gives no thread or no runtime, and where something panicked.
    ///
    /// ```
    /// use lipia_simulation::Campaign;
    /// use std::num::NonZeroUsize;
    ///
    /// let campaign = Campaign { first_seed: 0, payments: 50, threads: NonZeroUsize::MIN };
    /// let ending = campaign.run(|_| {})?;
    /// assert!(ending.broken.is_none());
    /// assert!(ending.tally.total.payments >= 50);
    /// # Ok::<(), lipia_simulation::Failure>(())
    /// ```
    pub fn run(&self, watch: impl FnMut(&Tally)) -> Result<Ending, Failure> {
        self.run_each(|plan| plan.run(false), watch)
    }

    fn run_each(
        &self,
        run: impl Fn(&Plan) -> io::Result<Report> + Sync,
        watch: impl FnMut(&Tally),
    ) -> Result<Ending, Failure> {
        note_panics();
        let next = AtomicU64::new(0);
        let (run, next) = (&run, &next);
        thread::scope(|scope| {
            let (sender, receiver) = sync_channel(AHEAD);
            for _ in 0..self.threads.get() {
                let sender = sender.clone();
                thread::Builder::new()
                    .spawn_scoped(scope, move || work(self.first_seed, next, run, &sender))
                    .map_err(Failure::NoThread)?;
            }
            drop(sender);
            // The threads end once nobody receives any more: as soon as this is done.
            self.count(&receiver, watch)
        })
    }

    fn count(
        &self,
        receiver: &Receiver<Ended>,
        mut watch: impl FnMut(&Tally),
    ) -> Result<Ending, Failure> {
        let mut tally = Tally::new(self.first_seed);
        let mut early = BTreeMap::new();
        for ended in receiver {
            early.insert(ended.place, ended);
            while let Some(ended) = early.remove(&tally.worlds) {
                let report = ended.report?;
                tally.add(ended.plan.gateway, &report);
                if let Some(broken) = report.broken {
                    let plan = ended.plan;
                    let broken = Some(BrokenWorld { plan, broken });
                    return Ok(Ending { tally, broken });
                }
                watch(&tally);
                if tally.total.payments >= self.payments {
                    let broken = None;
                    return Ok(Ending { tally, broken });
                }
            }
        }
        // There are no seeds beyond the last one.
        let broken = None;
        Ok(Ending { tally, broken })
    }
}

/// Runs one world after the other, for as long as anybody wants to know.
fn work(
    first_seed: u64,
    next: &AtomicU64,
    run: &(impl Fn(&Plan) -> io::Result<Report> + Sync),
    sender: &SyncSender<Ended>,
) {
    loop {
        let place = next.fetch_add(1, Ordering::Relaxed);
        let Some(seed) = first_seed.checked_add(place) else {
            return;
        };
        let plan = Plan::of(seed);
        let report = run_whole(&plan, run);
        let ended = Ended {
            place,
            plan,
            report,
        };
        if sender.send(ended).is_err() {
            return;
        }
    }
}

thread_local! {
    /// Whether anything has panicked on this thread.
    static HAS_PANICKED: Cell<bool> = const { Cell::new(false) };
}

/// A task's panic ends that task alone, and its world would go on without it: the hook is the one that hears of each.
fn note_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let earlier = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            HAS_PANICKED.set(true);
            earlier(panic);
        }));
    });
}

fn run_whole(plan: &Plan, run: &impl Fn(&Plan) -> io::Result<Report>) -> Result<Report, Failure> {
    let result = catch_unwind(AssertUnwindSafe(|| run(plan)));
    match result {
        Ok(report) if !HAS_PANICKED.take() => report.map_err(Failure::NoRuntime),
        Ok(_) | Err(_) => {
            HAS_PANICKED.set(false);
            Err(Failure::Panicked { seed: plan.seed })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promises::Promise;
    use crate::run::SaleReport;
    use crate::{End, FaultKind};

    fn campaign(first_seed: u64, payments: u64, threads: usize) -> Campaign {
        Campaign {
            first_seed,
            payments,
            threads: NonZeroUsize::new(threads).expect("one at least"),
        }
    }

    /// One sale that was paid, without any world.
    fn paid() -> Report {
        let sale = SaleReport {
            end: End::Paid,
            is_paid: true,
            prompts: 1,
            most_prompts_of_one_payment: 1,
            faults: FaultKind::NONE,
        };
        Report {
            sales: vec![sale],
            broken: None,
            trace: Vec::new(),
        }
    }

    fn broken() -> Report {
        let broken = Broken {
            promise: Promise::OnePrompt,
            sale: Some(0),
            at_ms: 1,
            what: "twice".to_owned(),
        };
        Report {
            broken: Some(broken),
            ..paid()
        }
    }

    #[test]
    fn of_several_broken_worlds_the_lowest_seed_is_told() {
        for threads in [1, 3] {
            let ending = campaign(0, 1_000, threads)
                .run_each(
                    |plan| Ok(if plan.seed >= 40 { broken() } else { paid() }),
                    |_| {},
                )
                .expect("an ending");
            assert_eq!(ending.broken.expect("a broken world").plan.seed, 40);
            assert_eq!(ending.tally.total.payments, 41);
        }
    }

    #[test]
    fn a_panic_ends_the_campaign_with_its_seed() {
        let failure = campaign(0, 1_000, 2)
            .run_each(
                |plan| {
                    assert_ne!(plan.seed, 7, "on purpose");
                    Ok(paid())
                },
                |_| {},
            )
            .expect_err("a panic");
        assert!(
            matches!(failure, Failure::Panicked { seed: 7 }),
            "{failure}"
        );
    }

    #[test]
    fn a_panic_of_a_task_is_one_too() {
        let run = |plan: &Plan| {
            let seed = plan.seed;
            let runtime = tokio::runtime::Builder::new_current_thread().build()?;
            let task = async move { assert_ne!(seed, 7, "on purpose") };
            // Whoever spawned it does not look at what became of it.
            drop(runtime.block_on(async { tokio::spawn(task).await }));
            Ok(paid())
        };
        let failure = campaign(0, 1_000, 2)
            .run_each(run, |_| {})
            .expect_err("a panic");
        assert!(
            matches!(failure, Failure::Panicked { seed: 7 }),
            "{failure}"
        );
    }

    #[test]
    fn without_a_runtime_it_ends() {
        let failure = campaign(0, 1_000, 2)
            .run_each(|_| Err(io::Error::other("no more")), |_| {})
            .expect_err("no runtime");
        assert!(matches!(failure, Failure::NoRuntime(_)), "{failure}");
    }

    #[test]
    fn after_the_last_seed_it_ends() {
        let ending = campaign(u64::MAX - 4, 1_000, 3)
            .run_each(|_| Ok(paid()), |_| {})
            .expect("an ending");
        assert_eq!(ending.tally.worlds, 5);
        assert_eq!(ending.tally.last_seed(), Some(u64::MAX));
    }
}
