//! When a callback is forwarded again, and when an app that cannot be reached is tried again. Pure.

use std::time::{Duration, Instant};

/// The pause after a first attempt; it doubles until it is `LONG`.
const FIRST: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_secs(60);

/// After so many attempts, which is about an hour, the app does not fail by accident.
const MANY_ATTEMPTS: u32 = 65;

/// The longest pause.
pub(super) const LONGEST: Duration = Duration::from_secs(300);

/// The longest pause before an app that cannot be reached is tried again. One connection is all that it costs.
const LONGEST_UNREACHED: Duration = Duration::from_secs(10);

/// For how long a callback that the app refuses is tried, before a person has to look at it.
const TRIED_FOR: Duration = Duration::from_secs(7 * 24 * 3_600);

/// The pause after that many attempts that the app answered with anything but a success.
pub(super) fn pause_after(attempts: u32) -> Duration {
    if attempts > MANY_ATTEMPTS {
        return LONGEST;
    }
    doubled(FIRST, attempts.saturating_sub(1)).min(LONG)
}

/// Whether a callback that has been refused for that long is set aside.
pub(super) fn is_given_up(tried_for: Duration) -> bool {
    tried_for >= TRIED_FOR
}

fn doubled(first: Duration, times: u32) -> Duration {
    first.saturating_mul(2_u32.saturating_pow(times.min(16)))
}

/// Whether the app can be reached, as far as the last attempts tell. While it cannot, one attempt at a time is made, and no
/// callback counts as tried.
#[derive(Debug, Default)]
pub(super) struct Reach {
    failures: u32,
    again_at: Option<Instant>,
}

impl Reach {
    /// How many callbacks may be in flight, where so many are.
    pub(super) fn most_in_flight(&self, now: Instant, usual: usize) -> usize {
        match self.again_at {
            None => usual,
            Some(at) if now >= at => 1,
            Some(_) => 0,
        }
    }

    /// When to look again; `None` while the app is reached.
    pub(super) fn again_at(&self) -> Option<Instant> {
        self.again_at
    }

    /// The app was reached, whatever it answered.
    pub(super) fn reached(&mut self) {
        *self = Self::default();
    }

    /// The app was not reached. Returns the pause, or nothing where attempts that began together have failed together and one
    /// of them has counted.
    pub(super) fn not_reached(&mut self, now: Instant) -> Option<Duration> {
        if self.again_at.is_some_and(|at| now < at) {
            return None;
        }
        self.failures = self.failures.saturating_add(1);
        let pause = doubled(FIRST, self.failures.saturating_sub(1)).min(LONGEST_UNREACHED);
        self.again_at = now.checked_add(pause);
        Some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_to_a_minute_and_are_five_after_an_hour() {
        let seconds: Vec<u64> = (1..=8).map(|it| pause_after(it).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
        let first_hour: u64 = (1..=MANY_ATTEMPTS)
            .map(|it| pause_after(it).as_secs())
            .sum();
        assert!((3_500..3_700).contains(&first_hour), "{first_hour}");
        assert_eq!(pause_after(66), LONGEST);
        assert_eq!(pause_after(u32::MAX), LONGEST);
    }

    #[test]
    fn an_app_that_is_down_is_tried_every_ten_seconds_by_one_callback() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut reach = Reach::default();
        assert_eq!(reach.most_in_flight(start, 8), 8);
        assert_eq!(reach.not_reached(start), Some(Duration::from_secs(1)));
        // Seven more that began together fail together.
        assert_eq!(reach.not_reached(start), None);
        assert_eq!(reach.most_in_flight(start, 8), 0);
        assert_eq!(reach.most_in_flight(at(1), 8), 1);
        let mut now = 1;
        for expected in [2, 4, 8, 10, 10] {
            assert_eq!(
                reach.not_reached(at(now)),
                Some(Duration::from_secs(expected))
            );
            now += expected;
        }
        reach.reached();
        assert_eq!(reach.most_in_flight(start, 8), 8);
        assert_eq!(reach.again_at(), None);
    }

    #[test]
    fn a_callback_is_set_aside_after_a_week() {
        assert!(!is_given_up(Duration::from_secs(6 * 86_400)));
        assert!(is_given_up(Duration::from_secs(7 * 86_400)));
    }
}
