//! The limits of the guard: what a gateway is known to block for. Every number is a setting.

use super::store::{Key, Rule};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// When the guard refuses a push. The default is what `UpesiPay` publishes, read conservatively; see
/// [`Guard`](crate::guard::Guard) for how the numbers work together.
///
/// ```
/// use lipia::guard::{AccountRung, Limits, PhoneRun};
/// use std::time::Duration;
/// let hour = Duration::from_secs(60 * 60);
/// let limits = Limits::default()
///     .phone_run(PhoneRun { failures: 5, closed_for: 12 * hour, remembered_for: 48 * hour })
///     .account_rungs([AccountRung { failures: 30, window: 6 * hour, closed_for: 4 * hour }]);
/// # let _ = limits;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The run of failures after which one phone is closed; `None` counts no phones. Default: 10 failures, closed
    /// for 24 hours, remembered for 30 days.
    pub phone_run: Option<PhoneRun>,
    /// The failures of all phones together after which the account is closed; empty counts none. Default: 49, 499
    /// and 999 within 6 hours, closed for 4, 24 and 72 hours.
    pub account_rungs: Vec<AccountRung>,
    /// The time after a push within which its outcome is expected. Default: 5 minutes.
    pub outcome_within: Duration,
    /// How long a push whose outcome nobody learns is counted as if it had failed. `None`: as long as its failure
    /// would be, from the moment the outcome was due. Default: `None`.
    ///
    /// A program that pushes and never tells Lipia what came of it wants a few minutes here, or else every push
    /// counts as a failure.
    pub unsettled_for: Option<Duration>,
    /// From which share of a limit on the guard warns, in percent. Default: 80.
    pub warn_at_percent: u32,
}

/// Failures in a row to one phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhoneRun {
    /// How many are let happen; the push after that is refused. 0 is read as 1.
    pub failures: u32,
    /// How long the phone is closed, counted from the last failure. Then one push is let through at a time: it is
    /// paid and ends the run, or it fails and closes the phone for as long again.
    pub closed_for: Duration,
    /// For how long a failure belongs to the run. Gateways name no time after which they forget one.
    pub remembered_for: Duration,
}

/// Failures to all phones of the account together, within a sliding window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountRung {
    /// How many are let happen; the push after that is refused until enough of them have left the window. 0 is
    /// read as 1.
    pub failures: u32,
    /// The length of the window.
    pub window: Duration,
    /// How long the account is closed where there were more failures all the same: those of pushes that this
    /// guard did not let through, after a restart, say. The gateway has then probably blocked the account.
    pub closed_for: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        // "Over 50" may mean that the 50th failure blocks or that the 51st does: at 49 it is neither.
        let rung = |failures, closed_for| AccountRung {
            failures,
            window: 6 * HOUR,
            closed_for,
        };
        Self {
            phone_run: Some(PhoneRun {
                failures: 10,
                closed_for: DAY,
                remembered_for: 30 * DAY,
            }),
            account_rungs: vec![
                rung(49, 4 * HOUR),
                rung(499, 24 * HOUR),
                rung(999, 72 * HOUR),
            ],
            outcome_within: 5 * MINUTE,
            unsettled_for: None,
            warn_at_percent: 80,
        }
    }
}

impl Limits {
    /// No limits: only a gateway's own block closes the account or a phone.
    #[must_use]
    pub fn none() -> Self {
        Self {
            phone_run: None,
            account_rungs: Vec::new(),
            ..Self::default()
        }
    }

    /// The run of failures after which one phone is closed; `None` counts no phones.
    #[must_use]
    pub fn phone_run(mut self, run: impl Into<Option<PhoneRun>>) -> Self {
        self.phone_run = run.into();
        self
    }

    /// The failures of all phones together after which the account is closed; none counts none.
    #[must_use]
    pub fn account_rungs(mut self, rungs: impl IntoIterator<Item = AccountRung>) -> Self {
        self.account_rungs = rungs.into_iter().collect();
        self
    }

    /// The time after a push within which its outcome is expected.
    #[must_use]
    pub fn outcome_within(mut self, duration: Duration) -> Self {
        self.outcome_within = duration;
        self
    }

    /// The time for which a push whose outcome nobody learns is counted; `None` for as long as a failure.
    #[must_use]
    pub fn unsettled_for(mut self, duration: impl Into<Option<Duration>>) -> Self {
        self.unsettled_for = duration.into();
        self
    }

    /// From which share of a limit on the guard warns, in percent.
    #[must_use]
    pub fn warn_at_percent(mut self, percent: u32) -> Self {
        self.warn_at_percent = percent;
        self
    }

    /// The limits as a store is asked to apply them to a key.
    #[must_use]
    pub fn rules(&self, key: &Key) -> Vec<Rule> {
        let rule = |failures: u32, window: Duration, pause: Option<Duration>| Rule {
            failures: failures.max(1),
            window,
            pause,
            // It may have failed as late as its outcome was due, and a failure counts from when it happened.
            unsettled_for: self.unsettled_for.unwrap_or_else(|| {
                pause
                    .unwrap_or(window)
                    .min(window)
                    .saturating_add(self.outcome_within)
            }),
            outcome_within: self.outcome_within,
        };
        match key {
            Key::Phone(_) => self
                .phone_run
                .iter()
                .map(|run| rule(run.failures, run.remembered_for, Some(run.closed_for)))
                .collect(),
            Key::Account => self
                .account_rungs
                .iter()
                .map(|rung| rule(rung.failures, rung.window, None))
                .collect(),
        }
    }

    /// The count at which a rule's warning is due.
    pub(super) fn warns_at(&self, rule: &Rule) -> u32 {
        let share = u64::from(rule.failures) * u64::from(self.warn_at_percent);
        u32::try_from(share.div_ceil(100))
            .unwrap_or(u32::MAX)
            .max(1)
    }
}
