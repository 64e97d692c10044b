//! The control API: the functions of [`crate::Sandbox`] over HTTP, for other languages.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::engine::Engine;
use crate::engine::payment_run::{self, CannotAct};
use crate::faults::Fault;
use crate::faults::kind::FaultKind;
use crate::faults::table::FAULTS;
use crate::local_page::access::{self, AllowedHosts};
use crate::scenarios::table::SCENARIOS;
use crate::scenarios::{Ending, Scenario};
use crate::values::gateway::{Gateway, Step};
use crate::wire::answer::Answer;
use crate::wire::request;

pub(crate) type Shared = State<Arc<Engine>>;

/// A refusal of the control API.
pub(crate) struct ControlError {
    status: StatusCode,
    error: String,
    hint: String,
}

pub(crate) type Answered = Result<Value, ControlError>;

/// The control API, closed to web pages of other origins.
pub(crate) fn routes(hosts: AllowedHosts) -> Router<Arc<Engine>> {
    Router::new()
        .route("/_sandbox/", get(index))
        .nest("/_sandbox", paths())
        .layer(from_fn(move |request, next| admit(hosts, request, next)))
}

async fn admit(hosts: AllowedHosts, request: Request, next: Next) -> Response {
    match refusal(&request, hosts) {
        Some(refusal) => refusal,
        None => next.run(request).await,
    }
}

/// The answer to a request that may not come in.
pub(crate) fn refusal(request: &Request, hosts: AllowedHosts) -> Option<Response> {
    let refused = access::admit(request.method(), request.headers(), hosts).err()?;
    let (error, hint) = refused.sentences();
    Some(say(Err(ControlError {
        status: refused.status(),
        error: error.to_owned(),
        hint: hint.to_owned(),
    })))
}

fn paths() -> Router<Arc<Engine>> {
    Router::new()
        .route("/", get(index))
        .route("/counters", get(counters))
        .route("/payments", get(payments))
        .route("/requests", get(requests))
        .route("/scenarios", get(|| async { say(Ok(scenarios())) }))
        .route(
            "/scripts",
            post(|state: Shared, body: Body| async move { say(script(&state, &body)) }),
        )
        .route("/faults", get(faults).post(inject).delete(clear_faults))
        .route("/kill-tokens", post(kill_tokens))
        .route("/payments/{id}/act", post(act))
        .route("/reset", post(reset))
        .fallback(|| async {
            say(Err(ControlError {
                status: StatusCode::NOT_FOUND,
                error: "no such path in the control API".to_owned(),
                hint: "GET /_sandbox/ lists them".to_owned(),
            }))
        })
        .method_not_allowed_fallback(|| async {
            say(Err(ControlError {
                status: StatusCode::METHOD_NOT_ALLOWED,
                error: "this path takes another method".to_owned(),
                hint: "GET /_sandbox/ lists them".to_owned(),
            }))
        })
}

pub(crate) fn say(answered: Answered) -> Response {
    match answered {
        Ok(value) => Answer::json(StatusCode::OK, &value),
        Err(wrong) => Answer::json(
            wrong.status,
            &json!({ "error": wrong.error, "hint": wrong.hint }),
        ),
    }
    .into_response()
}

pub(crate) fn wrong(error: impl Into<String>, hint: impl Into<String>) -> ControlError {
    ControlError {
        status: StatusCode::BAD_REQUEST,
        error: error.into(),
        hint: hint.into(),
    }
}

fn listed(value: &impl Serialize) -> Response {
    Answer::json(StatusCode::OK, value).into_response()
}

/// A body as axum hands it over: too large a one is an error.
pub(crate) type Body = Result<Bytes, BytesRejection>;

pub(crate) fn read<T: DeserializeOwned>(body: &Body, example: &str) -> Result<T, ControlError> {
    let body = body
        .as_ref()
        .map_err(|error| wrong(error.body_text(), "send a small JSON object"))?;
    serde_json::from_slice(body).map_err(|error| {
        wrong(
            format!("the body is not understood: {error}"),
            format!("send JSON such as {example}"),
        )
    })
}

fn done() -> Answered {
    Ok(json!({ "ok": true }))
}

/// What there is.
async fn index() -> Response {
    say(Ok(json!({
        "paths": [
            "GET /_sandbox/counters", "GET /_sandbox/payments", "GET /_sandbox/requests",
            "GET /_sandbox/scenarios", "POST /_sandbox/scripts",
            "GET /_sandbox/faults", "POST /_sandbox/faults", "DELETE /_sandbox/faults",
            "POST /_sandbox/kill-tokens", "POST /_sandbox/payments/{id}/act", "POST /_sandbox/reset",
        ]
    })))
}

async fn counters(State(engine): Shared) -> Response {
    listed(&engine.with(|world| world.counters.clone()))
}

async fn payments(State(engine): Shared) -> Response {
    listed(&engine.with(|world| world.views()))
}

async fn requests(State(engine): Shared) -> Response {
    listed(&engine.with(|world| world.requests.all()))
}

fn scenarios() -> Value {
    let rows = SCENARIOS.iter().map(
        |row| json!({ "name": row.name, "phone_ending": row.phone_ending, "about": row.about }),
    );
    Value::Array(rows.collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    phone: String,
    scenario: String,
}

fn script(engine: &Engine, body: &Body) -> Answered {
    let script: Script = read(body, r#"{"phone":"254712345678","scenario":"cancel"}"#)?;
    let phone = phone_as_written(&script.phone).ok_or_else(|| {
        wrong(
            "phone is not a Kenyan mobile number",
            "254 and nine digits, as in 254712345678, or 0 and nine digits, as in 0712 345 678",
        )
    })?;
    let scenario = Scenario::from_name(&script.scenario).ok_or_else(|| {
        let names: Vec<_> = SCENARIOS.iter().map(|row| row.name).collect();
        wrong(
            format!("no scenario is called {:?}", script.scenario),
            format!("one of: {}", names.join(", ")),
        )
    })?;
    engine.with(|world| world.script(phone, scenario));
    done()
}

/// A phone number as pushes have it, from what a person writes: also with spaces, dots and hyphens, and without the zero.
fn phone_as_written(text: &str) -> Option<String> {
    let is_between = |character: char| matches!(character, ' ' | '.' | '-');
    let text = text.trim().replace(is_between, "");
    request::phone(&text).or_else(|| request::phone(&format!("0{text}")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Injection {
    step: String,
    kind: String,
    gateway: Option<String>,
    times: Option<Times>,
    seconds: Option<f64>,
    after_acting: Option<bool>,
    status: Option<u16>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Times {
    Number(u32),
    Word(String),
}

fn fault(body: &Body) -> Result<Fault, ControlError> {
    let asked: Injection = read(body, r#"{"step":"push","kind":"answer_lost","times":1}"#)?;
    let step = Step::from_name(&asked.step).ok_or_else(|| {
        wrong(
            format!("no step is called {:?}", asked.step),
            "one of: oauth, push, query, callback",
        )
    })?;
    let kind = FaultKind::from_name(&asked.kind).ok_or_else(|| {
        let names: Vec<_> = FAULTS.iter().map(|row| row.name).collect();
        wrong(
            format!("no fault is called {:?}", asked.kind),
            format!("one of: {}", names.join(", ")),
        )
    })?;
    let mut fault = Fault::new(step, kind);
    if let Some(name) = asked.gateway {
        let gateway = Gateway::from_name(&name).ok_or_else(|| {
            wrong(
                format!("no gateway is called {name:?}"),
                format!("one of: {}", Gateway::ALL.map(Gateway::name).join(", ")),
            )
        })?;
        fault = fault.gateway(gateway);
    }
    match asked.times {
        None => {}
        Some(Times::Number(times)) => fault = fault.times(times),
        Some(Times::Word(word)) if word == "forever" => fault = fault.forever(),
        Some(Times::Word(word)) => {
            return Err(wrong(
                format!("times is {word:?}"),
                "a whole number, or \"forever\"",
            ));
        }
    }
    if let Some(seconds) = asked.seconds {
        fault = fault.seconds(seconds);
    }
    if let Some(acts) = asked.after_acting {
        fault = fault.after_acting(acts);
    }
    if let Some(status) = asked.status {
        fault = fault.status(status);
    }
    fault
        .check()
        .map_err(|hint| wrong("this fault cannot be injected", hint))?;
    Ok(fault)
}

pub(crate) async fn inject(State(engine): Shared, body: Body) -> Response {
    let injected = fault(&body).and_then(|fault| {
        engine.change(|world| world.faults.add(fault));
        done()
    });
    say(injected)
}

pub(crate) async fn faults(State(engine): Shared) -> Response {
    let kinds = FAULTS
        .iter()
        .map(|row| json!({ "name": row.name, "gateway": row.gateway, "steps": row.steps, "about": row.about }));
    let waiting = engine.with(|world| json!(world.faults.all()));
    say(Ok(
        json!({ "waiting": waiting, "kinds": Value::Array(kinds.collect()) }),
    ))
}

pub(crate) async fn clear_faults(State(engine): Shared) -> Response {
    engine.change(|world| world.faults.clear());
    say(done())
}

async fn kill_tokens(State(engine): Shared) -> Response {
    engine.kill_tokens();
    say(done())
}

async fn reset(State(engine): Shared) -> Response {
    engine.reset();
    say(done())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Act {
    r#do: String,
}

async fn act(
    State(engine): Shared,
    id: Result<Path<String>, PathRejection>,
    body: Body,
) -> Response {
    let id = id.map_err(|error| wrong(error.body_text(), "GET /_sandbox/payments lists the ids"));
    say(id.and_then(|Path(id)| act_on(&engine, &id, &body)))
}

pub(crate) fn act_on(engine: &Arc<Engine>, id: &str, body: &Body) -> Answered {
    let act: Act = read(body, r#"{"do":"pay"}"#)?;
    let ending = Ending::from_name(&act.r#do).ok_or_else(|| {
        let endings = SCENARIOS
            .iter()
            .filter(|row| matches!(row.scenario, Scenario::Ends(_)));
        let names: Vec<_> = endings.map(|row| row.name).collect();
        wrong(
            format!("nobody can {:?}", act.r#do),
            format!("one of: {}", names.join(", ")),
        )
    })?;
    payment_run::act(engine, id, ending).map_err(|cannot| match cannot {
        CannotAct::Unknown => ControlError {
            status: StatusCode::NOT_FOUND,
            error: format!("no payment has the id {id}"),
            hint: "GET /_sandbox/payments lists them".to_owned(),
        },
        CannotAct::AlreadyDecided(ending) => ControlError {
            status: StatusCode::CONFLICT,
            error: format!("the payment is already decided: {}", ending.name()),
            hint: "script the phone as `manual` before the push, and act once".to_owned(),
        },
    })?;
    done()
}
