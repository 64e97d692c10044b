//! The merchant's server of an app for the public: the phone has no key, and what it asks for is checked here.
//!
//! It speaks Daraja's form, so an app with Lipia has nothing of its own to write: this server's address is its `baseUrl`, the
//! user's token its credentials. It keeps callbacks for phones, too, which nobody can post to.
//!
//! ```text
//! lipia sandbox --port 8600 &
//! export MPESA_BASE_URL=http://127.0.0.1:8600 MPESA_CALLBACK_URL=http://127.0.0.1:8800/pay
//! export MPESA_CONSUMER_KEY=sandbox-key MPESA_CONSUMER_SECRET=sandbox-secret MPESA_SHORTCODE=174379
//! export MPESA_PASSKEY=bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919 PORT=8800
//! cargo run -p example-relay -- examples/relay/orders.json
//! ```

mod daraja_form;
mod letterbox;
mod shop;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use daraja_form::{PushForm, QueryForm, Refusal};
use letterbox::Letterbox;
use lipia::callback::Confirm;
use lipia::event::accepted_reply;
use lipia::payment::PaymentState;
use lipia::{Client, Daraja, IncomingCallback, StkPush};
use serde_json::Value;
use shop::Shop;
use std::sync::Arc;

/// What a callback or a request of an app's may have at most.
const MAX_BYTES: usize = 64 * 1024;

struct Relay {
    client: Client,
    shop: Shop,
    letters: Letterbox,
}

type Answer = Result<Json<Value>, Refusal>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args()
        .nth(1)
        .ok_or("Say which file has the users and the orders: examples/relay/orders.json, say.")?;
    let relay = Arc::new(Relay {
        client: Daraja::from_env()?,
        shop: Shop::read(&std::fs::read_to_string(file)?)?,
        letters: Letterbox::default(),
    });
    let routes = Router::new()
        .route("/mpesa/stkpush/v1/processrequest", post(push))
        .route("/mpesa/stkpushquery/v1/query", post(query))
        .route("/pay/{token}", post(callback))
        .route("/kept/{token}", post(keep).get(hand_out))
        .layer(DefaultBodyLimit::max(MAX_BYTES))
        .with_state(relay);
    let port: u16 = std::env::var("PORT")
        .ok()
        .and_then(|port| port.parse().ok())
        .unwrap_or(8800);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, routes).await?;
    Ok(())
}

/// The app's push. What it says is a wish: who asks is told by the token, what it costs by the order, whose phone rings by the
/// user; short code, password, timestamp and callback URL are this server's own.
async fn push(State(relay): State<Arc<Relay>>, headers: HeaderMap, body: Bytes) -> Answer {
    let user = relay.shop.user(token(&headers))?;
    let wish: PushForm = daraja_form::read(&body)?;
    let payment = relay.shop.claim(user, &wish, |amount| {
        let reference = wish.account_reference.as_str();
        relay
            .client
            .reserve(StkPush::new(&user.phone_number, amount, reference))
    })?;
    relay
        .letters
        .forward(payment.id().as_str(), &wish.call_back_url);
    // It goes on where the app hangs up, and the order has the payment.
    let acceptance = relay.client.push(&payment).await?;
    Ok(Json(daraja_form::accepted(&acceptance)))
}

/// The app's question: about its own user's prompts alone.
async fn query(State(relay): State<Arc<Relay>>, headers: HeaderMap, body: Bytes) -> Answer {
    let user = relay.shop.user(token(&headers))?;
    let QueryForm {
        checkout_request_id,
    } = daraja_form::read(&body)?;
    let payment = relay.shop.prompted(user, &checkout_request_id)?.snapshot();
    // The callback was here already.
    if let (PaymentState::Settled, Some(code)) = (payment.state(), payment.result_code()) {
        let outcome = payment.outcome().as_str();
        return Ok(Json(daraja_form::ended(
            &checkout_request_id,
            code,
            outcome,
        )));
    }
    let status = relay.client.stk_query(&checkout_request_id).await?;
    daraja_form::told(&checkout_request_id, &status).map(Json)
}

/// M-Pesa calls here. The phone gets what was believed, by the URL that it named for itself.
async fn callback(State(relay): State<Arc<Relay>>, uri: Uri, body: Bytes) -> impl IntoResponse {
    let incoming = IncomingCallback::new(uri.path(), &body);
    if let Ok(received) = relay
        .client
        .receive_callback(incoming, Confirm::Never)
        .await
    {
        relay.letters.deliver(received.payment_id.as_str(), body);
    }
    accepted()
}

/// M-Pesa calls here for a till that has keys of its own, and named this URL, with a secret of its own in it.
async fn keep(
    State(relay): State<Arc<Relay>>,
    Path(token): Path<String>,
    body: Bytes,
) -> impl IntoResponse {
    relay.letters.keep(&token, body);
    accepted()
}

/// The phone asks at the payment's own URL, which it alone knows.
async fn hand_out(State(relay): State<Arc<Relay>>, Path(token): Path<String>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    match relay.letters.letter(&token) {
        Some(body) => (headers, body).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn accepted() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "application/json")],
        accepted_reply(),
    )
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ")
}
