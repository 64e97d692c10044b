//! Deadlines by two clocks.

use crate::values::clock::{Clock, EatTime};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A moment after which something must not be done any more. The monotonic clock stops while a machine sleeps, and the wall clock
/// can be set back: the deadline is over as soon as one of them says so.
#[derive(Clone, Debug)]
pub(crate) struct Deadline {
    at: Instant,
    at_wall: EatTime,
    clock: Arc<dyn Clock>,
}

impl Deadline {
    /// The deadline at an instant to come.
    pub(crate) fn at(at: Instant, clock: &Arc<dyn Clock>) -> Self {
        let left = at.saturating_duration_since(Instant::now());
        Self {
            at,
            at_wall: clock.now().plus(left),
            clock: Arc::clone(clock),
        }
    }

    /// The deadline that is `time` from now.
    pub(crate) fn after(time: Duration, clock: &Arc<dyn Clock>) -> Self {
        Self::at(Instant::now() + time, clock)
    }

    /// The time until then; zero once it is over.
    pub(crate) fn left(&self) -> Duration {
        let by_wall = self.at_wall.since(self.clock.now());
        self.at
            .saturating_duration_since(Instant::now())
            .min(by_wall)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.left().is_zero()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::clock::ManualClock;

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn a_deadline_is_over_once_one_clock_says_so() {
        // How far each clock moves; the wall clock in seconds.
        for (monotonic, wall, is_over) in [
            (Duration::ZERO, 0, false),
            (MINUTE / 2, 30, false),
            // Set back by ten minutes, and ahead by less than is left.
            (MINUTE / 2, -600, false),
            (Duration::ZERO, 59, false),
            // The machine slept.
            (Duration::ZERO, 60, true),
            (Duration::ZERO, 3_600, true),
            // The wall clock was set back meanwhile.
            (MINUTE, -600, true),
            (MINUTE, 0, true),
        ] {
            let manual = ManualClock::new(EatTime::from_unix_millis(1_790_000_000_000));
            let clock: Arc<dyn Clock> = Arc::new(manual.clone());
            let deadline = Deadline::after(MINUTE, &clock);
            tokio::time::advance(monotonic).await;
            let now = manual.now().unix_millis() + wall * 1_000;
            manual.set(EatTime::from_unix_millis(now));
            assert_eq!(deadline.is_over(), is_over, "{monotonic:?} and {wall} s");
        }
    }
}
