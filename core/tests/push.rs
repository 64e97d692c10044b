//! Pushes over real HTTP: how often the gateway is asked, how often a customer is prompted, and what the caller is
//! told about the money.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::client::CallOptions;
use lipia::payment::PaymentState;
use lipia::{Disposition, ErrorKind};
use lipia_sandbox::{Fault, FaultKind, Gateway, Sandbox, Step};
use std::time::{Duration, Instant};
use support::{
    PAYS, Play, RawServer, answer, bounded, builder, fast, in_short, inject, none_of, phone_ending,
    sale, stand,
};

const UNANSWERED: &str = "unknown no_answer";
const UNREADABLE: &str = "unknown unreadable_answer";
const FAILED: &str = "unknown provider_error";

#[tokio::test]
async fn a_lost_answer_is_one_attempt_one_prompt_and_an_unknown_that_nobody_may_retry() {
    let (sandbox, client) = stand().await;
    inject(&sandbox, Step::Push, FaultKind::AnswerLost);
    let payment = client.reserve(sale(PAYS)).unwrap();
    let error = bounded(client.push(&payment)).await.unwrap_err();
    assert_eq!(in_short(&error), UNANSWERED);
    assert!(error.hint().unwrap().contains("Do not push again"));
    assert_eq!(payment.snapshot().state(), PaymentState::Unknown);
    let again = client.push(&payment).await.unwrap_err();
    assert_eq!(again.code(), "payment_already_sent");
    let counters = sandbox.counters();
    assert_eq!((counters.push_attempts, counters.prompts), (1, 1));
}

/// Faults whose consequences depend on more than one push.
const WITH_STORIES_OF_THEIR_OWN: &[FaultKind] = &[
    FaultKind::WholeAnswerUnderStatus,
    FaultKind::LateAnswer,
    FaultKind::LateAnswerAtNext,
    FaultKind::AnswerTwice,
    FaultKind::Echo,
    FaultKind::BusyNamesPrompt,
    FaultKind::TokenRefusedNamesPrompt,
    FaultKind::ResponseCodeOdd,
];

/// One row: the fault, played so often, and what comes of one push: attempts, prompts, OAuth calls and what the
/// caller is told.
type Row = (FaultKind, u32, u64, u64, u64, &'static str);

#[tokio::test]
async fn every_fault_of_a_push_is_resent_only_where_the_gateway_refused_before_it_acted() {
    let once: u32 = 1;
    let rows: &[Row] = &[
        (FaultKind::AnswerLost, once, 1, 1, 1, UNANSWERED),
        (FaultKind::AnswerCut, once, 1, 1, 1, UNANSWERED),
        (FaultKind::ConnectionRefused, once, 0, 0, 1, UNANSWERED),
        (FaultKind::SlowBefore, once, 1, 1, 1, "accepted"),
        (FaultKind::SlowAfter, once, 1, 1, 1, "accepted"),
        (FaultKind::TruncatedJson, once, 1, 1, 1, UNREADABLE),
        (FaultKind::SystemBusy, 2, 3, 1, 1, "accepted"),
        (FaultKind::SpikeArrest, once, 2, 1, 1, "accepted"),
        (FaultKind::Quota, once, 2, 1, 1, "accepted"),
        (FaultKind::TooManyRequests, once, 2, 1, 1, "accepted"),
        (
            FaultKind::TooManyRequestsRetryAfter,
            once,
            2,
            1,
            1,
            "accepted",
        ),
        (FaultKind::UnavailableHtml, once, 1, 0, 1, FAILED),
        (FaultKind::FirewallHtml, once, 1, 0, 1, "unknown blocked"),
        (FaultKind::InternalError, once, 1, 0, 1, FAILED),
        (FaultKind::InvalidToken404, once, 2, 1, 2, "accepted"),
        (FaultKind::InvalidToken401, once, 2, 1, 2, "accepted"),
        (FaultKind::InvalidToken400, once, 2, 1, 2, "accepted"),
        (
            FaultKind::InvalidToken404,
            6,
            6,
            0,
            6,
            "rejected authentication",
        ),
        (
            FaultKind::InvalidToken401,
            6,
            6,
            0,
            6,
            "rejected authentication",
        ),
        (
            FaultKind::InvalidToken400,
            6,
            6,
            0,
            6,
            "rejected authentication",
        ),
        (FaultKind::Empty200, once, 1, 0, 1, UNREADABLE),
        (FaultKind::Empty400, once, 1, 0, 1, UNREADABLE),
        (FaultKind::Empty500, once, 1, 0, 1, FAILED),
        (FaultKind::Html200, once, 1, 0, 1, UNREADABLE),
    ];
    let missing: Vec<_> = lipia_sandbox::FAULTS
        .iter()
        .filter(|fault| fault.gateway.is_none_or(|only| only == Gateway::Daraja))
        .filter(|fault| fault.steps.contains(&Step::Push))
        .filter(|fault| !WITH_STORIES_OF_THEIR_OWN.contains(&fault.kind))
        .filter(|fault| rows.iter().all(|row| row.0 != fault.kind))
        .map(|fault| fault.name)
        .collect();
    assert!(missing.is_empty(), "faults without a row: {missing:?}");
    // All at once: some of them wait a second or two before they send again.
    let mut running = Vec::new();
    for (number, row) in rows.iter().copied().enumerate() {
        running.push(tokio::spawn(async move { play(number, row).await }));
    }
    let mut failures = Vec::new();
    for row in running {
        failures.extend(bounded(row).await.unwrap());
    }
    none_of(&failures);
}

async fn play(number: usize, row: Row) -> Option<String> {
    let (kind, times, attempts, prompts, oauth_calls, wanted) = row;
    let (sandbox, client) = stand().await;
    let fault = Fault::new(Step::Push, kind).times(times);
    let fault = match kind {
        FaultKind::TooManyRequestsRetryAfter => fault.seconds(1.0),
        _ => fault,
    };
    sandbox.inject(fault).unwrap();
    let said = match client.stk_push(sale(PAYS)).await {
        Ok(_) => "accepted".to_owned(),
        Err(error) => in_short(&error),
    };
    let counters = sandbox.counters();
    let found = (
        counters.push_attempts,
        counters.prompts,
        counters.oauth_calls,
        said.as_str(),
    );
    let expected = (attempts, prompts, oauth_calls, wanted);
    (found != expected).then(|| format!("row {number}, {kind:?}: {found:?} is not {expected:?}"))
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_unknown_within_the_timeout() {
    let (sandbox, client) = stand().await;
    client.stk_push(sale(PAYS)).await.unwrap();
    let fault = Fault::new(Step::Push, FaultKind::SlowAfter).seconds(100_000.0);
    sandbox.inject(fault).unwrap();
    let hurried = client.with_options(CallOptions::default().timeout(Duration::from_millis(200)));
    let began = Instant::now();
    let error = hurried.stk_push(sale("0712000115")).await.unwrap_err();
    let took = began.elapsed();
    assert_eq!(in_short(&error), UNANSWERED);
    assert_eq!(error.code(), "no_answer_in_time");
    assert!(took >= Duration::from_millis(200), "{took:?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert_eq!(sandbox.counters().push_attempts, 2);
}

#[tokio::test]
async fn a_gateway_that_stays_busy_has_refused_and_pushing_again_later_is_safe() {
    let (sandbox, client) = stand().await;
    let fault = Fault::new(Step::Push, FaultKind::SystemBusy).forever();
    sandbox.inject(fault).unwrap();
    let hurried = client.with_options(CallOptions::default().timeout(Duration::from_millis(1_500)));
    let payment = hurried.reserve(sale(PAYS)).unwrap();
    let error = bounded(hurried.push(&payment)).await.unwrap_err();
    assert_eq!(in_short(&error), "not_sent rate_limited retryable");
    assert_eq!(payment.snapshot().state(), PaymentState::Reserved);
    sandbox.clear_faults();
    client.push(&payment).await.unwrap();
    assert_eq!(sandbox.counters().prompts, 1);
}

#[tokio::test]
async fn a_retry_after_that_outlasts_the_call_fails_at_once_and_says_how_long_to_wait() {
    let (sandbox, client) = stand().await;
    let fault = Fault::new(Step::Push, FaultKind::TooManyRequestsRetryAfter).seconds(120.0);
    sandbox.inject(fault).unwrap();
    let began = Instant::now();
    let error = client.stk_push(sale(PAYS)).await.unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(in_short(&error), "not_sent rate_limited retryable");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(120)));
    assert_eq!(sandbox.counters().push_attempts, 1);
}

#[tokio::test]
async fn tokens_that_are_killed_in_mid_life_are_replaced_inside_the_call() {
    let (sandbox, client) = stand().await;
    client.stk_push(sale("0712000115")).await.unwrap();
    sandbox.kill_tokens();
    client.stk_push(sale("0712000125")).await.unwrap();
    let counters = sandbox.counters();
    let found = (
        counters.push_attempts,
        counters.prompts,
        counters.oauth_calls,
    );
    assert_eq!(found, (3, 2, 2));
}

#[tokio::test]
async fn a_busy_phone_is_a_rejection_that_may_be_tried_again_after_a_minute() {
    let (sandbox, client) = stand().await;
    let error = client
        .stk_push(sale(&phone_ending("9012")))
        .await
        .unwrap_err();
    assert_eq!(in_short(&error), "rejected subscriber_busy retryable");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    assert_eq!(sandbox.counters().prompts, 0);
}

#[tokio::test]
async fn a_wrong_pass_key_is_the_merchants_to_mend() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let client = builder(&sandbox.base_url())
        .pass_key("wrong")
        .build()
        .unwrap();
    let error = client.stk_push(sale(PAYS)).await.unwrap_err();
    assert_eq!(in_short(&error), "rejected credentials");
    assert_eq!(error.code(), "500.001.1001");
    assert_eq!(
        (error.http_status(), sandbox.counters().prompts),
        (Some(500), 0)
    );
}

#[tokio::test]
async fn nothing_listening_is_not_sent_and_the_payment_can_be_pushed_once_the_gateway_is_back() {
    let (sandbox, client) = stand().await;
    client.stk_push(sale("0712000115")).await.unwrap();
    let port = sandbox.port();
    sandbox.stop().await;
    // The token is still good, so that it is the push itself that finds nobody.
    let payment = client.reserve(sale(PAYS)).unwrap();
    let error = bounded(client.push(&payment)).await.unwrap_err();
    assert_eq!(in_short(&error), "not_sent connection retryable");
    assert_eq!(payment.snapshot().state(), PaymentState::Reserved);
    assert!(std::error::Error::source(&error).is_some());
    let sandbox = Sandbox::start(fast().port(port)).await.unwrap();
    client.push(&payment).await.unwrap();
    assert_eq!(sandbox.counters().prompts, 1);
}

#[tokio::test]
async fn a_port_that_takes_connections_and_never_speaks_tls_gets_no_byte_of_a_push() {
    let silent = RawServer::start(|_| Play::Hang).await;
    let url = silent.base_url.replace("http://", "https://");
    let client = builder(&url)
        .timeout(Duration::from_millis(300))
        .build()
        .unwrap();
    let error = bounded(client.stk_push(sale(PAYS))).await.unwrap_err();
    assert_eq!(in_short(&error), "not_sent connection retryable");
    assert!(silent.connections() > 0);
    assert!(silent.seen().is_empty());
}

#[tokio::test]
async fn a_port_that_takes_the_push_and_never_answers_is_unknown() {
    let server = RawServer::on_push(|| Play::Hang).await;
    let client = builder(&server.base_url)
        .timeout(Duration::from_millis(300))
        .build()
        .unwrap();
    let error = bounded(client.stk_push(sale(PAYS))).await.unwrap_err();
    assert_eq!(in_short(&error), UNANSWERED);
    assert_eq!(server.pushes(), 1);
}

#[tokio::test]
async fn redirects_are_not_followed_because_they_would_push_a_second_time() {
    let mut failures = Vec::new();
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = RawServer::on_push(Play::acceptance).await;
        let target = format!("{}/mpesa/stkpush/v1/processrequest", elsewhere.base_url);
        let headers = move || answer(status, &[("location", &target)], b"");
        let server = RawServer::on_push(move || Play::Say(headers())).await;
        let client = builder(&server.base_url).build().unwrap();
        let error = bounded(client.stk_push(sale(PAYS))).await.unwrap_err();
        let found = (server.pushes(), elsewhere.seen().len(), in_short(&error));
        if found != (1, 0, UNREADABLE.to_owned()) {
            failures.push(format!("{status}: {found:?}"));
        }
    }
    none_of(&failures);
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off_and_unknown() {
    let server = RawServer::on_push(|| {
        let body = vec![b' '; 8 * 1024 * 1024];
        Play::SayAndClose(answer(200, &[], &body))
    })
    .await;
    let client = builder(&server.base_url).build().unwrap();
    let error = bounded(client.stk_push(sale(PAYS))).await.unwrap_err();
    assert_eq!(in_short(&error), UNREADABLE);
    assert_eq!(server.pushes(), 1);
    assert!(
        error.message().len() < 500,
        "the body is not in the message"
    );
}

#[tokio::test]
async fn two_pushes_of_one_payment_are_one_prompt_and_one_refusal() {
    let (sandbox, client) = stand().await;
    let payment = client.reserve(sale(PAYS)).unwrap();
    let mut running = Vec::new();
    for _ in 0..8 {
        let (client, payment) = (client.clone(), payment.clone());
        running.push(tokio::spawn(async move { client.push(&payment).await }));
    }
    let mut refused = Vec::new();
    for push in running {
        if let Err(error) = bounded(push).await.unwrap() {
            assert_eq!(error.disposition(), Disposition::NotSent);
            assert_eq!(error.kind(), ErrorKind::PaymentState);
            assert!(!error.retryable());
            refused.push(error.code().to_owned());
        }
    }
    assert_eq!(refused, ["payment_already_sent"; 7]);
    let counters = sandbox.counters();
    assert_eq!((counters.push_attempts, counters.prompts), (1, 1));
}
