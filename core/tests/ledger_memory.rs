//! The ledger in memory: it lets go what is done, and goes with its client.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::Client;
use lipia::ledger::{LedgerStore, MemoryLedger};
use lipia::payment::{PaymentId, PaymentState};
use lipia::values::{EatTime, ManualClock};
use lipia_sandbox::{FaultKind, Sandbox, Step};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::*;

const HOUR: Duration = Duration::from_secs(3_600);

/// Which of these payments the store has, once it has carried out another command.
async fn kept(store: &dyn LedgerStore, ids: &[PaymentId]) -> Vec<bool> {
    let row = store.load(&ids[0]).await.unwrap();
    if let Some(row) = row {
        // A write that changes nothing.
        let mut stale = row;
        stale.version = 0;
        store.replace(&stale).await.unwrap();
    }
    let mut kept = Vec::new();
    for id in ids {
        kept.push(store.load(id).await.unwrap().is_some());
    }
    kept
}

#[tokio::test]
async fn payments_are_let_go_once_nothing_is_left_to_do_about_them() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let clock = ManualClock::new(EatTime::parse_wire("20261121102115").unwrap());
    let store: Arc<dyn LedgerStore> = Arc::new(MemoryLedger::with_clock(Arc::new(clock.clone())));
    let builder = builder(&sandbox.base_url())
        .ledger(Arc::clone(&store))
        .clock(Arc::new(clock.clone()));
    let shop = Shop::open(builder).await;
    let told = Arc::new(Mutex::new(0));
    let count = Arc::clone(&told);
    shop.client.on_outcome(move |_| {
        *count.lock().unwrap() += 1;
        async {}
    });
    let pushed = async |phone: &str, order: &str| {
        let payment = shop.client.request(sale(phone).order(order)).await.unwrap();
        payment.id().clone()
    };
    inject(&sandbox, Step::Push, FaultKind::AnswerLost);
    let open = pushed(&phone_ending("1037"), "open").await;
    let paid = pushed(PAYS, "paid").await;
    let cancelled = pushed(&phone_ending("1032"), "cancelled").await;
    eventually("two are told", || *told.lock().unwrap() >= 2).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let ids = [paid.clone(), cancelled, open];
    clock.advance(Duration::from_secs(59 * 60));
    assert_eq!(kept(store.as_ref(), &ids).await[..2], [true, true]);
    clock.advance(HOUR + HOUR);
    assert_eq!(kept(store.as_ref(), &ids).await[..2], [true, false]);
    let again = shop.client.request(sale(PAYS).order("paid")).await.unwrap();
    assert_eq!(again.id(), &paid, "a paid order was free after an hour");
    clock.advance(8 * 24 * HOUR);
    kept(store.as_ref(), &ids).await;
    assert!(!kept(store.as_ref(), &ids).await[0]);
    // Its order is free, and nothing of it is left behind.
    let payments = shop.client.payments();
    assert!(payments.of_order("paid").await.unwrap().is_empty());
    assert!(payments.of_order("cancelled").await.unwrap().is_empty());
    let next = shop.client.request(sale(PAYS).order("paid")).await.unwrap();
    assert_eq!(next.state(), PaymentState::Accepted);
    let row = store.load(next.id()).await.unwrap().unwrap();
    assert!(row.seq > 3, "a place was given twice");
}

fn with_handler(sandbox: &Sandbox, store: &Arc<MemoryLedger>) -> Client {
    let ledger: Arc<dyn LedgerStore> = Arc::clone(store) as _;
    let client = builder(&sandbox.base_url()).ledger(ledger).build().unwrap();
    client.on_outcome(|_| async {});
    client
}

#[tokio::test]
async fn a_client_that_is_dropped_ends_its_work_and_frees_its_store() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store = Arc::new(MemoryLedger::default());
    let client = with_handler(&sandbox, &store);
    client.request(sale(PAYS).order("17")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(Arc::strong_count(&store) > 1);
    drop(client);
    eventually("the store is free", || Arc::strong_count(&store) == 1).await;
}
