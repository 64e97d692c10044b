//! What the log says of orders that are claimed in memory: in a process of its own, because what is listened to is decided once
//! for a whole process.

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
async fn an_order_that_is_claimed_in_memory_in_production_is_an_error_in_the_log_once() {
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
}
