//! A shop that takes M-Pesa. Three routes: place an order, take M-Pesa's callback, ask about an order.
//!
//! ```text
//! lipia sandbox --port 8600 &
//! export MPESA_BASE_URL=http://127.0.0.1:8600 MPESA_CALLBACK_URL=http://127.0.0.1:8700/pay
//! export MPESA_CONSUMER_KEY=sandbox-key MPESA_CONSUMER_SECRET=sandbox-secret MPESA_SHORTCODE=174379
//! export MPESA_PASSKEY=bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919 PORT=8700
//! cargo run -p example-rust-axum &
//! curl -X POST http://127.0.0.1:8700/orders -H 'content-type: application/json' \
//!      -d '{"order":"INV-001","phone_number":"0712 345 678","amount":150}'
//! curl http://127.0.0.1:8700/orders/INV-001
//! ```

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use lipia::callback::Confirm;
use lipia::event::accepted_reply;
use lipia::{Client, Daraja, Error, IncomingCallback, PaymentHandle, StkPush, WaitOptions};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

struct Shop {
    client: Client,
    /// A real shop saves `payment.to_json()` with the order, in its database.
    orders: Mutex<HashMap<String, PaymentHandle>>,
}

#[derive(Deserialize)]
struct Order {
    order: String,
    phone_number: String,
    amount: u32,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let shop = Arc::new(Shop {
        client: Daraja::from_env()?,
        orders: Mutex::default(),
    });
    let routes = Router::new()
        .route("/orders", post(place))
        .route("/orders/{order}", get(look))
        // Everything below the callback URL: the rest of the path is the payment's own token.
        .route("/pay/{token}", post(callback))
        .with_state(shop);
    let port: u16 = std::env::var("PORT")
        .ok()
        .and_then(|port| port.parse().ok())
        .unwrap_or(8700);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, routes).await?;
    Ok(())
}

/// Places an order and prompts the phone. The same order placed twice is one payment: that is the shop's half of
/// "never prompt twice for one sale".
async fn place(State(shop): State<Arc<Shop>>, Json(order): Json<Order>) -> Response {
    let payment = {
        let mut orders = shop.orders();
        match orders.entry(order.order.clone()) {
            Entry::Occupied(known) => {
                return (StatusCode::OK, Json(describe(known.get()))).into_response();
            }
            Entry::Vacant(new) => {
                match shop.client.reserve(StkPush::new(
                    order.phone_number,
                    order.amount,
                    order.order,
                )) {
                    Ok(payment) => new.insert(payment).clone(),
                    Err(error) => return refuse(&error),
                }
            }
        }
    };
    let answer = (StatusCode::ACCEPTED, Json(describe(&payment))).into_response();
    // The customer's phone rings now; nobody has to hold a connection open for the minute that may take.
    tokio::spawn(async move {
        if let Err(error) = shop
            .client
            .collect_payment(&payment, WaitOptions::default())
            .await
        {
            // `unknown` is not `failed`: the order stays open, and is asked about again later.
            let _ = error.disposition();
        }
    });
    answer
}

async fn look(State(shop): State<Arc<Shop>>, Path(order): Path<String>) -> Response {
    match shop.orders().get(&order) {
        Some(payment) => Json(describe(payment)).into_response(),
        None => (
            StatusCode::NOT_FOUND,
            Json(json!({ "error": "there is no such order" })),
        )
            .into_response(),
    }
}

/// M-Pesa calls here. It gets its answer whatever we think of what it said: it would not know what to do with
/// another one.
async fn callback(State(shop): State<Arc<Shop>>, uri: Uri, body: Bytes) -> impl IntoResponse {
    // What was not believed changed nothing, and is for the log.
    let _ = shop
        .client
        .receive_callback(IncomingCallback::new(uri.path(), &body), Confirm::Never)
        .await;
    (
        [(header::CONTENT_TYPE, "application/json")],
        accepted_reply(),
    )
}

fn describe(payment: &PaymentHandle) -> Value {
    let payment = payment.snapshot();
    json!({
        "state": payment.state(),
        "outcome": payment.outcome(),
        "paid": payment.is_paid(),
        "receipt": payment.receipt(),
        "tell_the_customer": payment.outcome().customer_message().en,
    })
}

fn refuse(error: &Error) -> Response {
    (
        StatusCode::UNPROCESSABLE_ENTITY,
        Json(json!({ "error": error })),
    )
        .into_response()
}

impl Shop {
    fn orders(&self) -> MutexGuard<'_, HashMap<String, PaymentHandle>> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
