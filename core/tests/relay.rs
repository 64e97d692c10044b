//! An app for the public: no keys of any gateway, but a token for the merchant's own server, which speaks Daraja's form.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::payment::PaymentState;
use lipia::values::ShortCode;
use lipia::{Client, Credentials, Daraja, Outcome, Secret};
use std::sync::Arc;
use support::{NO_SHOP, PAYS, Play, RawServer, Script, Seen, in_short, sale};

fn access(token: &str) -> Option<Credentials> {
    let short_code = ShortCode::parse("600999").unwrap();
    Some(Credentials::access_token(Secret::new(token), short_code))
}

fn client(server: &RawServer, script: Arc<Script>) -> Client {
    Daraja::builder()
        .credentials_provider(script)
        .callback_url(NO_SHOP)
        .base_url(&server.base_url)
        .build()
        .unwrap()
}

/// The merchant's server takes one token, and answers as Daraja does.
async fn server(token: &'static str, refusal: fn() -> Play) -> RawServer {
    RawServer::start(move |seen| {
        if seen.header("authorization") != Some(&format!("Bearer {token}")) {
            refusal()
        } else if seen.is_push() {
            Play::acceptance()
        } else {
            let body = body(seen);
            let id = body.get("CheckoutRequestID").unwrap().as_str().unwrap();
            Play::json(
                200,
                &format!(r#"{{"ResponseCode":"0","CheckoutRequestID":"{id}","ResultCode":"0","ResultDesc":"ok"}}"#),
            )
        }
    })
    .await
}

fn invalid_token() -> Play {
    Play::json(
        401,
        r#"{"requestId":"1","errorCode":"401.002.01","errorMessage":"Invalid Access Token"}"#,
    )
}

fn bare_401() -> Play {
    Play::json(401, r#"{"detail":"sign in again"}"#)
}

fn body(seen: &Seen) -> serde_json::Value {
    serde_json::from_str(&seen.body).unwrap()
}

#[tokio::test]
async fn a_push_and_a_query_carry_the_token_and_no_password() {
    let server = server("app-token-1", invalid_token).await;
    let script = Script::new([access("app-token-1")]);
    let client = client(&server, Arc::clone(&script));
    let payment = client.reserve(sale(PAYS)).unwrap();
    let acceptance = client.push(&payment).await.unwrap();
    let status = client.stk_query(acceptance.id()).await;
    assert_eq!(status.unwrap().outcome, Outcome::Success);
    let seen = server.seen();
    assert_eq!((seen.len(), script.asked()), (2, 1), "no OAuth call");
    for request in &seen {
        let body = body(request);
        assert!(body.get("Password").is_none(), "{body}");
        assert_eq!(body["BusinessShortCode"], "600999");
    }
    let push = body(seen.first().unwrap());
    assert_eq!(push["PartyB"], "600999");
    assert_eq!(push["Amount"], "150");
    assert!(!format!("{client:?} {payment:?}").contains("app-token"));
}

#[tokio::test]
async fn a_refused_token_is_sent_once_and_the_next_call_has_another() {
    for refusal in [invalid_token as fn() -> Play, bare_401] {
        let server = server("app-token-2", refusal).await;
        let script = Script::new([access("app-token-1"), access("app-token-2")]);
        let client = client(&server, Arc::clone(&script));
        let payment = client.reserve(sale(PAYS)).unwrap();
        let error = client.push(&payment).await.unwrap_err();
        assert_eq!(in_short(&error), "rejected authentication");
        assert_eq!(error.http_status(), Some(401));
        assert!(!format!("{error} {error:?}").contains("app-token"));
        assert_eq!((server.pushes(), script.asked()), (1, 1));
        assert_eq!(payment.snapshot().state(), PaymentState::Reserved);
        client.push(&payment).await.unwrap();
        assert_eq!((server.pushes(), script.asked()), (2, 2));
    }
}
