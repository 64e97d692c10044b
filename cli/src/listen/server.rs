//! The server of a relay: keeps what is posted, and answers once that is on the disk.

use super::admit::{Admission, Door, MAX_BODY};
use super::kept::{Arrived, NotKept};
use super::report::{Reporter, name_of};
use super::shared::{Shared, blocking, now_millis};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use lipia::event::accepted_reply;
use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// How long a body may take to come.
const LONGEST_BODY: Duration = Duration::from_secs(10);

/// How many requests are read at once: 4 MiB of bodies.
const AT_ONCE: usize = 64;

/// How often refused callbacks are told of.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// What the requests share.
pub(super) struct Counter {
    shared: Arc<Shared>,
    reporter: Reporter,
    door: Mutex<Door>,
    reading: Arc<Semaphore>,
    refusals: Mutex<Refusals>,
}

/// Refused requests that nobody was told of yet: strangers must not fill the log.
#[derive(Debug, Default)]
struct Refusals {
    untold: u64,
    told_at: Option<Instant>,
}

impl Counter {
    pub(super) fn new(shared: Arc<Shared>, reporter: Reporter, door: Door) -> Arc<Self> {
        Arc::new(Self {
            shared,
            reporter,
            door: Mutex::new(door),
            reading: Arc::new(Semaphore::new(AT_ONCE)),
            refusals: Mutex::default(),
        })
    }

    pub(super) fn router(self: Arc<Self>) -> Router {
        Router::new().fallback(take).with_state(self)
    }

    /// Tells of refused requests, at most once a minute.
    fn refused(&self, status: StatusCode, why: &str) -> Response {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.untold = refusals.untold.saturating_add(1);
        let is_due = refusals
            .told_at
            .is_none_or(|told_at| told_at.elapsed() >= TOLD_EVERY);
        if is_due {
            let number = std::mem::take(&mut refusals.untold);
            refusals.told_at = Some(Instant::now());
            let members = json!({ "status": status.as_u16(), "reason": why, "requests": number });
            let others = match number {
                1 => String::new(),
                _ => format!(" ({number} requests refused since the last such line)"),
            };
            let text = format!("refused   {}: {why}{others}", status.as_u16());
            self.reporter.event("refused", members, text);
        }
        status.into_response()
    }
}

async fn take(State(counter): State<Arc<Counter>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |it| it.as_str());
    if parts.method != Method::POST {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let admission = {
        let mut door = counter.door.lock().unwrap_or_else(PoisonError::into_inner);
        door.admit(path, Instant::now())
    };
    let payment = match admission {
        Admission::Take { payment } => payment,
        Admission::Probe => return accepted(),
        Admission::Forged => {
            let why = "the token in the URL was not made with the callback secret of these credentials. Somebody guesses, or the \
                       shop has other credentials or callback secrets of its own";
            return counter.refused(StatusCode::NOT_FOUND, why);
        }
        Admission::TooLong => {
            return counter.refused(StatusCode::URI_TOO_LONG, "the path is too long");
        }
        Admission::TooMany => {
            let why = "without credentials only 10 callbacks a second are taken";
            let mut refused = counter.refused(StatusCode::TOO_MANY_REQUESTS, why);
            let second = HeaderValue::from_static("1");
            refused.headers_mut().insert(RETRY_AFTER, second);
            return refused;
        }
    };
    let Ok(_reading) = Arc::clone(&counter.reading).try_acquire_owned() else {
        return counter.refused(StatusCode::SERVICE_UNAVAILABLE, "too many requests at once");
    };
    let stated = parts.headers.get(CONTENT_LENGTH);
    let stated = stated.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if stated.is_some_and(|length| usize::try_from(length).map_or(true, |it| it > MAX_BODY)) {
        return too_large(&counter);
    }
    let body = match read(body).await {
        Ok(body) => body,
        Err(StatusCode::PAYLOAD_TOO_LARGE) => return too_large(&counter),
        Err(status) => return counter.refused(status, "the body did not come"),
    };
    let content_type = parts.headers.get(CONTENT_TYPE);
    let arrived = Arrived {
        received_at: now_millis(),
        payment,
        path: path.to_owned(),
        content_type: content_type.and_then(|it| it.to_str().ok().map(str::to_owned)),
        body,
    };
    keep(counter, arrived).await
}

fn too_large(counter: &Counter) -> Response {
    counter.refused(StatusCode::PAYLOAD_TOO_LARGE, "the body is over 64 KiB")
}

/// Reads a body, and stops where it is longer than a callback may be.
async fn read(body: Body) -> Result<Vec<u8>, StatusCode> {
    let reading = to_bytes(body, MAX_BODY);
    match tokio::time::timeout(LONGEST_BODY, reading).await {
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
        Ok(Ok(body)) => Ok(body.to_vec()),
        Ok(Err(error)) if is_too_long(&error) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Ok(Err(_)) => Err(StatusCode::BAD_REQUEST),
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Keeps a callback. What is not kept is not answered with 200, whoever hangs up meanwhile.
async fn keep(counter: Arc<Counter>, arrived: Arrived) -> Response {
    let keeping = async move {
        let size = arrived.body.len();
        let payment = arrived.payment.clone();
        let kept = blocking(&counter.shared, move |file| file.keep(&arrived)).await;
        let why = match kept {
            Some(Ok(id)) => {
                counter.shared.arrivals.notify_one();
                let members = json!({ "id": id, "payment_id": payment, "bytes": size });
                let text = format!("kept      {}  {size} bytes", name_of(payment.as_deref(), id));
                counter.reporter.event("kept", members, text);
                return accepted();
            }
            Some(Err(NotKept::Full)) => {
                "there is no room: see --max-disk, and `lipia listen --list` for what the app does not take".to_owned()
            }
            Some(Err(NotKept::Failed(error))) => format!(
                "the file cannot be written: {error}. If it was moved or deleted, start `lipia listen` again"
            ),
            None => "the command ends".to_owned(),
        };
        counter.refused(
            StatusCode::SERVICE_UNAVAILABLE,
            &format!("a callback was not kept, and the gateway may not send it again: {why}"),
        )
    };
    // A task of its own: a sender that hangs up would else stop it between the file and the line about it.
    tokio::spawn(keeping)
        .await
        .unwrap_or_else(|_| StatusCode::SERVICE_UNAVAILABLE.into_response())
}

fn accepted() -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(CONTENT_TYPE, json)], accepted_reply()).into_response()
}
