//! The source of a client's credentials: fixed from the beginning, or cached from a provider for as long as they are good.

use super::CredentialsProvider;
use crate::error::codes::ErrorCode;
use crate::error::{Disposition, Error, ErrorKind};
use crate::gateway::contract::Gateway;
use crate::transport::authorized::Authorized;
use crate::transport::in_flight::InFlight;
use crate::transport::send_context::deadline_in;
use crate::transport::token::{LONGEST_FLIGHT, Need, need};
use crate::values::clock::{Clock, EatTime};
use crate::values::credentials::Credentials;
use crate::values::note::SharedNotes;
use crate::values::public_credentials::check_are_public;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A call that has its merchant credentials: what its requests are made with.
#[derive(Debug)]
pub(crate) struct AuthorizedCall {
    pub(crate) merchant: Arc<Authorized>,
    /// What the wait for the credentials left of the call's time.
    pub(crate) left: Duration,
    /// Which credentials these are: a refusal names them, so that credentials that came meanwhile are not thrown away.
    generation: u64,
}

/// Where the processes of a ledger share the tokens of a client: the ledger's notes, and the client's base URL.
#[derive(Clone, Default)]
pub(crate) struct TokenShares(pub(crate) Option<(Arc<dyn SharedNotes>, String)>);

/// What every credential of a client passes before a request is made with it, whether the builder or a provider had it.
pub(crate) struct Admission {
    pub(crate) gateway: Arc<dyn Gateway>,
    /// Whether requests leave this machine by plain http.
    pub(crate) is_cleartext: bool,
    pub(crate) shares: TokenShares,
}

impl Admission {
    /// The requests of a merchant, with the token that is shared.
    ///
    /// # Errors
    /// `Configuration`: the credentials are another gateway's, one of them cannot be one, or `cleartext_keys`.
    pub(crate) fn authorized(&self, credentials: &Credentials) -> Result<Authorized, Error> {
        let access = self.gateway.with_credentials(credentials)?;
        if self.is_cleartext {
            check_are_public(credentials)?;
        }
        let shared = self.shares.0.as_ref();
        Ok(Authorized::new(
            access,
            shared.map(|(notes, url)| (Arc::clone(notes), url.as_str())),
        ))
    }
}

/// Where a client's calls get their credentials.
pub(crate) enum CredentialSource {
    /// The builder had them.
    Fixed(Arc<Authorized>),
    /// Somebody is asked for them.
    Provided(Arc<Provided>),
}

impl CredentialSource {
    pub(crate) fn provided(
        provider: Arc<dyn CredentialsProvider>,
        admission: Admission,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self::Provided(Arc::new(Provided {
            provider,
            admission,
            clock,
            state: Mutex::default(),
        }))
    }

    /// What a call that has so much time makes its requests with.
    ///
    /// # Errors
    /// Why there are no credentials. Nothing was sent.
    pub(crate) async fn authorize(
        &self,
        in_flight: &InFlight,
        timeout: Duration,
    ) -> Result<AuthorizedCall, Error> {
        match self {
            Self::Fixed(merchant) => Ok(AuthorizedCall {
                merchant: Arc::clone(merchant),
                left: timeout,
                generation: 0,
            }),
            Self::Provided(provided) => {
                let deadline = deadline_in(timeout);
                let (merchant, generation) = provided.get(in_flight, deadline).await?;
                Ok(AuthorizedCall {
                    merchant,
                    left: deadline.saturating_duration_since(Instant::now()),
                    generation,
                })
            }
        }
    }

    /// The credentials that the builder was given.
    pub(crate) fn fixed(&self) -> Option<&Authorized> {
        match self {
            Self::Fixed(merchant) => Some(merchant),
            Self::Provided(_) => None,
        }
    }

    /// Learns what came of a call: provided credentials that the gateway does not accept are forgotten. Nothing is sent again
    /// by that; the next call asks for other ones.
    pub(crate) fn learn<T>(
        &self,
        call: &AuthorizedCall,
        result: Result<T, Error>,
    ) -> Result<T, Error> {
        match (self, result) {
            (Self::Provided(provided), Err(error)) if are_refused(&error) => {
                provided.refuse(call.generation);
                Err(error.with_hint(
                    "These credentials were forgotten, and the next call asks for new ones. If those are refused too, look at where they come from.",
                ))
            }
            (_, result) => result,
        }
    }

    /// Wipes what can be had again: a provider's credentials, and the token that was fetched with credentials.
    pub(crate) fn forget(&self) {
        match self {
            Self::Fixed(merchant) => merchant.forget_token(),
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

type Given = Result<(Arc<Authorized>, u64), Error>;
type Flight = Shared<BoxFuture<'static, Given>>;

/// Credentials of a provider, for as long as they are good.
pub(crate) struct Provided {
    provider: Arc<dyn CredentialsProvider>,
    admission: Admission,
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
    /// How often everything was forgotten: credentials that were asked for before are not kept.
    forgotten: u64,
}

struct Kept {
    credentials: Credentials,
    merchant: Arc<Authorized>,
    generation: u64,
    given_at: Instant,
    given_at_time: EatTime,
}

impl Kept {
    /// By two clocks: the one that nobody sets stands still while a phone sleeps, and the other may be set.
    fn need(&self, now: EatTime) -> Need {
        let age = self.given_at.elapsed().max(now.since(self.given_at_time));
        self.credentials
            .lifetime
            .map_or(Need::Nothing, |lifetime| need(age, lifetime))
    }
}

impl Provided {
    async fn get(self: &Arc<Self>, in_flight: &InFlight, deadline: Instant) -> Given {
        let (joined, good) = {
            let now = self.clock.now();
            let mut state = self.lock();
            let kept = state
                .kept
                .as_ref()
                .map(|kept| (kept.need(now), Arc::clone(&kept.merchant), kept.generation));
            match kept {
                Some((Need::Nothing, merchant, generation)) => return Ok((merchant, generation)),
                Some((Need::RenewAhead, merchant, generation)) => {
                    (self.join_or_start(&mut state), Some((merchant, generation)))
                }
                Some((Need::Fetch, ..)) | None => (self.join_or_start(&mut state), None),
            }
        };
        if let Some(good) = good {
            drive_alone(joined, in_flight);
            return Ok(good);
        }
        tokio::time::timeout_at(deadline, joined.flight)
            .await
            .unwrap_or_else(|_| Err(not_in_time()))
    }

    fn join_or_start(self: &Arc<Self>, state: &mut State) -> JoinedFlight {
        let running = state
            .flight
            .as_ref()
            .and_then(|(_, flight)| flight.upgrade());
        match running {
            Some(flight) => JoinedFlight {
                flight,
                is_new: false,
            },
            None => JoinedFlight {
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
            let asked = AssertUnwindSafe(async { provided.provider.credentials().await });
            let given = match asked.catch_unwind().await {
                Ok(Ok(credentials)) => Ok(credentials),
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

    fn land(&self, number: u64, forgotten: u64, given: Result<Credentials, Error>) -> Given {
        let now = self.clock.now();
        let mut state = self.lock();
        if state
            .flight
            .as_ref()
            .is_some_and(|(running, _)| *running == number)
        {
            state.flight = None;
        }
        let credentials = given?;
        // The same credentials again go on with the token that was fetched with them.
        let same = state
            .kept
            .as_ref()
            .filter(|kept| kept.credentials.are_the_same(&credentials))
            .map(|kept| Arc::clone(&kept.merchant));
        let merchant = match same {
            Some(merchant) => merchant,
            None => Arc::new(self.admission.authorized(&credentials)?),
        };
        state.generation += 1;
        let generation = state.generation;
        let mut replaced = None;
        if state.forgotten == forgotten {
            replaced = state.kept.replace(Kept {
                credentials,
                merchant: Arc::clone(&merchant),
                generation,
                given_at: Instant::now(),
                given_at_time: now,
            });
        }
        // Nothing is locked while something is dropped or logged.
        drop(state);
        drop(replaced);
        tracing::debug!(target: "lipia", "credentials were provided");
        Ok((merchant, generation))
    }

    fn refuse(&self, generation: u64) {
        let is_refused = |kept: &mut Kept| kept.generation == generation;
        let refused = self.lock().kept.take_if(is_refused);
        drop(refused);
    }

    fn forget(&self) {
        let forgotten = {
            let mut state = self.lock();
            state.forgotten += 1;
            (state.kept.take(), state.flight.take())
        };
        drop(forgotten);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A flight that a caller is on. It is dropped where nothing is locked: the provider's own code may run then.
struct JoinedFlight {
    flight: Flight,
    is_new: bool,
}

/// Brings the next credentials while nobody waits for them.
fn drive_alone(joined: JoinedFlight, in_flight: &InFlight) {
    if !joined.is_new {
        return;
    }
    let counted = in_flight.begin();
    tokio::spawn(async move {
        let _counted = counted;
        let landed = tokio::time::timeout(LONGEST_FLIGHT, joined.flight).await;
        if let Err(error) = landed.unwrap_or_else(|_| Err(not_in_time())) {
            tracing::warn!(target: "lipia", code = error.code(), "the next credentials were not provided ahead of time");
        }
    });
}

impl fmt::Debug for CredentialSource {
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
        ErrorCode::KeysNotProvided,
        Disposition::NotSent,
        "The credentials provider gave no credentials, so nothing was sent.",
    )
    .with_hint("Its own error is this one's source. Try again once that is mended.")
}

fn not_in_time() -> Error {
    Error::new(
        ErrorCode::KeysNotInTime,
        Disposition::NotSent,
        "The credentials provider gave no credentials in time, so nothing was sent.",
    )
    .with_hint("Try again, or allow the call more time.")
}
