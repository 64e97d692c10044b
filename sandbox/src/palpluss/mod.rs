//! PalPluss: its routes, and the files that each play one of them.

mod account;
mod errors;
mod list;
mod options;
mod push;
mod push_request;
mod state;
mod transaction;
mod webhook;

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use http::{HeaderMap, Method};

use crate::answer::Answer;
use crate::counters::bump;
use crate::engine::Engine;
use crate::gateway::{Gateway, Step};
use crate::request::basic;
use crate::step::{self, Received, Scene};

pub(crate) use account::Account;
use errors::PalPlussError;
pub(crate) use errors::{ban_answer, error_answer};
pub use options::{
    PALPLUSS_API_KEY, PALPLUSS_CHANNEL_ID, PALPLUSS_CREDENTIAL_ID, PalPlussOptions, ReadCasing,
};
pub(crate) use webhook::webhook;

const PUSH_PATH: &str = "/v1/payments/stk";
const PUSH_ALIAS: &str = "/v1/payments/stk/initiate";
const LIST_PATH: &str = "/v1/transactions";

/// The customer that the one key belongs to. Invented.
const TENANT_ID: &str = "3d5f8a10-6b2e-4c9d-8e47-1a0c5b7d9f42";
/// What a push costs, in shillings. Invented.
const FEE: f64 = 2.5;

/// PalPluss's routes: everything under `/v1`.
pub(crate) fn routes() -> Router<Arc<Engine>> {
    Router::new()
        .route(
            PUSH_PATH,
            any(|state, request| serve(state, Step::Push, Method::POST, request, push::answer)),
        )
        .route(
            PUSH_ALIAS,
            any(|state, request| serve(state, Step::Push, Method::POST, request, push::answer)),
        )
        .route(
            LIST_PATH,
            any(|state, request| serve(state, Step::Query, Method::GET, request, list::answer)),
        )
        .route(
            "/v1/transactions/{id}",
            any(|state, request| {
                serve(
                    state,
                    Step::Query,
                    Method::GET,
                    request,
                    transaction::answer,
                )
            }),
        )
        .route("/v1/{*rest}", any(unknown_path))
}

/// The step behind a path.
pub(crate) fn step_of_path(path: &str) -> Option<Step> {
    match path {
        PUSH_PATH | PUSH_ALIAS => Some(Step::Push),
        LIST_PATH => Some(Step::Query),
        _ => {
            let id = path.strip_prefix(LIST_PATH)?.strip_prefix('/')?;
            (!id.is_empty() && !id.contains('/')).then_some(Step::Query)
        }
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
    Working: Future<Output = Result<Answer, PalPlussError>> + Send + 'static,
{
    let scene = Scene {
        gateway: Gateway::PalPluss,
        step,
    };
    let response = if request.method() == method {
        step::play(
            Arc::clone(&engine),
            scene,
            request,
            move |engine, request| answer(engine, step, request, work),
        )
        .await
    } else {
        step::record(&engine, request).await;
        PalPlussError::METHOD.answer(&engine).into_response()
    };
    with_limit(&engine, response)
}

/// What every endpoint does: key and rate limit first; a refused push is counted.
async fn answer<Work, Working>(
    engine: Arc<Engine>,
    step: Step,
    request: Received,
    work: Work,
) -> Answer
where
    Work: FnOnce(Arc<Engine>, Received) -> Working,
    Working: Future<Output = Result<Answer, PalPlussError>>,
{
    let answered = match admit(&engine, &request.headers) {
        Ok(()) => work(Arc::clone(&engine), request).await,
        Err(error) => Err(error),
    };
    answered.unwrap_or_else(|error| {
        if step == Step::Push {
            engine.with(|world| world.counters.refuse_push(Gateway::PalPluss));
        }
        error.answer(&engine)
    })
}

async fn unknown_path(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    step::record(&engine, request).await;
    with_limit(&engine, PalPlussError::PATH.answer(&engine).into_response())
}

/// Refuses a request without the key, or one too many with it.
fn admit(engine: &Engine, headers: &HeaderMap) -> Result<(), PalPlussError> {
    check_key(headers, &engine.options.palpluss)?;
    let (now, limit) = (engine.clock.now(), limit(engine));
    engine.with(|world| {
        if !world.palpluss.count(limit, now) {
            return Ok(());
        }
        bump(&mut world.counters.palpluss.rate_limited);
        let resets_at = world.palpluss.limit(limit, now).resets_at;
        Err(PalPlussError::RateLimited {
            wait: resets_at.saturating_sub(now),
        })
    })
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

fn limit(engine: &Engine) -> u32 {
    engine.options.palpluss.limit(engine.options.time_scale)
}

/// The headers that PalPluss puts on every answer.
fn with_limit(engine: &Engine, mut response: Response) -> Response {
    let now = engine.clock.now();
    let limit = engine.with(|world| world.palpluss.limit(limit(engine), now));
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
