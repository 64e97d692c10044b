//! The account of PalPluss's one customer: its requests of this minute, and the pushes that may lead to a ban.

use std::collections::VecDeque;
use std::time::Duration;

use super::options::PalPlussOptions;
use crate::records::counters::{GatewayCounters, bump};

const MINUTE: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(super) struct Account {
    /// When the minute began in which requests are counted, and how many there were.
    minute_began: Duration,
    requests: u32,
    /// Pushes that ended within the window: when, and whether they were paid. Oldest first.
    ended: VecDeque<(Duration, bool)>,
    banned_until: Option<Duration>,
}

/// What the rate limit headers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limit {
    pub(super) limit: u32,
    pub(super) remaining: u32,
    /// Until when, in sandbox time.
    pub(super) resets_at: Duration,
}

impl Account {
    /// Counts a request, and tells whether it is one too many.
    pub(super) fn count(&mut self, limit: u32, now: Duration) -> bool {
        self.renew_minute(now);
        self.requests = self.requests.saturating_add(1);
        self.requests > limit
    }

    pub(super) fn limit(&mut self, limit: u32, now: Duration) -> Limit {
        self.renew_minute(now);
        Limit {
            limit,
            remaining: limit.saturating_sub(self.requests),
            resets_at: self.minute_began.saturating_add(MINUTE),
        }
    }

    fn renew_minute(&mut self, now: Duration) {
        if now >= self.minute_began.saturating_add(MINUTE) {
            self.minute_began = now;
            self.requests = 0;
        }
    }

    /// How much is left of a ban.
    pub(super) fn ban_left(&self, now: Duration) -> Option<Duration> {
        let left = self.banned_until?.saturating_sub(now);
        (!left.is_zero()).then_some(left)
    }

    /// A push ended: with too many of them unpaid a ban begins. What led to a ban does not count towards the next.
    pub(super) fn ended(
        &mut self,
        options: &PalPlussOptions,
        paid: bool,
        now: Duration,
        counters: &mut GatewayCounters,
    ) {
        let window = Duration::from_secs(u64::from(options.ban_window_seconds));
        self.ended.push_back((now, paid));
        while let Some((at, _)) = self.ended.front()
            && at.saturating_add(window) < now
        {
            self.ended.pop_front();
        }
        let all = self.ended.len();
        let paid = self.ended.iter().filter(|(_, paid)| *paid).count();
        let enough = usize::try_from(options.ban_pushes).is_ok_and(|pushes| all >= pushes);
        let percent = usize::try_from(options.ban_below_percent).unwrap_or(100);
        let too_few_paid = paid.saturating_mul(100) < all.saturating_mul(percent);
        if enough && too_few_paid && self.ban_left(now).is_none() {
            let ban = Duration::from_secs(u64::from(options.ban_seconds));
            self.banned_until = Some(now.saturating_add(ban));
            self.ended.clear();
            bump(&mut counters.bans);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play(account: &mut Account, endings: &[(u64, bool)]) -> u64 {
        let options = PalPlussOptions::default().ban_after(4, 100, 50);
        let mut counters = GatewayCounters::default();
        for (at, paid) in endings {
            account.ended(&options, *paid, Duration::from_secs(*at), &mut counters);
        }
        counters.bans
    }

    #[test]
    fn a_ban_needs_enough_pushes_in_the_window_and_a_low_rate() {
        let cases: [(&[(u64, bool)], u64); 5] = [
            (&[(1, false), (2, false), (3, false)], 0),
            (&[(1, false), (2, false), (3, false), (4, false)], 1),
            (&[(1, true), (2, true), (3, false), (4, false)], 0),
            (&[(1, true), (2, false), (3, false), (4, false)], 1),
            (&[(1, false), (110, false), (111, false), (112, false)], 0),
        ];
        for (endings, bans) in cases {
            assert_eq!(play(&mut Account::default(), endings), bans, "{endings:?}");
        }
    }

    #[test]
    fn a_ban_ends() {
        let mut account = Account::default();
        play(
            &mut account,
            &[(1, false), (2, false), (3, false), (4, false)],
        );
        let left = |at| account.ban_left(Duration::from_secs(at));
        assert_eq!(left(4), Some(Duration::from_secs(3600)));
        assert_eq!(left(3603), Some(Duration::from_secs(1)));
        assert_eq!(left(3604), None);
    }

    #[test]
    fn requests_are_counted_by_the_minute() {
        let mut account = Account::default();
        let at = Duration::from_secs;
        assert!(!account.count(2, at(70)) && !account.count(2, at(71)));
        assert!(account.count(2, at(129)));
        assert_eq!(
            account.limit(2, at(129)),
            Limit {
                limit: 2,
                remaining: 0,
                resets_at: at(130)
            }
        );
        assert!(!account.count(2, at(130)));
    }
}
