//! The log about orders that are claimed in memory, and about pushes past the ledger. A process of its own, because a log's
//! level is decided once for a whole process.

#![allow(
    clippy::unwrap_used,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::ledger::MemoryLedger;
use lipia_sandbox::Sandbox;
use std::sync::Arc;
use support::*;

/// How often an error says that an order is claimed in memory.
fn errors(log: &Log) -> usize {
    let is_it = |line: &&str| line.contains("ERROR") && line.contains("LIPIA_LEDGER");
    log.text().lines().filter(is_it).count()
}

#[tokio::test]
async fn an_order_in_memory_in_production_and_a_push_past_the_ledger_are_errors_in_the_log_once() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let of = |environment: &str| builder(&sandbox.base_url()).environment(environment);
    let push = |number| sale(&paying_phone(number)).order(format!("order {number}"));

    let testing = of("sandbox").build().unwrap();
    testing.request(push(1)).await.unwrap();
    let without_order = of("production").build().unwrap();
    without_order.request(sale(&paying_phone(2))).await.unwrap();
    let elsewhere: Arc<TroubledLedger> = Arc::default();
    let kept = of("production").ledger(elsewhere).build().unwrap();
    kept.request(push(3)).await.unwrap();
    assert_eq!(errors(&log), 0, "nothing is lost there");

    let client = of("production").build().unwrap();
    for number in 4..7 {
        client.request(push(number)).await.unwrap();
    }
    assert_eq!(errors(&log), 1);
    let given = of("production").ledger(Arc::new(MemoryLedger::default()));
    given.build().unwrap().request(push(7)).await.unwrap();
    assert_eq!(errors(&log), 2, "each client says it once");

    let past = || {
        let is_it = |line: &&str| line.contains("ERROR") && line.contains("past the ledger");
        log.text().lines().filter(is_it).count()
    };
    let without_ledger = of("sandbox").build().unwrap();
    without_ledger
        .stk_push(sale(&paying_phone(8)))
        .await
        .unwrap();
    kept.request(sale(&paying_phone(9))).await.unwrap();
    let saves: Arc<Memory> = Arc::default();
    let with_store = of("sandbox").ledger(Arc::new(TroubledLedger::default()));
    let with_store = with_store.store(saves).build().unwrap();
    with_store.stk_push(sale(&paying_phone(10))).await.unwrap();
    assert_eq!(past(), 0, "the payment is where the program expects it");
    for number in 11..14 {
        kept.stk_push(sale(&paying_phone(number))).await.unwrap();
    }
    assert_eq!(past(), 1);
}
