//! UpesiPay: the routes of both generations of its API, and the files that each play one of them.

mod account;
mod callback;
mod errors;
mod ledger;
mod options;
mod push;
mod push_request;
mod state;
mod status;

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method, Uri};

use crate::answer::Answer;
use crate::engine::Engine;
use crate::gateway::{Gateway, Step};
use crate::request::{basic, parameter};
use crate::step::{self, Received, Scene};

pub(crate) use account::Account;
pub(crate) use callback::callback;
use errors::UpesiPayError;
pub(crate) use errors::error_answer;
pub use options::{
    ReceiptField, UPESIPAY_CHANNEL_ID, UPESIPAY_PASSWORD, UPESIPAY_TOKEN, UPESIPAY_USERNAME,
    UpesiPayOptions,
};

const FIRST_PUSH_PATH: &str = "/api/v2/payments";
const SECOND_PUSH_PATH: &str = "/api/v2/collections/initiate/";
const STATUS_PATH: &str = "/api/v2/transaction-status";
const LEDGER_PATH: &str = "/api/v2/transactions";

/// A generation of UpesiPay's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Generation {
    /// As the vendor's pages have it: `/api/v2/payments`.
    First,
    /// As clients in the wild use it: `/api/v2/collections/initiate/`.
    Second,
}

impl Generation {
    /// 1 or 2.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::First => 1,
            Self::Second => 2,
        }
    }

    /// The generation whose errors a request is answered with. Both share the status path: there a reference in
    /// M-Pesa's form, as only the second asks with, tells.
    fn of_request(uri: &Uri) -> Self {
        let is_second = match uri.path() {
            STATUS_PATH => {
                parameter(uri, "reference").is_some_and(|reference| reference.starts_with("ws_CO_"))
            }
            path => path.starts_with("/api/v2/collections"),
        };
        if is_second { Self::Second } else { Self::First }
    }
}

/// UpesiPay's routes: everything under `/api/v2`.
pub(crate) fn routes() -> Router<Arc<Engine>> {
    Router::new()
        .route(
            FIRST_PUSH_PATH,
            any(|state, request| serve(state, Step::Push, Method::POST, request, push::answer)),
        )
        .route(
            SECOND_PUSH_PATH,
            any(|state, request| serve(state, Step::Push, Method::POST, request, push::answer)),
        )
        .route(
            STATUS_PATH,
            any(|state, request| serve(state, Step::Query, Method::GET, request, status::answer)),
        )
        .route(
            LEDGER_PATH,
            any(|state, request| serve(state, Step::Query, Method::GET, request, ledger::answer)),
        )
        .route("/api/v2/{*rest}", any(unknown_path))
}

/// The step behind a path.
pub(crate) fn step_of_path(path: &str) -> Option<Step> {
    match path {
        FIRST_PUSH_PATH | SECOND_PUSH_PATH => Some(Step::Push),
        STATUS_PATH | LEDGER_PATH => Some(Step::Query),
        _ => None,
    }
}

async fn serve<Work, Working>(
    State(engine): State<Arc<Engine>>,
    step: Step,
    method: Method,
    request: Request,
    work: Work,
) -> Response
where
    Work: FnOnce(Arc<Engine>, Received) -> Working + Send + 'static,
    Working: Future<Output = Result<Answer, UpesiPayError>> + Send + 'static,
{
    if request.method() != method {
        return refuse(&engine, request, UpesiPayError::Method).await;
    }
    let scene = Scene {
        gateway: Gateway::UpesiPay,
        step,
    };
    step::play(engine, scene, request, move |engine, request| {
        answer(engine, step, request, work)
    })
    .await
}

/// What every endpoint does: token first; a refused push is counted.
async fn answer<Work, Working>(
    engine: Arc<Engine>,
    step: Step,
    request: Received,
    work: Work,
) -> Answer
where
    Work: FnOnce(Arc<Engine>, Received) -> Working,
    Working: Future<Output = Result<Answer, UpesiPayError>>,
{
    let generation = Generation::of_request(&request.uri);
    let answered = if token_is_good(&request.headers, &engine.options.upesipay) {
        work(Arc::clone(&engine), request).await
    } else {
        Err(UpesiPayError::Token)
    };
    answered.unwrap_or_else(|error| {
        if step == Step::Push {
            engine.with(|world| world.counters.refuse_push(Gateway::UpesiPay));
        }
        error.answer(generation)
    })
}

async fn unknown_path(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    refuse(&engine, request, UpesiPayError::NotFound).await
}

async fn refuse(engine: &Engine, request: Request, error: UpesiPayError) -> Response {
    let generation = Generation::of_request(request.uri());
    step::record(engine, request).await;
    error.answer(generation).into_response()
}

/// The ready token, or user name and password in the usual encoding.
fn token_is_good(headers: &HeaderMap, options: &UpesiPayOptions) -> bool {
    let pair = STANDARD.encode(format!("{}:{}", options.username, options.password));
    basic(headers).is_some_and(|token| token == options.token || token == pair)
}
