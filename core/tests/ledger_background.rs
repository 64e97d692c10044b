//! The background work of a client with a handler: started, stopped, and started again.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::StkPush;
use lipia::client::LedgerPayment;
use lipia_sandbox::Sandbox;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::*;
use tokio::sync::Semaphore;

const FIVE: Duration = Duration::from_secs(5);

fn order_of(phone: &str, order: &str) -> StkPush {
    sale(phone).order(order)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_was_stopped_ends_its_tellings_begins_none_and_is_started_again() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let shop = Shop::open(builder(&sandbox.base_url())).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let may_end = Arc::new(Semaphore::new(0));
    let (heard, gate) = (Arc::clone(&told), Arc::clone(&may_end));
    let begun = Arc::new(AtomicUsize::new(0));
    let begins = Arc::clone(&begun);
    shop.client.on_outcome(move |payment| {
        begins.fetch_add(1, Ordering::SeqCst);
        let (heard, gate) = (Arc::clone(&heard), Arc::clone(&gate));
        async move {
            gate.acquire().await.unwrap().forget();
            let order = payment.order().unwrap_or_default().to_owned();
            heard.lock().unwrap().push(order);
        }
    });
    let settles = |number: usize, order: &str| {
        shop.client
            .collect(order_of(&paying_phone(number), order), without_asking(FIVE))
    };
    bounded(settles(1, "first")).await.unwrap();
    eventually("a telling begins", || begun.load(Ordering::SeqCst) == 1).await;

    let stopped = shop.client.stop();
    let early = tokio::time::timeout(Duration::from_millis(50), shop.client.stop()).await;
    assert!(early.is_err(), "it did not wait for the telling");
    may_end.add_permits(2);
    bounded(stopped).await;
    assert_eq!(*told.lock().unwrap(), ["first"]);

    shop.client.start();
    bounded(settles(2, "second")).await.unwrap();
    eventually("the second is told", || told.lock().unwrap().len() == 2).await;
    bounded(shop.client.stop()).await;
    let pass = bounded(shop.client.payments().reconcile()).await.unwrap();
    assert_eq!((pass.told, pass.not_told), (0, 0), "nothing is owed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_says_how_many_tellings_run_at_once() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let shop = Shop::open(builder(&sandbox.base_url())).await;
    let running = Arc::new(AtomicUsize::new(0));
    let told = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let seen = (Arc::clone(&running), Arc::clone(&told), Arc::clone(&most));
    shop.client.set_max_tellings(1);
    shop.client.on_outcome(move |_| {
        let (running, told, most) = seen.clone();
        async move {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            running.fetch_sub(1, Ordering::SeqCst);
            told.fetch_add(1, Ordering::SeqCst);
        }
    });
    for number in 0..10 {
        let push = order_of(&paying_phone(number), &format!("{number}"));
        bounded(shop.client.request(push)).await.unwrap();
    }
    eventually("all are told", || told.load(Ordering::SeqCst) == 10).await;
    assert_eq!(most.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_of_one_pass_hears_what_is_owed_and_is_not_kept() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let shop = Shop::open(builder(&sandbox.base_url())).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let handler = || {
        let told = Arc::clone(&told);
        move |payment: LedgerPayment| {
            let order = payment.order().unwrap_or_default().to_owned();
            told.lock().unwrap().push(order);
            async {}
        }
    };
    let settles = |number: usize, order: &str| {
        shop.client
            .collect(order_of(&paying_phone(number), order), without_asking(FIVE))
    };
    let payments = shop.client.payments();
    bounded(settles(1, "first")).await.unwrap();
    let pass = bounded(payments.tell(handler())).await.unwrap();
    assert_eq!((pass.told, pass.asked, pass.judged), (1, 0, 0));
    assert_eq!(*told.lock().unwrap(), ["first"]);

    bounded(settles(2, "second")).await.unwrap();
    let pass = bounded(payments.reconcile()).await.unwrap();
    assert_eq!(pass.told, 0, "this pass has no handler");
    let pass = bounded(payments.reconcile_with(handler())).await.unwrap();
    assert_eq!(pass.told, 1);
    assert_eq!(*told.lock().unwrap(), ["first", "second"]);
}
