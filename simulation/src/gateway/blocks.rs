//! Blocks for pushes that nobody paid: UpesiPay's published rule, read as strictly as it can be.

use std::collections::BTreeMap;

/// More failures in a row than these block a phone for a day.
const RUN: u32 = 10;

/// "Over 50" within six hours blocks the account for four: it may be the fiftieth that does. A world is over long before
/// the first of them is six hours old.
const FAILURES: u32 = 50;

/// What was not paid, as the gateway counts it.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    runs: BTreeMap<String, u32>,
    failures: u32,
}

impl Blocks {
    /// A prompt ended. Says what is blocked for it, where anything is.
    pub(super) fn count(&mut self, phone_number: &str, is_paid: bool) -> Option<&'static str> {
        let run = self.runs.entry(phone_number.to_owned()).or_default();
        if is_paid {
            // What is blocked stays so for hours, whoever pays meanwhile.
            if *run <= RUN {
                *run = 0;
            }
            return None;
        }
        *run += 1;
        self.failures += 1;
        if *run == RUN + 1 {
            return Some("the gateway blocks a phone: eleven prompts in a row were not paid");
        }
        (self.failures == FAILURES).then_some(
            "the gateway blocks the account: fifty prompts within six hours were not paid",
        )
    }

    /// A prompt that was counted as unpaid was paid after all: it is none of the failures, and ends the run.
    pub(super) fn take_back(&mut self, phone_number: &str) {
        self.count(phone_number, true);
        self.failures = self.failures.saturating_sub(1);
    }

    /// Whether pushes to this phone are refused.
    pub(super) fn holds(&self, phone_number: &str) -> bool {
        self.failures >= FAILURES || self.runs.get(phone_number).is_some_and(|run| *run > RUN)
    }
}

#[cfg(test)]
mod tests {
    use super::Blocks;

    #[test]
    fn the_eleventh_failure_in_a_row_blocks_a_phone_and_a_payment_ends_the_run() {
        let mut blocks = Blocks::default();
        for _ in 0..10 {
            assert_eq!(blocks.count("1", false), None);
        }
        assert_eq!(blocks.count("1", true), None);
        for _ in 0..10 {
            assert_eq!(blocks.count("1", false), None);
        }
        assert!(!blocks.holds("1"));
        assert!(blocks.count("1", false).is_some());
        assert!(blocks.holds("1") && !blocks.holds("2"));
    }

    #[test]
    fn the_fiftieth_failure_blocks_the_account_whatever_was_paid_between() {
        let mut blocks = Blocks::default();
        for number in 0..49 {
            assert_eq!(blocks.count(&(number % 7).to_string(), false), None);
            blocks.count(&(number % 7).to_string(), true);
        }
        assert!(!blocks.holds("8"));
        assert!(blocks.count("8", false).is_some());
        assert!(blocks.holds("9"));
    }
}
