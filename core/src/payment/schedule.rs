//! The schedule of a wait: when to ask, from an accepted push to its outcome, by event or by query. A pure machine over an
//! elapsed time; [`crate::client::verbs::wait`] drives it.

use crate::error::Error;
use crate::meaning::status::Status;
use crate::payment::Payment;
use crate::values::clock::seconds_of;
use serde::Deserialize;
use std::time::Duration;

/// Options of a wait. The defaults follow what is known of Daraja: a customer takes about 20 seconds, a prompt lives
/// for about 60, and a query before 10 seconds only learns that it is too early.
///
/// ```
/// use lipia::WaitOptions;
/// use std::time::Duration;
/// let options = WaitOptions::default().timeout(Duration::from_secs(60));
/// # let _ = options;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitOptions {
    /// The time to wait in all. Default: 120 seconds.
    pub timeout: Duration,
    /// When to ask first, counted from the push: a payment that was pushed earlier and resumed is asked about at once.
    /// Default: after 10 seconds.
    pub first_query_after: Duration,
    /// The pause between the first and the second question; each later pause is half as long again. Default: 10
    /// seconds.
    pub query_every: Duration,
    /// The longest pause. Default: 30 seconds.
    pub longest_pause: Duration,
}

impl Default for WaitOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(120),
            first_query_after: Duration::from_secs(10),
            query_every: Duration::from_secs(10),
            longest_pause: Duration::from_secs(30),
        }
    }
}

impl WaitOptions {
    /// These options with the times that are given, in seconds. Where a pause is given that is longer
    /// than the longest, the longest becomes as long.
    ///
    /// # Errors
    /// `InvalidInput`, naming the one that is not a time.
    pub fn in_seconds(mut self, seconds: &WaitSeconds) -> Result<Self, Error> {
        let set = |place: &mut Duration, field, seconds: Option<f64>| {
            if let Some(seconds) = seconds {
                *place = seconds_of(field, seconds)?;
            }
            Ok(())
        };
        set(&mut self.timeout, "timeout", seconds.timeout)?;
        set(
            &mut self.first_query_after,
            "first_query_after",
            seconds.first_query_after,
        )?;
        set(&mut self.query_every, "query_every", seconds.query_every)?;
        self.longest_pause = self.longest_pause.max(self.query_every);
        set(
            &mut self.longest_pause,
            "longest_pause",
            seconds.longest_pause,
        )?;
        Ok(self)
    }

    /// The time to wait in all.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// When to ask first, and how long to pause after that.
    #[must_use]
    pub fn query(mut self, first_after: Duration, every: Duration) -> Self {
        self.first_query_after = first_after;
        self.query_every = every;
        self.longest_pause = self.longest_pause.max(every);
        self
    }
}

/// [`WaitOptions`] as plain data: seconds, and `None` for what stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WaitSeconds {
    /// [`WaitOptions::timeout`].
    pub timeout: Option<f64>,
    /// [`WaitOptions::first_query_after`].
    pub first_query_after: Option<f64>,
    /// [`WaitOptions::query_every`].
    pub query_every: Option<f64>,
    /// [`WaitOptions::longest_pause`].
    pub longest_pause: Option<f64>,
}

/// The progress of a wait, told while it goes on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Progress {
    /// The gateway was asked, and this is what it said.
    Queried {
        /// Time since the wait began.
        elapsed: Duration,
        /// What the gateway said.
        status: Status,
    },
    /// The gateway was asked and did not tell. The wait goes on.
    QueryFailed {
        /// Time since the wait began.
        elapsed: Duration,
        /// Why.
        error: Error,
    },
    /// Something was handed in that did not settle the payment.
    CallbackReceived {
        /// Time since the wait began.
        elapsed: Duration,
    },
    /// The payment is settled. Nothing follows.
    Settled(Box<Payment>),
    /// The time is up and the payment is still open: it may yet be paid. Nothing follows.
    TimedOut(Box<Payment>),
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NextAction {
    /// The outcome is known.
    Settled,
    /// The time is up.
    TimedOut,
    /// Ask the gateway now.
    Ask,
    /// Do nothing until this much time has passed since the wait began, or something is handed in.
    SleepUntil(Duration),
}

/// Questions are never closer together than this, whatever is handed in: Daraja answers a flood with its firewall.
const SHORTEST_PAUSE_DIVISOR: u32 = 4;

/// "For ever" in practice, and far from where instants overflow.
const LONGEST_WAIT: Duration = Duration::from_secs(366 * 24 * 3_600);

/// The machine. Times are since the wait began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    options: WaitOptions,
    ask_at: Duration,
    asked_at: Option<Duration>,
    pause: Duration,
}

impl Schedule {
    pub(crate) fn new(mut options: WaitOptions) -> Self {
        options.timeout = options.timeout.min(LONGEST_WAIT);
        Self {
            options,
            ask_at: options.first_query_after,
            asked_at: None,
            pause: options.query_every,
        }
    }

    /// The same for a payment that was pushed `age` ago, and asked about `since_asked` ago where this process did.
    pub(crate) fn of_a_push(
        options: WaitOptions,
        age: Duration,
        since_asked: Option<Duration>,
    ) -> Self {
        let mut schedule = Self::new(options);
        let rested = since_asked.map_or(Duration::ZERO, |since| {
            schedule.options.query_every.saturating_sub(since)
        });
        schedule.ask_at = schedule.ask_at.saturating_sub(age).max(rested);
        schedule
    }

    /// How long a question by another process keeps this wait from asking.
    pub(crate) fn rest(&self) -> Duration {
        self.options.query_every / 2
    }

    /// When the wait ends, whatever happens.
    pub(crate) fn timeout(&self) -> Duration {
        self.options.timeout
    }

    /// What to do at `elapsed`. `can_ask`: whether enough is known of the payment to ask about it.
    pub(crate) fn next_action(
        &self,
        elapsed: Duration,
        settled: bool,
        can_ask: bool,
    ) -> NextAction {
        if settled {
            NextAction::Settled
        } else if elapsed >= self.options.timeout {
            NextAction::TimedOut
        } else if can_ask && elapsed >= self.ask_at {
            NextAction::Ask
        } else if can_ask {
            NextAction::SleepUntil(self.ask_at.min(self.options.timeout))
        } else {
            NextAction::SleepUntil(self.options.timeout)
        }
    }

    /// The gateway was asked.
    pub(crate) fn asked(&mut self, elapsed: Duration) {
        self.asked_at = Some(elapsed);
        self.ask_at = elapsed.saturating_add(self.pause);
        self.pause = (self.pause.saturating_mul(3) / 2).min(self.options.longest_pause);
    }

    /// Something was handed in that settled nothing, an incomplete success say: worth asking about soon.
    pub(crate) fn news(&mut self, elapsed: Duration) {
        let rest = self.options.query_every / SHORTEST_PAUSE_DIVISOR;
        let earliest = self
            .asked_at
            .map_or(elapsed, |asked_at| asked_at.saturating_add(rest));
        self.ask_at = self.ask_at.min(earliest.max(elapsed));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn it_asks_at_ten_twenty_thirty_five_and_then_ever_more_slowly_until_the_time_is_up() {
        let mut schedule = Schedule::new(WaitOptions::default());
        let mut asked = Vec::new();
        let mut now = Duration::ZERO;
        loop {
            match schedule.next_action(now, false, true) {
                NextAction::SleepUntil(then) => {
                    assert!(then > now, "a wait that does not move never ends");
                    now = then;
                }
                NextAction::Ask => {
                    asked.push(now.as_millis());
                    schedule.asked(now);
                }
                NextAction::TimedOut => break,
                NextAction::Settled => panic!("nothing settled it"),
            }
        }
        assert_eq!(now, seconds(120));
        assert_eq!(asked, [10_000, 20_000, 35_000, 57_500, 87_500, 117_500]);
    }

    #[test]
    fn the_first_question_counts_from_the_push_and_rests_after_the_last_one() {
        let options = WaitOptions::default().timeout(seconds(5));
        for (age, since_asked, first) in [
            (0, None, NextAction::SleepUntil(seconds(5))),
            (7, None, NextAction::SleepUntil(seconds(3))),
            (10, None, NextAction::Ask),
            (86_400, None, NextAction::Ask),
            (86_400, Some(2), NextAction::SleepUntil(seconds(5))),
            (86_400, Some(6), NextAction::SleepUntil(seconds(4))),
            (86_400, Some(10), NextAction::Ask),
            (3, Some(1), NextAction::SleepUntil(seconds(5))),
        ] {
            let schedule = Schedule::of_a_push(options, seconds(age), since_asked.map(seconds));
            let next = schedule.next_action(Duration::ZERO, false, true);
            assert_eq!(next, first, "{age} {since_asked:?}");
        }
    }

    #[test]
    fn it_sleeps_to_the_end_where_there_is_nothing_to_ask_by() {
        let schedule = Schedule::new(WaitOptions::default());
        assert_eq!(
            schedule.next_action(seconds(11), false, false),
            NextAction::SleepUntil(seconds(120))
        );
        assert_eq!(
            schedule.next_action(seconds(120), false, false),
            NextAction::TimedOut
        );
    }

    #[test]
    fn a_settled_payment_ends_it_even_past_the_deadline() {
        let schedule = Schedule::new(WaitOptions::default());
        assert_eq!(
            schedule.next_action(seconds(0), true, true),
            NextAction::Settled
        );
        assert_eq!(
            schedule.next_action(seconds(999), true, false),
            NextAction::Settled
        );
    }

    #[test]
    fn news_brings_the_question_forward_but_a_flood_of_news_does_not_flood_the_gateway() {
        let mut schedule = Schedule::new(WaitOptions::default());
        schedule.news(seconds(2));
        assert_eq!(
            schedule.next_action(seconds(2), false, true),
            NextAction::Ask
        );
        schedule.asked(seconds(2));
        schedule.news(seconds(3));
        assert_eq!(
            schedule.next_action(seconds(3), false, true),
            NextAction::SleepUntil(Duration::from_millis(4_500))
        );
    }

    #[test]
    fn seconds_change_what_they_name_and_nothing_else() {
        let given = WaitSeconds {
            timeout: Some(0.5),
            query_every: Some(40.0),
            ..WaitSeconds::default()
        };
        let options = WaitOptions::default().in_seconds(&given).unwrap();
        assert_eq!(options.timeout, Duration::from_millis(500));
        assert_eq!(options.first_query_after, seconds(10));
        assert_eq!(options.longest_pause, seconds(40));
        let wrong = WaitSeconds {
            query_every: Some(f64::INFINITY),
            ..given
        };
        let error = WaitOptions::default().in_seconds(&wrong).unwrap_err();
        assert_eq!(error.field(), Some("query_every"));
    }
}
