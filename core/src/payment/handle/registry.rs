//! The registry of one client's live payments, by id: a callback finds the call that waits for it, and the guard its news.

use super::held::{Held, LetGo};
use super::{PaymentHandle, Shared};
use crate::error::ids::PaymentId;
use crate::payment::Payment;
use crate::payment::learnt::Learnt;
use crate::payment::names::Names;
use crate::values::clock::EatTime;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// The live payments of one client, so that a callback finds the call that waits for it.
pub(crate) struct Registry {
    live: Mutex<HashMap<PaymentId, Weak<Shared>>>,
    names: Mutex<Names>,
    /// What was pushed, until it is settled and some time.
    held: Mutex<Held>,
    /// What the guard has yet to be told.
    news: Mutex<VecDeque<Learnt>>,
    pub(super) is_guarded: bool,
}

/// One piece of news for the guard. Dropped before it was told, it goes back: its caller may have gone away.
pub(crate) struct News<'a> {
    registry: &'a Registry,
    learnt: Option<Learnt>,
}

impl News<'_> {
    /// What was learnt.
    pub(crate) fn learnt(&self) -> Option<&Learnt> {
        self.learnt.as_ref()
    }

    /// The guard knows it.
    pub(crate) fn told(mut self) {
        self.learnt = None;
    }
}

impl Drop for News<'_> {
    fn drop(&mut self) {
        if let Some(learnt) = self.learnt.take() {
            self.registry.news().push_front(learnt);
        }
    }
}

impl Registry {
    pub(crate) fn new(is_guarded: bool) -> Self {
        Self {
            live: Mutex::default(),
            names: Mutex::default(),
            held: Mutex::default(),
            news: Mutex::default(),
            is_guarded,
        }
    }

    pub(super) fn leave_news(&self, learnt: Learnt) {
        self.news().push_back(learnt);
    }

    /// The next piece of news for the guard.
    pub(crate) fn next_news(&self) -> Option<News<'_>> {
        let learnt = self.news().pop_front()?;
        Some(News {
            registry: self,
            learnt: Some(learnt),
        })
    }

    fn news(&self) -> MutexGuard<'_, VecDeque<Learnt>> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn find(&self, id: &PaymentId) -> Option<PaymentHandle> {
        let shared = self.lock().get(id)?.upgrade()?;
        Some(PaymentHandle { shared })
    }

    pub(super) fn hold(&self, payment: &PaymentHandle, now: EatTime) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let let_go = held.hold(payment.clone(), now);
        drop(held);
        let_go.iter().for_each(LetGo::log);
        // Only now: a payment that nobody else holds leaves the registry as it is dropped.
        drop(let_go);
    }

    pub(super) fn insert(&self, shared: &Arc<Shared>) {
        self.lock()
            .insert(shared.id.clone(), Arc::downgrade(shared));
    }

    pub(super) fn forget(&self, id: &PaymentId) {
        let mut live = self.lock();
        // A payment that was resumed meanwhile has the same id and another handle.
        if live
            .get(id)
            .is_some_and(|shared| shared.strong_count() == 0)
        {
            live.remove(id);
        }
    }

    /// The names of all payments. Locked by whoever has a payment locked, and never before one: two threads that lock the two
    /// in different orders wait for each other for ever.
    pub(super) fn names(&self, _locked: &MutexGuard<'_, Payment>) -> MutexGuard<'_, Names> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PaymentId, Weak<Shared>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("live", &self.lock().len())
            .finish()
    }
}
