//! The token cache: one token per credentials and one request at a time to fetch it, kept until shortly before
//! it ends, renewed ahead without stopping anyone, replaced at once when a gateway refuses it. The processes of a ledger share it, sealed.

mod seal;
pub(crate) mod shared;
mod shelf;

use crate::error::codes::ErrorCode;
use crate::error::{Disposition, Error};
use crate::gateway::contract::TokenExchange;
use crate::gateway::refusal::{Meaning, Reading};
use crate::telemetry::names::{Attribute, SpanName};
use crate::telemetry::scope::spawn;
use crate::telemetry::span::Span;
use crate::transport::authorizer::{Authorizer, Renewal};
use crate::transport::retry::Call;
use crate::transport::send::{Exchanged, Sender, always, exchange};
use crate::transport::send_context::SendContext;
use futures_util::future::{FutureExt, Shared};
use http::HeaderValue;
use shared::{Fetched, SharedToken};
use std::collections::VecDeque;
use std::fmt;
use std::pin::pin;
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
    /// When it was fetched, as far as this process's instants reach back.
    fetched_at: Instant,
    lifetime: Duration,
    /// Tells it from other tokens, where the processes of a ledger share them.
    digest: Option<String>,
}

impl Token {
    /// Whether it was fetched just now: one that is refused all the same was killed by another program, or the keys are wrong.
    pub(crate) fn is_fresh(&self) -> bool {
        const FRESH: Duration = Duration::from_secs(5);
        self.fetched_at.elapsed() < FRESH
    }
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

/// How many tokens in a row are refused before the keys are called wrong: programs that start
/// together with the same keys kill each other's first ones.
const MAX_REFUSED: u32 = 6;

/// The same for keys of which a token was good once.
const MAX_REFUSED_ONCE_WORKED: u32 = 10;

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
type Waiter = Shared<oneshot::Receiver<Result<Token, Error>>>;

#[derive(Debug, Default)]
struct State {
    token: Option<Token>,
    generation: u64,
    flight: Option<Flight>,
    /// How many tokens the gateway refused since the last one that was good.
    refused_in_a_row: u32,
    /// Whether a token of these keys was ever good.
    once_worked: bool,
    /// How often it was told to forget: what was asked for before is not kept.
    forgotten: u64,
    /// Digests of the tokens that the gateway refused last, the oldest first.
    refused: VecDeque<String>,
}

/// How many refused tokens are remembered.
const MAX_DIGESTS: usize = 16;

#[derive(Debug)]
struct Flight {
    number: u64,
    started_at: Instant,
    waiter: Waiter,
}

/// The token of one merchant's keys, shared by all clones.
#[derive(Clone, Debug, Default)]
pub(crate) struct TokenCache {
    state: Arc<Mutex<State>>,
    shared: Option<Arc<SharedToken>>,
}

impl TokenCache {
    /// The cache of a token that the processes of a ledger share.
    pub(crate) fn shared_as(shared: Option<SharedToken>) -> Self {
        Self {
            state: Arc::default(),
            shared: shared.map(Arc::new),
        }
    }

    /// A token to send now: the kept one, or the one that the single flight brings.
    ///
    /// # Errors
    /// Why no token came. Whatever it is, nothing of the caller's own request was sent.
    pub(crate) async fn get(
        &self,
        context: &Arc<SendContext>,
        exchange: &TokenExchange,
        deadline: Instant,
    ) -> Result<Token, Error> {
        let waiter = {
            let mut state = self.lock();
            match state.token.as_ref().map(|token| {
                (
                    need(token.fetched_at.elapsed(), token.lifetime),
                    token.clone(),
                )
            }) {
                Some((Need::Nothing, token)) => return Ok(token),
                Some((Need::RenewAhead, token)) => {
                    drop(self.join_or_start(&mut state, context, exchange));
                    return Ok(token);
                }
                Some((Need::Fetch, _)) | None => self.join_or_start(&mut state, context, exchange),
            }
        };
        match tokio::time::timeout_at(deadline, waiter).await {
            Ok(Ok(landed)) => landed,
            Ok(Err(_)) | Err(_) => Err(no_token_in_time(context)),
        }
    }

    /// Learns from the answer to a request whether its token was good. A refused token is forgotten, unless it was replaced
    /// already.
    pub(crate) fn learn<T>(&self, generation: u64, reading: &Reading<T>) {
        let mut state = self.lock();
        match reading {
            Reading::Refused(refusal) if refusal.meaning == Meaning::TokenRefused => {
                let is_kept = |token: &Token| token.generation == generation;
                if let Some(token) = state.token.take_if(|token| is_kept(token)) {
                    state.refused.extend(token.digest);
                    let surplus = state.refused.len().saturating_sub(MAX_DIGESTS);
                    state.refused.drain(..surplus);
                    state.refused_in_a_row = state.refused_in_a_row.saturating_add(1);
                }
            }
            Reading::Refused(refusal) if refusal.meaning != Meaning::SaidNo => {}
            Reading::Done(_) | Reading::Refused(_) => {
                state.refused_in_a_row = 0;
                state.once_worked = true;
            }
        }
    }

    /// Whether so many tokens in a row were refused before one of them was good that the keys must be wrong. Keys that were
    /// right once get more patience: another program with the same keys may be killing their tokens.
    pub(crate) fn credentials_look_wrong(&self) -> bool {
        let state = self.lock();
        let most = if state.once_worked {
            MAX_REFUSED_ONCE_WORKED
        } else {
            MAX_REFUSED
        };
        state.refused_in_a_row >= most
    }

    /// Forgets the token, and the one that is on its way.
    pub(crate) fn forget(&self) {
        let forgotten = {
            let mut state = self.lock();
            state.forgotten += 1;
            (state.token.take(), state.flight.take())
        };
        // Those who wait for the flight may go with it, and whatever they hold.
        drop(forgotten);
    }

    fn join_or_start(
        &self,
        state: &mut State,
        context: &Arc<SendContext>,
        exchange: &TokenExchange,
    ) -> Waiter {
        if let Some(flight) = &state.flight
            && flight.started_at.elapsed() < LONGEST_FLIGHT
            // Whatever stands there already: a flight whose runtime is gone never lands.
            && flight.waiter.clone().now_or_never().is_none()
        {
            return flight.waiter.clone();
        }
        let (lands, waiter) = oneshot::channel();
        let waiter = waiter.shared();
        let number = state.flight.as_ref().map_or(0, |flight| flight.number + 1);
        let forgotten = state.forgotten;
        state.flight = Some(Flight {
            number,
            started_at: Instant::now(),
            waiter: waiter.clone(),
        });
        let (cache, context, exchange) = (self.clone(), Arc::clone(context), exchange.clone());
        // A task of its own: a caller that is cancelled must not take the flight of all others with it.
        let counted = context.in_flight.begin();
        spawn(async move {
            let _counted = counted;
            let fetched = obtain_in_span(&context, &exchange, &cache, number).await;
            let (result, landed) = {
                let mut state = cache.lock();
                let is_wanted = state.forgotten == forgotten;
                let is_own = |flight: &mut Flight| is_wanted && flight.number == number;
                let landed = state.flight.take_if(is_own);
                let result = fetched.map(|fetched| state.land(fetched, is_wanted));
                (result, landed)
            };
            drop(landed);
            // Nobody waits for a token that was fetched ahead of time.
            let _ = lands.send(result);
        });
        waiter
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The request of a flight leaves now, and has its whole time from here on: the ledger may have been slow before it.
    fn departs(&mut self, number: u64) {
        if let Some(flight) = self.flight.as_mut().filter(|it| it.number == number) {
            flight.started_at = Instant::now();
        }
    }

    /// The token that a flight brought, which is kept where it is still wanted.
    fn land(&mut self, fetched: Fetched, is_wanted: bool) -> Token {
        let same = |token: &&Token| token.digest.is_some() && token.digest == fetched.digest;
        if let Some(token) = self.token.as_ref().filter(same) {
            return token.clone();
        }
        self.generation += 1;
        let now = Instant::now();
        let token = Token {
            header: fetched.header,
            generation: self.generation,
            fetched_at: now.checked_sub(fetched.age).unwrap_or(now),
            lifetime: fetched.lifetime,
            digest: fetched.digest,
        };
        if is_wanted {
            self.token = Some(token.clone());
        }
        token
    }
}

/// [`obtain`], within its span.
async fn obtain_in_span(
    context: &Arc<SendContext>,
    how: &TokenExchange,
    cache: &TokenCache,
    flight: u64,
) -> Result<Fetched, Error> {
    let mut span = Span::begin(SpanName::Token, |span| {
        span.set(Attribute::Gateway, context.gateway.as_str());
        span.set(Attribute::Environment, context.environment.as_str());
    });
    let obtained = span.within(pin!(obtain(context, how, cache, flight))).await;
    match &obtained {
        Ok(fetched) if fetched.age.is_zero() => span.set(Attribute::Result, "fetched"),
        Ok(_) => span.set(Attribute::Result, "shared"),
        Err(error) => span.fail("failed", error),
    }
    obtained
}

/// A token: the one that the processes of the ledger share, or one that this process fetches for itself, in that flight.
async fn obtain(
    context: &Arc<SendContext>,
    how: &TokenExchange,
    cache: &TokenCache,
    flight: u64,
) -> Result<Fetched, Error> {
    let fetched = async {
        cache.lock().departs(flight);
        fetch(context, how, cache).await
    };
    match &cache.shared {
        Some(shared) => {
            let refused = cache.lock().refused.iter().cloned().collect();
            shared.get(context, refused, fetched).await
        }
        None => fetched.await.map(Fetched::alone),
    }
}

/// The request for a token: the merchant's own keys let it in.
#[derive(Debug)]
struct TokenRequest<'a> {
    header: &'a HeaderValue,
    cache: &'a TokenCache,
}

impl Authorizer for TokenRequest<'_> {
    type Pass = ();

    async fn admit(&self, _: &Arc<SendContext>, _: Instant) -> Result<(), Error> {
        Ok(())
    }

    fn header<'a>(&'a self, (): &'a ()) -> &'a HeaderValue {
        self.header
    }

    fn own_header(&self) -> &HeaderValue {
        self.header
    }

    fn learn<T>(&self, (): &(), _: &Reading<T>) {}

    /// There is no token to renew: the request is sent once more.
    fn renewal(&self, (): &(), renewals: u32, _: Duration) -> Option<Renewal> {
        (renewals == 0 && !self.cache.credentials_look_wrong()).then_some(Renewal {
            longest_pause: Duration::ZERO,
        })
    }
}

async fn fetch(
    context: &Arc<SendContext>,
    how: &TokenExchange,
    cache: &TokenCache,
) -> Result<(HeaderValue, Duration), Error> {
    let deadline = Instant::now() + LONGEST_FLIGHT;
    let request = TokenRequest {
        header: &how.header,
        cache,
    };
    let sender = Sender {
        authorizer: &request,
        pass_key: None,
        push: None,
    };
    let call = exchange(
        context,
        Call::Token,
        sender,
        deadline,
        |_| how.request.clone(),
        how.read,
        always,
    );
    let fetched = call.await.map(Exchanged::own);
    let fresh = fetched.map_err(|error| match error.disposition() {
        Disposition::Rejected => error,
        Disposition::NotSent | Disposition::Unknown => error.with_disposition(Disposition::NotSent),
    })?;
    let header = crate::gateway::authorization::bearer(&fresh.value).ok_or_else(|| {
        Error::new(
            ErrorCode::TokenUnreadable,
            Disposition::NotSent,
            "The gateway gave a token that cannot stand in an HTTP header.",
        )
    })?;
    tracing::debug!(target: "lipia", lifetime_seconds = fresh.lifetime.as_secs(), "a token was fetched");
    Ok((header, fresh.lifetime))
}

fn no_token_in_time(context: &SendContext) -> Error {
    Error::new(
        ErrorCode::NoTokenInTime,
        Disposition::NotSent,
        format!(
            "The gateway at {} gave no token in time, so nothing was sent.",
            context.origin.host_and_port()
        ),
    )
    .with_hint(
        "Try again, or allow the call more time. Where it never answers, a firewall is usual.",
    )
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
