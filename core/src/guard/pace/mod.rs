//! Questions paced by key: how fast all clients of one account together ask a gateway what became of payments.
//!
//! `history` decides, purely, when the next question may leave, and `fairness` whose it is. This file carries that out: whoever
//! asks waits for a turn, and a push never waits.

pub(crate) mod documented;
mod fairness;
pub(crate) mod history;
pub(crate) mod shared;
mod window;

use crate::gateway::refusal::{Meaning, Reading};
use fairness::asks_next;
use history::History;
use serde::{Deserialize, Serialize};
use shared::{InWindow, SharedPace, Taken};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// The number of questions that one key asks within a time. All clients of an account share the count: in this process and,
/// with a shared ledger, in all processes that share it. A push counts too, and never waits.
///
/// The default is the gateway's: see `docs/wire/`. A gateway on this machine is asked as fast as a program likes.
///
/// ```
/// use lipia::PalPluss;
/// use lipia::guard::QuestionPace;
/// let builder = PalPluss::builder().question_pace(QuestionPace::per_minute(30));
/// # let _ = builder;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuestionPace {
    /// Requests within `within`: questions and pushes; 0 for as many as a program likes.
    most: u32,
    /// So many of them stay free for pushes.
    for_pushes: u32,
    within: Duration,
    /// Whether even the first of many must not follow the one before it at once.
    evenly: bool,
}

impl QuestionPace {
    /// A pace of so many questions within a time, and at least one.
    #[must_use]
    pub fn new(most: u32, within: Duration) -> Self {
        Self {
            most: most.max(1),
            for_pushes: 0,
            within,
            evenly: false,
        }
    }

    /// A pace of so many questions a minute, and at least one.
    #[must_use]
    pub fn per_minute(most: u32) -> Self {
        Self::new(most, Duration::from_secs(60))
    }

    /// As many questions as a program likes. `Retry-After` is heard all the same.
    #[must_use]
    pub fn unlimited() -> Self {
        Self {
            most: 0,
            ..Self::new(1, Duration::ZERO)
        }
    }

    /// Of the requests that this pace allows, so many stay free for pushes: where a gateway counts both together.
    #[must_use]
    pub fn leaving_for_pushes(mut self, requests: u32) -> Self {
        self.for_pushes = requests;
        self
    }

    /// Spaces out people's questions too: where a gateway allows no bursts.
    #[must_use]
    pub fn evenly(mut self) -> Self {
        self.evenly = true;
        self
    }

    fn is_unlimited(&self) -> bool {
        self.most == 0 || self.within.is_zero()
    }

    /// How many questions there may be.
    fn questions(&self) -> u32 {
        self.most.saturating_sub(self.for_pushes).max(1)
    }

    /// How many questions there may be where so many pushes are to be expected: what questions use up cannot be given
    /// back to a push. A quarter is theirs, whatever comes.
    fn questions_beside(&self, pushes: u32) -> u32 {
        if self.for_pushes == 0 {
            return self.questions();
        }
        let left = self.most.saturating_sub(pushes.max(self.for_pushes));
        left.max(self.most / 4).max(1)
    }

    /// How many looks at settled payments there may be.
    fn looks(&self) -> u32 {
        (self.questions() / 3).max(1)
    }

    /// The time between two questions that are spread evenly.
    fn gap(&self) -> Duration {
        self.within / self.questions()
    }
}

/// Who asks. The first goes first, unless others were passed over for long ([`fairness`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Asker {
    /// A person, or a callback that has to be confirmed.
    Person,
    /// A wait.
    Wait,
    /// Somebody who looks at a settled payment once more.
    Look,
}

/// A gateway that says "slow down" without a time is left alone for so long, twice as long the next time …
const FIRST_REST: Duration = Duration::from_secs(2);
/// … and never for longer than this, whatever it says.
const LONGEST_REST: Duration = Duration::from_secs(15 * 60);
/// A turn that is free for so long belongs to whoever comes: the first in line may be a task that nobody drives.
const PATIENCE: Duration = Duration::from_secs(1);

/// After how long a process that waits for a slot of the shared window looks at it again: one may have come free early.
const LONGEST_LOOK: Duration = Duration::from_secs(2);

/// The pace of one account.
#[derive(Default)]
pub(crate) struct Pace {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    history: History,
    line: BTreeMap<QueueSlot, Arc<Notify>>,
    tickets: u64,
    rests: u32,
    /// Until when each kind of asker finds the window full that the processes of the ledger share.
    elsewhere_until: BTreeMap<Asker, Instant>,
}

/// A place in the line: by who asks, then by who came first.
type QueueSlot = (Asker, u64);

impl Pace {
    /// Waits until the next question may leave, and counts it: here, and in the window that the processes of a ledger share.
    pub(crate) async fn turn(
        &self,
        pace: QuestionPace,
        shared: Option<&Arc<SharedPace>>,
        asker: Asker,
    ) -> Turn<'_> {
        let shared = shared.filter(|_| !pace.is_unlimited());
        let waiting = Waiting::begin(self, asker);
        loop {
            match waiting.look(pace, shared.is_some()) {
                Look::Free(turn) => return turn,
                Look::FreeHere => {}
                Look::Wait(wake_at) => {
                    tokio::select! {
                        biased;
                        () = waiting.woken.notified() => {}
                        () = tokio::time::sleep_until(wake_at) => {}
                    }
                    continue;
                }
            }
            let Some(shared) = shared else { continue };
            let window = match shared.take(pace, asker).await {
                Taken::Slot(window) => Some(window),
                Taken::NotKnown => None,
                Taken::Later(wait) => {
                    let then = Instant::now() + wait.min(LONGEST_LOOK);
                    self.lock().elsewhere_until.insert(asker, then);
                    continue;
                }
            };
            return waiting.take(self.lock(), pace, Instant::now(), window);
        }
    }

    /// When a question of a person's would leave, if nobody else asked.
    pub(crate) fn next_slot(&self, pace: QuestionPace) -> Option<Instant> {
        let state = self.lock();
        state.history.next_slot(pace, Asker::Person, Instant::now())
    }

    /// Counts a push, which waits for nobody.
    pub(crate) fn push(&self, pace: QuestionPace, shared: Option<&Arc<SharedPace>>) -> Turn<'_> {
        // Other processes need to know of it where the gateway counts pushes and questions together.
        let shared = shared.filter(|_| pace.for_pushes > 0 && !pace.is_unlimited());
        let number =
            (!pace.is_unlimited()).then(|| self.lock().history.leaves(pace, None, Instant::now()));
        Turn {
            pace: self,
            number,
            _window: shared.map(|shared| shared.push(pace)),
        }
    }

    /// The gateway said "slow down": no question of the key leaves before that. For how long.
    fn rest(&self, retry_after: Option<Duration>) -> Duration {
        let mut state = self.lock();
        let usual = FIRST_REST.saturating_mul(2_u32.saturating_pow(state.rests));
        state.rests = state.rests.saturating_add(1);
        let rest = retry_after
            .filter(|time| !time.is_zero())
            .unwrap_or(usual)
            .min(LONGEST_REST);
        state.history.rest_until(Instant::now() + rest);
        rest
    }

    /// Hears what the gateway answered: a "slow down" holds for all questions of the key.
    pub(crate) fn heard<T>(
        &self,
        pace: QuestionPace,
        shared: Option<&Arc<SharedPace>>,
        reading: Reading<T>,
    ) -> Reading<T> {
        match &reading {
            Reading::Refused(refusal) if refusal.meaning == Meaning::Busy => {
                let rest = self.rest(refusal.retry_after);
                if let Some(shared) = shared.filter(|_| !pace.is_unlimited()) {
                    shared.rest(pace, rest);
                }
            }
            Reading::Refused(_) => {}
            Reading::Done(_) => self.lock().rests = 0,
        }
        reading
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The first in line of a kind, with how to wake it.
    fn first(&self, asker: Asker) -> Option<(QueueSlot, &Arc<Notify>)> {
        let mut of_kind = self.line.range((asker, 0)..=(asker, u64::MAX));
        of_kind.next().map(|(place, woken)| (*place, woken))
    }

    /// From when on a question of that kind may leave, as far as this process knows.
    fn free_from(&self, pace: QuestionPace, asker: Asker, now: Instant) -> Option<Instant> {
        let elsewhere = self.elsewhere_until.get(&asker).copied();
        self.history.next_slot(pace, asker, now).max(elsewhere)
    }

    /// The place in line whose question is the next to leave, among those that may leave now.
    fn next(&self, pace: QuestionPace, now: Instant) -> Option<QueueSlot> {
        let mut waits = Asker::ALL.to_vec();
        waits.retain(|asker| {
            let free_from = self.free_from(pace, *asker, now);
            self.first(*asker).is_some() && free_from.is_none_or(|then| then <= now)
        });
        let next = asks_next(&waits, self.history.askers())?;
        self.first(next).map(|(place, _)| place)
    }
}

impl Asker {
    const ALL: [Self; 3] = [Self::Person, Self::Wait, Self::Look];
}

impl fmt::Debug for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pace")
            .field("waiting", &self.lock().line.len())
            .finish_non_exhaustive()
    }
}

/// Somebody in line. Dropping it leaves the line.
struct Waiting<'a> {
    pace: &'a Pace,
    place: QueueSlot,
    since: Instant,
    woken: Arc<Notify>,
}

impl<'a> Waiting<'a> {
    fn begin(pace: &'a Pace, asker: Asker) -> Self {
        let mut state = pace.lock();
        state.tickets += 1;
        let place = (asker, state.tickets);
        let woken = Arc::<Notify>::default();
        state.line.insert(place, Arc::clone(&woken));
        Self {
            pace,
            place,
            since: Instant::now(),
            woken,
        }
    }

    /// Whether this is the next to go, as far as this process knows. Where the processes of a ledger share a window, nothing is
    /// counted yet.
    fn look(&self, pace: QuestionPace, is_shared: bool) -> Look<'a> {
        let state = self.pace.lock();
        let (now, asker) = (Instant::now(), self.place.0);
        let free_from = state.free_from(pace, asker, now);
        let is_free = free_from.is_none_or(|then| then <= now);
        let may_go = pace.is_unlimited() || state.next(pace, now) == Some(self.place);
        // Since when the first could have gone.
        let free_since = free_from.unwrap_or(self.since).max(self.since);
        if is_free && (may_go || free_since + PATIENCE <= now) {
            if is_shared {
                return Look::FreeHere;
            }
            return Look::Free(self.take(state, pace, now, None));
        }
        let soonest = free_from.unwrap_or(now).max(now);
        // The others are woken once it has gone.
        let is_first = state.first(asker).map(|(place, _)| place) == Some(self.place);
        Look::Wait(if is_first && !is_free {
            soonest
        } else {
            soonest + PATIENCE
        })
    }

    fn take(
        &self,
        mut state: MutexGuard<'_, State>,
        pace: QuestionPace,
        now: Instant,
        window: Option<InWindow>,
    ) -> Turn<'a> {
        let number =
            (!pace.is_unlimited()).then(|| state.history.leaves(pace, Some(self.place.0), now));
        Turn {
            pace: self.pace,
            number,
            _window: window,
        }
    }
}

/// What somebody in line finds.
enum Look<'a> {
    /// The question may leave.
    Free(Turn<'a>),
    /// As far as this process knows it may leave, and the shared window has to be asked.
    FreeHere,
    /// Not before that.
    Wait(Instant),
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let first: Vec<_> = {
            let mut state = self.pace.lock();
            state.line.remove(&self.place);
            let of_kinds = Asker::ALL.iter().filter_map(|asker| state.first(*asker));
            of_kinds.map(|(_, woken)| Arc::clone(woken)).collect()
        };
        for woken in first {
            woken.notify_one();
        }
    }
}

/// A request that is on its way, until this is dropped: the gateway may count it at any moment in between.
pub(crate) struct Turn<'a> {
    pace: &'a Pace,
    number: Option<u64>,
    /// Its place in the window that the processes of a ledger share.
    _window: Option<InWindow>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.pace.lock().history.ended(number, Instant::now());
        }
    }
}

#[cfg(test)]
mod tests;
