//! One push, against the same bytes posted by hand with the same HTTP library.

use crate::rounds::Comparison;
use crate::server::Server;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use lipia::{Client, Daraja, StkPush};
use serde::Deserialize;
use tokio::runtime::Runtime;

const ROUNDS: usize = 9;
const PUSHES: u32 = 3_000;

/// What a careful hand reads of the answer.
#[derive(Deserialize)]
#[allow(non_snake_case, dead_code, reason = "the wire's names, of which one is looked at")]
struct Answer {
    MerchantRequestID: String,
    CheckoutRequestID: String,
    ResponseCode: String,
    ResponseDescription: String,
    CustomerMessage: String,
}

pub fn client(base_url: &str) -> Client {
    Daraja::builder()
        .consumer_key("key")
        .consumer_secret("secret")
        .short_code("174379")
        .pass_key("bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919")
        .callback_url("https://shop.example.com/pay")
        .base_url(base_url)
        .build()
        .expect("a client")
}

fn by_hand() -> reqwest::Client {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().tcp_nodelay(true).build().expect("a client")
}

pub fn compare() {
    println!("CPU time of one push, against reqwest by hand posting the same bytes to the same server");
    let current = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let multi = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    for (kind, runtime) in [("current-thread", &current), ("multi-thread", &multi)] {
        for in_flight in [1, 32] {
            compare_on(runtime, kind, in_flight);
        }
    }
    cold(&multi);
}

fn compare_on(runtime: &Runtime, kind: &str, in_flight: usize) {
    let server = Server::start();
    let lipia = client(&server.base_url);
    let body = bytes_of_a_push(&lipia);
    let by_hand = by_hand();
    let url = format!("{}/mpesa/stkpush/v1/processrequest", server.base_url);
    let ours = |pushes: u32| {
        runtime.block_on(stream::iter(0..pushes).for_each_concurrent(in_flight, |_| async {
            lipia.stk_push(ask()).await.expect("accepted");
        }));
    };
    let theirs = |pushes: u32| {
        runtime.block_on(stream::iter(0..pushes).for_each_concurrent(in_flight, |_| async {
            let request = by_hand
                .post(&url)
                .bearer_auth("c9SQxWWhmdVRlyh0zh8gZDTkubVF")
                .header("content-type", "application/json")
                .header("accept", "application/json")
                .body(body.clone());
            let answer: Answer = request.send().await.expect("an answer").json().await.expect("JSON");
            assert_eq!(answer.ResponseCode, "0");
        }));
    };
    Comparison::of(ROUNDS, PUSHES, ours, theirs)
        .print(&format!("  {kind} runtime, {in_flight} in flight"), "asked: at most 1.15x");
}

fn ask() -> StkPush {
    StkPush::new("0712345678", 150, "INV-001").transaction_desc("Coffee")
}

/// The body of such a push, with values of the same size as Lipia's.
fn bytes_of_a_push(client: &Client) -> Bytes {
    let payment = client.reserve(ask()).expect("reserved");
    let push = payment.snapshot().push().clone();
    serde_json::to_vec(&serde_json::json!({
        "BusinessShortCode": "174379",
        "Password": "MTc0Mzc5YmZiMjc5ZjlhYTliZGJjZjE1OGU5N2RkNzFhNDY3Y2QyZTBjODkzMDU5YjEwZjc4ZTZiNzJhZGExZWQyYzkxOTIwMjYxMTIxMDkzMDAw",
        "Timestamp": "20261121093000",
        "TransactionType": "CustomerPayBillOnline",
        "Amount": push.amount.get().to_string(),
        "PartyA": push.phone_number.as_str(),
        "PartyB": "174379",
        "PhoneNumber": push.phone_number.as_str(),
        "CallBackURL": push.callback_url.as_str(),
        "AccountReference": push.account_reference.as_str(),
        "TransactionDesc": push.transaction_desc.as_str(),
    }))
    .expect("JSON")
    .into()
}

fn cold(runtime: &Runtime) {
    let server = Server::start();
    let lipia = client(&server.base_url);
    let calls = runtime.block_on(async {
        let pushes = (0..20).map(|_| lipia.stk_push(ask()));
        for accepted in futures_util::future::join_all(pushes).await {
            accepted.expect("accepted");
        }
        let answer = by_hand().get(format!("{}/tokens", server.base_url)).send().await.expect("an answer");
        answer.text().await.expect("a number")
    });
    println!("20 cold concurrent pushes{:33} {calls} OAuth call  asked: exactly 1\n", "");
}
