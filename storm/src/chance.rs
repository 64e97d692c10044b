//! A random generator from a seed. What a run draws can be drawn again; when the machine switches between processes cannot.

use std::time::Duration;

/// A stream of chance (`SplitMix64`).
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The stream of a seed; `purpose` keeps what is drawn for one purpose apart from what is drawn for another.
    #[must_use]
    pub fn of(seed: u64, purpose: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ purpose.rotate_left(32))
    }

    /// A number below `end`; 0 where `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (bits ^ (bits >> 31)).checked_rem(end).unwrap_or(0)
    }

    /// True so many times in a hundred.
    pub fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    /// One of these; `None` where there are none.
    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> Option<T> {
        let most = u64::try_from(choices.len()).unwrap_or(0);
        let at = usize::try_from(self.below(most)).ok()?;
        choices.get(at).copied()
    }

    /// A pause between `shortest` and `longest`, in milliseconds.
    pub fn pause(&mut self, shortest: u64, longest: u64) -> Duration {
        Duration::from_millis(shortest + self.below(longest.saturating_sub(shortest) + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_again_and_another_purpose_draws_something_else() {
        let draw = |mut chance: Chance| (0..8).map(|_| chance.below(1_000)).collect::<Vec<_>>();
        assert_eq!(draw(Chance::of(7, 1)), draw(Chance::of(7, 1)));
        assert_ne!(draw(Chance::of(7, 1)), draw(Chance::of(7, 2)));
        assert_ne!(draw(Chance::of(7, 1)), draw(Chance::of(8, 1)));
    }

    #[test]
    fn every_choice_is_drawn() {
        let mut chance = Chance::of(1, 1);
        let mut seen = [false; 4];
        for _ in 0..100 {
            seen[chance.one_of(&[0_usize, 1, 2, 3]).unwrap()] = true;
        }
        assert_eq!(seen, [true; 4]);
        assert_eq!(chance.one_of::<u8>(&[]), None);
    }
}
