//! One token per client and one flight to fetch it: kept until shortly before it ends, renewed ahead without
//! stopping anyone, replaced at once when a gateway refuses it.

use crate::gateway::TokenExchange;
use crate::send::{Call, Line, always, exchange};
use crate::{Disposition, Error, ErrorKind};
use futures_util::future::{FutureExt, Shared};
use http::HeaderValue;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// A token that is ready to be sent.
#[derive(Clone)]
pub(crate) struct Token {
    /// `Bearer …`, marked sensitive.
    pub(crate) header: HeaderValue,
    /// Which token this is: a refusal names it, so that a token fetched meanwhile is not thrown away.
    pub(crate) generation: u64,
    fetched_at: Instant,
    lifetime: Duration,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

/// What a caller does about the token it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Use it.
    Nothing,
    /// Use it, and fetch the next one meanwhile.
    RenewAhead,
    /// Wait for a new one.
    Fetch,
}

/// How early a token is renewed: a tenth of its life and at least a minute, as the gateways advise, but never
/// more than half of it.
const EARLIEST_RENEWAL: Duration = Duration::from_secs(60);

/// How long before its end a token is no longer used: a request may take a while to arrive.
const LATEST_USE: Duration = Duration::from_secs(10);

/// How long one flight may take before others stop waiting for it: its runtime may be gone.
pub(crate) const LONGEST_FLIGHT: Duration = Duration::from_secs(30);

/// What is to be done about something of that age that may be used for so long.
pub(crate) fn need(age: Duration, lifetime: Duration) -> Need {
    let half = lifetime / 2;
    let renew_from = lifetime - (lifetime / 10).max(EARLIEST_RENEWAL).min(half);
    let use_until = lifetime - LATEST_USE.min(lifetime / 4);
    if age >= use_until {
        Need::Fetch
    } else if age >= renew_from {
        Need::RenewAhead
    } else {
        Need::Nothing
    }
}

/// What a flight brings, to all who wait for it, in the order in which they came. A `watch` wakes them in an order of chance,
/// in which no simulated world could be run a second time.
type Landing = Shared<oneshot::Receiver<Result<Token, Error>>>;

#[derive(Debug, Default)]
struct State {
    token: Option<Token>,
    generation: u64,
    flight: Option<Flight>,
    /// How often it was told to forget: what was asked for before is not kept.
    forgotten: u64,
}

#[derive(Debug)]
struct Flight {
    number: u64,
    started_at: Instant,
    landing: Landing,
}

/// The token of one merchant's keys, shared by all clones.
#[derive(Clone, Debug, Default)]
pub(crate) struct TokenCache {
    state: Arc<Mutex<State>>,
}

impl TokenCache {
    /// A token to send now: the kept one, or the one that the single flight brings.
    ///
    /// # Errors
    /// Why no token came. Whatever it is, nothing of the caller's own request was sent.
    pub(crate) async fn get(
        &self,
        line: &Arc<Line>,
        exchange: &TokenExchange,
        deadline: Instant,
    ) -> Result<Token, Error> {
        let landing = {
            let mut state = self.lock();
            match state.token.as_ref().map(|token| {
                (
                    need(token.fetched_at.elapsed(), token.lifetime),
                    token.clone(),
                )
            }) {
                Some((Need::Nothing, token)) => return Ok(token),
                Some((Need::RenewAhead, token)) => {
                    drop(self.join_or_start(&mut state, line, exchange));
                    return Ok(token);
                }
                Some((Need::Fetch, _)) | None => self.join_or_start(&mut state, line, exchange),
            }
        };
        match tokio::time::timeout_at(deadline, landing).await {
            Ok(Ok(landed)) => landed,
            Ok(Err(_)) | Err(_) => Err(no_token_in_time()),
        }
    }

    /// Forgets a token that the gateway refused, unless it was replaced already.
    pub(crate) fn refuse(&self, generation: u64) {
        let mut state = self.lock();
        if state
            .token
            .as_ref()
            .is_some_and(|token| token.generation == generation)
        {
            state.token = None;
        }
    }

    /// Forgets the token, and the one that is on its way.
    pub(crate) fn forget(&self) {
        let mut state = self.lock();
        state.token = None;
        state.flight = None;
        state.forgotten += 1;
    }

    fn join_or_start(
        &self,
        state: &mut State,
        line: &Arc<Line>,
        exchange: &TokenExchange,
    ) -> Landing {
        if let Some(flight) = &state.flight
            && flight.started_at.elapsed() < LONGEST_FLIGHT
            // Whatever stands there already: a flight whose runtime is gone never lands.
            && flight.landing.clone().now_or_never().is_none()
        {
            return flight.landing.clone();
        }
        let (lands, landing) = oneshot::channel();
        let landing = landing.shared();
        let number = state.flight.as_ref().map_or(0, |flight| flight.number + 1);
        let forgotten = state.forgotten;
        state.flight = Some(Flight {
            number,
            started_at: Instant::now(),
            landing: landing.clone(),
        });
        let (cache, line, exchange) = (Arc::clone(&self.state), Arc::clone(line), exchange.clone());
        // A task of its own: a caller that is cancelled must not take the flight of all others with it.
        let counted = line.under_way.begin();
        tokio::spawn(async move {
            let _counted = counted;
            let fetched = fetch(&line, &exchange).await;
            let result = {
                let mut state = cache.lock().unwrap_or_else(PoisonError::into_inner);
                let is_wanted = state.forgotten == forgotten;
                if is_wanted
                    && state
                        .flight
                        .as_ref()
                        .is_some_and(|flight| flight.number == number)
                {
                    state.flight = None;
                }
                fetched.map(|(header, lifetime)| {
                    state.generation += 1;
                    let token = Token {
                        header,
                        generation: state.generation,
                        fetched_at: Instant::now(),
                        lifetime,
                    };
                    if is_wanted {
                        state.token = Some(token.clone());
                    }
                    token
                })
            };
            // Nobody waits for a token that was fetched ahead of time.
            let _ = lands.send(result);
        });
        landing
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn fetch(line: &Arc<Line>, how: &TokenExchange) -> Result<(HeaderValue, Duration), Error> {
    let deadline = Instant::now() + LONGEST_FLIGHT;
    let authorization = crate::gateway::Authorization::Token(how.clone());
    // Boxed: `exchange` fetches tokens by way of this function, and a future cannot hold itself.
    let call: futures_util::future::BoxFuture<'_, _> = Box::pin(exchange(
        line,
        Call::Token,
        &authorization,
        deadline,
        |_| how.request.clone(),
        how.read,
        always,
    ));
    let fresh = call.await.map_err(|error| match error.disposition() {
        Disposition::Rejected => error,
        Disposition::NotSent | Disposition::Unknown => error.with_disposition(Disposition::NotSent),
    })?;
    let header = crate::gateway::bearer(&fresh.value).ok_or_else(|| {
        Error::new(
            ErrorKind::UnreadableAnswer,
            Disposition::NotSent,
            "token_unreadable",
            "The gateway gave a token that cannot stand in an HTTP header.",
        )
    })?;
    tracing::debug!(target: "lipia", lifetime_seconds = fresh.lifetime.as_secs(), "a token was fetched");
    Ok((header, fresh.lifetime))
}

fn no_token_in_time() -> Error {
    Error::new(
        ErrorKind::Connection,
        Disposition::NotSent,
        "no_token_in_time",
        "The gateway gave no token in time, so nothing was sent.",
    )
    .with_hint("Try again, or allow the call more time.")
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn an_hour_long_token_is_renewed_in_its_last_tenth_and_not_used_in_its_last_seconds() {
        for (age, wanted) in [
            (0, Need::Nothing),
            (3_238, Need::Nothing),
            (3_240, Need::RenewAhead),
            (3_588, Need::RenewAhead),
            (3_590, Need::Fetch),
            (9_999, Need::Fetch),
        ] {
            assert_eq!(
                need(seconds(age), seconds(3_599)),
                wanted,
                "at {age} seconds"
            );
        }
    }

    #[test]
    fn a_short_token_is_still_used_and_a_token_without_life_never_is() {
        assert_eq!(need(seconds(0), seconds(30)), Need::Nothing);
        assert_eq!(need(seconds(15), seconds(30)), Need::RenewAhead);
        assert_eq!(need(seconds(23), seconds(30)), Need::Fetch);
        assert_eq!(need(seconds(0), seconds(0)), Need::Fetch);
    }
}
