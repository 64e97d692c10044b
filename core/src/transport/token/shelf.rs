//! The shelf of a token: what the processes of a ledger know of one merchant's token, and who fetches the next. Pure.

use crate::transport::token::{Need, need};
use crate::values::clock::EatTime;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long one process has to fetch a token before another one does: it may have died.
pub(super) const FLIGHT_LEASE: Duration = Duration::from_secs(10);

/// How many refused tokens are remembered.
const MAX_REFUSED: usize = 16;

/// How long a shelf without a token is kept.
const SHORTEST_STAY: Duration = Duration::from_secs(3_600);

/// What the note of a token says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shelf {
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<Shelved>,
    /// Digests of tokens that the gateway refused, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    refused: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flight: Option<Flight>,
}

/// A token as it is shared. Times are milliseconds of the store's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shelved {
    pub(super) sealed: String,
    pub(super) digest: String,
    pub(super) from: i64,
    pub(super) until: i64,
}

impl Shelved {
    /// How long ago it was fetched, and how long it lives in all.
    pub(super) fn age(&self, now: EatTime) -> (Duration, Duration) {
        let millis = |from: i64, until: i64| {
            Duration::from_millis(u64::try_from(until.saturating_sub(from)).unwrap_or(0))
        };
        (
            millis(self.from, now.unix_millis()),
            millis(self.from, self.until),
        )
    }

    /// What its seal is made for besides its text: its times cannot be changed without the merchant's keys.
    pub(super) fn sealed_for(from: i64, until: i64) -> String {
        format!("{from}-{until}")
    }
}

/// Who fetches the next token, and until when nobody else does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Flight {
    by: String,
    until: i64,
}

/// What a process that wants a token does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NextAction {
    /// Use the token that is there.
    Take(Shelved),
    /// Another process fetches one: look again soon.
    Wait,
    /// Write this, which says that this process fetches one, and fetch it.
    Fetch(Shelf),
}

impl Shelf {
    /// What a note says. One that cannot be read says nothing.
    pub(super) fn read(text: Option<&str>) -> Self {
        text.and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    }

    /// The text of the note.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// How long the note is kept.
    pub(super) fn lasts(&self, now: EatTime) -> Duration {
        let token = self.token.as_ref().map(|token| {
            let (age, lifetime) = token.age(now);
            lifetime.saturating_sub(age)
        });
        token.unwrap_or_default().max(SHORTEST_STAY)
    }

    /// What a process does that knows these tokens to be refused, or unreadable.
    pub(super) fn next_action(
        &self,
        refused: &[String],
        process: &str,
        now: EatTime,
    ) -> NextAction {
        let is_good = |token: &&Shelved| {
            let is_refused = |digest: &String| *digest == token.digest;
            !refused.iter().chain(&self.refused).any(is_refused)
        };
        let token = self.token.as_ref().filter(is_good).map(|token| {
            let (age, lifetime) = token.age(now);
            (need(age, lifetime), token)
        });
        let is_fetched = self
            .flight
            .as_ref()
            .is_some_and(|flight| flight.by != process && flight.until > now.unix_millis());
        match token {
            Some((Need::Nothing, token)) => NextAction::Take(token.clone()),
            Some((Need::RenewAhead, token)) if is_fetched => NextAction::Take(token.clone()),
            _ if is_fetched => NextAction::Wait,
            token => {
                let kept = token.filter(|(need, _)| *need == Need::RenewAhead);
                let flight = Flight {
                    by: process.to_owned(),
                    until: now.plus(FLIGHT_LEASE).unix_millis(),
                };
                NextAction::Fetch(Self {
                    token: kept.map(|(_, token)| token.clone()),
                    refused: self.with_refused(refused),
                    flight: Some(flight),
                })
            }
        }
    }

    /// The shelf once a process has fetched a token, or has failed to. Of two tokens the one that was fetched later stays: it
    /// may have killed the other.
    pub(super) fn after_flight(&self, process: &str, fetched: Option<&Shelved>) -> Self {
        let mut next = self.clone();
        next.flight = next.flight.filter(|flight| flight.by != process);
        if let Some(fetched) = fetched
            && !next.refused.contains(&fetched.digest)
            && (next.token.as_ref()).is_none_or(|token| token.from <= fetched.from)
        {
            next.token = Some(fetched.clone());
        }
        next
    }

    fn with_refused(&self, more: &[String]) -> Vec<String> {
        let mut all = self.refused.clone();
        all.extend(more.iter().filter(|it| !self.refused.contains(it)).cloned());
        let surplus = all.len().saturating_sub(MAX_REFUSED);
        all.drain(..surplus);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> EatTime {
        EatTime::from_unix_millis(1_790_000_000_000 + second * 1_000)
    }

    /// A token of an hour that was fetched at that second.
    fn token(digest: &str, second: i64) -> Shelved {
        Shelved {
            sealed: String::new(),
            digest: digest.to_owned(),
            from: at(second).unix_millis(),
            until: at(second + 3_600).unix_millis(),
        }
    }

    fn fetch(next: NextAction) -> Shelf {
        match next {
            NextAction::Fetch(shelf) => shelf,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_process_fetches_and_the_others_wait_for_its_token() {
        let flown = fetch(Shelf::default().next_action(&[], "a", at(0)));
        assert_eq!(flown.next_action(&[], "b", at(1)), NextAction::Wait);
        let landed = flown.after_flight("a", Some(&token("1", 2)));
        assert_eq!(
            landed.next_action(&[], "b", at(3)),
            NextAction::Take(token("1", 2))
        );
        let read = Shelf::read(Some(&landed.text()));
        assert_eq!(read, landed);
        assert_eq!(landed.lasts(at(3)), Duration::from_secs(3_600));
    }

    #[test]
    fn a_process_that_dies_keeps_the_others_waiting_for_its_lease_alone() {
        let flown = fetch(Shelf::default().next_action(&[], "a", at(0)));
        assert_eq!(flown.next_action(&[], "b", at(9)), NextAction::Wait);
        let again = fetch(flown.next_action(&[], "b", at(10)));
        // The one that was slow and not dead does not end the other's flight.
        let late = again.after_flight("a", None);
        assert_eq!(late.next_action(&[], "c", at(11)), NextAction::Wait);
        let failed = again.after_flight("b", None);
        fetch(failed.next_action(&[], "c", at(11)));
    }

    #[test]
    fn a_refused_token_is_taken_by_nobody_again() {
        let shelf = Shelf::default().after_flight("a", Some(&token("1", 0)));
        let refused = ["1".to_owned()];
        let flown = fetch(shelf.next_action(&refused, "b", at(5)));
        assert_eq!(
            flown.next_action(&[], "c", at(6)),
            NextAction::Wait,
            "c has not heard of it"
        );
        // The gateway gives the same token again, or a slow process writes it.
        let back = flown.after_flight("b", Some(&token("1", 7)));
        fetch(back.next_action(&[], "c", at(8)));
    }

    #[test]
    fn who_met_a_refusal_takes_the_token_that_another_process_fetched_since() {
        let shelf = Shelf::default().after_flight("a", Some(&token("2", 100)));
        let refused = ["1".to_owned()];
        assert_eq!(
            shelf.next_action(&refused, "b", at(101)),
            NextAction::Take(token("2", 100))
        );
    }

    #[test]
    fn a_token_near_its_end_is_renewed_by_one_and_used_by_the_others() {
        let shelf = Shelf::default().after_flight("a", Some(&token("1", 0)));
        let flown = fetch(shelf.next_action(&[], "a", at(3_300)));
        assert_eq!(
            flown.next_action(&[], "b", at(3_301)),
            NextAction::Take(token("1", 0))
        );
        let flown = fetch(shelf.next_action(&[], "a", at(3_595)));
        let last_seconds = flown.next_action(&[], "b", at(3_596));
        assert_eq!(last_seconds, NextAction::Wait, "it may end on the way");
    }

    #[test]
    fn of_two_tokens_the_later_stays() {
        let shelf = Shelf::default().after_flight("a", Some(&token("2", 50)));
        let same = shelf.after_flight("b", Some(&token("1", 20)));
        assert_eq!(
            same.next_action(&[], "c", at(60)),
            NextAction::Take(token("2", 50))
        );
    }

    #[test]
    fn a_note_that_cannot_be_read_says_nothing() {
        for text in [None, Some(""), Some("[]"), Some("{\"token\":7}")] {
            assert_eq!(Shelf::read(text), Shelf::default());
        }
    }
}
