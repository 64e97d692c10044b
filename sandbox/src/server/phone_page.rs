//! The page with a phone: its files, the headers that confine it, and the paths behind its buttons. All of it stands below the
//! sandbox's token, which only the printed address has.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue, StatusCode, Uri};
use serde::Deserialize;

use crate::engine::Engine;
use crate::server::control::{self, Answered, Body, Shared};
use crate::server::phone_state;
use crate::values::page_token::PageToken;
use crate::wire::answer::{Answer, HTML, PLAIN};
use crate::wire::request;

/// The page's own files are all that it may load, and the sandbox all that it may speak to.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 4] = [
    (CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (CACHE_CONTROL, "no-store"),
];

/// How long a page waits for news at most. A browser that went away is noticed by then.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// What happens within this time of a change is told with it, so that a busy sandbox does not keep a page drawing.
const GATHERED: Duration = Duration::from_millis(40);

/// How long a page holds a phone without saying so again. It says so after each wait for news.
const HOLD: Duration = Duration::from_secs(45);

/// The page, closed to web pages of other origins.
pub(crate) fn routes(token: &PageToken) -> Router<Arc<Engine>> {
    let home = token.path();
    let below = |path: &str| format!("{home}{path}");
    let without_slash = home.trim_end_matches('/').to_owned();
    let redirect = home.clone();
    Router::new()
        .route(&home, file(HTML, include_str!("phone.html")))
        .route(
            &below("phone.css"),
            file("text/css; charset=utf-8", include_str!("phone.css")),
        )
        .route(
            &below("phone.js"),
            file("text/javascript; charset=utf-8", include_str!("phone.js")),
        )
        .route(
            &below("phone.svg"),
            file("image/svg+xml", include_str!("phone.svg")),
        )
        .route(&below("events"), get(events))
        .route(&below("hold"), post(hold))
        .route(&below("payments/{id}/act"), post(control::act))
        .route(&below("faults"), get(control::faults).post(control::inject))
        .route(&below("clear-faults"), post(control::clear_faults))
        .route(
            &without_slash,
            get(|| async move { Redirect::permanent(&redirect) }),
        )
        .route("/phone", get(no_page))
        .route("/phone/", get(no_page))
        .route("/phone/{*other}", get(no_page))
        .layer(from_fn(control::admit))
        .layer(from_fn(confine))
}

fn file(
    content_type: &'static str,
    text: &'static str,
) -> axum::routing::MethodRouter<Arc<Engine>> {
    get(move || async move { Answer::text(StatusCode::OK, content_type, text).into_response() })
}

async fn confine(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn no_page() -> Response {
    let text = "There is no page at this address. Open the address that the sandbox printed: it is another one after each start.";
    Answer::text(StatusCode::NOT_FOUND, PLAIN, text).into_response()
}

/// What the page shows: at once where it has changed since the version that the page names, or as soon as it does.
async fn events(State(engine): Shared, uri: Uri) -> Response {
    let seen = request::parameter(&uri, "after").and_then(|after| after.parse::<u64>().ok());
    let mut changes = engine.changes();
    if *changes.borrow_and_update() == seen.unwrap_or_default() {
        let changed = tokio::time::timeout(LONGEST_WAIT, changes.changed()).await;
        if changed.is_ok() {
            tokio::time::sleep(GATHERED).await;
        }
    }
    let version = *changes.borrow_and_update();
    let state = phone_state::state(&engine, version);
    Answer::json(StatusCode::OK, &state).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hold {
    phone: String,
    held: bool,
}

/// Gives a phone into the hands of the person at the page, or takes it back.
async fn hold(State(engine): Shared, body: Body) -> Response {
    control::say(held(&engine, &body))
}

fn held(engine: &Engine, body: &Body) -> Answered {
    let hold: Hold = control::read(body, r#"{"phone":"0712345678","held":true}"#)?;
    let phone = request::phone(&hold.phone).ok_or_else(|| {
        control::wrong(
            "this is not a Kenyan mobile number",
            "such as 0712345678 or 254712345678",
        )
    })?;
    engine.with(|world| {
        if hold.held {
            world.hold(phone.clone(), Instant::now() + HOLD);
        } else {
            world.let_go(&phone);
        }
    });
    Ok(serde_json::json!({ "phone": phone }))
}
