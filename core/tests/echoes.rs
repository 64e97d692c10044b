//! Gateways that repeat what they were sent: nothing secret of it reaches an error, a saved payment or a status.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lipia::{Client, Daraja, PalPluss, StkPush, UpesiPay};
use serde_json::{Value, json};
use support::{Play, RawServer, Seen};

const KEY: &str = "ckey-5f1d9b-0a7c";
const SECRET: &str = "csecret-77e0c2-9e41";
const PASS_KEY: &str = "9f2c41d07ab54e86b0d3c5a7e8f1924b";
const TOKEN: &str = "SGWcJPtNtYNPGm6uSYR9yPYrAI3Bm";
const API_KEY: &str = "pp_live_0123456789abcdef";
const CALLBACK_URL: &str = "https://shop.example/pay/Zk3qP0vT8sLw2XyR7nBd5A";
const PHONE: &str = "0712345678";

/// All that a request holds, in the ways in which a careless gateway would repeat it, in lines of their own.
fn echo(seen: &Seen) -> String {
    let header = seen.header("authorization").unwrap_or_default();
    let body: Value = serde_json::from_str(&seen.body).unwrap_or_default();
    let members: Vec<String> = body
        .as_object()
        .map(|members| members.values().map(ToString::to_string).collect())
        .unwrap_or_default();
    format!(
        "Refused {header}\r\n{}\r\n{}\n{}",
        members.join(" "),
        STANDARD.encode(header),
        seen.body
    )
}

/// A gateway that refuses a step with the echo in each place where it has words: in the code, the message, and the id.
async fn echoing(status: u16, accepts: bool) -> RawServer {
    RawServer::start(move |seen| {
        if seen.is_oauth() {
            return Play::json(200, &json!({"access_token": TOKEN, "expires_in": "3599"}).to_string());
        }
        let words = echo(seen);
        let body = if accepts {
            json!({
                "MerchantRequestID": "29115-34620561-1", "CheckoutRequestID": "ws_CO_2811202621000012",
                "ResponseCode": "0", "ResponseDescription": words, "CustomerMessage": words,
            })
        } else {
            json!({
                "requestId": words, "errorCode": format!("400.002.02\n{words}"), "errorMessage": words,
                "success": false, "error": {"code": format!("NOPE {words}"), "message": words}, "error_message": words,
                "message": words, "error_code": words, "request_id": words,
            })
        };
        Play::json(status, &body.to_string())
    })
    .await
}

fn clients(base_url: &str) -> Vec<Client> {
    vec![
        Daraja::builder()
            .consumer_key(KEY)
            .consumer_secret(SECRET)
            .pass_key(PASS_KEY)
            .short_code("600999")
            .environment("sandbox")
            .callback_url(CALLBACK_URL)
            .base_url(base_url)
            .build()
            .unwrap(),
        PalPluss::builder()
            .api_key(API_KEY)
            .callback_url(CALLBACK_URL)
            .base_url(base_url)
            .build()
            .unwrap(),
        UpesiPay::builder()
            .auth_token(API_KEY)
            .channel_id("911")
            .callback_url(CALLBACK_URL)
            .base_url(base_url)
            .build()
            .unwrap(),
    ]
}

fn assert_clean(what: &str, text: &str, allowed: &[&str]) {
    for secret in [
        KEY,
        SECRET,
        PASS_KEY,
        TOKEN,
        API_KEY,
        "Zk3qP0vT8sLw2XyR7nBd5A",
        "712345678",
        &STANDARD.encode(format!("{KEY}:{SECRET}")),
        &STANDARD.encode(format!("{API_KEY}:")),
        "\r",
        "\n",
    ] {
        if !allowed.contains(&secret) {
            assert!(!text.contains(secret), "{what} shows {secret:?}: {text}");
        }
    }
    // A password begins with the short code and the pass key, in base64.
    let password = STANDARD.encode(format!("600999{PASS_KEY}"));
    assert!(!text.contains(&password[..24]), "{what}: {text}");
}

#[tokio::test]
async fn an_error_repeats_nothing_secret() {
    for status in [200, 400, 401, 403, 404, 422, 429, 500, 503] {
        let server = echoing(status, false).await;
        for client in clients(&server.base_url) {
            let client = client.with_options(
                lipia::client::CallOptions::default()
                    .timeout(std::time::Duration::from_millis(900)),
            );
            let what = format!("{} under {status}", client.gateway());
            let payment = client.reserve(StkPush::new(PHONE, 150, "INV-017")).unwrap();
            let Err(error) = client.push(&payment).await else {
                continue;
            };
            assert_clean(&what, &error.to_string(), &[]);
            assert_clean(&what, &format!("{error:?}"), &[]);
            assert_clean(&what, error.code(), &[]);
            assert_clean(&what, &serde_json::to_string(&error).unwrap(), &[]);
            assert!(
                error.message().len() < 700,
                "{what}: {}",
                error.message().len()
            );
            // The saved payment has the customer's number and its callback URL as fields of its own, and nowhere else.
            let mut saved: Value = serde_json::from_str(&payment.to_json()).unwrap();
            saved["push"] = Value::Null;
            assert_clean(&what, &saved.to_string(), &[]);
        }
    }
}

#[tokio::test]
async fn an_acceptance_repeats_nothing_secret() {
    let server = echoing(200, true).await;
    let client = clients(&server.base_url).remove(0);
    let payment = client.reserve(StkPush::new(PHONE, 150, "INV-017")).unwrap();
    let acceptance = client.push(&payment).await.unwrap();
    assert_clean(
        "the acceptance",
        &serde_json::to_string(&acceptance).unwrap(),
        &[],
    );
    let shown = acceptance.description.unwrap();
    assert!(
        shown.contains("INV-017") && shown.contains("150"),
        "{shown}"
    );
}
