//! Waits, from an accepted push to its outcome, by callback or by asking.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::callback::Confirm;
use lipia::client::CallOptions;
use lipia::payment::PaymentState;
use lipia::values::Receipt;
use lipia::{
    Client, ErrorKind, IncomingCallback, Outcome, Payment, Progress, Verdict, WaitOptions,
};
use lipia_sandbox::{Fault, FaultKind, Sandbox, Step};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use support::{
    PAYS, Play, RawServer, Shop, bounded, builder, eventually, failure_body, fast, hurried,
    in_short, inject, none_of, path_of, phone_ending, sale, stand, success_body, without_asking,
};

#[tokio::test]
async fn a_callback_ends_the_wait_at_once_without_a_question() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let shop = Shop::open(builder(&sandbox.base_url())).await;
    let waits = shop
        .client
        .collect(sale(PAYS), without_asking(Duration::from_secs(10)));
    let payment = bounded(waits).await.unwrap();
    assert_eq!(payment.outcome(), Outcome::Success);
    let seen = sandbox.payments().remove(0);
    assert_eq!(
        payment.receipt().map(Receipt::as_str),
        seen.receipt.as_deref()
    );
    assert_eq!(payment.paid_amount().unwrap().to_string(), "150");
    assert_eq!(payment.paid_by().unwrap().as_str(), PAYS);
    assert!(payment.paid_at().is_some() && payment.settled_at().is_some());
    let counters = sandbox.counters();
    assert_eq!((counters.queries, counters.prompts), (0, 1));
}

#[tokio::test]
async fn where_no_callback_comes_the_query_finds_the_success_and_a_late_callback_adds_the_receipt()
{
    let (_sandbox, client) = stand().await;
    let phone = phone_ending("9003");
    let payment = client.reserve(sale(&phone)).unwrap();
    let settled = bounded(client.collect_payment(&payment, hurried()))
        .await
        .unwrap();
    assert_eq!(
        (settled.outcome(), settled.receipt().map(Receipt::as_str)),
        (Outcome::Success, None)
    );
    let body = success_body(
        settled.checkout_request_id().unwrap().as_str(),
        "150",
        &phone,
        Some("SKL1234567"),
    );
    let path = path_of(&payment);
    let incoming = IncomingCallback::new(&path, &body);
    let received = client
        .receive_callback(incoming, Confirm::Never)
        .await
        .unwrap();
    assert_eq!(received.verdict, Some(Verdict::Believed));
    let later = payment.snapshot();
    assert_eq!(
        (later.outcome(), later.receipt().map(Receipt::as_str)),
        (Outcome::Success, Some("SKL1234567"))
    );
    assert_eq!(later.settled_at(), settled.settled_at());
    let received = client
        .receive_callback(incoming, Confirm::Never)
        .await
        .unwrap();
    assert_eq!(received.verdict, Some(Verdict::Duplicate));
    assert_eq!(payment.snapshot().to_json(), later.to_json());
}

/// The last four digits of a phone, what comes of a push to it, and the code.
const OUTCOMES: &[(&str, Outcome, &str)] = &[
    ("5555", Outcome::Success, "0"),
    ("1032", Outcome::Cancelled, "1032"),
    ("1031", Outcome::Cancelled, "1031"),
    ("8001", Outcome::InsufficientFunds, "1"),
    ("2001", Outcome::WrongPin, "2001"),
    ("1037", Outcome::Timeout, "1037"),
    ("1036", Outcome::Timeout, "1036"),
    ("1019", Outcome::Expired, "1019"),
    ("1001", Outcome::SubscriberBusy, "1001"),
    ("8002", Outcome::Limit, "2"),
    ("8004", Outcome::Limit, "4"),
    ("8017", Outcome::Limit, "17"),
    ("1025", Outcome::PushNotDelivered, "1025"),
    ("9999", Outcome::PushNotDelivered, "9999"),
    ("8006", Outcome::CustomerLocked, "8006"),
    ("8011", Outcome::CustomerAccountState, "11"),
    ("2028", Outcome::MerchantConfig, "2028"),
    ("8003", Outcome::MerchantConfig, "SFC_IC0003"),
    ("8026", Outcome::ProviderError, "26"),
    ("9002", Outcome::Success, "0"),
    ("9013", Outcome::Timeout, "1037"),
];

async fn play_outcomes(client: Client, options: lipia::WaitOptions) -> Vec<String> {
    let mut running = Vec::new();
    for (ending, outcome, code) in OUTCOMES {
        let (client, push) = (client.clone(), sale(&phone_ending(ending)));
        let waits = tokio::spawn(async move { client.collect(push, options).await });
        running.push((waits, ending, outcome, code));
    }
    let mut failures = Vec::new();
    for (waits, ending, outcome, code) in running {
        let payment = bounded(waits).await.unwrap().unwrap();
        let found = (payment.state(), payment.outcome(), payment.result_code());
        if found != (PaymentState::Settled, *outcome, Some(*code)) {
            failures.push(format!("{ending}: {found:?} is not {outcome:?}, {code}"));
        }
    }
    failures
}

#[tokio::test]
async fn every_outcome_is_learnt_by_callback() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let shop = Shop::open(builder(&sandbox.base_url())).await;
    let options = without_asking(Duration::from_secs(10));
    none_of(&play_outcomes(shop.client.clone(), options).await);
    assert_eq!(sandbox.counters().queries, 0);
}

#[tokio::test]
async fn every_outcome_is_learnt_by_asking() {
    let (sandbox, client) = stand().await;
    none_of(&play_outcomes(client, hurried()).await);
    assert_eq!(sandbox.counters().prompts, OUTCOMES.len() as u64);
}

#[tokio::test]
async fn a_code_that_nobody_knows_settles_nothing() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let shop = Shop::open(builder(&sandbox.base_url())).await;
    let options = hurried().timeout(Duration::from_millis(150));
    let payment = shop
        .client
        .collect(sale(&phone_ending("7777")), options)
        .await
        .unwrap();
    assert_eq!(payment.state(), PaymentState::Accepted);
    assert!(!payment.outcome().is_final());
    assert_eq!(shop.received().len(), 1);
}

/// Watches a payment to its end; what it told, in words.
async fn story(
    client: &Client,
    phone: &str,
    options: lipia::WaitOptions,
) -> (Vec<String>, Payment) {
    let payment = client.reserve(sale(phone)).unwrap();
    client.push(&payment).await.unwrap();
    let mut watch = client.watch(&payment, options).unwrap();
    let mut told = Vec::new();
    let mut last = Duration::ZERO;
    while let Some(progress) = bounded(watch.next()).await {
        let (word, elapsed) = match &progress {
            Progress::Queried { status, elapsed } => {
                (format!("asked: {}", status.outcome), *elapsed)
            }
            Progress::QueryFailed { error, elapsed } => {
                (format!("not told: {}", error.kind()), *elapsed)
            }
            Progress::CallbackReceived { elapsed } => ("news".to_owned(), *elapsed),
            Progress::Settled(payment) => (format!("settled: {}", payment.outcome()), last),
            Progress::TimedOut(payment) => (format!("open: {}", payment.outcome()), last),
            other => (format!("{other:?}"), last),
        };
        assert!(elapsed >= last, "time goes forward");
        last = elapsed;
        if told.last() != Some(&word) {
            told.push(word);
        }
    }
    assert!(watch.next().await.is_none(), "nothing follows the end");
    (told, payment.snapshot())
}

#[tokio::test]
async fn being_processed_in_either_form_is_pending_and_then_the_truth() {
    let (_sandbox, client) = stand().await;
    let told = ["asked: pending", "asked: success", "settled: success"];
    for ending in ["9003", "9007"] {
        let (found, payment) = story(&client, &phone_ending(ending), hurried()).await;
        assert_eq!(found, told, "{ending}");
        assert!(payment.is_paid());
    }
}

#[tokio::test]
async fn an_error_without_a_message_says_nothing_about_a_payment() {
    let (sandbox, client) = stand().await;
    let (told, payment) = story(&client, &phone_ending("9008"), hurried()).await;
    assert_eq!(
        told,
        [
            "asked: pending",
            "asked: unknown",
            "asked: success",
            "settled: success"
        ]
    );
    assert!(payment.is_paid() && payment.flags().is_empty());
    // The fourth question about it is answered with nothing again: what is known stays known.
    let id = payment.checkout_request_id().unwrap().as_str();
    assert_eq!(
        client.stk_query(id).await.unwrap().outcome,
        Outcome::Unknown
    );
    assert_eq!(
        client.stk_query(id).await.unwrap().outcome,
        Outcome::Success
    );
    assert_eq!(sandbox.counters().prompts, 1);
}

#[tokio::test]
async fn a_question_that_fails_does_not_end_the_wait() {
    let mut failures = Vec::new();
    for (kind, wanted) in [
        (FaultKind::AnswerLost, "not told: no_answer"),
        (FaultKind::AnswerCut, "not told: no_answer"),
        (FaultKind::ConnectionRefused, "not told: no_answer"),
        (FaultKind::TruncatedJson, "not told: unreadable_answer"),
        (FaultKind::UnavailableHtml, "not told: provider_error"),
        (FaultKind::FirewallHtml, "not told: blocked"),
        (FaultKind::InternalError, "not told: provider_error"),
        (FaultKind::Empty200, "not told: unreadable_answer"),
        (FaultKind::Empty400, "not told: unreadable_answer"),
        (FaultKind::Html200, "not told: unreadable_answer"),
        (FaultKind::InvalidToken400, "asked: success"),
        (FaultKind::InvalidToken404, "asked: success"),
        (FaultKind::InvalidToken401, "asked: success"),
    ] {
        let (sandbox, client) = stand().await;
        inject(&sandbox, Step::Query, kind);
        let options = hurried().query(Duration::from_millis(80), Duration::from_millis(10));
        let (told, payment) = story(&client, &phone_ending("9003"), options).await;
        if told.first().map(String::as_str) != Some(wanted) || !payment.is_paid() {
            failures.push(format!("{kind:?}: {told:?}"));
        }
    }
    none_of(&failures);
}

#[tokio::test]
async fn when_the_time_is_up_the_payment_is_still_open_and_not_failed() {
    let (sandbox, client) = stand().await;
    let began = Instant::now();
    let options = hurried().timeout(Duration::from_millis(200));
    let (told, payment) = story(&client, &phone_ending("9001"), options).await;
    assert_eq!(told, ["asked: pending", "open: pending"]);
    assert!(began.elapsed() < Duration::from_secs(20));
    assert_eq!(payment.state(), PaymentState::Accepted);
    assert!(sandbox.counters().queries > 1);
}

#[tokio::test]
async fn news_that_settles_nothing_is_told_and_makes_the_wait_ask_sooner() {
    let (sandbox, client) = stand().await;
    let phone = phone_ending("9000");
    let payment = client.reserve(sale(&phone)).unwrap();
    let id = client.push(&payment).await.unwrap().id().to_owned();
    let mut watch = client
        .watch(&payment, without_asking(Duration::from_secs(10)))
        .unwrap();
    let event = client
        .parse_callback(&success_body(&id, "150", &phone, None))
        .unwrap();
    payment.notify(&event);
    assert!(matches!(
        bounded(watch.next()).await,
        Some(Progress::CallbackReceived { .. })
    ));
    sandbox.act(&id, lipia_sandbox::Ending::Pay).unwrap();
    assert!(matches!(
        bounded(watch.next()).await,
        Some(Progress::Queried { .. })
    ));
    assert!(matches!(
        bounded(watch.next()).await,
        Some(Progress::Settled(_))
    ));
    assert_eq!(sandbox.counters().queries, 1);
}

#[tokio::test]
async fn a_callback_finds_a_payment_whose_answer_was_lost() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let shop = Shop::open(builder(&sandbox.base_url())).await;
    for kind in [
        FaultKind::AnswerLost,
        FaultKind::AnswerCut,
        FaultKind::TruncatedJson,
    ] {
        inject(&sandbox, Step::Push, kind);
        let phone = support::paying_phone(kind as usize);
        let payment = bounded(shop.client.collect(sale(&phone), hurried()))
            .await
            .unwrap();
        assert!(payment.is_paid() && payment.receipt().is_some(), "{kind:?}");
        assert!(payment.checkout_request_id().is_some());
        assert_eq!(sandbox.counters().prompts_by_phone[&phone], 1);
    }
    assert_eq!(sandbox.counters().queries, 0, "there was nothing to ask by");
}

#[tokio::test]
async fn a_lost_answer_without_a_callback_stays_unknown_after_the_whole_wait() {
    let (sandbox, client) = stand().await;
    inject(&sandbox, Step::Push, FaultKind::AnswerLost);
    let options = hurried().timeout(Duration::from_millis(250));
    let began = Instant::now();
    let error = client.collect(sale(PAYS), options).await.unwrap_err();
    assert_eq!(in_short(&error), "unknown no_answer");
    assert!(
        began.elapsed() >= Duration::from_millis(250),
        "it waited for the callback"
    );
    assert_eq!(sandbox.counters().prompts, 1);
}

#[tokio::test]
async fn a_refused_push_is_an_error_at_once() {
    let (_sandbox, client) = stand().await;
    let error = client
        .collect(sale(&phone_ending("9012")), hurried())
        .await
        .unwrap_err();
    assert_eq!(in_short(&error), "rejected subscriber_busy retryable");
}

#[tokio::test]
async fn a_payment_that_was_never_pushed_is_not_waited_for() {
    let (sandbox, client) = stand().await;
    let payment = client.reserve(sale(PAYS)).unwrap();
    let error = client.wait(&payment, hurried()).await.unwrap_err();
    assert_eq!(error.code(), "payment_not_sent");
    assert!(client.watch(&payment, hurried()).is_err());
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_callback_that_comes_while_the_gateway_is_being_asked_ends_the_wait() {
    let (sandbox, client) = stand().await;
    let payment = client.reserve(sale(&phone_ending("9000"))).unwrap();
    let id = client.push(&payment).await.unwrap().id().to_owned();
    let slow = Fault::new(Step::Query, FaultKind::SlowBefore).seconds(100_000.0);
    sandbox.inject(slow).unwrap();
    let client = client.with_options(CallOptions::default().timeout(Duration::from_secs(60)));
    let wait = tokio::spawn({
        let (client, payment) = (client.clone(), payment.clone());
        async move { client.wait(&payment, hurried()).await }
    });
    eventually("the gateway is asked", || sandbox.counters().queries == 1).await;
    let event = client.parse_callback(&failure_body(&id, "1032")).unwrap();
    payment.notify(&event);
    let began = Instant::now();
    let settled = bounded(wait).await.unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_secs(20));
    assert_eq!(settled.outcome(), Outcome::Cancelled);
}

#[tokio::test]
async fn a_wait_under_revoked_keys_says_why_it_learnt_nothing() {
    let revoked = Arc::new(AtomicBool::new(false));
    let says_no = Arc::clone(&revoked);
    let server = RawServer::start(move |seen| {
        let is_revoked = says_no.load(Ordering::SeqCst);
        match (seen.is_oauth(), seen.is_push()) {
            (true, _) if is_revoked => Play::json(
                400,
                r#"{"requestId":"r-1","errorCode":"400.008.01","errorMessage":"Invalid Authentication passed"}"#,
            ),
            (true, _) => Play::token(),
            (_, true) => Play::acceptance(),
            _ => Play::json(
                404,
                r#"{"requestId":"r-2","errorCode":"404.001.03","errorMessage":"Invalid Access Token"}"#,
            ),
        }
    })
    .await;
    let client = builder(&server.base_url).build().unwrap();
    let payment = client.reserve(sale(PAYS)).unwrap();
    client.push(&payment).await.unwrap();
    revoked.store(true, Ordering::SeqCst);
    let options = WaitOptions::default()
        .query(Duration::from_millis(1), Duration::from_millis(50))
        .timeout(Duration::from_millis(400));
    let open = client.wait(&payment, options).await.unwrap();
    assert!(!open.outcome().is_final());
    let why = open.last_error().expect("the wait says why");
    assert_eq!(
        (why.code(), why.kind()),
        ("400.008.01", ErrorKind::Authentication)
    );
    assert!(why.to_string().contains("passed. "), "{why}");
    assert!(client.ask(&payment).await.is_err());
}
