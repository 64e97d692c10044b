//! A payment outlives its call, its process and its store's bad days.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::payment::{Change, PaymentState};
use lipia::values::Receipt;
use lipia::{Outcome, Payment};
use lipia_sandbox::{Fault, FaultKind, Sandbox, Step};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use support::{
    FileStore, FullAfter, Memory, PAYS, Shop, bounded, builder, eventually, fast, hurried,
    in_short, inject, none_of, phone_ending, sale, stand, success_body,
};

/// The words for a payment: its state, its outcome, whether it has a receipt, and why anything was not believed.
fn words(payment: &Payment) -> String {
    let receipt = payment.receipt().map_or("", |_| ", receipt");
    let flags: String = payment
        .flags()
        .iter()
        .map(|flag| format!(", {}", flag.reason))
        .collect();
    format!(
        "{} {}{receipt}{flags}",
        payment.state().as_str(),
        payment.outcome()
    )
}

#[tokio::test]
async fn what_real_callbacks_do_is_taken_as_far_as_it_can_be_believed() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let shop = Shop::open(builder(&sandbox.base_url())).await;
    let mut failures = Vec::new();
    let mut running = Vec::new();
    for (ending, callbacks, wanted) in [
        ("9004", 2, "settled success, receipt"),
        ("9005", 1, "settled success, receipt"),
        ("9006", 2, "settled success, receipt, contradicts_success"),
        ("9009", 1, "settled success"),
        ("9010", 1, "accepted pending, amount_differs"),
        ("9011", 1, "settled success, receipt"),
        ("9016", 1, "settled success, receipt"),
        ("9017", 2, "settled success, receipt"),
        // A forger who knows the URL is believed, unless the shop asks for confirmation.
        ("9015", 2, "settled success, receipt, contradicts_success"),
    ] {
        let payment = shop.client.reserve(sale(&phone_ending(ending))).unwrap();
        shop.client.push(&payment).await.unwrap();
        running.push((ending, callbacks, wanted, payment));
    }
    for (ending, callbacks, wanted, payment) in running {
        let path = support::path_of(&payment);
        let arrived = || shop.paths().iter().filter(|seen| **seen == path).count();
        eventually("its callbacks arrive", || arrived() >= callbacks).await;
        eventually("it is worked on", || {
            shop.received().len() >= shop.paths().len()
        })
        .await;
        let found = words(&payment.snapshot());
        if found != wanted {
            failures.push(format!("{ending}: {found}, not {wanted}"));
        }
    }
    none_of(&failures);
}

#[tokio::test]
async fn a_payment_is_saved_before_its_push_and_after_everything_that_is_learnt() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store = Arc::new(Memory::default());
    let client = builder(&sandbox.base_url())
        .store(store.clone())
        .build()
        .unwrap();
    inject(&sandbox, Step::Oauth, FaultKind::AnswerLost);
    let payment = client
        .collect(sale(&phone_ending("9003")), hurried())
        .await
        .unwrap();
    let saved = store.saved();
    assert_eq!(saved[0].state(), PaymentState::Sending);
    assert!(saved[0].acceptance().is_none());
    assert_eq!(saved[1].state(), PaymentState::Accepted);
    assert!(saved.is_sorted_by_key(Payment::revision));
    assert_eq!(saved.last().unwrap().to_json(), payment.to_json());
}

#[tokio::test]
async fn a_store_that_fails_before_the_push_keeps_it_from_being_sent() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let client = builder(&sandbox.base_url())
        .store(Arc::new(FullAfter::new(0)))
        .build()
        .unwrap();
    let payment = client.reserve(sale(PAYS)).unwrap();
    let error = client.push(&payment).await.unwrap_err();
    assert_eq!(in_short(&error), "not_sent storage retryable");
    assert!(error.message().contains("the disk is full"));
    assert_eq!(payment.snapshot().state(), PaymentState::Reserved);
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_store_that_fails_after_the_push_does_not_hide_the_acceptance() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let client = builder(&sandbox.base_url())
        .store(Arc::new(FullAfter::new(1)))
        .build()
        .unwrap();
    let payment = client
        .collect(sale(&phone_ending("9003")), hurried())
        .await
        .unwrap();
    assert!(payment.is_paid());
}

#[tokio::test]
async fn a_payment_resumes_from_every_state_and_is_pushed_only_if_it_never_was() {
    let mut failures = Vec::new();
    for (name, fault, waits, state, pushes_again) in [
        ("reserved", None, false, PaymentState::Reserved, true),
        ("accepted", None, true, PaymentState::Accepted, false),
        (
            "lost",
            Some(FaultKind::AnswerLost),
            true,
            PaymentState::Unknown,
            false,
        ),
        (
            "refused",
            Some(FaultKind::InvalidToken404),
            true,
            PaymentState::Reserved,
            true,
        ),
    ] {
        let (sandbox, client) = stand().await;
        let payment = client.reserve(sale(&phone_ending("9000"))).unwrap();
        if let Some(kind) = fault {
            sandbox
                .inject(Fault::new(Step::Push, kind).times(20))
                .unwrap();
        }
        if waits {
            client.push(&payment).await.ok();
        }
        let saved = payment.to_json();
        drop((payment, client));
        let other = builder(&sandbox.base_url()).build().unwrap();
        let resumed = other.resume(Payment::from_json(&saved).unwrap()).unwrap();
        assert_eq!(resumed.to_json(), saved, "{name}");
        sandbox.clear_faults();
        let pushed = other.push(&resumed).await.is_ok();
        if (Payment::from_json(&saved).unwrap().state(), pushed) != (state, pushes_again) {
            failures.push(format!("{name}: pushed {pushed}, {saved}"));
        }
        assert!(sandbox.counters().prompts <= 1, "{name}");
    }
    none_of(&failures);
}

#[tokio::test]
async fn a_payment_is_resumed_once_and_every_resume_is_the_same_one() {
    let (_sandbox, client) = stand().await;
    let payment = client.reserve(sale(&phone_ending("9000"))).unwrap();
    let before = Payment::from_json(&payment.to_json()).unwrap();
    let id = client.push(&payment).await.unwrap().id().to_owned();
    let same = client.resume(before).unwrap();
    assert_eq!(
        same.snapshot().state(),
        PaymentState::Accepted,
        "not the older copy"
    );
    let event = client
        .parse_callback(&success_body(
            &id,
            "150",
            &phone_ending("9000"),
            Some("SKL1234567"),
        ))
        .unwrap();
    assert_eq!(same.notify(&event), Change::Applied);
    assert!(payment.snapshot().is_paid());
    let kept = payment.id().clone();
    drop((payment, same));
    let found = client.find(&kept).unwrap().snapshot();
    assert!(found.is_paid(), "the client holds what it pushed");
    let reserved = client.reserve(sale(&phone_ending("9000"))).unwrap();
    let dropped = reserved.id().clone();
    drop(reserved);
    assert!(client.find(&dropped).is_none(), "and nothing else");
}

#[tokio::test]
async fn garbage_is_no_payment_and_a_later_form_asks_for_an_update() {
    let (_sandbox, client) = stand().await;
    let saved = client.reserve(sale(PAYS)).unwrap().to_json();
    let mut failures = Vec::new();
    for (text, code) in [
        ("", "payment_unreadable"),
        ("[]", "payment_unreadable"),
        ("{\"form\":1}", "payment_unreadable"),
        ("{\"form\":99}", "payment_form_unknown"),
        (&saved[1..], "payment_unreadable"),
    ] {
        let error = Payment::from_json(text).unwrap_err();
        if error.code() != code || error.hint().is_none() {
            failures.push(format!("{text}: {error:?}"));
        }
    }
    none_of(&failures);
}

/// Set for the child: where the sandbox is, where its callbacks go, and where the payment is saved.
const CHILD: [&str; 3] = [
    "LIPIA_TEST_GATEWAY",
    "LIPIA_TEST_CALLBACK",
    "LIPIA_TEST_FILE",
];

/// A shop of one sale in a process of its own. Run by the tests below; by itself it does nothing.
#[tokio::test]
#[ignore = "the other half of the tests that kill a process"]
async fn child() {
    let [Some(gateway), Some(callback), Some(file)] = CHILD.map(|name| std::env::var(name).ok())
    else {
        return;
    };
    let client = builder(&gateway)
        .callback_url(callback)
        .store(Arc::new(FileStore(file.into())))
        .build()
        .unwrap();
    client.stk_push(sale(PAYS)).await.ok();
}

fn start_child(gateway: &str, callback: &str, file: &PathBuf) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored"])
        .env(CHILD[0], gateway)
        .env(CHILD[1], callback)
        .env(CHILD[2], file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Kills a process that is pushing at the moment that `step` is reached, and takes its payment up here.
async fn take_over(step: Step) -> (Sandbox, Shop, lipia::PaymentHandle) {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let shop = Shop::open(builder(&sandbox.base_url())).await;
    let callback = shop.client.reserve(sale(PAYS)).unwrap();
    let callback = callback.snapshot().push().callback_url.as_str().to_owned();
    let (callback, _) = callback.rsplit_once('/').unwrap();
    let slow = Fault::new(step, FaultKind::SlowAfter).seconds(100_000.0);
    sandbox.inject(slow).unwrap();
    let name = format!("lipia-{}-{}.json", std::process::id(), step.name());
    let file = std::env::temp_dir().join(name);
    let mut child = start_child(&sandbox.base_url(), callback, &file);
    eventually("the child is on its way", || {
        let counters = sandbox.counters();
        counters.prompts == 1 || (step == Step::Oauth && counters.oauth_calls == 1)
    })
    .await;
    child.kill().unwrap();
    child.wait().unwrap();
    let saved = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let payment = Payment::from_json(&saved).unwrap();
    assert_eq!(payment.state(), PaymentState::Sending);
    let payment = shop.client.resume(payment).unwrap();
    assert_eq!(payment.snapshot().state(), PaymentState::Unknown);
    (sandbox, shop, payment)
}

#[tokio::test]
async fn a_process_killed_in_the_middle_of_a_push_leaves_a_payment_that_another_one_sees_paid() {
    let (sandbox, shop, payment) = take_over(Step::Push).await;
    let again = shop.client.push(&payment).await.unwrap_err();
    assert_eq!(again.code(), "payment_already_sent");
    let settled = bounded(
        shop.client
            .wait(&payment, hurried().timeout(Duration::from_millis(500))),
    )
    .await
    .unwrap();
    // The callback may have come before the payment was taken up here: then it is handed in again.
    let settled = match shop.received().pop() {
        Some(Ok(early)) if early.verdict.is_none() => {
            payment.notify(&early.event);
            payment.snapshot()
        }
        _ => settled,
    };
    assert_eq!(settled.outcome(), Outcome::Success);
    assert_eq!(
        settled.receipt().map(Receipt::as_str),
        sandbox.payments()[0].receipt.as_deref()
    );
    let counters = sandbox.counters();
    assert_eq!((counters.push_attempts, counters.prompts), (1, 1));
}

#[tokio::test]
async fn a_process_killed_before_its_push_left_leaves_a_payment_that_is_not_pushed_on_a_guess() {
    let (sandbox, shop, payment) = take_over(Step::Oauth).await;
    shop.client.push(&payment).await.unwrap_err();
    let options = hurried().timeout(Duration::from_millis(100));
    let open = shop
        .client
        .collect_payment(&payment, options)
        .await
        .unwrap();
    assert_eq!(
        (open.state(), open.outcome()),
        (PaymentState::Unknown, Outcome::Unknown)
    );
    assert_eq!(sandbox.counters().push_attempts, 0);
}

#[tokio::test]
async fn an_announced_push_leaves_once_and_its_json_says_that_it_may_have_been_sent() {
    let (sandbox, client) = stand().await;
    let payment = client.reserve(sale(PAYS)).unwrap();
    payment.begin().unwrap();
    assert_eq!(payment.begin().unwrap_err().code(), "payment_already_sent");
    let saved = payment.to_json();
    assert_eq!(sandbox.counters().prompts, 0, "announcing sends nothing");
    client.push(&payment).await.unwrap();
    assert_eq!(
        client.push(&payment).await.unwrap_err().code(),
        "payment_already_sent"
    );
    assert_eq!(sandbox.counters().prompts, 1);

    // Another process reads what was saved just before the first byte left.
    let (_, other) = stand().await;
    let resumed = other
        .resume(lipia::Payment::from_json(&saved).unwrap())
        .unwrap();
    assert_eq!(resumed.snapshot().state(), PaymentState::Unknown);
    assert!(other.push(&resumed).await.is_err());
}

#[tokio::test]
async fn an_announced_payment_is_collected_like_a_reserved_one() {
    let (sandbox, client) = stand().await;
    let payment = client.reserve(sale(PAYS)).unwrap();
    payment.begin().unwrap();
    let settled = client.collect_payment(&payment, hurried()).await.unwrap();
    assert!(settled.is_paid());
    assert_eq!(sandbox.counters().prompts, 1);
}
