//! Plays one step of a payment: receives the request, lets a waiting fault interfere, does the gateway's work.

use std::future::Future;
use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Uri};

use crate::answer::{Answer, JSON, PLAIN};
use crate::clock::seconds;
use crate::connection::ConnectionSwitch;
use crate::counters::{Counters, bump};
use crate::engine::Engine;
use crate::faults::{Body, Effect, Fault};
use crate::gateway::{Gateway, Step};
use crate::request_log::RecordedRequest;
use crate::{daraja, palpluss, upesipay};

/// How much of a body is read at all; a gateway's own limit is lower and has its own answer.
const READ_AT_MOST: usize = 1024 * 1024;

/// How much of a body is kept in the log.
const LOG_AT_MOST: usize = 64 * 1024;

/// Whose step is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scene {
    pub(crate) gateway: Gateway,
    pub(crate) step: Step,
}

/// A request that was read whole.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Plays one step. The work runs to its end even when the client hangs up, as a real gateway's would.
pub(crate) async fn play<Work, Working>(
    engine: Arc<Engine>,
    scene: Scene,
    request: Request,
    work: Work,
) -> Response
where
    Work: FnOnce(Arc<Engine>, Received) -> Working + Send + 'static,
    Working: Future<Output = Answer> + Send + 'static,
{
    let switch = request
        .extensions()
        .get::<ConnectionSwitch>()
        .cloned()
        .unwrap_or_default();
    let (mut record, received) = match receive(&engine, request).await {
        Ok(read) => read,
        Err(answer) => return answer.into_response(),
    };
    let fault = engine.with(|world| {
        count(&mut world.counters, scene);
        let fault = world.take_fault(scene.gateway, scene.step);
        record.fault = fault.map(|fault| fault.kind.row().name);
        world.requests.add(record);
        fault
    });
    let engine_of_task = Arc::clone(&engine);
    let played = engine
        .background
        .run_to_end(async move {
            let uri = received.uri.clone();
            let working = work(Arc::clone(&engine_of_task), received);
            match fault {
                Some(fault) => spoil(&engine_of_task, fault, switch, &uri, working).await,
                None => working.await,
            }
        })
        .await;
    let ending = || {
        Answer::text(
            StatusCode::SERVICE_UNAVAILABLE,
            PLAIN,
            "the sandbox is stopping",
        )
    };
    played.unwrap_or_else(ending).into_response()
}

/// Records a request that belongs to no step.
pub(crate) async fn record(engine: &Engine, request: Request) {
    if let Ok((record, _)) = receive(engine, request).await {
        engine.with(|world| world.requests.add(record));
    }
}

async fn receive(engine: &Engine, request: Request) -> Result<(RecordedRequest, Received), Answer> {
    let at_seconds = engine.clock.now().as_secs_f64();
    let (head, body) = request.into_parts();
    let body = to_bytes(body, READ_AT_MOST).await.map_err(|_| {
        Answer::text(
            StatusCode::PAYLOAD_TOO_LARGE,
            PLAIN,
            "Request Entity Too Large",
        )
    })?;
    let logged = body.get(..LOG_AT_MOST).unwrap_or(&body);
    let headers = head.headers.iter();
    let record = RecordedRequest {
        number: 0,
        at_seconds,
        method: head.method.to_string(),
        path: head
            .uri
            .path_and_query()
            .map_or_else(|| head.uri.path().to_owned(), ToString::to_string),
        headers: headers
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect(),
        body: String::from_utf8_lossy(logged).into_owned(),
        fault: None,
    };
    Ok((
        record,
        Received {
            uri: head.uri,
            headers: head.headers,
            body,
        },
    ))
}

fn count(counters: &mut Counters, scene: Scene) {
    match scene.step {
        Step::Oauth => bump(&mut counters.oauth_calls),
        Step::Push => {
            bump(&mut counters.push_attempts);
            bump(&mut counters.of_mut(scene.gateway).push_attempts);
        }
        Step::Query => {
            bump(&mut counters.queries);
            bump(&mut counters.of_mut(scene.gateway).queries);
        }
        // Callbacks are not requests to the sandbox; their delivery counts them.
        Step::Callback => {}
    }
}

/// Does a step's work, or not, and answers what the fault makes of it.
async fn spoil(
    engine: &Engine,
    fault: Fault,
    switch: ConnectionSwitch,
    uri: &Uri,
    working: impl Future<Output = Answer> + Send,
) -> Answer {
    if fault.effect() == Effect::WaitBefore {
        engine.clock.sleep(seconds(fault.seconds)).await;
    }
    let answer = if fault.after_acting {
        Some(working.await)
    } else {
        None
    };
    let whole = answer.unwrap_or_else(|| Answer::text(StatusCode::INTERNAL_SERVER_ERROR, JSON, ""));
    match fault.effect() {
        Effect::CloseUnread | Effect::CutBeforeAnswer => {
            switch.cut();
            whole
        }
        Effect::CutInBody => {
            switch.cut_in_body();
            whole
        }
        Effect::WaitAfter => {
            engine.clock.sleep(seconds(fault.seconds)).await;
            whole
        }
        Effect::Answer {
            status,
            body,
            retry_after,
        } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let answer = match body {
                Body::DarajaError { code, message } => {
                    let request_id = engine.with(|world| world.dice.request_id(0));
                    daraja::error_answer(status, &request_id, code, message)
                }
                Body::PalPlussError { code, message } => {
                    palpluss::error_answer(engine, status, code, message)
                }
                Body::PalPlussBan => palpluss::ban_answer(engine, seconds(fault.seconds)),
                Body::UpesiPayError { message } => upesipay::error_answer(uri, status, message),
                Body::Text { content_type, text } => Answer::text(status, content_type, text),
            };
            Answer {
                retry_after: retry_after.then(|| seconds(fault.seconds).as_secs()),
                ..answer
            }
        }
        Effect::TruncateBody => whole.truncated(),
        Effect::ChangeMember { name, value } => whole.with_member(name, value),
        Effect::WaitBefore | Effect::LoseCallback | Effect::DoubleCallback => whole,
    }
}
