//! Daraja, Safaricom's own API: its routes, and the files that each play one of them.

mod callback;
mod errors;
mod fields;
mod oauth;
pub(crate) mod options;
mod push;
mod push_request;
mod query;
mod tokens;

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, any};
use http::Method;

use self::errors::{DarajaError, error_answer, new_request_id, refuse};
use self::options::DarajaOptions;
use self::tokens::Tokens;
use crate::engine::Engine;
use crate::engine::contract::{ErrorText, PlayedGateway, Said};
use crate::engine::exchange;
use crate::faults::table::daraja::QUERY_V2_PATH;
use crate::records::payment::Payment;
use crate::values::clock::SandboxClock;
use crate::values::gateway::{Gateway, Step};
use crate::wire::answer::Answer;
use crate::wire::outgoing::OutgoingCallback;
use crate::wire::request::Received;

const OAUTH_PATH: &str = "/oauth/v1/generate";
const PUSH_PATH: &str = "/mpesa/stkpush/v1/processrequest";
const QUERY_PATH: &str = "/mpesa/stkpushquery/v1/query";

/// Daraja, with the tokens that it issued.
#[derive(Debug)]
pub(crate) struct Daraja {
    options: DarajaOptions,
    tokens: Mutex<Tokens>,
}

impl PlayedGateway for Daraja {
    fn name(&self) -> Gateway {
        Gateway::Daraja
    }

    /// The fallback answers every path that no gateway knows.
    fn routes(self: Arc<Self>) -> Router<Arc<Engine>> {
        Router::new()
            .route(
                OAUTH_PATH,
                self.endpoint(Step::Oauth, Method::GET, oauth::answer),
            )
            .route(
                PUSH_PATH,
                self.endpoint(Step::Push, Method::POST, push::answer),
            )
            .route(
                QUERY_PATH,
                self.endpoint(Step::Query, Method::POST, query::answer),
            )
            .route(
                QUERY_V2_PATH,
                self.endpoint(Step::Query, Method::POST, query::answer_with_receipt),
            )
            .fallback(unknown_path)
    }

    fn step_of_path(&self, path: &str) -> Option<Step> {
        match path {
            OAUTH_PATH => Some(Step::Oauth),
            PUSH_PATH => Some(Step::Push),
            QUERY_PATH | QUERY_V2_PATH => Some(Step::Query),
            _ => None,
        }
    }

    fn error_answer(&self, engine: &Engine, _: &Received, error: &ErrorText<'_>) -> Answer {
        let code = error.code.unwrap_or(DarajaError::INVALID);
        error_answer(error.status, &new_request_id(engine), code, error.message)
    }

    fn callback(
        &self,
        clock: &SandboxClock,
        payment: &Payment,
        said: &Said,
    ) -> Option<OutgoingCallback> {
        callback::callback(payment, said, clock.nairobi(said.settled_at))
    }

    fn kill_tokens(&self) {
        self.tokens(Tokens::kill_all);
    }

    fn reset(&self) {
        self.tokens(Tokens::kill_all);
    }
}

impl Daraja {
    pub(crate) fn new(options: DarajaOptions) -> Self {
        Self {
            options,
            tokens: Mutex::default(),
        }
    }

    /// Looks at or changes the tokens.
    fn tokens<T>(&self, look: impl FnOnce(&mut Tokens) -> T) -> T {
        look(&mut self.tokens.lock().unwrap_or_else(PoisonError::into_inner))
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
        Working: Future<Output = Answer> + Send + 'static,
    {
        let own = Arc::clone(self);
        any(
            move |State(engine): State<Arc<Engine>>, request: Request| async move {
                if request.method() != method {
                    let refusal = refuse(&engine, &DarajaError::WRONG_METHOD);
                    return exchange::record(&engine, request, refusal).await;
                }
                let gateway: Arc<dyn PlayedGateway> = Arc::<Self>::clone(&own);
                exchange::play(engine, gateway, step, request, |engine, request| {
                    work(own, engine, request)
                })
                .await
            },
        )
    }
}

async fn unknown_path(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    let refusal = refuse(&engine, &DarajaError::WRONG_PATH);
    exchange::record(&engine, request, refusal).await
}
