//! The page with a phone: its files, the headers that confine it, and the paths behind its buttons. All of it stands below the
//! sandbox's token, which only the printed address has.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{FromRequest, Request, State};
use axum::response::Response;
use axum::routing::any;
use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderValue, Method, StatusCode, Uri};
use serde::Deserialize;

use crate::engine::Engine;
use crate::local_page::access::AllowedHosts;
use crate::local_page::confine::confine;
use crate::local_page::token::PageToken;
use crate::server::control::{self, Answered, Body, Shared};
use crate::server::phone_state;
use crate::wire::answer::{Answer, HTML, PLAIN};
use crate::wire::request;

/// The first segment of the page's address.
pub(crate) const PAGE: &str = "phone";

/// How often, and after which pauses, the sandbox looks for something new to tell a page: for 15 seconds, so that a browser that
/// went away is noticed by then. A person sees no such pause, and a busy sandbox does not keep the page drawing.
const LOOKS: u32 = 300;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// How long a page holds a phone without saying so again. It says so after each wait for news.
const HOLD: Duration = Duration::from_secs(45);

/// The page, closed to web pages of other origins. One handler serves all of it: a router of its own would weigh more than the page.
pub(crate) fn routes(token: &PageToken, hosts: AllowedHosts) -> Router<Arc<Engine>> {
    let home = token.path(PAGE);
    let page =
        any(move |state: Shared, request: Request| answer(home.clone(), hosts, state, request));
    Router::new()
        .route("/phone", page.clone())
        .route("/phone/", page.clone())
        .route("/phone/{*path}", page)
}

async fn answer(home: String, hosts: AllowedHosts, state: Shared, request: Request) -> Response {
    let mut response = match control::refusal(&request, hosts) {
        Some(refusal) => refusal,
        None => match request.uri().path().strip_prefix(home.as_str()) {
            Some(path) => page(path.to_owned(), state, request).await,
            None => no_page(&home, request.uri().path()),
        },
    };
    confine(response.headers_mut());
    response
}

/// What stands at a path below the token. A change is a POST, and a POST is a change.
async fn page(path: String, state: Shared, request: Request) -> Response {
    let file =
        |content_type, text| Answer::text(StatusCode::OK, content_type, text).into_response();
    let is_read = request.method() == Method::GET || request.method() == Method::HEAD;
    match path.as_str() {
        "" if is_read => return file(HTML, include_str!("phone.html")),
        "phone.css" if is_read => {
            return file("text/css; charset=utf-8", include_str!("phone.css"));
        }
        "phone.js" if is_read => {
            return file("text/javascript; charset=utf-8", include_str!("phone.js"));
        }
        "phone.svg" if is_read => return file("image/svg+xml", include_str!("phone.svg")),
        "events" if is_read => return events(state, request.uri().clone()).await,
        "faults" if is_read => return control::faults(state).await,
        _ => {}
    }
    if request.method() != Method::POST {
        let text = "There is nothing at this address for this method.";
        return Answer::text(StatusCode::METHOD_NOT_ALLOWED, PLAIN, text).into_response();
    }
    let State(engine) = &state;
    let body: Body = Bytes::from_request(request, engine).await;
    match path.as_str() {
        "hold" => control::say(held(engine, &body)),
        "faults" => control::inject(state, body).await,
        "clear-faults" => control::clear_faults(state).await,
        other => {
            let id = other.strip_prefix("payments/");
            match id.and_then(|rest| rest.strip_suffix("/act")) {
                Some(id) => control::say(control::act_on(engine, id, &body)),
                None => no_page("", other),
            }
        }
    }
}

/// The page's files are named beside it, so its own address ends in a slash.
fn no_page(home: &str, path: &str) -> Response {
    if let Some(without_slash) = home.strip_suffix('/')
        && without_slash == path
        && let Ok(location) = HeaderValue::from_str(home)
    {
        let moved = Answer::text(StatusCode::PERMANENT_REDIRECT, PLAIN, "");
        let mut response = moved.into_response();
        response.headers_mut().insert(LOCATION, location);
        return response;
    }
    let text = "There is no page at this address. Open the address that the sandbox printed: it is another one after each start.";
    Answer::text(StatusCode::NOT_FOUND, PLAIN, text).into_response()
}

/// What the page shows: at once where it has changed since the version that the page names, or as soon as it does.
async fn events(State(engine): Shared, uri: Uri) -> Response {
    let seen = request::parameter(&uri, "after").and_then(|after| after.parse::<u64>().ok());
    for _ in 0..LOOKS {
        if Some(engine.changes()) != seen {
            break;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    // Read before the state: what changes in between is told once more, and never missed.
    let version = engine.changes();
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
fn held(engine: &Engine, body: &Body) -> Answered {
    let hold: Hold = control::read(body, r#"{"phone":"0712345678","held":true}"#)?;
    let phone = request::phone(&hold.phone).ok_or_else(|| {
        control::wrong(
            "this is not a Kenyan mobile number",
            "such as 0712345678 or 254712345678",
        )
    })?;
    let until = Instant::now() + HOLD;
    engine.with(|world| {
        if hold.held {
            world.hold(phone.clone(), until);
        } else {
            world.let_go(&phone);
        }
    });
    Ok(serde_json::json!({ "phone": phone }))
}
