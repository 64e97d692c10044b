//! Kept callbacks that a client leaves to other clients of the ledger: it cannot read them.

use crate::error::ids::PaymentId;
use crate::ledger::row::Callback;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The callbacks that a client leaves alone, by payment and digest. They come first in every list of what waits, so that a
/// client without this memory would find nothing else.
#[derive(Debug, Default)]
pub(crate) struct LeftAlone(Mutex<HashSet<(PaymentId, String)>>);

impl LeftAlone {
    pub(crate) fn add(&self, callback: &Callback) {
        self.lock().insert(key(callback));
    }

    pub(crate) fn count(&self) -> usize {
        self.lock().len()
    }

    /// Takes the callbacks that are left alone out of a list of the oldest that wait, and forgets those that wait no longer.
    pub(crate) fn take_out_of(&self, waiting: &mut Vec<Callback>) {
        let mut left = self.lock();
        let found: HashSet<_> = waiting.iter().map(key).collect();
        left.retain(|key| found.contains(key));
        waiting.retain(|callback| !left.contains(&key(callback)));
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<(PaymentId, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(callback: &Callback) -> (PaymentId, String) {
    (callback.payment.clone(), callback.digest.clone())
}
