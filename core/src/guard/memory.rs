//! The store of one process.

use super::book::Book;
use super::{
    GuardAdmission, GuardClosing, GuardCounted, GuardKey, GuardRule, GuardStore, GuardStoreResult,
    GuardTally,
};
use crate::{EatTime, PaymentId};
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A [`GuardStore`] in this process's memory: right for one process; several of them each count their own pushes
/// alone. What it knows is gone when the process ends.
///
/// Its memory is bounded: what counts no more is dropped, and beyond a number of phones those that are furthest
/// from their limit are forgotten first.
pub struct MemoryGuardStore {
    most_phones: usize,
    books: Mutex<Books>,
}

#[derive(Default)]
struct Books {
    by_key: HashMap<GuardKey, Book>,
    /// How many keys were added since the last sweep.
    added: usize,
}

impl MemoryGuardStore {
    /// How many phones are remembered unless another number is asked for. With the default limits some 200 phones
    /// a day can fail at all, so that a month of them fits.
    pub const MOST_PHONES: usize = 10_000;

    /// A store that remembers [`MemoryGuardStore::MOST_PHONES`] phones.
    #[must_use]
    pub fn new() -> Self {
        Self::with_most_phones(Self::MOST_PHONES)
    }

    /// A store that remembers that many phones; at least one.
    #[must_use]
    pub fn with_most_phones(most_phones: usize) -> Self {
        Self {
            most_phones: most_phones.max(1),
            books: Mutex::default(),
        }
    }

    /// How many phones are remembered, counting those that are dropped at the next sweep.
    #[must_use]
    pub fn phones(&self) -> usize {
        self.lock().phones()
    }

    fn lock(&self) -> MutexGuard<'_, Books> {
        // A book changes in one step, so a thread that panicked elsewhere left none half written.
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is kept under a key; a book that is empty then is dropped.
    fn change<T>(&self, key: &GuardKey, now: EatTime, change: impl FnOnce(&mut Book) -> T) -> T {
        let mut books = self.lock();
        if !books.by_key.contains_key(key) {
            books.make_room(self.most_phones, now);
        }
        let book = books.by_key.entry(key.clone()).or_default();
        let result = change(book);
        if book.is_empty() {
            books.by_key.remove(key);
        }
        result
    }

    /// Changes what is kept under a key, where something is.
    fn change_if_there(&self, key: &GuardKey, change: impl FnOnce(&mut Book)) {
        let mut books = self.lock();
        if let Some(book) = books.by_key.get_mut(key) {
            change(book);
            if book.is_empty() {
                books.by_key.remove(key);
            }
        }
    }
}

impl Books {
    fn phones(&self) -> usize {
        self.by_key.len() - usize::from(self.by_key.contains_key(&GuardKey::Account))
    }

    /// Drops what is over once as many keys were added as there are, which costs each of them a constant; and
    /// makes room for one more phone.
    fn make_room(&mut self, most_phones: usize, now: EatTime) {
        self.added += 1;
        let full = self.phones() >= most_phones;
        if full || self.added * 2 > self.by_key.len() {
            self.by_key.retain(|_, book| !book.is_over(now));
            self.added = 0;
        }
        if self.phones() >= most_phones {
            self.forget_some(most_phones);
        }
    }

    /// Forgets an eighth of the phones, so that a full store is not searched for every further phone.
    fn forget_some(&mut self, most_phones: usize) {
        let mut phones: Vec<_> = self
            .by_key
            .iter()
            .filter(|(key, _)| **key != GuardKey::Account)
            .map(|(key, book)| (book.weight(), key.clone()))
            .collect();
        phones.sort_unstable_by_key(|(weight, _)| *weight);
        let count = (most_phones / 8).max(1);
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

impl GuardStore for MemoryGuardStore {
    fn take<'a>(
        &'a self,
        key: &'a GuardKey,
        payment: &'a PaymentId,
        rules: &'a [GuardRule],
        now: EatTime,
    ) -> BoxFuture<'a, GuardStoreResult<GuardAdmission>> {
        Box::pin(async move { Ok(self.change(key, now, |book| book.take(payment, rules, now))) })
    }

    fn count<'a>(
        &'a self,
        key: &'a GuardKey,
        payment: &'a PaymentId,
        rules: &'a [GuardRule],
        now: EatTime,
    ) -> BoxFuture<'a, GuardStoreResult<GuardCounted>> {
        Box::pin(async move { Ok(self.change(key, now, |book| book.count(payment, rules, now))) })
    }

    fn release<'a>(
        &'a self,
        key: &'a GuardKey,
        payment: &'a PaymentId,
    ) -> BoxFuture<'a, GuardStoreResult<()>> {
        Box::pin(async move {
            self.change_if_there(key, |book| book.release(payment));
            Ok(())
        })
    }

    fn clear<'a>(
        &'a self,
        key: &'a GuardKey,
        payment: &'a PaymentId,
        settled_until: EatTime,
        taken_until: EatTime,
    ) -> BoxFuture<'a, GuardStoreResult<()>> {
        Box::pin(async move {
            self.change_if_there(key, |book| {
                book.clear(payment, settled_until, taken_until);
            });
            Ok(())
        })
    }

    fn close<'a>(
        &'a self,
        key: &'a GuardKey,
        closing: GuardClosing,
    ) -> BoxFuture<'a, GuardStoreResult<()>> {
        Box::pin(async move {
            let mut books = self.lock();
            books.by_key.entry(key.clone()).or_default().close(closing);
            Ok(())
        })
    }

    fn tally<'a>(
        &'a self,
        key: &'a GuardKey,
        rules: &'a [GuardRule],
        now: EatTime,
    ) -> BoxFuture<'a, GuardStoreResult<GuardTally>> {
        Box::pin(async move {
            let books = self.lock();
            let nothing = Book::default();
            Ok(books.by_key.get(key).unwrap_or(&nothing).tally(rules, now))
        })
    }
}

impl Default for MemoryGuardStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryGuardStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryGuardStore")
            .field("phones", &self.phones())
            .field("most_phones", &self.most_phones)
            .finish_non_exhaustive()
    }
}
