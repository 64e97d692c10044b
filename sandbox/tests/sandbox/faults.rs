//! Faults that every gateway can have.

use std::time::{Duration, Instant};

use lipia_sandbox::{FAULTS, Fault, FaultKind, Sandbox, Step};
use serde_json::Value;
use tokio::net::TcpStream;

use crate::support::{OAUTH, Reply, Shop, read_some, until, write_all};

const PHONE: &str = "254712345678";

fn prompts(sandbox: &Sandbox) -> u64 {
    sandbox.counters().prompts
}

async fn at(shop: &Shop, step: Step) -> Reply {
    match step {
        Step::Oauth => shop.good_oauth().await,
        Step::Push => shop.push(PHONE).await,
        _ => shop.query("ws_CO_1").await,
    }
}

/// What a client sees: status and a piece of the body; 0 for a closed connection.
fn seen(kind: FaultKind) -> Option<(u16, &'static str)> {
    Some(match kind {
        FaultKind::AnswerLost | FaultKind::ConnectionRefused => (0, ""),
        FaultKind::SystemBusy => (500, "\"500.003.02\",\"errorMessage\":\"System is busy"),
        FaultKind::SpikeArrest => (500, "Spike Arrest Violation"),
        FaultKind::Quota => (500, "\"500.003.03\""),
        FaultKind::TooManyRequests | FaultKind::TooManyRequestsRetryAfter => {
            (429, "Too Many Requests")
        }
        FaultKind::UnavailableHtml => (503, "<html>"),
        FaultKind::FirewallHtml => (403, "Incapsula"),
        FaultKind::InternalError => (500, "\"500.003.1001\""),
        FaultKind::InvalidToken404 => (404, "\"404.001.03\""),
        FaultKind::InvalidToken401 => (401, "\"401.002.01\""),
        FaultKind::InvalidToken400 => (400, "\"400.003.01\""),
        FaultKind::InvalidCredentials => (400, "\"400.008.01\""),
        FaultKind::Empty200 => (200, ""),
        FaultKind::Empty400 => (400, ""),
        FaultKind::Empty500 => (500, ""),
        FaultKind::Html200 => (200, "<!DOCTYPE html>"),
        FaultKind::Echo => (400, "Authorization: B"),
        // These are seen in tests of their own.
        _ => return None,
    })
}

#[tokio::test]
async fn every_fault_is_seen_once_and_then_it_is_over() {
    let mut played = 0;
    for row in FAULTS {
        let Some((status, piece)) = seen(row.kind) else {
            continue;
        };
        for step in row.steps {
            for after_acting in [row.after_acting, !row.after_acting] {
                let shop = Shop::open().await;
                let fault = Fault::new(*step, row.kind).after_acting(after_acting);
                if after_acting != row.after_acting && !row.acting_is_free {
                    assert!(shop.sandbox.inject(fault).is_err(), "{}", row.name);
                    continue;
                }
                shop.sandbox.inject(fault).unwrap();
                let reply = at(&shop, *step).await;
                let what = format!("{} at {step:?}, after acting: {after_acting}", row.name);
                assert_eq!(reply.status(), status, "{what}");
                assert_eq!(reply.is_whole(), status != 0, "{what}");
                assert!(reply.text().contains(piece), "{what}");
                if piece.is_empty() {
                    assert!(reply.body().is_empty(), "{what}");
                }
                let expected = u64::from(*step == Step::Push && after_acting);
                assert_eq!(prompts(&shop.sandbox), expected, "{what}");
                played += 1;
                let good = if *step == Step::Query { 500 } else { 200 };
                let phone_is_held = *step == Step::Push && after_acting;
                if !phone_is_held {
                    assert_eq!(at(&shop, *step).await.status(), good, "over: {what}");
                }
            }
        }
    }
    assert!(played > 80, "{played}");
}

#[tokio::test]
async fn a_lost_answer_is_a_prompt_that_the_client_never_hears_of() {
    let shop = Shop::open().await;
    shop.sandbox
        .inject(Fault::new(Step::Push, FaultKind::AnswerLost))
        .unwrap();
    let reply = shop.push(PHONE).await;
    assert!(reply.raw.is_empty(), "not a byte: {reply:?}");
    let counters = shop.sandbox.counters();
    assert_eq!(
        (
            counters.push_attempts,
            counters.prompts,
            counters.faults_played
        ),
        (1, 1, 1)
    );
    assert_eq!(
        shop.callback().await["ResultCode"],
        0,
        "the payment goes on"
    );
    assert_eq!(
        shop.sandbox.requests().last().unwrap().fault,
        Some("answer_lost")
    );
}

#[tokio::test]
async fn an_answer_is_cut_in_its_body() {
    let shop = Shop::open().await;
    shop.sandbox
        .inject(Fault::new(Step::Push, FaultKind::AnswerCut))
        .unwrap();
    let reply = shop.push(PHONE).await;
    assert_eq!((reply.status(), prompts(&shop.sandbox)), (200, 1));
    let length: usize = reply.header("content-length").unwrap().parse().unwrap();
    let came = reply.body().len();
    assert!(came > 0 && came < length, "{came} of {length}");
}

#[tokio::test]
async fn a_refused_connection_reads_nothing_and_counts_no_attempt() {
    let shop = Shop::open().await;
    shop.sandbox
        .inject_n(Fault::new(Step::Push, FaultKind::ConnectionRefused), 3)
        .unwrap();
    for _ in 0..3 {
        assert!(shop.push(PHONE).await.raw.is_empty());
    }
    let counters = shop.sandbox.counters();
    assert_eq!(
        (
            counters.push_attempts,
            counters.prompts,
            counters.connections_refused
        ),
        (0, 0, 3)
    );
    shop.accepted(PHONE).await;
}

#[tokio::test]
async fn a_kept_connection_is_refused_as_well() {
    let shop = Shop::open().await;
    let address = shop.sandbox.base_url().replace("http://", "");
    let stream = TcpStream::connect(&address).await.unwrap();
    let request = format!("GET {OAUTH} HTTP/1.1\r\nHost: {address}\r\n\r\n");
    for refused in [false, true] {
        if refused {
            let always = Fault::new(Step::Oauth, FaultKind::ConnectionRefused).forever();
            shop.sandbox.inject(always).unwrap();
        }
        write_all(&stream, request.as_bytes()).await.unwrap();
        let mut buffer = [0; 4096];
        let read = tokio::time::timeout(Duration::from_secs(5), read_some(&stream, &mut buffer))
            .await
            .unwrap();
        assert_eq!(read.unwrap_or(0) == 0, refused);
    }
    assert_eq!(
        shop.get("/_sandbox/counters").await.status(),
        200,
        "the control API stays reachable"
    );
    let counters = shop.sandbox.counters();
    assert_eq!(
        (counters.connections_refused, counters.oauth_calls),
        (1, 2),
        "it was not read"
    );
    shop.sandbox.clear_faults();
    assert_eq!(shop.good_oauth().await.status(), 200);
}

#[tokio::test]
async fn slow_is_on_the_sandbox_clock() {
    for kind in [FaultKind::SlowBefore, FaultKind::SlowAfter] {
        let shop = Shop::open().await;
        shop.sandbox
            .inject(Fault::new(Step::Push, kind).seconds(3000.0))
            .unwrap();
        let started = Instant::now();
        let acts_first = async {
            until("the fault plays", || {
                shop.sandbox.counters().faults_played == 1
            })
            .await;
            if kind == FaultKind::SlowAfter {
                until("the prompt comes first", || prompts(&shop.sandbox) == 1).await;
            }
            (started.elapsed(), prompts(&shop.sandbox))
        };
        let (reply, (acted, prompts_before)) = tokio::join!(shop.push("254712009000"), acts_first);
        assert!(acted < Duration::from_secs(3), "{acted:?}");
        assert_eq!(prompts_before, u64::from(kind == FaultKind::SlowAfter));
        assert_eq!(reply.status(), 200);
        assert!(started.elapsed() >= Duration::from_secs(3));
        assert_eq!(prompts(&shop.sandbox), 1);
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_stop_the_gateway() {
    let shop = Shop::open().await;
    shop.sandbox
        .inject(Fault::new(Step::Push, FaultKind::SlowBefore).seconds(60.0))
        .unwrap();
    let impatient = tokio::time::timeout(Duration::from_millis(20), shop.push(PHONE)).await;
    assert!(impatient.is_err());
    until("the prompt comes all the same", || {
        prompts(&shop.sandbox) == 1
    })
    .await;
}

#[tokio::test]
async fn truncated_json_has_a_fitting_length() {
    let shop = Shop::open().await;
    for step in [Step::Oauth, Step::Push, Step::Query] {
        shop.sandbox
            .inject(Fault::new(step, FaultKind::TruncatedJson))
            .unwrap();
        let reply = at(&shop, step).await;
        assert!(reply.is_whole());
        assert!(serde_json::from_slice::<Value>(&reply.body()).is_err());
    }
    assert_eq!(prompts(&shop.sandbox), 1);
}

#[tokio::test]
async fn retry_after_is_sent_as_it_is_given() {
    let shop = Shop::open().await;
    for (fault, expected) in [
        (Fault::new(Step::Push, FaultKind::TooManyRequests), None),
        (
            Fault::new(Step::Push, FaultKind::TooManyRequestsRetryAfter),
            Some("5"),
        ),
        (
            Fault::new(Step::Push, FaultKind::TooManyRequestsRetryAfter).seconds(1.0),
            Some("1"),
        ),
    ] {
        shop.sandbox.inject(fault).unwrap();
        assert_eq!(
            shop.push(PHONE).await.header("retry-after").as_deref(),
            expected
        );
    }
}

#[tokio::test]
async fn a_tokens_lifetime_can_be_missing_or_garbage() {
    let shop = Shop::open().await;
    for (kind, expected) in [
        (FaultKind::ExpiresInMissing, Value::Null),
        (FaultKind::ExpiresInGarbage, "soon".into()),
    ] {
        shop.sandbox.inject(Fault::new(Step::Oauth, kind)).unwrap();
        let body = shop.good_oauth().await.json();
        assert_eq!(body["expires_in"], expected);
        assert_eq!(body["access_token"].as_str().unwrap().len(), 28);
    }
}

#[tokio::test]
async fn an_empty_refusal_of_oauth_is_plain_text() {
    let shop = Shop::open().await;
    shop.sandbox
        .inject(Fault::new(Step::Oauth, FaultKind::Empty400))
        .unwrap();
    let reply = shop.good_oauth().await;
    assert_eq!(reply.header("content-type").as_deref(), Some("text/plain"));
    assert_eq!(reply.header("content-length").as_deref(), Some("0"));
}

#[tokio::test]
async fn callbacks_can_go_wrong() {
    for (kind, expected) in [
        (FaultKind::CallbackLost, 0),
        (FaultKind::CallbackTwice, 2),
        (FaultKind::TruncatedJson, 1),
    ] {
        let shop = Shop::open().await;
        shop.sandbox
            .inject(Fault::new(Step::Callback, kind))
            .unwrap();
        shop.accepted(PHONE).await;
        until("the fault was played", || {
            shop.sandbox.counters().faults_played == 1
        })
        .await;
        until("the callbacks came", || {
            shop.raw_callbacks().len() == expected
        })
        .await;
        let lost = u64::from(kind == FaultKind::CallbackLost);
        assert_eq!(shop.sandbox.counters().callbacks_lost, lost);
        let bodies = shop.raw_callbacks();
        let whole = bodies
            .iter()
            .filter(|(_, body)| serde_json::from_slice::<Value>(body).is_ok())
            .count();
        assert_eq!(
            whole,
            if kind == FaultKind::TruncatedJson {
                0
            } else {
                expected
            }
        );
    }
    let shop = Shop::open().await;
    shop.sandbox
        .inject(Fault::new(Step::Callback, FaultKind::SlowBefore).seconds(60.0))
        .unwrap();
    let started = Instant::now();
    shop.accepted(PHONE).await;
    shop.callback().await;
    assert!(started.elapsed() >= Duration::from_millis(77));
}

#[tokio::test]
async fn a_fault_can_last() {
    let shop = Shop::open().await;
    shop.sandbox
        .inject(Fault::new(Step::Push, FaultKind::UnavailableHtml).forever())
        .unwrap();
    for _ in 0..10 {
        assert_eq!(shop.push(PHONE).await.status(), 503);
    }
    shop.sandbox.clear_faults();
    shop.accepted(PHONE).await;
    let counters = shop.sandbox.counters();
    assert_eq!((counters.push_attempts, counters.prompts), (11, 1));
}
