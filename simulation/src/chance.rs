//! A random generator from a seed: the same on every machine and in every version.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// A stream of chance.
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream of a seed; `use_` keeps what is drawn for one purpose apart from what is drawn for another.
    pub(crate) fn of(seed: u64, use_: u64) -> Self {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        chance.set_stream(use_);
        Self(chance)
    }

    /// A number below `end`; 0 where `end` is 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        // The bias is below one in 2^32 for every range that is asked for here.
        self.0.next_u64().checked_rem(end).unwrap_or(0)
    }

    /// A number from `first` to `last`, both included.
    #[allow(
        clippy::wrong_self_convention,
        reason = "from one number to another, not from a value to another"
    )]
    pub(crate) fn from_to(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last.saturating_sub(first) + 1)
    }

    /// True so many times in a hundred.
    pub(crate) fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    /// One of these, each as likely as its weight says.
    pub(crate) fn weighted<T: Copy>(&mut self, choices: &[(u64, T)], usual: T) -> T {
        let mut at = self.below(choices.iter().map(|(weight, _)| weight).sum());
        for (weight, choice) in choices {
            if at < *weight {
                return *choice;
            }
            at -= weight;
        }
        usual
    }

    /// Fills bytes.
    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }
}

/// The chance that the core draws from: ids of payments, and pauses.
pub(crate) struct CoreChance(Mutex<Chance>);

impl CoreChance {
    pub(crate) fn of(seed: u64, life: u64) -> Self {
        Self(Mutex::new(Chance::of(seed, 1 + life)))
    }
}

impl lipia::simulation::Chance for CoreChance {
    fn fill(&self, bytes: &mut [u8]) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill(bytes);
    }
}

impl fmt::Debug for CoreChance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CoreChance")
    }
}
