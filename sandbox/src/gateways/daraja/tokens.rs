//! Access tokens and how long they live.

use std::collections::HashMap;
use std::time::Duration;

/// The tokens that were issued, and when each ends.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    ends_at: HashMap<String, Duration>,
}

impl Tokens {
    pub(crate) fn issue(&mut self, token: String, now: Duration, lifetime: Duration) {
        self.ends_at.retain(|_, ends_at| now < *ends_at);
        self.ends_at.insert(token, now.saturating_add(lifetime));
    }

    pub(crate) fn is_valid(&self, token: &str, now: Duration) -> bool {
        self.ends_at
            .get(token)
            .is_some_and(|ends_at| now < *ends_at)
    }

    pub(crate) fn kill_all(&mut self) {
        self.ends_at.clear();
    }
}
