//! The need for tokens: whether the shop had to fetch each token, by what one life of its process knows.

/// Of a token's life a tenth is left, or a minute, or at most half, when it may be renewed.
const RENEWED_FROM: u64 = 2;

/// How long one flight may take before others stop waiting for it, in milliseconds.
const LONGEST_FLIGHT_MS: u64 = 30_000;

/// The tokens of one life.
#[derive(Debug, Default)]
pub(crate) struct LifeTokens {
    /// The last one that arrived.
    last: Option<Arrived>,
    /// When the request that is in flight began.
    in_flight_since_ms: Option<u64>,
    /// Whether the last request brought none.
    failed: bool,
}

#[derive(Debug)]
struct Arrived {
    header: String,
    at_ms: u64,
    lives_ms: u64,
    was_refused: bool,
}

impl LifeTokens {
    /// A request for a token begins. Says what is wrong with that, where something is.
    pub(crate) fn begin(&mut self, now_ms: u64) -> Result<(), &'static str> {
        let overlaps = self
            .in_flight_since_ms
            .is_some_and(|since| now_ms.saturating_sub(since) < LONGEST_FLIGHT_MS);
        if overlaps {
            return Err("a second token is fetched while the first is on its way");
        }
        self.in_flight_since_ms = Some(now_ms);
        let is_needed = self.failed
            || self.last.as_ref().is_none_or(|token| {
                token.was_refused
                    || now_ms.saturating_sub(token.at_ms) >= token.lives_ms / RENEWED_FROM
            });
        if is_needed {
            Ok(())
        } else {
            Err("a token is fetched though the last one is good")
        }
    }

    /// It ended without a token.
    pub(crate) fn fail(&mut self) {
        self.in_flight_since_ms = None;
        self.failed = true;
    }

    /// It brought one.
    pub(crate) fn arrive(&mut self, header: String, now_ms: u64, lives_ms: u64) {
        self.in_flight_since_ms = None;
        self.failed = false;
        self.last = Some(Arrived {
            header,
            at_ms: now_ms,
            lives_ms,
            was_refused: false,
        });
    }

    /// A call was refused with this token.
    pub(crate) fn refused(&mut self, header: &str) {
        if let Some(token) = self.last.as_mut().filter(|token| token.header == header) {
            token.was_refused = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LifeTokens;

    #[test]
    fn the_first_is_needed_and_a_second_only_where_the_first_is_refused_failed_or_old() {
        let mut tokens = LifeTokens::default();
        assert!(tokens.begin(0).is_ok());
        assert!(tokens.begin(10).is_err(), "two at once");
        tokens.arrive("a".to_owned(), 20, 60_000);
        assert!(tokens.begin(30).is_err(), "it is good");
        tokens.fail();
        assert!(tokens.begin(40).is_ok(), "the last request failed");
        tokens.arrive("b".to_owned(), 50, 60_000);
        tokens.refused("a");
        assert!(tokens.begin(60).is_err(), "an older one was refused");
        tokens.arrive("c".to_owned(), 70, 60_000);
        tokens.refused("c");
        assert!(tokens.begin(80).is_ok());
        tokens.arrive("d".to_owned(), 90, 60_000);
        assert!(tokens.begin(30_090).is_ok(), "half of its life is over");
    }
}
