//! A shop that takes M-Pesa. Three routes: pay for an order, take M-Pesa's callback, ask about an order. Any number of its
//! processes share one ledger.
//!
//! ```text
//! lipia sandbox --port 8600 &
//! export MPESA_BASE_URL=http://127.0.0.1:8600 MPESA_CALLBACK_URL=http://127.0.0.1:8700/pay
//! export MPESA_CONSUMER_KEY=sandbox-key MPESA_CONSUMER_SECRET=sandbox-secret MPESA_SHORTCODE=174379
//! export MPESA_PASSKEY=bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919 PORT=8700
//! export LIPIA_LEDGER=sqlite:///tmp/shop-payments.db
//! cargo run -p example-rust-axum &
//! curl -X POST http://127.0.0.1:8700/orders/INV-001/pay -H 'content-type: application/json' \
//!      -d '{"phone_number":"0712 345 678","amount":150}'
//! curl http://127.0.0.1:8700/orders/INV-001
//! ```

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a shop that shows what it would write to its database and to its log"
)]

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use lipia::callback::Confirm;
use lipia::client::LedgerPayment;
use lipia::event::accepted_reply;
use lipia::{Client, Daraja, Error, IncomingCallback, Remedy, StkPush};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Sale {
    phone_number: String,
    amount: u32,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Daraja::from_env()?;
    client.on_outcome(told);
    let routes = Router::new()
        .route("/orders/{order}/pay", post(pay))
        .route("/orders/{order}", get(look))
        // Everything below the callback URL: the rest of the path is the payment's own token.
        .route("/pay/{token}", post(callback))
        .with_state(client);
    let port: u16 = std::env::var("PORT")
        .ok()
        .and_then(|port| port.parse().ok())
        .unwrap_or(8700);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, routes).await?;
    Ok(())
}

/// Tells the shop what became of an order: at least once, in one of its processes. A real shop writes to its database here, and
/// returns an error where that fails: it is told again then.
async fn told(payment: LedgerPayment) {
    let order = payment.order().unwrap_or_default();
    println!("{order} {} {:?}", payment.outcome(), payment.receipt());
}

/// Prompts the customer's phone for an order. A second click, in whichever process, gets the payment that there is.
async fn pay(
    State(client): State<Client>,
    Path(order): Path<String>,
    Json(sale): Json<Sale>,
) -> Response {
    let push = StkPush::new(sale.phone_number, sale.amount, order.as_str());
    match client.request(push.order(order.as_str())).await {
        Ok(payment) => (StatusCode::ACCEPTED, Json(payment.for_customer())).into_response(),
        Err(error) => refuse(&error),
    }
}

/// Shows a customer the newest payment of an order.
async fn look(State(client): State<Client>, Path(order): Path<String>) -> Response {
    match client.payments().of_order(&order).await {
        Ok(payments) => match payments.first() {
            Some(payment) => Json(payment.for_customer()).into_response(),
            None => (StatusCode::NOT_FOUND, Json(json!({ "error": "not_found" }))).into_response(),
        },
        Err(error) => refuse(&error),
    }
}

/// Takes M-Pesa's callback. 200 means that it is kept; M-Pesa sends each one once.
async fn callback(State(client): State<Client>, uri: Uri, body: Bytes) -> Response {
    let incoming = IncomingCallback::new(uri.path(), &body);
    match client.receive_callback(incoming, Confirm::Never).await {
        Ok(received) if received.is_kept() => {
            let json = [(header::CONTENT_TYPE, "application/json")];
            (json, accepted_reply()).into_response()
        }
        Err(error) if error.remedy() == Remedy::Disbelieve => StatusCode::NOT_FOUND.into_response(),
        Ok(_) | Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// Answers with what a customer's page needs of an error: its code, and the field to correct. Its sentences are for the log.
fn refuse(error: &Error) -> Response {
    eprintln!("{error}");
    let status = match error.remedy() {
        Remedy::CorrectInput => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    let shown = json!({ "error": error.code(), "field": error.field() });
    (status, Json(shown)).into_response()
}
