//! Runs the shop as its own process against the sandbox, and buys something.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where it fails"
)]

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use lipia_sandbox::{CONSUMER_KEY, CONSUMER_SECRET, PASS_KEY, SHORT_CODE, Sandbox, SandboxOptions};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

struct Shop {
    process: Child,
    url: String,
    http: Client<HttpConnector, Full<Bytes>>,
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Shop {
    /// A process of the shop, whose payments lie in that file.
    fn open(sandbox: &Sandbox, ledger: &Path) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let url = format!("http://127.0.0.1:{port}");
        let process = Command::new(env!("CARGO_BIN_EXE_example-rust-axum"))
            .env("PORT", port.to_string())
            .env("MPESA_BASE_URL", sandbox.base_url())
            .env("MPESA_CALLBACK_URL", format!("{url}/pay"))
            .env("MPESA_CONSUMER_KEY", CONSUMER_KEY)
            .env("MPESA_CONSUMER_SECRET", CONSUMER_SECRET)
            .env("MPESA_SHORTCODE", SHORT_CODE)
            .env("MPESA_PASSKEY", PASS_KEY)
            .env("MPESA_ENVIRONMENT", "sandbox")
            .env("LIPIA_LEDGER", format!("sqlite://{}", ledger.display()))
            .spawn()
            .unwrap();
        Self {
            process,
            url,
            http: Client::builder(TokioExecutor::new()).build_http(),
        }
    }

    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        for _ in 0..200 {
            let text = body.as_ref().map(Value::to_string).unwrap_or_default();
            let request = Request::builder()
                .method(method)
                .uri(format!("{}{path}", self.url))
                .header("content-type", "application/json")
                .body(Full::from(text))
                .unwrap();
            if let Ok(response) = self.http.request(request).await {
                let status = response.status().as_u16();
                let body = response.into_body().collect().await.unwrap().to_bytes();
                return (status, serde_json::from_slice(&body).unwrap());
            }
            // The shop is still opening.
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the shop never opened");
    }
}

#[tokio::test]
async fn an_order_is_paid_once_and_its_outcome_is_known_in_every_process() {
    let options = SandboxOptions::default()
        .time_scale(200.0)
        .token_lifetime_seconds(3_000_000);
    let sandbox = Sandbox::start(options).await.unwrap();
    let folder = std::env::temp_dir().join(format!("lipia-axum-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let ledger = folder.join("payments.db");
    let shops = [Shop::open(&sandbox, &ledger), Shop::open(&sandbox, &ledger)];
    let sale = json!({ "phone_number": "0712 345 678", "amount": 150 });
    // The customer is impatient, presses the button twice, and meets both processes.
    for shop in &shops {
        let (status, shown) = shop
            .call("POST", "/orders/INV-001/pay", Some(sale.clone()))
            .await;
        assert_eq!(status, 202, "{shown}");
    }
    for shop in &shops {
        let mut seen = Value::Null;
        for _ in 0..400 {
            seen = shop.call("GET", "/orders/INV-001", None).await.1;
            if seen["outcome"] == "success" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        assert_eq!(seen["outcome"], "success", "{seen}");
    }
    assert_eq!(sandbox.counters().prompts, 1);
    assert_eq!(shops[0].call("GET", "/orders/INV-009", None).await.0, 404);

    let bad = json!({ "phone_number": "07123", "amount": 150 });
    let (status, refused) = shops[0]
        .call("POST", "/orders/INV-002/pay", Some(bad))
        .await;
    assert_eq!(
        (status, refused["field"].as_str()),
        (422, Some("phone_number"))
    );
    sandbox.stop().await;
    drop(shops);
    std::fs::remove_dir_all(&folder).unwrap();
}
