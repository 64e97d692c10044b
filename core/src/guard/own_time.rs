//! The clock of a store that lives in one process: a change of the computer's clock neither ends a refusal nor prolongs it.

use crate::values::clock::EatTime;
use std::time::Duration;
use tokio::time::Instant;

/// The clocks of two threads may be read in another order than they are handed in: that is not a clock set back.
const OUT_OF_ORDER: i64 = 2_000;

/// By so much more must have passed by the instants before the clock is taken to have been set back.
const LAGS_BEHIND: i64 = 60_000;

/// Measures how much time passes between the times that are handed in. Uses the clock, as long as it moves forward
/// (an instant stands still while a phone sleeps), and instants where the clock was set back.
#[derive(Debug, Default)]
pub(super) struct OwnTime {
    last: Option<(EatTime, Instant)>,
    /// By how many milliseconds the own time is ahead of the clock.
    ahead: i64,
}

impl OwnTime {
    /// The own time at this time of the clock's.
    pub(super) fn observe(&mut self, now: EatTime, instant: Instant) -> EatTime {
        let Some((last, last_instant)) = self.last else {
            self.last = Some((now, instant));
            return now;
        };
        let by_clock = now.unix_millis().saturating_sub(last.unix_millis());
        let by_instant = millis(instant.saturating_duration_since(last_instant));
        if (-OUT_OF_ORDER..0).contains(&by_clock) && by_instant < LAGS_BEHIND {
            return self.of(last);
        }
        let passed = if by_clock < 0 || by_instant.saturating_sub(by_clock) > LAGS_BEHIND {
            by_instant
        } else {
            by_clock
        };
        self.ahead = self.ahead.saturating_add(passed.saturating_sub(by_clock));
        self.last = Some((now, instant));
        self.of(now)
    }

    /// The own time of a time of the clock's.
    pub(super) fn of(&self, time: EatTime) -> EatTime {
        EatTime::from_unix_millis(time.unix_millis().saturating_add(self.ahead))
    }

    /// The time that the clock shows at an own time.
    pub(super) fn shown(&self, own: EatTime) -> EatTime {
        EatTime::from_unix_millis(own.unix_millis().saturating_sub(self.ahead))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);
    const YEAR: i64 = 365 * 24 * 3_600_000;

    /// How much own time passes where the clock and the instants move so.
    fn passed(by_clock: i64, by_instant: Duration) -> i64 {
        let (now, instant) = (EatTime::from_unix_millis(0), Instant::now());
        let mut time = OwnTime::default();
        let first = time.observe(now, instant);
        let then = EatTime::from_unix_millis(by_clock);
        let second = time.observe(then, instant + by_instant);
        assert_eq!(time.shown(second), then, "it is shown in the clock's time");
        second.unix_millis() - first.unix_millis()
    }

    #[test]
    fn a_clock_that_is_set_back_neither_opens_a_door_nor_holds_it() {
        assert_eq!(passed(-YEAR, HOUR), 3_600_000);
        assert_eq!(passed(-3_600_000, HOUR), 3_600_000);
        // Set back by half an hour within the hour.
        assert_eq!(passed(1_800_000, HOUR), 3_600_000);
    }

    #[test]
    fn a_phone_that_slept_has_let_time_pass() {
        assert_eq!(passed(8 * 3_600_000, HOUR), 8 * 3_600_000);
        assert_eq!(passed(3_600_000, HOUR), 3_600_000);
    }

    #[test]
    fn two_threads_that_read_the_clock_in_another_order_move_nothing() {
        let (mut time, instant) = (OwnTime::default(), Instant::now());
        let at = |millis| EatTime::from_unix_millis(millis);
        for round in 0..1_000 {
            time.observe(at(round * 10 + 10), instant);
            time.observe(at(round * 10 + 5), instant);
        }
        assert_eq!(time.observe(at(10_010), instant), at(10_010));
    }
}
