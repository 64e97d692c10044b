//! The pace of questions for one key, shared by processes through a ledger's file.

use crate::child;
use crate::folder::Folder;
use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use lipia::guard::QuestionPace;
use lipia::{Daraja, WaitOptions};
use lipia_sandbox::{CONSUMER_KEY, CONSUMER_SECRET, PASS_KEY, SHORT_CODE};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

const GATEWAY: &str = "LIPIA_TEST_GATEWAY";
const MOST: usize = 5;
const WITHIN: Duration = Duration::from_millis(500);
const WAITS: usize = 50;

/// Waits for fifty prompts at once as a shop's process does, and tells each that is known in the end.
pub async fn wait(file: &Path) {
    let most = u32::try_from(MOST).unwrap();
    let client = Daraja::builder()
        .consumer_key(CONSUMER_KEY)
        .consumer_secret(CONSUMER_SECRET)
        .short_code(SHORT_CODE)
        .pass_key(PASS_KEY)
        .base_url(std::env::var(GATEWAY).unwrap())
        .ledger_at(format!("sqlite://{}", file.display()))
        .question_pace(QuestionPace::new(most, WITHIN))
        .build()
        .unwrap();
    let options = WaitOptions::default()
        .timeout(Duration::from_secs(40))
        .query(Duration::ZERO, Duration::from_secs(60));
    let waits = (0..WAITS).map(|number| {
        let client = client.clone();
        async move { client.wait_by_id(&format!("ws_CO_{number}"), options).await }
    });
    for known in futures_util::future::join_all(waits).await {
        child::tell(known.unwrap().outcome.as_str());
    }
}

type Times = Arc<Mutex<Vec<Instant>>>;

/// A Daraja that notes when it was asked, and answers that the prompt was paid.
async fn answer(
    State(times): State<Times>,
    uri: Uri,
    body: String,
) -> ([(&'static str, &'static str); 1], String) {
    let answer = if uri.path().contains("oauth") {
        json!({"access_token": "token", "expires_in": "3599"})
    } else {
        times.lock().unwrap().push(Instant::now());
        let asked: Value = serde_json::from_str(&body).unwrap();
        json!({
            "ResponseCode": "0",
            "ResponseDescription": "ok",
            "MerchantRequestID": "1",
            "CheckoutRequestID": asked.get("CheckoutRequestID"),
            "ResultCode": "0",
            "ResultDesc": "ok",
        })
    };
    ([("content-type", "application/json")], answer.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_waits_of_two_processes_ask_no_faster_than_the_key_may() {
    let folder = Folder::new();
    let times = Times::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new()
        .fallback(answer)
        .with_state(Arc::clone(&times));
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let children: Vec<_> = (0..2)
        .map(|_| {
            let mut command = child::command("wait", folder.file());
            command.env(GATEWAY, &address).spawn().unwrap()
        })
        .collect();
    let outputs = tokio::task::spawn_blocking(move || {
        let outputs = children
            .into_iter()
            .map(|child| child.wait_with_output().unwrap());
        outputs.collect::<Vec<_>>()
    });
    for output in outputs.await.unwrap() {
        assert!(output.status.success(), "{output:?}");
        let output = String::from_utf8(output.stdout).unwrap();
        assert_eq!(child::told(&output), vec!["success"; WAITS]);
    }
    server.abort();
    let times = times.lock().unwrap().clone();
    assert_eq!(times.len(), 2 * WAITS);
    for (first, last) in times.iter().zip(times.iter().skip(MOST)) {
        let took = last.duration_since(*first);
        assert!(took >= WITHIN, "{} questions within {took:?}", MOST + 1);
    }
}
