//! A trouble that lasts, as the log hears of it: when it begins, once a minute while it lasts, and when it is over.

use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// How long a trouble lasts that the log is told of once more.
const AGAIN_AFTER: Duration = Duration::from_secs(60);

/// The trouble that a loop has now. A loop that comes round twice a second would else fill the log.
#[derive(Debug, Default)]
pub(super) struct LastingTrouble {
    /// When the log was told of each code last.
    told: HashMap<String, Instant>,
}

impl LastingTrouble {
    /// Whether the log is to be told that the loop failed with this code.
    pub(super) fn is_news(&mut self, code: &str, now: Instant) -> bool {
        let told = self.told.get(code);
        if told.is_some_and(|told| now < *told + AGAIN_AFTER) {
            return false;
        }
        self.told.insert(code.to_owned(), now);
        true
    }

    /// The loop went well. Whether the log is to be told that a trouble is over.
    pub(super) fn is_over(&mut self) -> bool {
        let was_told = !self.told.is_empty();
        self.told.clear();
        was_told
    }
}

#[cfg(test)]
mod tests {
    use super::LastingTrouble;
    use std::time::Duration;
    use tokio::time::Instant;

    #[test]
    fn the_log_hears_of_a_trouble_when_it_begins_changes_lasts_and_ends() {
        let began = Instant::now();
        let at = |seconds| began + Duration::from_secs(seconds);
        let mut trouble = LastingTrouble::default();
        assert!(!trouble.is_over(), "there was none");
        let told: Vec<bool> = [
            ("ledger_failed", 0),
            ("ledger_failed", 1),
            ("ledger_full", 2),
            ("ledger_failed", 3),
            ("ledger_full", 61),
            ("ledger_full", 62),
            ("ledger_full", 63),
        ]
        .into_iter()
        .map(|(code, seconds)| trouble.is_news(code, at(seconds)))
        .collect();
        assert_eq!(told, [true, false, true, false, false, true, false]);
        assert!(trouble.is_over());
        assert!(!trouble.is_over(), "it was told");
        assert!(trouble.is_news("ledger_full", at(64)), "it began anew");
    }
}
