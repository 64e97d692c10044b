//! The account of UpesiPay's one customer: the failures that block a phone, or the whole account.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::options::UpesiPayOptions;
use crate::records::counters::{GatewayCounters, bump};

#[derive(Debug, Default)]
pub(super) struct Account {
    phones: HashMap<String, Phone>,
    /// When pushes failed within the window, oldest first.
    failures: VecDeque<Duration>,
    block: Option<Block>,
}

#[derive(Debug, Default)]
struct Phone {
    /// Failures since the last payment, or the last block.
    failures: u32,
    blocked_until: Option<Duration>,
}

/// A block of the account.
#[derive(Debug, Clone, Copy)]
struct Block {
    until: Duration,
    /// How high on the ladder, from 1.
    rung: usize,
}

/// What a push is refused for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blocked {
    Phone,
    Account,
}

impl Account {
    /// Whether a push to a phone is refused.
    pub(super) fn blocked(&self, phone: &str, now: Duration) -> Option<Blocked> {
        if self.block.is_some_and(|block| now < block.until) {
            return Some(Blocked::Account);
        }
        let until = self.phones.get(phone)?.blocked_until?;
        (now < until).then_some(Blocked::Phone)
    }

    /// A push ended: a payment clears its phone, failures add up.
    pub(super) fn ended(
        &mut self,
        options: &UpesiPayOptions,
        phone: &str,
        paid: bool,
        now: Duration,
        counters: &mut GatewayCounters,
    ) {
        if paid {
            if let Some(phone) = self.phones.get_mut(phone) {
                phone.failures = 0;
            }
            return;
        }
        self.phone_failed(options, phone, now, counters);
        self.account_failed(options, now, counters);
    }

    fn phone_failed(
        &mut self,
        options: &UpesiPayOptions,
        phone: &str,
        now: Duration,
        counters: &mut GatewayCounters,
    ) {
        let phone = self.phones.entry(phone.to_owned()).or_default();
        phone.failures = phone.failures.saturating_add(1);
        if phone.failures > options.phone_failures {
            phone.failures = 0;
            phone.blocked_until = Some(now.saturating_add(whole(options.phone_block_seconds)));
            bump(&mut counters.blocked_phones);
        }
    }

    /// A block begins, or becomes a longer one; more failures on the same rung do not lengthen it.
    fn account_failed(
        &mut self,
        options: &UpesiPayOptions,
        now: Duration,
        counters: &mut GatewayCounters,
    ) {
        let window = whole(options.account_window_seconds);
        self.failures.push_back(now);
        while let Some(at) = self.failures.front()
            && at.saturating_add(window) < now
        {
            self.failures.pop_front();
        }
        let failures = self.failures.len();
        let reached = options
            .account_blocks
            .iter()
            .take_while(|(limit, _)| usize::try_from(*limit).is_ok_and(|limit| failures > limit));
        let rung = reached.clone().count();
        let Some((_, seconds)) = reached.last() else {
            return;
        };
        let is_higher = self
            .block
            .is_none_or(|block| now >= block.until || rung > block.rung);
        if is_higher {
            self.block = Some(Block {
                until: now.saturating_add(whole(*seconds)),
                rung,
            });
            bump(&mut counters.bans);
        }
    }
}

fn whole(seconds: u32) -> Duration {
    Duration::from_secs(u64::from(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: &str = "254712345678";

    struct Played {
        account: Account,
        counters: GatewayCounters,
    }

    impl Played {
        fn new() -> Self {
            Self {
                account: Account::default(),
                counters: GatewayCounters::default(),
            }
        }

        fn end(&mut self, phone: &str, paid: bool, at: u64) {
            let options = UpesiPayOptions::default();
            let at = Duration::from_secs(at);
            self.account
                .ended(&options, phone, paid, at, &mut self.counters);
        }

        fn blocked(&self, phone: &str, at: u64) -> Option<Blocked> {
            self.account.blocked(phone, Duration::from_secs(at))
        }
    }

    #[test]
    fn a_payment_between_failures_clears_the_phone() {
        let mut played = Played::new();
        for at in 0..10 {
            played.end(PHONE, false, at);
        }
        played.end(PHONE, true, 10);
        for at in 11..21 {
            played.end(PHONE, false, at);
        }
        assert_eq!(played.blocked(PHONE, 21), None);
        played.end(PHONE, false, 21);
        assert_eq!(played.blocked(PHONE, 22), Some(Blocked::Phone));
        assert_eq!(played.blocked("254712345679", 22), None);
        assert_eq!(played.blocked(PHONE, 21 + 86_399), Some(Blocked::Phone));
        assert_eq!(played.blocked(PHONE, 21 + 86_400), None);
        assert_eq!(played.counters.blocked_phones, 1);
    }

    #[test]
    fn failures_leave_the_window() {
        let mut played = Played::new();
        for number in 0..50 {
            played.end(&format!("25471234{number:04}"), false, number);
        }
        // The first has left the window of six hours: 50 again.
        played.end(PHONE, false, 6 * 3600 + 1);
        assert_eq!(played.blocked(PHONE, 6 * 3600 + 2), None);
        played.end(PHONE, false, 6 * 3600 + 1);
        assert_eq!(played.blocked(PHONE, 6 * 3600 + 2), Some(Blocked::Account));
        assert_eq!(played.blocked(PHONE, 10 * 3600 + 1), None);
        // A failure after the block, with the window still full, blocks again.
        for number in 0..51 {
            played.end(&format!("25471234{number:04}"), false, 10 * 3600 + 1);
        }
        assert_eq!(played.counters.bans, 2);
    }
}
