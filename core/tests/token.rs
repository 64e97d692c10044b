//! Tokens over real HTTP: one flight for everybody, renewal that nobody waits for, and failures that say whose
//! they are.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::{Client, ErrorKind};
use lipia_sandbox::{Fault, FaultKind, Sandbox, Step};
use std::time::{Duration, Instant};
use support::{
    PAYS, Play, RawServer, answer, bounded, builder, eventually, fast, in_short, inject, none_of,
    paying_phone, sale, stand, stand_with,
};

/// Pushes to so many different phones at once; what came of each, in short.
async fn push_all(client: &Client, count: usize) -> Vec<String> {
    let mut running = Vec::new();
    for number in 0..count {
        let client = client.clone();
        let push = sale(&paying_phone(number));
        running.push(tokio::spawn(async move { client.stk_push(push).await }));
    }
    let mut said = Vec::new();
    for push in running {
        said.push(match bounded(push).await.unwrap() {
            Ok(_) => "accepted".to_owned(),
            Err(error) => in_short(&error),
        });
    }
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_cold_pushes_make_one_oauth_call() {
    for count in [20, 100] {
        let (sandbox, client) = stand().await;
        let fault = Fault::new(Step::Oauth, FaultKind::SlowBefore).seconds(20.0);
        sandbox.inject(fault).unwrap();
        assert_eq!(push_all(&client, count).await, vec!["accepted"; count]);
        let counters = sandbox.counters();
        assert_eq!((counters.oauth_calls, counters.prompts), (1, count as u64));
    }
}

#[tokio::test]
async fn a_token_is_kept_whatever_form_its_lifetime_has() {
    let mut failures = Vec::new();
    for (name, as_text, fault) in [
        ("text", true, None),
        ("number", false, None),
        ("missing", true, Some(FaultKind::ExpiresInMissing)),
        ("garbage", true, Some(FaultKind::ExpiresInGarbage)),
    ] {
        let (sandbox, client) = stand_with(fast().expires_in_as_text(as_text)).await;
        if let Some(kind) = fault {
            inject(&sandbox, Step::Oauth, kind);
        }
        for number in 0..3 {
            client.stk_push(sale(&paying_phone(number))).await.unwrap();
        }
        let calls = sandbox.counters().oauth_calls;
        if calls != 1 {
            failures.push(format!("{name}: {calls} OAuth calls"));
        }
    }
    none_of(&failures);
}

#[tokio::test]
async fn a_lifetime_that_is_no_time_at_all_counts_as_an_hour() {
    let mut failures = Vec::new();
    for lifetime in ["0", "\"0\"", "-1", "1e3", "null", "\"\"", "3599.5"] {
        let body = format!(r#"{{"access_token":"t","expires_in":{lifetime}}}"#);
        let server = RawServer::start(move |seen| {
            if seen.is_oauth() {
                Play::json(200, &body)
            } else {
                Play::acceptance()
            }
        })
        .await;
        let client = builder(&server.base_url).build().unwrap();
        for _ in 0..2 {
            client.stk_push(sale(PAYS)).await.unwrap();
        }
        let calls = server.seen().iter().filter(|seen| seen.is_oauth()).count();
        if calls != 1 {
            failures.push(format!("{lifetime}: {calls} OAuth calls"));
        }
    }
    none_of(&failures);
}

#[tokio::test]
async fn a_token_is_renewed_ahead_of_its_end_while_nobody_waits() {
    // Real seconds: a token of 8 seconds is renewed from its fourth second on, and used until its sixth.
    let (sandbox, client) = stand_with(fast().time_scale(1.0).token_lifetime_seconds(8)).await;
    client.stk_push(sale(&paying_phone(0))).await.unwrap();
    let slow = Fault::new(Step::Oauth, FaultKind::SlowAfter).seconds(1.8);
    sandbox.inject(slow).unwrap();
    tokio::time::sleep(Duration::from_millis(4_050)).await;
    for number in 1..4 {
        let began = Instant::now();
        client.stk_push(sale(&paying_phone(number))).await.unwrap();
        let took = began.elapsed();
        assert!(
            took < Duration::from_millis(1_500),
            "push {number}: {took:?}"
        );
    }
    assert_eq!(
        sandbox.counters().oauth_calls,
        2,
        "one flight ahead, not three"
    );
    tokio::time::sleep(Duration::from_millis(2_000)).await;
    client.stk_push(sale(&paying_phone(5))).await.unwrap();
    let counters = sandbox.counters();
    assert_eq!((counters.oauth_calls, counters.push_attempts), (2, 5));
}

#[tokio::test]
async fn wrong_keys_are_one_call_and_the_same_answer_for_everybody_who_waited() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let client = builder(&sandbox.base_url())
        .consumer_secret("wrong-secret-123456")
        .build()
        .unwrap();
    let slow = Fault::new(Step::Oauth, FaultKind::SlowAfter).seconds(50.0);
    sandbox.inject(slow).unwrap();
    assert_eq!(
        push_all(&client, 20).await,
        vec!["rejected authentication"; 20]
    );
    let counters = sandbox.counters();
    assert_eq!((counters.oauth_calls, counters.push_attempts), (1, 0));
}

#[tokio::test]
async fn every_way_in_which_a_token_fails_says_whose_fault_it_is_and_sends_no_push() {
    type Row = (FaultKind, u64, &'static str);
    let rows: &[Row] = &[
        (FaultKind::InvalidCredentials, 1, "rejected authentication"),
        (FaultKind::Empty400, 1, "rejected authentication"),
        (FaultKind::FirewallHtml, 1, "rejected blocked"),
        (
            FaultKind::Html200,
            3,
            "not_sent unreadable_answer retryable",
        ),
        (
            FaultKind::Empty200,
            3,
            "not_sent unreadable_answer retryable",
        ),
        (
            FaultKind::TruncatedJson,
            3,
            "not_sent unreadable_answer retryable",
        ),
        (
            FaultKind::UnavailableHtml,
            3,
            "not_sent provider_error retryable",
        ),
        (
            FaultKind::InternalError,
            3,
            "not_sent provider_error retryable",
        ),
        (FaultKind::Empty500, 3, "not_sent provider_error retryable"),
        (FaultKind::AnswerLost, 3, "not_sent no_answer retryable"),
        (FaultKind::AnswerCut, 3, "not_sent no_answer retryable"),
        (
            FaultKind::ConnectionRefused,
            0,
            "not_sent no_answer retryable",
        ),
    ];
    let mut failures = Vec::new();
    for (kind, calls, wanted) in rows {
        let (sandbox, client) = stand().await;
        let fault = Fault::new(Step::Oauth, *kind).forever();
        sandbox.inject(fault).unwrap();
        let error = bounded(client.stk_push(sale(PAYS))).await.unwrap_err();
        let counters = sandbox.counters();
        let found = (
            counters.oauth_calls,
            counters.push_attempts,
            in_short(&error),
        );
        if found != (*calls, 0, (*wanted).to_owned()) {
            failures.push(format!(
                "{kind:?}: {found:?}, wanted {calls} calls and {wanted}"
            ));
        }
    }
    none_of(&failures);
}

#[tokio::test]
async fn one_trouble_on_the_way_to_a_token_is_overcome() {
    let mut failures = Vec::new();
    for kind in [
        FaultKind::ConnectionRefused,
        FaultKind::AnswerLost,
        FaultKind::AnswerCut,
        FaultKind::UnavailableHtml,
        FaultKind::SystemBusy,
        FaultKind::Html200,
    ] {
        let (sandbox, client) = stand().await;
        inject(&sandbox, Step::Oauth, kind);
        if let Err(error) = bounded(client.stk_push(sale(PAYS))).await {
            failures.push(format!("{kind:?}: {error:?}"));
        }
        let counters = sandbox.counters();
        if (counters.push_attempts, counters.prompts) != (1, 1) {
            failures.push(format!("{kind:?}: {counters:?}"));
        }
    }
    none_of(&failures);
}

#[tokio::test]
async fn a_failed_flight_is_not_remembered() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let client = builder(&sandbox.base_url()).build().unwrap();
    inject(&sandbox, Step::Oauth, FaultKind::InvalidCredentials);
    let error = client.stk_push(sale(PAYS)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    client.stk_push(sale(PAYS)).await.unwrap();
    assert_eq!(sandbox.counters().oauth_calls, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_whose_new_token_kills_the_old_one_never_sends_the_callers_round_in_circles() {
    let (sandbox, client) = stand_with(fast().new_token_kills_old(true)).await;
    assert_eq!(push_all(&client, 50).await, vec!["accepted"; 50]);
    assert_eq!(sandbox.counters().oauth_calls, 1);
    // Another process with the same keys: its token kills ours while fifty pushes are under way.
    eventually("all phones are free", || {
        sandbox
            .payments()
            .iter()
            .all(|payment| payment.ending.is_some())
    })
    .await;
    let other = builder(&sandbox.base_url()).build().unwrap();
    other.stk_push(sale(PAYS)).await.unwrap();
    assert_eq!(push_all(&client, 50).await, vec!["accepted"; 50]);
    let counters = sandbox.counters();
    assert_eq!((counters.oauth_calls, counters.prompts), (3, 101));
    assert!(counters.push_attempts <= 151, "{counters:?}");
}

#[tokio::test]
async fn a_token_that_cannot_stand_in_a_header_is_refused_and_never_shown() {
    let server = RawServer::start(|_| {
        Play::Say(answer(
            200,
            &[],
            br#"{"access_token":"secret\ntoken","expires_in":"3599"}"#,
        ))
    })
    .await;
    let client = builder(&server.base_url).build().unwrap();
    let error = client.stk_push(sale(PAYS)).await.unwrap_err();
    assert_eq!(in_short(&error), "not_sent unreadable_answer retryable");
    assert!(!format!("{error} {error:?}").contains("secret"));
}

#[tokio::test]
async fn a_push_gives_up_on_a_slow_token_within_its_own_time_and_the_next_one_profits_from_it() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let client = builder(&sandbox.base_url())
        .timeout(Duration::from_secs(1))
        .build()
        .unwrap();
    let slow = Fault::new(Step::Oauth, FaultKind::SlowAfter).seconds(1_500.0);
    sandbox.inject(slow).unwrap();
    let began = Instant::now();
    let error = client.stk_push(sale(PAYS)).await.unwrap_err();
    assert!(
        began.elapsed() < Duration::from_millis(2_500),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(in_short(&error), "not_sent connection retryable");
    tokio::time::sleep(Duration::from_millis(3_000)).await;
    client.stk_push(sale(PAYS)).await.unwrap();
    let counters = sandbox.counters();
    assert_eq!((counters.oauth_calls, counters.push_attempts), (1, 1));
}
