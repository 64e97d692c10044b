//! Where a client's calls get their keys: known from the beginning, or kept as long as a provider's are good.

use super::{Keys, KeysProvider};
use crate::gateway::{Access, Authorization, Gateway};
use crate::send::deadline_in;
use crate::token::{LONGEST_FLIGHT, Need, need};
use crate::under_way::UnderWay;
use crate::{Clock, Disposition, EatTime, Error, ErrorKind};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// What a call makes its requests with.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) access: Arc<dyn Access>,
    /// What the wait for the keys left of the call's time.
    pub(crate) left: Duration,
    /// Which keys these are: a refusal names them, so that keys that came meanwhile are not thrown away.
    generation: u64,
}

/// Where a client's calls get their keys.
pub(crate) enum KeySource {
    /// The builder had them.
    Fixed(Arc<dyn Access>),
    /// Somebody is asked for them.
    Provided(Arc<Provided>),
}

impl KeySource {
    pub(crate) fn provided(
        provider: Arc<dyn KeysProvider>,
        gateway: Arc<dyn Gateway>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self::Provided(Arc::new(Provided {
            provider,
            gateway,
            clock,
            state: Mutex::default(),
        }))
    }

    /// What a call that has so much time makes its requests with.
    ///
    /// # Errors
    /// Why there are no keys. Nothing was sent.
    pub(crate) async fn ready(
        &self,
        under_way: &UnderWay,
        timeout: Duration,
    ) -> Result<Ready, Error> {
        match self {
            Self::Fixed(access) => Ok(Ready {
                access: Arc::clone(access),
                left: timeout,
                generation: 0,
            }),
            Self::Provided(provided) => {
                let deadline = deadline_in(timeout);
                let (access, generation) = provided.get(under_way, deadline).await?;
                Ok(Ready {
                    access,
                    left: deadline.saturating_duration_since(Instant::now()),
                    generation,
                })
            }
        }
    }

    /// Learns what came of a call: provided keys that the gateway does not accept are forgotten. Nothing is sent again
    /// by that; the next call asks for other ones.
    pub(crate) fn learn<T>(&self, ready: &Ready, result: Result<T, Error>) -> Result<T, Error> {
        match (self, result) {
            (Self::Provided(provided), Err(error)) if are_refused(&error) => {
                provided.refuse(ready.generation);
                Err(error.with_hint(
                    "These keys were forgotten, and the next call asks for new ones. If those are refused too, look at where they come from.",
                ))
            }
            (_, result) => result,
        }
    }

    /// Wipes what can be had again: a provider's keys, and the token that was fetched with keys.
    pub(crate) fn forget(&self) {
        match self {
            Self::Fixed(access) => {
                if let Authorization::Token(exchange) = access.authorization() {
                    exchange.tokens.forget();
                }
            }
            Self::Provided(provided) => provided.forget(),
        }
    }
}

fn are_refused(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Authentication | ErrorKind::Credentials
    ) && error.disposition() != Disposition::Unknown
}

type Given = Result<(Arc<dyn Access>, u64), Error>;
type Flight = Shared<BoxFuture<'static, Given>>;

/// Keys of a provider, for as long as they are good.
pub(crate) struct Provided {
    provider: Arc<dyn KeysProvider>,
    gateway: Arc<dyn Gateway>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    kept: Option<Kept>,
    generation: u64,
    /// Whoever waits holds it; where nobody does any more it is gone, and the provider with it.
    flight: Option<(u64, WeakShared<BoxFuture<'static, Given>>)>,
    flights: u64,
    /// How often everything was forgotten: keys that were asked for before are not kept.
    forgotten: u64,
}

struct Kept {
    keys: Keys,
    access: Arc<dyn Access>,
    generation: u64,
    given_at: Instant,
    given_at_time: EatTime,
}

impl Kept {
    /// By two clocks: the one that nobody sets stands still while a phone sleeps, and the other may be set.
    fn need(&self, now: EatTime) -> Need {
        let age = self.given_at.elapsed().max(now.since(self.given_at_time));
        self.keys
            .lifetime
            .map_or(Need::Nothing, |lifetime| need(age, lifetime))
    }
}

impl Provided {
    async fn get(self: &Arc<Self>, under_way: &UnderWay, deadline: Instant) -> Given {
        let (boarded, good) = {
            let now = self.clock.now();
            let mut state = self.lock();
            let kept = state
                .kept
                .as_ref()
                .map(|kept| (kept.need(now), Arc::clone(&kept.access), kept.generation));
            match kept {
                Some((Need::Nothing, access, generation)) => return Ok((access, generation)),
                Some((Need::RenewAhead, access, generation)) => {
                    (self.join_or_start(&mut state), Some((access, generation)))
                }
                Some((Need::Fetch, ..)) | None => (self.join_or_start(&mut state), None),
            }
        };
        if let Some(good) = good {
            drive_alone(boarded, under_way);
            return Ok(good);
        }
        tokio::time::timeout_at(deadline, boarded.flight)
            .await
            .unwrap_or_else(|_| Err(not_in_time()))
    }

    fn join_or_start(self: &Arc<Self>, state: &mut State) -> Boarded {
        let running = state
            .flight
            .as_ref()
            .and_then(|(_, flight)| flight.upgrade());
        match running {
            Some(flight) => Boarded {
                flight,
                is_new: false,
            },
            None => Boarded {
                flight: self.start(state),
                is_new: true,
            },
        }
    }

    /// Every caller that waits drives it, so one that is cancelled takes nothing from the others.
    fn start(self: &Arc<Self>, state: &mut State) -> Flight {
        state.flights += 1;
        let (number, forgotten) = (state.flights, state.forgotten);
        let provided = Arc::clone(self);
        let flight = async move {
            let asked = AssertUnwindSafe(async { provided.provider.keys().await });
            let given = match asked.catch_unwind().await {
                Ok(Ok(keys)) => Ok(keys),
                Ok(Err(source)) => Err(not_provided().with_boxed_source(source)),
                // A panic would end the task of a push, and with it what is known of the payment.
                Err(_) => Err(not_provided()),
            };
            provided.land(number, forgotten, given)
        }
        .boxed()
        .shared();
        state.flight = flight.downgrade().map(|flight| (number, flight));
        flight
    }

    fn land(&self, number: u64, forgotten: u64, given: Result<Keys, Error>) -> Given {
        let now = self.clock.now();
        let mut state = self.lock();
        if state
            .flight
            .as_ref()
            .is_some_and(|(running, _)| *running == number)
        {
            state.flight = None;
        }
        let keys = given?;
        // The same keys again go on with the token that was fetched with them.
        let same = state
            .kept
            .as_ref()
            .filter(|kept| kept.keys.are_the_same(&keys))
            .map(|kept| Arc::clone(&kept.access));
        let access = match same {
            Some(access) => access,
            None => self.gateway.with_keys(&keys)?,
        };
        state.generation += 1;
        let generation = state.generation;
        if state.forgotten == forgotten {
            state.kept = Some(Kept {
                keys,
                access: Arc::clone(&access),
                generation,
                given_at: Instant::now(),
                given_at_time: now,
            });
        }
        tracing::debug!(target: "lipia", "keys were provided");
        Ok((access, generation))
    }

    fn refuse(&self, generation: u64) {
        let mut state = self.lock();
        if state
            .kept
            .as_ref()
            .is_some_and(|kept| kept.generation == generation)
        {
            state.kept = None;
        }
    }

    fn forget(&self) {
        let mut state = self.lock();
        state.kept = None;
        state.flight = None;
        state.forgotten += 1;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A flight that a caller is on. It is dropped where nothing is locked: the provider's own code may run then.
struct Boarded {
    flight: Flight,
    is_new: bool,
}

/// Brings the next keys while nobody waits for them.
fn drive_alone(boarded: Boarded, under_way: &UnderWay) {
    if !boarded.is_new {
        return;
    }
    let counted = under_way.begin();
    tokio::spawn(async move {
        let _counted = counted;
        let landed = tokio::time::timeout(LONGEST_FLIGHT, boarded.flight).await;
        if let Err(error) = landed.unwrap_or_else(|_| Err(not_in_time())) {
            tracing::warn!(target: "lipia", code = error.code(), "the next keys were not provided ahead of time");
        }
    });
}

impl fmt::Debug for KeySource {
    /// A provider may show what it likes of itself, so it is not asked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fixed(_) => "Fixed",
            Self::Provided(_) => "Provided",
        })
    }
}

/// The provider's own words are the error's source and not in its message: they may hold what they were about, such as
/// the address of a request with a token in it, and a message is logged and shown.
fn not_provided() -> Error {
    Error::new(
        ErrorKind::Storage,
        Disposition::NotSent,
        "keys_not_provided",
        "The keys provider gave no keys, so nothing was sent.",
    )
    .with_hint("Its own error is this one's source. Try again once that is mended.")
}

fn not_in_time() -> Error {
    Error::new(
        ErrorKind::Storage,
        Disposition::NotSent,
        "keys_not_in_time",
        "The keys provider gave no keys in time, so nothing was sent.",
    )
    .with_hint("Try again, or allow the call more time.")
}
