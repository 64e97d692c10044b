//! Questions paced by key, over HTTP: a gateway that counts them never has to say "slow down".

#![allow(
    clippy::unwrap_used,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use futures_util::future::join_all;
use lipia::guard::QuestionPace;
use lipia::ledger::{LedgerStore, MemoryLedger};
use lipia::values::SystemClock;
use lipia::{Client, PaymentHandle, StkPush, WaitOptions};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::*;

const WITHIN: Duration = Duration::from_millis(400);

/// What the gateway saw, and what it refused.
#[derive(Default)]
struct Counts {
    asked: Mutex<VecDeque<Instant>>,
    pushes: AtomicUsize,
    refused: AtomicUsize,
}

impl Counts {
    fn questions(&self) -> Vec<Instant> {
        self.asked.lock().unwrap().iter().copied().collect()
    }
}

fn member(body: &str, name: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(body).unwrap();
    json.get(name).unwrap().as_str().unwrap().to_owned()
}

/// A Daraja that answers `most` questions within [`WITHIN`] with "paid", and every further one with 429.
async fn counting(most: usize, retry_after: &'static str) -> (RawServer, Arc<Counts>) {
    let counts = Arc::<Counts>::default();
    let server = RawServer::start({
        let counts = Arc::clone(&counts);
        move |seen| {
            if seen.is_oauth() {
                return Play::token();
            }
            if seen.is_push() && !seen.head.contains("stkpushquery") {
                let number = counts.pushes.fetch_add(1, Ordering::SeqCst);
                return Play::json(
                    200,
                    &format!(
                        r#"{{"MerchantRequestID":"1-2-{number}","CheckoutRequestID":"ws_CO_{number}","ResponseCode":"0","ResponseDescription":"Success","CustomerMessage":"Success"}}"#
                    ),
                );
            }
            let now = Instant::now();
            let mut asked = counts.asked.lock().unwrap();
            let in_window = asked
                .iter()
                .filter(|then| now.duration_since(**then) < WITHIN)
                .count();
            asked.push_back(now);
            if in_window >= most {
                counts.refused.fetch_add(1, Ordering::SeqCst);
                return Play::Say(answer(
                    429,
                    &[("content-type", "application/json"), ("retry-after", retry_after)],
                    br#"{"requestId":"1","errorCode":"500.003.02","errorMessage":"System is busy"}"#,
                ));
            }
            let id = member(&seen.body, "CheckoutRequestID");
            Play::json(
                200,
                &format!(
                    r#"{{"ResponseCode":"0","ResponseDescription":"ok","MerchantRequestID":"1","CheckoutRequestID":"{id}","ResultCode":"0","ResultDesc":"ok"}}"#
                ),
            )
        }
    })
    .await;
    (server, counts)
}

async fn pushed(client: &Client, count: usize) -> Vec<PaymentHandle> {
    let mut payments = Vec::new();
    for number in 0..count {
        let push = StkPush::new(paying_phone(number), 10, "INV-001");
        let payment = client.reserve(push).unwrap();
        client.push(&payment).await.unwrap();
        payments.push(payment);
    }
    payments
}

fn at_once() -> WaitOptions {
    WaitOptions::default()
        .timeout(Duration::from_secs(20))
        .query(Duration::ZERO, Duration::from_secs(5))
}

#[tokio::test]
async fn many_waits_of_two_clients_never_ask_more_than_the_key_may() {
    let (server, counts) = counting(5, "1").await;
    let build = || {
        builder(&server.base_url)
            .question_pace(QuestionPace::new(5, WITHIN))
            .build()
            .unwrap()
    };
    let (first, second) = (build(), build());
    let (ours, theirs) = (pushed(&first, 12).await, pushed(&second, 12).await);
    let waits = ours
        .iter()
        .map(|payment| first.wait(payment, at_once()))
        .chain(theirs.iter().map(|payment| second.wait(payment, at_once())));
    for payment in bounded(join_all(waits)).await {
        assert!(payment.unwrap().is_paid());
    }
    assert_eq!(counts.refused.load(Ordering::SeqCst), 0);
    assert_eq!(counts.questions().len(), 24);
}

/// Clients that share a ledger and nothing else, as two processes do: a clock of its own keeps a client from the counts of this
/// process.
fn two_processes(server: &RawServer, pace: QuestionPace) -> [Client; 2] {
    let store: Arc<dyn LedgerStore> = Arc::new(MemoryLedger::default());
    [(); 2].map(|()| {
        builder(&server.base_url)
            .clock(Arc::new(SystemClock))
            .ledger(Arc::clone(&store))
            .question_pace(pace)
            .build()
            .unwrap()
    })
}

#[tokio::test]
async fn a_hundred_waits_of_two_processes_never_ask_more_than_the_key_may() {
    let (server, counts) = counting(5, "1").await;
    let [first, second] = two_processes(&server, QuestionPace::new(5, WITHIN));
    let (ours, theirs) = (pushed(&first, 50).await, pushed(&second, 50).await);
    let waits = ours
        .iter()
        .map(|payment| first.wait(payment, at_once()))
        .chain(theirs.iter().map(|payment| second.wait(payment, at_once())));
    for payment in bounded(join_all(waits)).await {
        assert!(payment.unwrap().is_paid());
    }
    assert_eq!(counts.refused.load(Ordering::SeqCst), 0);
    assert_eq!(counts.questions().len(), 100);
}

#[tokio::test]
async fn what_one_process_is_told_about_slowing_down_the_other_hears() {
    let (server, counts) = counting(0, "60").await;
    let [first, second] = two_processes(&server, QuestionPace::new(50, WITHIN));
    let hurried = |client: &Client| {
        let options = lipia::client::CallOptions::default().timeout(Duration::from_millis(300));
        client.with_options(options)
    };
    hurried(&first).stk_query("ws_CO_1").await.unwrap_err();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let error = hurried(&second).stk_query("ws_CO_1").await.unwrap_err();
    assert_eq!(error.code(), "question_paced");
    assert_eq!(counts.refused.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_callback_settles_a_wait_at_once_though_its_question_stands_in_line() {
    let (server, counts) = counting(1, "1").await;
    let client = builder(&server.base_url)
        .question_pace(QuestionPace::new(1, Duration::from_secs(3_600)))
        .build()
        .unwrap();
    let payments = pushed(&client, 10).await;
    // The pushes count as well, so no question may leave for an hour.
    let waits: Vec<_> = payments
        .iter()
        .map(|payment| {
            let (client, payment) = (client.clone(), payment.clone());
            tokio::spawn(async move { client.wait(&payment, at_once()).await })
        })
        .collect();
    tokio::task::yield_now().await;
    for (number, payment) in payments.iter().enumerate() {
        // A receipt belongs to one payment alone.
        let receipt = format!("NLJ7RT61S{number}");
        let id = payment.snapshot().acceptance().unwrap().id().to_owned();
        let body = success_body(
            &id,
            "10",
            &payment.snapshot().push().phone_number.to_string(),
            Some(&receipt),
        );
        payment.notify(&client.parse_callback(&body).unwrap());
    }
    for wait in waits {
        assert!(bounded(wait).await.unwrap().unwrap().is_paid());
    }
    assert!(counts.questions().is_empty());
    // A person is told that the question could not leave, and when it may.
    let hurried = client
        .with_options(lipia::client::CallOptions::default().timeout(Duration::from_millis(50)));
    let error = hurried.stk_query("ws_CO_1").await.unwrap_err();
    assert_eq!(error.code(), "question_paced", "{error}");
    assert!(error.retry_after().unwrap() > Duration::from_secs(3_000));
}

#[tokio::test]
async fn what_one_wait_is_told_about_slowing_down_all_hear() {
    let (server, counts) = counting(0, "60").await;
    let client = builder(&server.base_url).build().unwrap();
    let payments = pushed(&client, 20).await;
    // The gateway is on this machine, so nothing paces the first questions; the first one is told to slow down.
    let first = payments.first().unwrap().snapshot();
    let id = first.acceptance().unwrap().id();
    let hurried = client
        .with_options(lipia::client::CallOptions::default().timeout(Duration::from_millis(500)));
    hurried.stk_query(id).await.unwrap_err();
    let soon = at_once().timeout(Duration::from_millis(400));
    let waits = payments.iter().map(|payment| client.wait(payment, soon));
    for payment in bounded(join_all(waits)).await {
        assert!(!payment.unwrap().is_paid());
    }
    assert_eq!(counts.questions().len(), 1);
    assert_eq!(counts.refused.load(Ordering::SeqCst), 1);
}
