//! Clocks of a ledger's processes that differ from the store's by ten minutes, and a store's clock that is set back: the store's
//! time decides, and no order is free early.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::client::DarajaBuilder;
use lipia::ledger::{LedgerStore, MemoryLedger};
use lipia::payment::PaymentState;
use lipia::values::{Clock as _, EatTime, ManualClock};
use lipia::{Client, Outcome};
use lipia_sandbox::{FaultKind, Sandbox, Step};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::*;

type Store = Arc<dyn LedgerStore>;

const SECOND: Duration = Duration::from_secs(1);
const TEN_MINUTES: i64 = 600_000;

fn store() -> (ManualClock, Store) {
    let clock = ManualClock::new(EatTime::parse_wire("20261121102115").unwrap());
    let store = Arc::new(MemoryLedger::with_clock(Arc::new(clock.clone())));
    (clock, store)
}

/// A builder of clients whose clock is that many milliseconds ahead of the store's, for as long as nobody moves either.
fn skewed(sandbox: &Sandbox, store: &Store, stores: &ManualClock, ahead: i64) -> DarajaBuilder {
    let now = EatTime::from_unix_millis(stores.now().unix_millis() + ahead);
    builder(&sandbox.base_url())
        .ledger(Arc::clone(store))
        .clock(Arc::new(ManualClock::new(now)))
}

/// The clocks of two processes, by how much each is ahead of the store's.
const SKEWS: [(i64, i64); 4] = [
    (TEN_MINUTES, -TEN_MINUTES),
    (-TEN_MINUTES, TEN_MINUTES),
    (0, TEN_MINUTES),
    (0, -TEN_MINUTES),
];

#[tokio::test]
async fn a_sender_is_alive_and_dead_by_the_stores_clock() {
    for (senders, others) in SKEWS {
        let sandbox = Sandbox::start(fast()).await.unwrap();
        let (clock, store) = store();
        let sender = skewed(&sandbox, &store, &clock, senders).build().unwrap();
        let other = skewed(&sandbox, &store, &clock, others).build().unwrap();
        inject(&sandbox, Step::Push, FaultKind::SlowAfter);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let request = sender.request(sale(PAYS).order("17"));
            let limit = Duration::from_millis(300);
            let _cut = runtime.block_on(async { tokio::time::timeout(limit, request).await });
            runtime.shutdown_background();
        });
        eventually("it is sent", || sandbox.counters().prompts == 1).await;
        let case = format!("{senders} and {others}");
        // The call may take 10 seconds, and the lease 15 more.
        for (after, state) in [
            (0, PaymentState::Sending),
            (24, PaymentState::Sending),
            (2, PaymentState::Unknown),
        ] {
            clock.advance(SECOND * after);
            let found = other.request(sale(PAYS).order("17")).await.unwrap();
            assert_eq!(found.state(), state, "{case}");
        }
        thread.join().unwrap();
        assert_eq!(sandbox.counters().prompts, 1, "{case}");
    }
}

#[tokio::test]
async fn a_failure_holds_its_order_for_ninety_seconds_of_the_stores_clock() {
    for (senders, others) in SKEWS {
        let sandbox = Sandbox::start(fast()).await.unwrap();
        let (clock, store) = store();
        let shop = Shop::open(skewed(&sandbox, &store, &clock, senders)).await;
        let other = skewed(&sandbox, &store, &clock, others).build().unwrap();
        let sleeps = || sale(&phone_ending("1037")).order("17");
        let failed = shop.client.collect(sleeps(), without_asking(5 * SECOND));
        let failed = bounded(failed).await.unwrap();
        let case = format!("{senders} and {others}");
        assert_eq!(failed.outcome(), Outcome::Timeout, "{case}");
        for after in [0, 45, 44] {
            clock.advance(SECOND * after);
            let held = other.request(sleeps()).await.unwrap();
            assert_eq!(held.id(), failed.id(), "{case}: after {after}");
        }
        // Seconds after the last question.
        clock.advance(SECOND * 6);
        let next = other.request(sleeps()).await.unwrap();
        assert_ne!(next.id(), failed.id(), "{case}");
    }
}

#[tokio::test]
async fn questions_and_tellings_are_due_by_the_stores_clock() {
    for (ahead, _) in SKEWS {
        let sandbox = Sandbox::start(fast()).await.unwrap();
        let (clock, store) = store();
        // Nobody takes its callbacks.
        let client = skewed(&sandbox, &store, &clock, ahead).build().unwrap();
        client.request(sale(PAYS).order("17")).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        let attempts = Arc::new(Mutex::new(0));
        let count = Arc::clone(&attempts);
        client.on_outcome(move |_| {
            *count.lock().unwrap() += 1;
            async { Err::<(), _>("the shop is closed") }
        });
        clock.advance(SECOND * 9);
        let pass = client.payments().reconcile().await.unwrap();
        assert_eq!(pass.asked, 0, "{ahead}: asked before its time");
        clock.advance(SECOND * 2);
        client.payments().reconcile().await.unwrap();
        eventually("it is told", || *attempts.lock().unwrap() == 1).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        client.payments().reconcile().await.unwrap();
        assert_eq!(
            *attempts.lock().unwrap(),
            1,
            "{ahead}: told before its time"
        );
        clock.advance(SECOND * 6);
        client.payments().reconcile().await.unwrap();
        eventually("it is told again", || *attempts.lock().unwrap() >= 2).await;
    }
}

/// Sets a clock back by ten minutes.
fn set_back(clock: &ManualClock) {
    let earlier = clock.now().unix_millis() - TEN_MINUTES;
    clock.set(EatTime::from_unix_millis(earlier));
}

async fn id_of(client: &Client, phone: &str) -> String {
    let payment = client.request(sale(phone).order("17")).await.unwrap();
    payment.id().as_str().to_owned()
}

#[tokio::test]
async fn a_stores_clock_that_is_set_back_frees_no_order_and_prompts_nobody_twice() {
    let sleeps = phone_ending("1037");
    for phone in [PAYS, sleeps.as_str()] {
        let sandbox = Sandbox::start(fast()).await.unwrap();
        let (clock, store) = store();
        let builder = builder(&sandbox.base_url())
            .ledger(Arc::clone(&store))
            .clock(Arc::new(clock.clone()));
        let shop = Shop::open(builder).await;
        let first = id_of(&shop.client, phone).await;
        set_back(&clock);
        assert_eq!(id_of(&shop.client, phone).await, first);
        eventually("it is settled", || !shop.received().is_empty()).await;
        for _ in 0..2 {
            set_back(&clock);
            assert_eq!(id_of(&shop.client, phone).await, first);
        }
        assert_eq!(sandbox.counters().prompts, 1);
        // What is due comes late, and comes.
        clock.advance(SECOND * (3 * 600 + 95));
        let again = id_of(&shop.client, phone).await;
        assert_eq!(
            again == first,
            phone == PAYS,
            "a paid order stays, a failed one is free"
        );
    }
}

#[tokio::test]
async fn a_sender_whose_own_clock_is_set_back_sends_within_its_lease() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let troubled = Arc::new(TroubledLedger::default());
    let store: Store = Arc::clone(&troubled) as _;
    let own = ManualClock::new(EatTime::parse_wire("20261121102115").unwrap());
    let client = builder(&sandbox.base_url())
        .ledger(store)
        .clock(Arc::new(own.clone()))
        .build()
        .unwrap();
    let paused = troubled.pause("load");
    let request = client.request(sale(PAYS).order("17"));
    let (sent, ()) = futures_util::future::join(request, async {
        paused.reached().await;
        set_back(&own);
        paused.go_on();
    })
    .await;
    assert_eq!(sent.unwrap().state(), PaymentState::Accepted);
    assert_eq!(sandbox.counters().prompts, 1);
}
