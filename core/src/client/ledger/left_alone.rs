//! Kept callbacks that a client leaves alone for a while: it cannot read them, or their payments, and others may.

use crate::error::ids::PaymentId;
use crate::ledger::row::Callback;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long a callback is left alone: what kept it from being judged may be gone by then.
const LEFT_ALONE_FOR: Duration = Duration::from_secs(60);

/// The callbacks that a client leaves alone, by payment and digest, and since when. They come first in every list of what waits, so that a
/// client without this memory would find nothing else.
#[derive(Debug, Default)]
pub(crate) struct LeftAlone(Mutex<HashMap<Key, Instant>>);

type Key = (PaymentId, String);

impl LeftAlone {
    pub(crate) fn add(&self, callback: &Callback) {
        self.lock().insert(key(callback), Instant::now());
    }

    pub(crate) fn count(&self) -> usize {
        self.lock().len()
    }

    /// Takes the callbacks that are left alone out of a list of the oldest that wait, and forgets those that wait no longer or were
    /// left alone for long.
    pub(crate) fn take_out_of(&self, waiting: &mut Vec<Callback>) {
        let mut left = self.lock();
        let found: HashSet<_> = waiting.iter().map(key).collect();
        left.retain(|key, since| found.contains(key) && since.elapsed() < LEFT_ALONE_FOR);
        waiting.retain(|callback| !left.contains_key(&key(callback)));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(callback: &Callback) -> Key {
    (callback.payment.clone(), callback.digest.clone())
}

#[cfg(test)]
mod tests {
    use super::LeftAlone;
    use crate::ledger::row::Callback;
    use crate::values::clock::EatTime;
    use std::time::Duration;

    fn callback(number: u8) -> Callback {
        Callback {
            payment: format!("{number:032x}").parse().unwrap(),
            digest: number.to_string(),
            body: Vec::new(),
            received_at: EatTime::from_unix_millis(0),
            verdict: None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_left_alone_is_looked_at_again_after_a_minute() {
        let left = LeftAlone::default();
        left.add(&callback(1));
        let listed = || vec![callback(1), callback(2)];
        let rest = || {
            let mut waiting = listed();
            left.take_out_of(&mut waiting);
            waiting.len()
        };
        assert_eq!(rest(), 1);
        tokio::time::advance(Duration::from_secs(59)).await;
        assert_eq!(rest(), 1);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!((rest(), left.count()), (2, 0));
    }
}
