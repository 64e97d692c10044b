//! PalPluss: its routes, and the files that each play one of them.

mod account;
mod errors;
mod list;
pub(crate) mod options;
mod push;
mod push_request;
mod state;
mod transaction;
mod webhook;

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, any};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use http::{HeaderMap, Method};

use self::account::Account;
use self::errors::{PalPlussError, envelope_of};
use self::options::PalPlussOptions;
use crate::engine::Engine;
use crate::engine::contract::{ErrorText, PlayedGateway, Said};
use crate::engine::exchange;
use crate::records::counters::{GatewayCounters, bump};
use crate::records::payment::Payment;
use crate::values::clock::SandboxClock;
use crate::values::gateway::{Gateway, Step};
use crate::wire::answer::Answer;
use crate::wire::outgoing::OutgoingCallback;
use crate::wire::request::{Received, basic};

const PUSH_PATH: &str = "/v1/payments/stk";
const PUSH_ALIAS: &str = "/v1/payments/stk/initiate";
const LIST_PATH: &str = "/v1/transactions";

/// The customer that the one key belongs to. Invented.
const TENANT_ID: &str = "3d5f8a10-6b2e-4c9d-8e47-1a0c5b7d9f42";
/// What a push costs, in shillings. Invented.
const FEE: f64 = 2.5;

/// PalPluss, with what it remembers of its one customer.
#[derive(Debug)]
pub(crate) struct PalPluss {
    options: PalPlussOptions,
    /// Requests that the key may make in a minute of sandbox time.
    requests_per_minute: u32,
    account: Mutex<Account>,
}

impl PlayedGateway for PalPluss {
    fn name(&self) -> Gateway {
        Gateway::PalPluss
    }

    /// Everything under `/v1`.
    fn routes(self: Arc<Self>) -> Router<Arc<Engine>> {
        let unknown = Arc::clone(&self);
        Router::new()
            .route(
                PUSH_PATH,
                self.endpoint(Step::Push, Method::POST, push::answer),
            )
            .route(
                PUSH_ALIAS,
                self.endpoint(Step::Push, Method::POST, push::answer),
            )
            .route(
                LIST_PATH,
                self.endpoint(Step::Query, Method::GET, list::answer),
            )
            .route(
                "/v1/transactions/{id}",
                self.endpoint(Step::Query, Method::GET, transaction::answer),
            )
            .route(
                "/v1/{*rest}",
                any(
                    move |State(engine): State<Arc<Engine>>, request| async move {
                        unknown.refuse(&engine, request, PalPlussError::PATH).await
                    },
                ),
            )
    }

    fn step_of_path(&self, path: &str) -> Option<Step> {
        match path {
            PUSH_PATH | PUSH_ALIAS => Some(Step::Push),
            LIST_PATH => Some(Step::Query),
            _ => {
                let id = path.strip_prefix(LIST_PATH)?.strip_prefix('/')?;
                (!id.is_empty() && !id.contains('/')).then_some(Step::Query)
            }
        }
    }

    fn error_answer(&self, engine: &Engine, _: &Received, error: &ErrorText<'_>) -> Answer {
        envelope_of(engine, error)
    }

    fn callback(
        &self,
        clock: &SandboxClock,
        payment: &Payment,
        said: &Said,
    ) -> Option<OutgoingCallback> {
        webhook::webhook(clock, payment, said)
    }

    fn push_ended(&self, _: &Payment, paid: bool, now: Duration, counters: &mut GatewayCounters) {
        self.account(|account| account.ended(&self.options, paid, now, counters));
    }

    fn reset(&self) {
        self.account(|account| *account = Account::default());
    }
}

impl PalPluss {
    pub(crate) fn new(options: PalPlussOptions, time_scale: f64) -> Self {
        Self {
            requests_per_minute: options.limit(time_scale),
            options,
            account: Mutex::default(),
        }
    }

    /// Looks at or changes what is remembered of the customer.
    fn account<T>(&self, look: impl FnOnce(&mut Account) -> T) -> T {
        look(&mut self.account.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A route that plays one step with one method.
    fn endpoint<Work, Working>(
        self: &Arc<Self>,
        step: Step,
        method: Method,
        work: Work,
    ) -> MethodRouter<Arc<Engine>>
    where
        Work: FnOnce(Arc<Self>, Arc<Engine>, Received) -> Working + Clone + Send + Sync + 'static,
        Working: Future<Output = Result<Answer, PalPlussError>> + Send + 'static,
    {
        let own = Arc::clone(self);
        any(
            move |State(engine): State<Arc<Engine>>, request: Request| async move {
                if request.method() != method {
                    return own.refuse(&engine, request, PalPlussError::METHOD).await;
                }
                let gateway: Arc<dyn PlayedGateway> = Arc::<Self>::clone(&own);
                let working = Arc::clone(&own);
                let response = exchange::play(
                    Arc::clone(&engine),
                    gateway,
                    step,
                    request,
                    move |engine, request| working.answer(engine, step, request, work),
                )
                .await;
                own.with_limit(&engine, response)
            },
        )
    }

    /// What every endpoint does: key and rate limit first; a refused push is counted.
    async fn answer<Work, Working>(
        self: Arc<Self>,
        engine: Arc<Engine>,
        step: Step,
        request: Received,
        work: Work,
    ) -> Answer
    where
        Work: FnOnce(Arc<Self>, Arc<Engine>, Received) -> Working,
        Working: Future<Output = Result<Answer, PalPlussError>>,
    {
        let answered = match self.admit(&engine, &request.headers) {
            Ok(()) => work(self, Arc::clone(&engine), request).await,
            Err(error) => Err(error),
        };
        answered.unwrap_or_else(|error| {
            if step == Step::Push {
                engine.with(|world| world.counters.refuse_push(Gateway::PalPluss));
            }
            error.answer(&engine)
        })
    }

    /// Refuses a request that belongs to no step.
    async fn refuse(&self, engine: &Engine, request: Request, error: PalPlussError) -> Response {
        let refusal = exchange::record(engine, request, error.answer(engine)).await;
        self.with_limit(engine, refusal)
    }

    /// Refuses a request without the key, or one too many with it.
    fn admit(&self, engine: &Engine, headers: &HeaderMap) -> Result<(), PalPlussError> {
        check_key(headers, &self.options)?;
        let (now, limit) = (engine.clock.now(), self.requests_per_minute);
        let resets_at = self.account(|account| {
            let is_over = account.count(limit, now);
            is_over.then(|| account.limit(limit, now).resets_at)
        });
        let Some(resets_at) = resets_at else {
            return Ok(());
        };
        engine.with(|world| bump(&mut world.counters.palpluss.rate_limited));
        Err(PalPlussError::RateLimited {
            wait: resets_at.saturating_sub(now),
        })
    }

    /// The headers that PalPluss puts on every answer.
    fn with_limit(&self, engine: &Engine, mut response: Response) -> Response {
        let now = engine.clock.now();
        let limit = self.account(|account| account.limit(self.requests_per_minute, now));
        let resets_at = engine.clock.nairobi(limit.resets_at).unix_timestamp();
        let headers = [
            ("x-ratelimit-limit", HeaderValue::from(limit.limit)),
            ("x-ratelimit-remaining", HeaderValue::from(limit.remaining)),
            ("x-ratelimit-reset", HeaderValue::from(resets_at)),
        ];
        for (name, value) in headers {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
        response
    }
}

/// The key as the user of Basic authorization without a password, or as it is.
fn check_key(headers: &HeaderMap, options: &PalPlussOptions) -> Result<(), PalPlussError> {
    if !headers.contains_key(AUTHORIZATION) {
        return Err(PalPlussError::AUTH_HEADER);
    }
    let value = basic(headers).ok_or(PalPlussError::AUTH_HEADER)?;
    let decoded = STANDARD
        .decode(value)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let key = decoded
        .as_deref()
        .and_then(|text| text.strip_suffix(':'))
        .unwrap_or(value);
    if key == options.api_key {
        Ok(())
    } else {
        Err(PalPlussError::API_KEY)
    }
}
