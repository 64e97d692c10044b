//! The guard's store in the memory of one process.

use super::own_time::OwnTime;
use super::sliding_window::SlidingWindow;
use super::store::{Admission, Closing, Counted, Key, Rule, Store, StoreResult, Tally};
use crate::error::ids::PaymentId;
use crate::values::clock::EatTime;
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// A [`Store`] in this process's memory: right for one process; several of them each count their own pushes
/// alone. What it knows is gone when the process ends.
///
/// Its memory is bounded: what counts no more is dropped, and beyond a number of phones those that are furthest
/// from their limit are forgotten first.
///
/// It measures how much time passes: a clock that is set back opens nothing early and holds nothing shut for longer.
pub struct MemoryStore {
    max_phones: usize,
    windows: Mutex<Windows>,
}

#[derive(Default)]
struct Windows {
    by_key: HashMap<Key, SlidingWindow>,
    time: OwnTime,
    /// How many keys were added since the last sweep.
    added: usize,
}

impl MemoryStore {
    /// How many phones are remembered unless another number is asked for. With the default limits some 200 phones
    /// a day can fail at all, so that a month of them fits.
    pub const MAX_PHONES: usize = 10_000;

    /// A store that remembers [`MemoryStore::MAX_PHONES`] phones.
    #[must_use]
    pub fn new() -> Self {
        Self::with_max_phones(Self::MAX_PHONES)
    }

    /// A store that remembers that many phones; at least one.
    #[must_use]
    pub fn with_max_phones(max_phones: usize) -> Self {
        Self {
            max_phones: max_phones.max(1),
            windows: Mutex::default(),
        }
    }

    /// The number of phones that are remembered, counting those that are dropped at the next sweep.
    #[must_use]
    pub fn phones(&self) -> usize {
        self.lock().phones()
    }

    fn lock(&self) -> MutexGuard<'_, Windows> {
        // A window changes in one step, so a thread that panicked elsewhere left none half written.
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nothing in it counts any more.
    pub(crate) fn is_over(&self, now: EatTime) -> bool {
        let mut windows = self.lock();
        let now = windows.time.observe(now, Instant::now());
        windows.by_key.values().all(|window| window.is_over(now))
    }

    /// Changes what is kept under a key, by the store's own time; a window that is empty then is dropped.
    fn change<T>(
        &self,
        key: &Key,
        now: EatTime,
        change: impl FnOnce(&mut SlidingWindow, &OwnTime, EatTime) -> T,
    ) -> T {
        let mut windows = self.lock();
        let windows = &mut *windows;
        let now = windows.time.observe(now, Instant::now());
        if !windows.by_key.contains_key(key) {
            windows.make_room(self.max_phones, now);
        }
        let window = windows.by_key.entry(key.clone()).or_default();
        let result = change(window, &windows.time, now);
        if window.is_empty() {
            windows.by_key.remove(key);
        }
        result
    }

    /// Changes what is kept under a key, where something is.
    fn change_if_there(&self, key: &Key, change: impl FnOnce(&mut SlidingWindow, &OwnTime)) {
        let mut windows = self.lock();
        let windows = &mut *windows;
        if let Some(window) = windows.by_key.get_mut(key) {
            change(window, &windows.time);
            if window.is_empty() {
                windows.by_key.remove(key);
            }
        }
    }
}

impl Windows {
    fn phones(&self) -> usize {
        self.by_key.len() - usize::from(self.by_key.contains_key(&Key::Account))
    }

    /// Drops what is over once as many keys were added as there are, which costs each of them a constant; and
    /// makes room for one more phone.
    fn make_room(&mut self, max_phones: usize, now: EatTime) {
        self.added += 1;
        let full = self.phones() >= max_phones;
        if full || self.added * 2 > self.by_key.len() {
            self.by_key.retain(|_, window| !window.is_over(now));
            self.added = 0;
        }
        if self.phones() >= max_phones {
            self.forget_some(max_phones);
        }
    }

    /// Forgets an eighth of the phones, so that a full store is not searched for every further phone.
    fn forget_some(&mut self, max_phones: usize) {
        let mut phones: Vec<_> = self
            .by_key
            .iter()
            .filter(|(key, _)| **key != Key::Account)
            .map(|(key, window)| (window.weight(), key.clone()))
            .collect();
        phones.sort_unstable_by_key(|(weight, _)| *weight);
        let count = (max_phones / 8).max(1);
        for (_, key) in phones.iter().take(count) {
            self.by_key.remove(key);
        }
        tracing::warn!(
            target: "lipia",
            phones = count,
            "the guard's memory is full and forgets the phones with the fewest failures"
        );
    }
}

impl Store for MemoryStore {
    fn take<'a>(
        &'a self,
        key: &'a Key,
        payment: &'a PaymentId,
        rules: &'a [Rule],
        now: EatTime,
    ) -> BoxFuture<'a, StoreResult<Admission>> {
        Box::pin(async move {
            Ok(self.change(key, now, |window, time, now| {
                match window.take(payment, rules, now) {
                    Admission::Taken(tally) => Admission::Taken(shown(tally, time)),
                    Admission::Refused(tally) => Admission::Refused(shown(tally, time)),
                }
            }))
        })
    }

    fn count<'a>(
        &'a self,
        key: &'a Key,
        payment: &'a PaymentId,
        rules: &'a [Rule],
        at: EatTime,
        now: EatTime,
    ) -> BoxFuture<'a, StoreResult<Counted>> {
        Box::pin(async move {
            Ok(self.change(key, now, |window, time, now| {
                let counted = window.count(payment, rules, time.of(at), now);
                Counted {
                    tally: shown(counted.tally, time),
                    ..counted
                }
            }))
        })
    }

    fn release<'a>(
        &'a self,
        key: &'a Key,
        payment: &'a PaymentId,
    ) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(async move {
            self.change_if_there(key, |window, _| window.release(payment));
            Ok(())
        })
    }

    fn clear<'a>(
        &'a self,
        key: &'a Key,
        payment: &'a PaymentId,
        settled_until: EatTime,
        taken_until: EatTime,
    ) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(async move {
            self.change_if_there(key, |window, time| {
                window.clear(payment, time.of(settled_until), time.of(taken_until));
            });
            Ok(())
        })
    }

    fn close<'a>(&'a self, key: &'a Key, closing: Closing) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(async move {
            let mut windows = self.lock();
            let closing = Closing {
                until: windows.time.of(closing.until),
                ..closing
            };
            windows
                .by_key
                .entry(key.clone())
                .or_default()
                .close(closing);
            Ok(())
        })
    }

    fn tally<'a>(
        &'a self,
        key: &'a Key,
        rules: &'a [Rule],
        now: EatTime,
    ) -> BoxFuture<'a, StoreResult<Tally>> {
        Box::pin(async move {
            let mut windows = self.lock();
            let now = windows.time.observe(now, Instant::now());
            let nothing = SlidingWindow::default();
            let tally = windows
                .by_key
                .get(key)
                .unwrap_or(&nothing)
                .tally(rules, now);
            Ok(shown(tally, &windows.time))
        })
    }
}

/// The tally with its times as the clock shows them.
fn shown(mut tally: Tally, time: &OwnTime) -> Tally {
    if let Some(closing) = &mut tally.closing {
        closing.until = time.shown(closing.until);
    }
    for rule in &mut tally.rules {
        rule.opens_at = rule.opens_at.map(|then| time.shown(then));
        rule.retry_at = rule.retry_at.map(|then| time.shown(then));
    }
    tally
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("phones", &self.phones())
            .field("max_phones", &self.max_phones)
            .finish_non_exhaustive()
    }
}
