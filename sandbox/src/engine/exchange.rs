//! One exchange with a client: receives the request, lets a waiting fault interfere, does the gateway's work, answers.

use std::future::Future;
use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::Request;
use axum::response::Response;
use http::StatusCode;

use super::Engine;
use super::contract::PlayedGateway;
use super::fault_effects::FaultyExchange;
use crate::records::counters::{Counters, bump};
use crate::records::request_log::RecordedRequest;
use crate::values::gateway::{Endpoint, Step};
use crate::wire::answer::{Answer, PLAIN};
use crate::wire::request::Received;
use crate::wire::switch::ConnectionSwitch;

/// How much of a body is read at all; a gateway's own limit is lower and has its own answer.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// How much of a body is kept in the log.
const MAX_LOGGED_BYTES: usize = 64 * 1024;

/// How much of a refusal is told.
const SHOWN_BYTES: usize = 300;

/// Plays one step. The work runs to its end even when the client hangs up, as a real gateway's would.
pub(crate) async fn play<Work, Working>(
    engine: Arc<Engine>,
    gateway: Arc<dyn PlayedGateway>,
    step: Step,
    request: Request,
    work: Work,
) -> Response
where
    Work: FnOnce(Arc<Engine>, Received) -> Working + Send + 'static,
    Working: Future<Output = Answer> + Send + 'static,
{
    let name = gateway.name();
    let endpoint = Endpoint {
        gateway: name,
        step,
    };
    let switch = request
        .extensions()
        .get::<ConnectionSwitch>()
        .cloned()
        .unwrap_or_default();
    let (mut record, received) = match receive(&engine, request).await {
        Ok(read) => read,
        Err(answer) => return answer.into_response(),
    };
    let at_seconds = record.at_seconds;
    let (fault, number) = engine.change(|world| {
        count(&mut world.counters, endpoint);
        let fault = world.take_fault(endpoint, received.uri.path());
        record.fault = fault.map(|fault| fault.kind.row().name);
        (fault, world.requests.add(record))
    });
    let switch_of_task = switch.clone();
    let engine_of_task = Arc::clone(&engine);
    let played = engine
        .background
        .run_to_end(async move {
            let Some(fault) = fault else {
                return work(engine_of_task, received).await;
            };
            let faulty = FaultyExchange {
                fault,
                gateway,
                switch: switch_of_task,
                request: received.clone(),
            };
            let working = work(Arc::clone(&engine_of_task), received);
            faulty.answer(&engine_of_task, working).await
        })
        .await;
    let ending = || {
        Answer::text(
            StatusCode::SERVICE_UNAVAILABLE,
            PLAIN,
            "the sandbox is stopping",
        )
    };
    let answer = played.unwrap_or_else(ending);
    if switch.lets_an_answer_out() {
        let status = answer.status.as_u16();
        engine.change(|world| world.requests.answered(number, at_seconds, status));
    }
    let asked = match step {
        Step::Oauth => "a token",
        Step::Push => "a push",
        // A query that is too early is an everyday thing.
        Step::Query | Step::Callback => return answer.into_response(),
    };
    if !answer.status.is_success() {
        engine.tell("refused", name, || {
            let shown = answer.body.get(..SHOWN_BYTES).unwrap_or(&answer.body);
            format!(
                "refused {asked}: {} {}",
                answer.status.as_u16(),
                String::from_utf8_lossy(shown)
            )
        });
    }
    answer.into_response()
}

/// Records a request that belongs to no step, and its answer.
pub(crate) async fn record(engine: &Engine, request: Request, answer: Answer) -> Response {
    if let Ok((mut record, _)) = receive(engine, request).await {
        record.status = Some(answer.status.as_u16());
        engine.change(|world| world.requests.add(record));
    }
    answer.into_response()
}

async fn receive(engine: &Engine, request: Request) -> Result<(RecordedRequest, Received), Answer> {
    let at_seconds = engine.clock.now().as_secs_f64();
    let (head, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| {
        Answer::text(
            StatusCode::PAYLOAD_TOO_LARGE,
            PLAIN,
            "Request Entity Too Large",
        )
    })?;
    let logged = body.get(..MAX_LOGGED_BYTES).unwrap_or(&body);
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
        status: None,
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

fn count(counters: &mut Counters, endpoint: Endpoint) {
    match endpoint.step {
        Step::Oauth => bump(&mut counters.oauth_calls),
        Step::Push => {
            bump(&mut counters.push_attempts);
            bump(&mut counters.of_mut(endpoint.gateway).push_attempts);
        }
        Step::Query => {
            bump(&mut counters.queries);
            bump(&mut counters.of_mut(endpoint.gateway).queries);
        }
        // Callbacks are not requests to the sandbox; their delivery counts them.
        Step::Callback => {}
    }
}
