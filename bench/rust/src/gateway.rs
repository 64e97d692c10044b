//! A gateway that accepts everything at once, so that the client alone is measured.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::json;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

static TOKENS: AtomicU64 = AtomicU64::new(0);
static PUSHES: AtomicU64 = AtomicU64::new(0);
/// How long a token takes: nothing, or long enough for a herd to gather at the door.
static TOKEN_MILLISECONDS: AtomicU64 = AtomicU64::new(0);

/// Serves until the process that started it ends; prints its port first.
pub fn serve() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        println!("{}", listener.local_addr().expect("an address").port());
        crate::end_with_parent();
        loop {
            let Ok((socket, _)) = listener.accept().await else {
                // Out of sockets: some will close.
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            };
            let _ = socket.set_nodelay(true);
            tokio::spawn(async move {
                let connection = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(socket), service_fn(answer));
                let _ = connection.await;
            });
        }
    });
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    // A connection that stays must be read to the end of the request.
    let asked = body
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    let (status, body) = match parts.uri.path() {
        "/oauth/v1/generate" => {
            TOKENS.fetch_add(1, Ordering::Relaxed);
            let milliseconds = TOKEN_MILLISECONDS.load(Ordering::Relaxed);
            if milliseconds > 0 {
                tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            }
            (200, TOKEN.to_owned())
        }
        "/mpesa/stkpush/v1/processrequest" => {
            // Each push has an id of its own: a client never takes another payment's for its acceptance.
            let number = PUSHES.fetch_add(1, Ordering::Relaxed);
            (200, acceptance(number))
        }
        "/mpesa/stkpushquery/v1/query" => (500, IN_FLIGHT.to_owned()),
        // What the driver asks, and tells.
        "/bench/counters" => (200, counters()),
        "/bench/token-milliseconds" => match std::str::from_utf8(&asked)
            .ok()
            .and_then(|number| number.parse().ok())
        {
            Some(milliseconds) => {
                TOKEN_MILLISECONDS.store(milliseconds, Ordering::Relaxed);
                (200, counters())
            }
            None => (400, "{}".to_owned()),
        },
        _ => (404, "{}".to_owned()),
    };
    let response = Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Full::from(body));
    Ok(response.unwrap_or_default())
}

fn counters() -> String {
    json!({ "tokens": TOKENS.load(Ordering::Relaxed), "pushes": PUSHES.load(Ordering::Relaxed) })
        .to_string()
}

const TOKEN: &str = r#"{"access_token":"c9SQxWWhmdVRlyh0zh8gZDTkubVF","expires_in":"3599"}"#;

/// The acceptance of a push, by the push's number.
fn acceptance(number: u64) -> String {
    format!(
        r#"{{"MerchantRequestID":"29115-34620561-1","CheckoutRequestID":"ws_CO_1912201910{number:010}","ResponseCode":"0","ResponseDescription":"Success. Request accepted for processing","CustomerMessage":"Success. Request accepted for processing"}}"#
    )
}

const IN_FLIGHT: &str = r#"{"requestId":"1","errorCode":"500.001.1001","errorMessage":"The transaction is being processed"}"#;
