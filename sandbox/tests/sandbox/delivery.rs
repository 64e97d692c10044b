//! Delivery of callbacks: tries, pauses, acknowledgements.

use std::time::{Duration, Instant};

use lipia_sandbox::{Ending, Fault, FaultKind, SandboxOptions, Scenario, Step};

use crate::support::{Shop, until};
use crate::till::{FIRST, PHONE, SECOND};

#[tokio::test]
async fn palpluss_tries_five_more_times() {
    let shop = Shop::open().await;
    shop.answer_with(&[500; 6]);
    shop.palpluss_accepted(PHONE).await;
    // 17 s and the five waits, 520 s together, are about half a second here.
    until("all tries", || {
        shop.sandbox.counters().callbacks_failed == 6
    })
    .await;
    tokio::time::sleep(Duration::from_millis(350)).await;
    let counters = shop.sandbox.counters();
    assert_eq!((counters.callbacks_sent, counters.callback_retries), (6, 5));
    assert_eq!(counters.palpluss.callbacks_sent, 6);
    assert_eq!(shop.sandbox.payments()[0].callbacks, 6);
    let bodies = shop.bodies();
    assert!(
        bodies.iter().all(|body| *body == bodies[0]),
        "the same each time"
    );
}

#[tokio::test]
async fn waits_between_tries_are_the_documented_ones() {
    // Ten seconds are 100 ms here.
    let shop = Shop::with(SandboxOptions::default().time_scale(100.0)).await;
    shop.answer_with(&[500, 302]);
    shop.sandbox.script_phone(PHONE, Scenario::Manual);
    let id = shop.palpluss_accepted(PHONE).await;
    let began = Instant::now();
    shop.sandbox.act(&id, Ending::Pay).unwrap();
    let mut times = Vec::new();
    for number in 1..=3 {
        until("a try", || shop.bodies().len() >= number).await;
        times.push(Instant::now());
    }
    assert!(
        times[1] - began >= Duration::from_millis(100),
        "ten seconds"
    );
    assert!(
        times[2] - began >= Duration::from_millis(400),
        "then thirty"
    );
    until("it is acknowledged", || {
        shop.sandbox.counters().callbacks_acknowledged == 1
    })
    .await;
    assert_eq!(shop.sandbox.counters().callback_retries, 2);
}

#[tokio::test]
async fn upesipay_tries_again_unless_it_is_answered_200_to_204() {
    for (path, answer, tries) in [
        (FIRST, 204, 1),
        (SECOND, 200, 1),
        (FIRST, 205, 2),
        (SECOND, 500, 2),
    ] {
        let shop = Shop::open().await;
        shop.answer_with(&[answer]);
        shop.upesipay_accepted(path, PHONE).await;
        until("it is acknowledged", || {
            shop.sandbox.counters().callbacks_acknowledged == 1
        })
        .await;
        assert_eq!(shop.bodies().len(), tries, "{path} {answer}");
        assert_eq!(
            shop.sandbox.counters().upesipay.callbacks_sent,
            tries as u64
        );
    }
}

#[tokio::test]
async fn retries_do_not_hold_up_what_comes_after() {
    let shop = Shop::with(SandboxOptions::default().time_scale(100.0)).await;
    shop.answer_with(&[500; 4]);
    // 1037 at 26 s, tried again at 36 s and 66 s; paid at 40 s.
    shop.palpluss_accepted("254712009017").await;
    let types = || -> Vec<String> {
        let bodies = shop.bodies();
        let types = bodies.iter().map(|body| body["event_type"].as_str());
        types.map(|word| word.unwrap().to_owned()).collect()
    };
    until("it is paid", || {
        types().iter().any(|word| word == "transaction.success")
    })
    .await;
    let expired = types()
        .iter()
        .filter(|word| *word == "transaction.expired")
        .count();
    assert!(expired <= 2, "{expired}");
}

#[tokio::test]
async fn a_reset_ends_the_tries() {
    let shop = Shop::with(SandboxOptions::default().time_scale(100.0)).await;
    shop.answer_with(&[500]);
    shop.palpluss_accepted("254712009005").await;
    assert_eq!(shop.bodies().len(), 1, "it came before the answer");
    shop.sandbox.reset();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(shop.bodies().len(), 1);
}

#[tokio::test]
async fn callbacks_are_lost_and_doubled_by_faults() {
    let shop = Shop::open().await;
    shop.sandbox
        .inject(Fault::new(Step::Callback, FaultKind::CallbackLost))
        .unwrap();
    shop.sandbox
        .inject(Fault::new(Step::Callback, FaultKind::CallbackTwice))
        .unwrap();
    shop.palpluss_accepted("254712000001").await;
    until("it is lost", || shop.sandbox.counters().callbacks_lost == 1).await;
    shop.upesipay_accepted(SECOND, "254712000002").await;
    until("both", || shop.bodies().len() == 2).await;
    assert_eq!(shop.bodies()[0], shop.bodies()[1]);
    assert_eq!(shop.bodies()[0]["status"], "success");
}
