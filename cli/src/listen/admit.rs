//! What is taken in from whoever posts: decided by path, size and rate, before a byte is kept. Pure.

use lipia::callback::CallbackSecrets;
use std::time::Instant;

/// The most bytes of a body. Callbacks have one or two thousand.
pub(super) const MAX_BODY: usize = 64 * 1024;

/// The most bytes of a path with its query. Callback URLs have at most 500.
const MAX_PATH: usize = 2_048;

/// How many callbacks a second are taken where no token can be verified, and how many at once.
const A_SECOND: u32 = 10;

/// The digits of the id that `lipia check --reach` posts with. No payment has it.
const PROBE: char = '0';

/// How a callback's path is judged.
pub(super) enum Door {
    /// Only paths whose token was made with these secrets.
    Verifies(CallbackSecrets),
    /// Every path, at a limited rate.
    TakesAll(Allowance),
}

/// The decision about a request, by its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// It may be kept. Without a secret nobody knows whose it is.
    Take { payment: Option<String> },
    /// A question of `lipia check`: answered, and not kept.
    Probe,
    /// Nobody has told this URL to a gateway.
    Forged,
    /// The path is too long.
    TooLong,
    /// Too many came in the last second.
    TooMany,
}

impl Door {
    pub(super) fn admit(&mut self, path: &str, now: Instant) -> Admission {
        if path.len() > MAX_PATH {
            return Admission::TooLong;
        }
        match self {
            Self::Verifies(secrets) => match secrets.verify(path) {
                Ok(payment) if payment.as_str().chars().all(|digit| digit == PROBE) => {
                    Admission::Probe
                }
                Ok(payment) => Admission::Take {
                    payment: Some(payment.as_str().to_owned()),
                },
                Err(_) => Admission::Forged,
            },
            Self::TakesAll(allowance) => match allowance.take(now) {
                true => Admission::Take { payment: None },
                false => Admission::TooMany,
            },
        }
    }
}

/// A token bucket: ten at once, and ten a second.
#[derive(Debug)]
pub(super) struct Allowance {
    /// Thousandths of a callback.
    left: u32,
    filled_at: Instant,
}

impl Allowance {
    pub(super) fn full(now: Instant) -> Self {
        Self {
            left: A_SECOND.saturating_mul(1_000),
            filled_at: now,
        }
    }

    fn take(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.filled_at).as_millis();
        let passed = u32::try_from(passed).unwrap_or(u32::MAX);
        self.left = self
            .left
            .saturating_add(passed.saturating_mul(A_SECOND))
            .min(A_SECOND.saturating_mul(1_000));
        if passed > 0 {
            self.filled_at = now;
        }
        match self.left.checked_sub(1_000) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn without_a_secret_the_eleventh_in_a_second_is_too_many() {
        let start = Instant::now();
        let mut door = Door::TakesAll(Allowance::full(start));
        for _ in 0..10 {
            let taken = Admission::Take { payment: None };
            assert_eq!(door.admit("/pay", start), taken);
        }
        assert_eq!(door.admit("/pay", start), Admission::TooMany);
        let later = start + Duration::from_millis(99);
        assert_eq!(door.admit("/pay", later), Admission::TooMany);
        let later = start + Duration::from_millis(100);
        assert!(matches!(door.admit("/pay", later), Admission::Take { .. }));
        assert_eq!(door.admit("/pay", later), Admission::TooMany);
        // An hour fills the bucket once.
        let later = start + Duration::from_secs(3_600);
        let taken = (0..20).filter(|_| door.admit("/pay", later) != Admission::TooMany);
        assert_eq!(taken.count(), 10);
    }

    #[test]
    fn a_bucket_that_is_looked_at_all_the_time_fills_all_the_same() {
        let start = Instant::now();
        let mut allowance = Allowance::full(start);
        let taken = (0..10_000_u64)
            .filter(|it| allowance.take(start + Duration::from_micros(it * 100)))
            .count();
        assert!((19..=20).contains(&taken), "{taken}");
    }

    #[test]
    fn a_path_has_an_end() {
        let mut door = Door::TakesAll(Allowance::full(Instant::now()));
        let path = format!("/{}", "a".repeat(MAX_PATH));
        assert_eq!(door.admit(&path, Instant::now()), Admission::TooLong);
    }

    #[test]
    fn with_a_secret_only_its_own_tokens_are_taken() {
        let secret = lipia::Secret::new("a-secret-of-this-test");
        let secrets = CallbackSecrets::new(&[secret]).unwrap();
        let mut door = Door::Verifies(secrets);
        let id = "0c51c7580c51c7580c51c7580c51c758";
        for path in [
            "/pay",
            &format!("/pay/{id}"),
            &format!("/pay/{id}-{}", "0".repeat(64)),
        ] {
            assert_eq!(
                door.admit(path, Instant::now()),
                Admission::Forged,
                "{path}"
            );
        }
    }
}
