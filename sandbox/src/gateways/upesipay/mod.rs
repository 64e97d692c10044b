//! UpesiPay, and PayHero, which speaks the first generation of UpesiPay's API under `/payhero`: the routes, and the files
//! that each play one of them.

mod account;
mod callback;
mod errors;
mod generation;
mod ledger;
pub(crate) mod options;
mod push;
mod push_request;
mod state;
mod status;

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, any};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method, Uri};

use self::account::Account;
use self::errors::{UpesiPayError, body_of};
use self::generation::{Generation, STATUS_PATH};
use self::options::UpesiPayOptions;
use crate::engine::Engine;
use crate::engine::contract::{ErrorText, PlayedGateway, Said};
use crate::engine::exchange;
use crate::records::counters::GatewayCounters;
use crate::records::payment::Payment;
use crate::values::clock::SandboxClock;
use crate::values::gateway::{Gateway, Step};
use crate::wire::answer::Answer;
use crate::wire::outgoing::OutgoingCallback;
use crate::wire::request::{Received, basic};

const FIRST_PUSH_PATH: &str = "/api/v2/payments";
const SECOND_PUSH_PATH: &str = "/api/v2/collections/initiate/";
const LEDGER_PATH: &str = "/api/v2/transactions";

/// A gateway that speaks UpesiPay's API, with what it remembers of its one customer.
#[derive(Debug)]
pub(crate) struct UpesiPay {
    name: Gateway,
    options: UpesiPayOptions,
    account: Mutex<Account>,
}

impl PlayedGateway for UpesiPay {
    fn name(&self) -> Gateway {
        self.name
    }

    /// Everything under `/api/v2`, below the gateway's base path.
    fn routes(self: Arc<Self>) -> Router<Arc<Engine>> {
        let at = |path: &str| format!("{}{path}", self.name.base_path());
        let unknown = Arc::clone(&self);
        let mut routes = Router::new()
            .route(
                &at(FIRST_PUSH_PATH),
                self.endpoint(Step::Push, Method::POST, push::answer),
            )
            .route(
                &at(STATUS_PATH),
                self.endpoint(Step::Query, Method::GET, status::answer),
            )
            .route(
                &at(LEDGER_PATH),
                self.endpoint(Step::Query, Method::GET, ledger::answer),
            )
            .route(
                &at("/api/v2/{*rest}"),
                any(
                    move |State(engine): State<Arc<Engine>>, request| async move {
                        unknown
                            .refuse(&engine, request, UpesiPayError::NotFound)
                            .await
                    },
                ),
            );
        if self.has_second_generation() {
            let push = self.endpoint(Step::Push, Method::POST, push::answer);
            routes = routes.route(&at(SECOND_PUSH_PATH), push);
        }
        routes
    }

    fn step_of_path(&self, path: &str) -> Option<Step> {
        match path.strip_prefix(self.name.base_path())? {
            FIRST_PUSH_PATH => Some(Step::Push),
            SECOND_PUSH_PATH if self.has_second_generation() => Some(Step::Push),
            STATUS_PATH | LEDGER_PATH => Some(Step::Query),
            _ => None,
        }
    }

    fn error_answer(&self, _: &Engine, request: &Received, error: &ErrorText<'_>) -> Answer {
        body_of(self.generation_of(&request.uri), error)
    }

    fn callback(
        &self,
        _: &SandboxClock,
        payment: &Payment,
        said: &Said,
    ) -> Option<OutgoingCallback> {
        callback::callback(&self.options, payment, said)
    }

    fn push_ended(
        &self,
        payment: &Payment,
        paid: bool,
        now: Duration,
        counters: &mut GatewayCounters,
    ) {
        let phone = &payment.push.phone;
        self.account(|account| account.ended(&self.options, phone, paid, now, counters));
    }

    fn reset(&self) {
        self.account(|account| *account = Account::default());
    }
}

impl UpesiPay {
    /// UpesiPay, or another gateway that speaks its API.
    pub(crate) fn new(name: Gateway, options: UpesiPayOptions) -> Self {
        Self {
            name,
            options,
            account: Mutex::default(),
        }
    }

    fn has_second_generation(&self) -> bool {
        self.name == Gateway::UpesiPay
    }

    fn generation_of(&self, uri: &Uri) -> Generation {
        let path = uri.path();
        let below = path.strip_prefix(self.name.base_path()).unwrap_or(path);
        Generation::of_request(below, uri)
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
        Working: Future<Output = Result<Answer, UpesiPayError>> + Send + 'static,
    {
        let own = Arc::clone(self);
        any(
            move |State(engine): State<Arc<Engine>>, request: Request| async move {
                if request.method() != method {
                    return own.refuse(&engine, request, UpesiPayError::Method).await;
                }
                let gateway: Arc<dyn PlayedGateway> = Arc::<Self>::clone(&own);
                exchange::play(engine, gateway, step, request, move |engine, request| {
                    own.answer(engine, step, request, work)
                })
                .await
            },
        )
    }

    /// What every endpoint does: token first; a refused push is counted.
    async fn answer<Work, Working>(
        self: Arc<Self>,
        engine: Arc<Engine>,
        step: Step,
        request: Received,
        work: Work,
    ) -> Answer
    where
        Work: FnOnce(Arc<Self>, Arc<Engine>, Received) -> Working,
        Working: Future<Output = Result<Answer, UpesiPayError>>,
    {
        let (name, generation) = (self.name, self.generation_of(&request.uri));
        let answered = if token_is_good(&request.headers, &self.options) {
            work(self, Arc::clone(&engine), request).await
        } else {
            Err(UpesiPayError::Token)
        };
        answered.unwrap_or_else(|error| {
            if step == Step::Push {
                engine.with(|world| world.counters.refuse_push(name));
            }
            error.answer(generation)
        })
    }

    /// Refuses a request that belongs to no step.
    async fn refuse(&self, engine: &Engine, request: Request, error: UpesiPayError) -> Response {
        let generation = self.generation_of(request.uri());
        exchange::record(engine, request, error.answer(generation)).await
    }
}

/// The ready token, or user name and password in the usual encoding.
fn token_is_good(headers: &HeaderMap, options: &UpesiPayOptions) -> bool {
    let pair = STANDARD.encode(format!("{}:{}", options.username, options.password));
    basic(headers).is_some_and(|token| token == options.token || token == pair)
}
