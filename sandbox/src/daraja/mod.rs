//! Daraja, Safaricom's own API: its routes, and the files that each play one of them.

mod callback;
mod errors;
mod fields;
mod oauth;
mod push;
mod push_request;
mod query;
mod tokens;

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use http::Method;

use crate::answer::Answer;
use crate::engine::Engine;
use crate::gateway::{Gateway, Step};
use crate::step::{self, Received, Scene};

pub(crate) use callback::callback;
pub(crate) use errors::error_answer;
use errors::{DarajaError, refuse};
pub(crate) use tokens::Tokens;

const OAUTH_PATH: &str = "/oauth/v1/generate";
const PUSH_PATH: &str = "/mpesa/stkpush/v1/processrequest";
const QUERY_PATH: &str = "/mpesa/stkpushquery/v1/query";

/// Daraja's routes. Its fallback answers every path that no gateway knows.
pub(crate) fn routes() -> Router<Arc<Engine>> {
    Router::new()
        .route(
            OAUTH_PATH,
            any(|state, request| serve(state, Step::Oauth, Method::GET, request, oauth::answer)),
        )
        .route(
            PUSH_PATH,
            any(|state, request| serve(state, Step::Push, Method::POST, request, push::answer)),
        )
        .route(
            QUERY_PATH,
            any(|state, request| serve(state, Step::Query, Method::POST, request, query::answer)),
        )
        .fallback(unknown_path)
}

/// The step behind a path.
pub(crate) fn step_of_path(path: &str) -> Option<Step> {
    match path {
        OAUTH_PATH => Some(Step::Oauth),
        PUSH_PATH => Some(Step::Push),
        QUERY_PATH => Some(Step::Query),
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
    Working: Future<Output = Answer> + Send + 'static,
{
    if request.method() == method {
        let scene = Scene {
            gateway: Gateway::Daraja,
            step,
        };
        return step::play(engine, scene, request, work).await;
    }
    step::record(&engine, request).await;
    refuse(&engine, &DarajaError::WRONG_METHOD).into_response()
}

async fn unknown_path(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    step::record(&engine, request).await;
    refuse(&engine, &DarajaError::WRONG_PATH).into_response()
}
