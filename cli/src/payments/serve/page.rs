//! The paths of the page: its files, what it reads, and what it changes. All of it stands below a token, which only the printed
//! address has.

use super::answer::{Answered, Refused, say, text};
use super::find::{Asked, find};
use super::{Shared, change, view};
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Query, Request, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;
use lipia_sandbox::local_page::access::admit;
use lipia_sandbox::local_page::confine::confine;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// How large the body of a change may be, in bytes.
const MAX_BODY: usize = 4 * 1024;

const PLAIN: &str = "text/plain; charset=utf-8";

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new().fallback(answer).with_state(shared)
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let admitted = admit(request.method(), request.headers(), shared.hosts);
    let path = request.uri().path();
    let below = path.strip_prefix(shared.home.as_str()).map(str::to_owned);
    let mut response = match (admitted, below) {
        (Err(refused), _) => {
            let (error, hint) = refused.sentences();
            say(Err(Refused::new(refused.status(), error, hint)))
        }
        (Ok(()), Some(below)) => page(&below, &shared, request).await,
        (Ok(()), None) => no_page(&shared.home, path),
    };
    confine(response.headers_mut());
    response
}

/// What stands at a path below the token. A change is a POST, and a POST is a change.
async fn page(path: &str, shared: &Shared, request: Request) -> Response {
    let file = |content_type, content: &str| text(StatusCode::OK, content_type, content);
    let is_read = request.method() == Method::GET || request.method() == Method::HEAD;
    match path {
        "" if is_read => file("text/html; charset=utf-8", include_str!("page.html")),
        "page.css" if is_read => file("text/css; charset=utf-8", include_str!("page.css")),
        "page.js" if is_read => file("text/javascript; charset=utf-8", include_str!("page.js")),
        "page.svg" if is_read => file("image/svg+xml", include_str!("page.svg")),
        "summary" if is_read => say(view::summary(shared).await),
        "list" if is_read => say(match query::<Asked>(&request) {
            Ok(asked) => find(&shared.ledger, asked).await,
            Err(refused) => Err(refused),
        }),
        "payment" if is_read => say(match query::<Named>(&request) {
            Ok(named) => view::story(shared, &named.id).await,
            Err(refused) => Err(refused),
        }),
        "ask" | "resolve" | "release" if request.method() == Method::POST => {
            say(changed(path, shared, request).await)
        }
        "" | "page.css" | "page.js" | "page.svg" | "summary" | "list" | "payment" | "ask"
        | "resolve" | "release" => {
            let said = "There is nothing at this address for this method.";
            text(StatusCode::METHOD_NOT_ALLOWED, PLAIN, said)
        }
        _ => no_page("", path),
    }
}

/// A payment that a request names.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    id: String,
}

fn query<T: DeserializeOwned>(request: &Request) -> Result<T, Refused> {
    let read = Query::<T>::try_from_uri(request.uri());
    read.map(|Query(value)| value).map_err(|error| {
        let what = format!("The query of this address is not understood: {error}.");
        Refused::new(StatusCode::BAD_REQUEST, &what, "Load the page again.")
    })
}

async fn changed(path: &str, shared: &Shared, request: Request) -> Answered {
    if !shared.rights.change {
        return Err(Refused::new(
            StatusCode::FORBIDDEN,
            "This page only reads.",
            "Start `lipia payments serve` with --allow-changes.",
        ));
    }
    let Ok(body) = to_bytes(request.into_body(), MAX_BODY).await else {
        let what = "The body is over 4 KiB, or did not come whole.";
        return Err(Refused::new(StatusCode::BAD_REQUEST, what, ""));
    };
    match path {
        "ask" => change::ask(shared, read(&body)?).await,
        "resolve" => change::resolve(shared, read(&body)?).await,
        _ => change::release(shared, read(&body)?).await,
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|error| {
        let what = format!("The body is not understood: {error}.");
        Refused::new(StatusCode::BAD_REQUEST, &what, "Load the page again.")
    })
}

/// The page's files are named beside it, so its own address ends in a slash.
fn no_page(home: &str, path: &str) -> Response {
    if let Some(without_slash) = home.strip_suffix('/')
        && without_slash == path
        && let Ok(location) = HeaderValue::from_str(home)
    {
        let mut response = text(StatusCode::PERMANENT_REDIRECT, PLAIN, "");
        response.headers_mut().insert(LOCATION, location);
        return response;
    }
    let said = "There is no page at this address. Open the address that the command printed: it is another one after each start.";
    text(StatusCode::NOT_FOUND, PLAIN, said)
}
