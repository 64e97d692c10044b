//! One payment for one order, across clients that share a ledger as processes do.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use futures_util::future::join_all;
use lipia::client::{DarajaBuilder, LedgerPayment, Resolution};
use lipia::ledger::{LedgerStore, MemoryLedger, Search};
use lipia::payment::PaymentState;
use lipia::values::{Clock as _, EatTime, ManualClock};
use lipia::{Client, Disposition, Outcome, StkPush};
use lipia_sandbox::{FaultKind, Sandbox, Step};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::*;

type Store = Arc<dyn LedgerStore>;

/// A builder of clients for a sandbox over a store.
fn over(sandbox: &Sandbox, store: &Store) -> DarajaBuilder {
    builder(&sandbox.base_url()).ledger(Arc::clone(store))
}

fn memory() -> Store {
    Arc::new(MemoryLedger::default())
}

fn order_of(phone: &str, order: &str) -> StkPush {
    sale(phone).order(order)
}

/// What a handler was told: order, outcome, and whether it was paid twice.
type Told = Arc<Mutex<Vec<LedgerPayment>>>;

fn listen(client: &Client) -> Told {
    let told = Told::default();
    let heard = Arc::clone(&told);
    client.on_outcome(move |payment| {
        heard.lock().unwrap().push(payment);
        async {}
    });
    told
}

fn outcomes(told: &Told) -> Vec<(String, &'static str)> {
    let told = told.lock().unwrap();
    let mut outcomes: Vec<_> = told
        .iter()
        .map(|payment| {
            let order = payment.order().unwrap_or_default().to_owned();
            (order, payment.outcome().as_str())
        })
        .collect();
    outcomes.sort();
    outcomes
}

/// A clock that stands, as the ledger and its clients have it.
fn stopped_clock() -> (ManualClock, Store) {
    let clock = ManualClock::new(EatTime::parse_wire("20261121102115").unwrap());
    let store = Arc::new(MemoryLedger::with_clock(Arc::new(clock.clone())));
    (clock, store)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_processes_that_request_an_order_at_once_one_prompts() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    for (kind, times) in [
        (FaultKind::AnswerLost, 20),
        (FaultKind::SystemBusy, 20),
        (FaultKind::ConnectionRefused, 20),
        (FaultKind::InternalError, 10),
    ] {
        let fault = lipia_sandbox::Fault::new(Step::Push, kind);
        sandbox.inject_n(fault, times).unwrap();
    }
    let store = memory();
    let clients = [(); 2].map(|()| over(&sandbox, &store).build().unwrap());
    let requests = (0..200).flat_map(|number| {
        let push = order_of(&paying_phone(number), &format!("order-{number}"));
        clients
            .iter()
            .map(move |client| client.request(push.clone()))
    });
    let results = bounded(join_all(requests)).await;
    for pair in results.chunks(2) {
        let [one, other] = pair else {
            panic!("two a pair")
        };
        if let (Ok(one), Ok(other)) = (one, other) {
            assert_eq!(one.id(), other.id(), "two payments of one order");
        }
    }
    let counters = sandbox.counters();
    let twice: Vec<_> = counters
        .prompts_by_phone
        .iter()
        .filter(|(_, prompts)| **prompts > 1)
        .collect();
    assert!(twice.is_empty(), "prompted twice: {twice:?}");
    assert!(counters.prompts > 150, "only {} prompts", counters.prompts);
    assert!(
        counters.faults_played >= 60,
        "{} faults",
        counters.faults_played
    );
}

#[tokio::test]
async fn a_paid_order_stays_claimed_in_every_process() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store = memory();
    let shop = Shop::open(over(&sandbox, &store)).await;
    let other = over(&sandbox, &store).build().unwrap();
    let paid = bounded(shop.client.collect(order_of(PAYS, "17"), hurried()))
        .await
        .unwrap();
    assert_eq!(paid.outcome(), Outcome::Success);
    let again = other.request(order_of(PAYS, "17")).await.unwrap();
    assert_eq!((again.id(), again.is_paid()), (paid.id(), true));
    assert!(again.order_is_paid());
    let dearer = StkPush::new(PAYS, 151, "INV-001").order("17");
    let refused = other.request(dearer).await.unwrap_err();
    assert_eq!(refused.code(), "order_paid_differently");
    assert_eq!(refused.payment_id(), Some(paid.id()));
    assert_eq!(sandbox.counters().prompts, 1);
}

#[tokio::test]
async fn an_open_order_is_not_prompted_for_another_amount_or_phone() {
    let sandbox = Sandbox::start(fast().time_scale(1.0)).await.unwrap();
    let client = over(&sandbox, &memory()).build().unwrap();
    let open = client.request(order_of(PAYS, "17")).await.unwrap();
    assert_eq!(open.state(), PaymentState::Accepted);
    for (push, field) in [
        (StkPush::new(PAYS, 151, "INV-001"), "amount"),
        (sale(&paying_phone(7)), "phone_number"),
    ] {
        let refused = client.request(push.order("17")).await.unwrap_err();
        assert_eq!(refused.code(), "order_asked_differently");
        assert_eq!(refused.field(), Some(field));
        assert_eq!(refused.payment_id(), Some(open.id()));
        assert_eq!(refused.disposition(), Disposition::NotSent);
    }
    assert_eq!(sandbox.counters().prompts, 1);
}

#[tokio::test]
async fn an_order_whose_customer_cancelled_is_free_at_once() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store = memory();
    let shop = Shop::open(over(&sandbox, &store)).await;
    let cancels = phone_ending("1032");
    let first = bounded(
        shop.client
            .collect(order_of(&cancels, "17"), without_asking(FIVE)),
    )
    .await;
    let first = first.unwrap();
    assert_eq!(first.outcome(), Outcome::Cancelled);
    let second = shop.client.request(order_of(PAYS, "17")).await.unwrap();
    assert_ne!(second.id(), first.id());
    assert_eq!(sandbox.counters().prompts, 2);
}

const FIVE: Duration = Duration::from_secs(5);

#[tokio::test]
async fn an_order_is_free_at_once_after_a_push_that_was_refused() {
    let sandbox = Sandbox::start(fast().time_scale(1.0)).await.unwrap();
    let client = over(&sandbox, &memory()).build().unwrap();
    // The customer has a prompt open.
    client.request(order_of(PAYS, "16")).await.unwrap();
    let refused = client.request(order_of(PAYS, "17")).await.unwrap_err();
    assert_eq!(refused.disposition(), Disposition::Rejected);
    let other = paying_phone(1);
    let second = client.request(order_of(&other, "17")).await.unwrap();
    assert_eq!(second.state(), PaymentState::Accepted);
    let payments = client.payments().of_order("17").await.unwrap();
    assert_eq!(payments.len(), 2);
}

#[tokio::test]
async fn a_push_whose_answer_was_lost_holds_its_order_and_is_asked_about() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store = memory();
    let shop = Shop::open(over(&sandbox, &store)).await;
    inject(&sandbox, Step::Push, FaultKind::AnswerLost);
    let first = shop.client.request(order_of(PAYS, "17")).await.unwrap();
    assert_eq!(first.state(), PaymentState::Unknown);
    let paid = bounded(shop.client.collect(order_of(PAYS, "17"), hurried()))
        .await
        .unwrap();
    assert_eq!((paid.id(), paid.outcome()), (first.id(), Outcome::Success));
    assert_eq!(sandbox.counters().prompts, 1);
}

#[tokio::test]
async fn a_failure_that_only_says_nobody_answered_holds_its_order_through_the_grace() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let (clock, store) = stopped_clock();
    let shop = Shop::open(over(&sandbox, &store).clock(Arc::new(clock.clone()))).await;
    let sleeps = phone_ending("1037");
    let first = bounded(
        shop.client
            .collect(order_of(&sleeps, "17"), without_asking(FIVE)),
    )
    .await;
    let first = first.unwrap();
    assert_eq!(first.outcome(), Outcome::Timeout);
    let queries = sandbox.counters().queries;
    let held = shop.client.request(order_of(&sleeps, "17")).await.unwrap();
    assert_eq!((held.id(), held.outcome()), (first.id(), Outcome::Timeout));
    assert!(held.order_free_at().is_some_and(|free| free > clock.now()));
    assert_eq!(
        sandbox.counters().queries,
        queries + 1,
        "asked before it is held"
    );
    clock.advance(Duration::from_secs(91));
    let second = shop.client.request(order_of(&sleeps, "17")).await.unwrap();
    assert_ne!(
        second.id(),
        first.id(),
        "still a failure, and the grace is over"
    );
    assert_eq!(sandbox.counters().prompts, 2);
}

#[tokio::test]
async fn after_the_grace_an_order_is_held_while_the_gateway_cannot_be_asked() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let (clock, store) = stopped_clock();
    let shop = Shop::open(over(&sandbox, &store).clock(Arc::new(clock.clone()))).await;
    let sleeps = phone_ending("1037");
    let first = bounded(
        shop.client
            .collect(order_of(&sleeps, "17"), without_asking(FIVE)),
    )
    .await;
    clock.advance(Duration::from_secs(91));
    inject(&sandbox, Step::Query, FaultKind::AnswerLost);
    let held = shop.client.request(order_of(&sleeps, "17")).await.unwrap();
    assert_eq!(held.id(), first.unwrap().id());
    assert_eq!(sandbox.counters().prompts, 1);
}

#[tokio::test]
async fn a_callback_in_one_process_ends_the_wait_in_another() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store = memory();
    let receives = Shop::open(over(&sandbox, &store)).await;
    // Its callbacks go to the other one's server.
    let url = receives.url();
    let waits = over(&sandbox, &store).callback_url(url).build().unwrap();
    let paid = waits.collect(order_of(PAYS, "17"), without_asking(FIVE));
    let paid = bounded(paid).await.unwrap();
    assert_eq!(paid.outcome(), Outcome::Success);
    assert!(paid.receipt().is_some());
    assert_eq!(sandbox.counters().queries, 0);
    assert_eq!(receives.verdicts().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_outcome_is_told_once_in_one_of_the_processes() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store = memory();
    let shops = [
        Shop::open(over(&sandbox, &store)).await,
        Shop::open(over(&sandbox, &store)).await,
    ];
    let told = [listen(&shops[0].client), listen(&shops[1].client)];
    let requests = (0..50).map(|number| {
        let push = order_of(&paying_phone(number), &format!("{number:02}"));
        shops[number % 2].client.request(push)
    });
    for requested in bounded(join_all(requests)).await {
        requested.unwrap();
    }
    let count = || {
        told.iter()
            .map(|told| told.lock().unwrap().len())
            .sum::<usize>()
    };
    eventually("all are told", || count() >= 50).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut all = [outcomes(&told[0]), outcomes(&told[1])].concat();
    all.sort();
    let expected: Vec<_> = (0..50)
        .map(|number| (format!("{number:02}"), "success"))
        .collect();
    assert_eq!(all, expected);
}

#[tokio::test]
async fn a_handler_that_fails_or_panics_is_told_again() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let (clock, store) = stopped_clock();
    let shop = Shop::open(over(&sandbox, &store).clock(Arc::new(clock.clone()))).await;
    let attempts = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&attempts);
    shop.client.on_outcome(move |payment| {
        let attempt = payment.attempt();
        heard.lock().unwrap().push(attempt);
        async move {
            match attempt {
                1 => Err("the shop's database is away"),
                2 => panic!("the shop has a fault"),
                _ => Ok(()),
            }
        }
    });
    bounded(
        shop.client
            .collect(order_of(PAYS, "17"), without_asking(FIVE)),
    )
    .await
    .unwrap();
    for (attempt, pause) in [(1, 5), (2, 10), (3, 3_600)] {
        eventually("it is told", || attempts.lock().unwrap().len() == attempt).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        clock.advance(Duration::from_secs(pause));
    }
    // A pass after the last one finds nothing that is owed.
    let pass = shop.client.payments().reconcile().await.unwrap();
    assert_eq!((pass.told, pass.not_told), (0, 0));
    assert_eq!(*attempts.lock().unwrap(), [1, 2, 3]);
}

#[tokio::test]
async fn an_order_that_was_released_and_paid_twice_is_flagged_and_told_twice() {
    let sandbox = Sandbox::start(fast().time_scale(50.0)).await.unwrap();
    let store = memory();
    let shop = Shop::open(over(&sandbox, &store)).await;
    let told = listen(&shop.client);
    let first = shop.client.request(order_of(PAYS, "17")).await.unwrap();
    let released = shop.client.payments().release("17").await.unwrap();
    assert_eq!(released.id(), first.id());
    let other = paying_phone(1);
    let second = shop.client.request(order_of(&other, "17")).await.unwrap();
    assert_ne!(second.id(), first.id());
    let flagged = || {
        let told = told.lock().unwrap();
        let twice = told.iter().filter(|payment| payment.is_paid_twice());
        let mut ids: Vec<_> = twice.map(|payment| payment.id().clone()).collect();
        ids.sort();
        ids.dedup();
        ids.len()
    };
    eventually("both are told as paid twice", || flagged() == 2).await;
    let payments = shop.client.payments().of_order("17").await.unwrap();
    assert!(
        payments
            .iter()
            .all(|payment| payment.is_paid() && payment.is_paid_twice())
    );
    // The order is paid, and stays so.
    shop.client.request(order_of(PAYS, "17")).await.unwrap();
    assert_eq!(sandbox.counters().prompts, 2);
}

#[tokio::test]
async fn a_sender_that_died_leaves_an_unknown_payment_that_is_never_pushed_again() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let (clock, store) = stopped_clock();
    let build = || {
        over(&sandbox, &store)
            .clock(Arc::new(clock.clone()))
            .build()
            .unwrap()
    };
    inject(&sandbox, Step::Push, FaultKind::SlowAfter);
    let dies = build();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let request = dies.request(order_of(PAYS, "17"));
        let limit = Duration::from_millis(300);
        let _cut = runtime.block_on(async { tokio::time::timeout(limit, request).await });
        runtime.shutdown_background();
    });
    while sandbox.counters().prompts == 0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let other = build();
    let sending = other.request(order_of(PAYS, "17")).await.unwrap();
    assert_eq!(sending.state(), PaymentState::Sending);
    thread.join().unwrap();
    clock.advance(Duration::from_secs(26));
    let unknown = other.request(order_of(PAYS, "17")).await.unwrap();
    assert_eq!(
        (unknown.id(), unknown.state()),
        (sending.id(), PaymentState::Unknown)
    );
    assert_eq!(sandbox.counters().prompts, 1);
}

#[tokio::test]
async fn a_sender_that_was_stopped_past_its_lease_does_not_send() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let troubled = Arc::new(TroubledLedger::default());
    let store: Store = Arc::clone(&troubled) as Store;
    let client = over(&sandbox, &store).build().unwrap();
    troubled.trouble("claim", Trouble::Stopped);
    let late = client.request(order_of(PAYS, "17")).await.unwrap_err();
    assert_eq!(
        (late.code(), late.disposition()),
        ("sender_too_late", Disposition::NotSent)
    );
    assert_eq!(sandbox.counters().prompts, 0);
}

#[tokio::test]
async fn nothing_is_sent_without_a_claim() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let troubled = Arc::new(TroubledLedger::default());
    let store: Store = Arc::clone(&troubled) as Store;
    let client = over(&sandbox, &store).build().unwrap();
    for (command, trouble) in [
        ("earlier", Trouble::Fails),
        ("claim", Trouble::Fails),
        ("claim", Trouble::AnswerLost),
    ] {
        troubled.trouble(command, trouble);
        let failed = client.request(order_of(PAYS, "17")).await.unwrap_err();
        assert_eq!(
            (failed.code(), failed.disposition()),
            ("ledger_failed", Disposition::NotSent)
        );
        assert_eq!(sandbox.counters().push_attempts, 0, "{command} {trouble:?}");
    }
    client.request(order_of(PAYS, "17")).await.unwrap();
    assert_eq!(
        sandbox.counters().prompts,
        1,
        "a claim whose answer was lost holds no order"
    );
}

#[tokio::test]
async fn a_claim_that_cannot_be_given_up_at_once_is_given_up_later() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let troubled = Arc::new(TroubledLedger::default());
    let store: Store = Arc::clone(&troubled) as Store;
    let client = over(&sandbox, &store).build().unwrap();
    troubled.trouble("claim", Trouble::AnswerLost);
    troubled.trouble("load", Trouble::Fails);
    troubled.trouble("load", Trouble::Fails);
    let failed = client.request(order_of(PAYS, "17")).await.unwrap_err();
    assert_eq!(failed.code(), "ledger_failed");
    client.drain().await;
    client.request(order_of(PAYS, "17")).await.unwrap();
    assert_eq!(sandbox.counters().prompts, 1, "the order is free");
}

#[tokio::test]
async fn a_callback_that_cannot_be_kept_is_not_taken() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let troubled = Arc::new(TroubledLedger::default());
    let store: Store = Arc::clone(&troubled) as Store;
    let shop = Shop::open(over(&sandbox, &store)).await;
    troubled.trouble("keep", Trouble::Fails);
    let payment = shop.client.request(order_of(PAYS, "17")).await.unwrap();
    eventually("the callback came", || !shop.received().is_empty()).await;
    let refused = shop.received().remove(0).unwrap_err();
    assert_eq!(refused.code(), "ledger_failed");
    let row = store.load(payment.id()).await.unwrap().unwrap();
    assert_eq!(row.payment.state(), PaymentState::Accepted);
}

#[tokio::test]
async fn a_request_whose_caller_left_goes_on() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store = memory();
    let client = over(&sandbox, &store).build().unwrap();
    let mut request = Box::pin(client.request(order_of(PAYS, "17")));
    let at_once = tokio::time::timeout(Duration::ZERO, &mut request);
    assert!(at_once.await.is_err(), "it ended before it began");
    drop(request);
    client.drain().await;
    let payment = client.request(order_of(PAYS, "17")).await.unwrap();
    assert!(payment.state() >= PaymentState::Accepted);
    assert_eq!(sandbox.counters().prompts, 1);
}

#[tokio::test]
async fn an_order_belongs_to_its_shop_and_account() {
    let sandbox = Sandbox::start(fast().time_scale(1.0)).await.unwrap();
    let store = memory();
    let nairobi = over(&sandbox, &store).shop("nairobi").build().unwrap();
    let mombasa = over(&sandbox, &store).shop("mombasa").build().unwrap();
    let first = nairobi.request(order_of(PAYS, "17")).await.unwrap();
    let second = mombasa
        .request(order_of(&paying_phone(1), "17"))
        .await
        .unwrap();
    assert_ne!(first.id(), second.id());
    assert!(mombasa.payments().get(first.id().as_str()).await.is_err());
    let gateway = lipia::UpesiPay::builder()
        .auth_token("Basic c2hvcDpzZWNyZXQ=")
        .channel_id("134")
        .base_url(sandbox.base_url())
        .callback_url(NO_SHOP)
        .ledger(Arc::clone(&store))
        .shop("nairobi")
        .build()
        .unwrap();
    let refused = gateway.request(order_of(PAYS, "17")).await.unwrap_err();
    assert_eq!(refused.code(), "order_of_another_account");
    assert_eq!(refused.payment_id(), Some(first.id()));
    assert_eq!(sandbox.counters().prompts, 2);
}

#[tokio::test]
async fn a_person_resolves_what_nobody_knows() {
    let sandbox = Sandbox::start(fast().time_scale(1.0)).await.unwrap();
    let store = memory();
    let client = over(&sandbox, &store).build().unwrap();
    let told = listen(&client);
    let paid = Resolution::Paid {
        receipt: "SKL1234567".to_owned(),
    };
    for (order, resolution, outcome) in [
        ("17", paid.clone(), Outcome::Success),
        ("18", Resolution::NotPaid, Outcome::Failed),
    ] {
        inject(&sandbox, Step::Push, FaultKind::AnswerLost);
        let unknown = client.request(order_of(PAYS, order)).await.unwrap();
        let id = unknown.id().as_str();
        let payments = client.payments();
        let short = id.get(..8).unwrap();
        assert_eq!(payments.get(short).await.unwrap().id(), unknown.id());
        if order == "18" {
            let taken = payments.resolve(id, &paid).await.unwrap_err();
            assert_eq!(taken.code(), "receipt_taken");
        }
        let resolved = payments.resolve(short, &resolution).await.unwrap();
        assert_eq!(resolved.outcome(), outcome);
        let again = payments.resolve(id, &resolution).await.unwrap_err();
        assert!(
            ["payment_not_open", "receipt_taken"].contains(&again.code()),
            "{again}"
        );
    }
    let expected = [("17".to_owned(), "success"), ("18".to_owned(), "failed")];
    eventually("both are told", || outcomes(&told) == expected).await;
    let mut search = Search::of(client.payments().scope().clone());
    search.receipt = Some("SKL1234567".to_owned());
    let page = client.payments().search(&search, None, 10).await.unwrap();
    assert_eq!(page.payments.len(), 1);
    assert_eq!(page.next, None);
}

#[tokio::test]
async fn what_stays_open_is_asked_about_by_the_process_that_has_a_handler() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let (clock, store) = stopped_clock();
    // Nobody takes its callbacks.
    let client = over(&sandbox, &store)
        .clock(Arc::new(clock.clone()))
        .build()
        .unwrap();
    let payment = client.request(order_of(PAYS, "17")).await.unwrap();
    let pass = client.payments().reconcile().await.unwrap();
    assert_eq!(pass.asked, 0, "asked before its time");
    tokio::time::sleep(Duration::from_millis(100)).await;
    clock.advance(Duration::from_secs(11));
    let pass = client.payments().reconcile().await.unwrap();
    assert_eq!(pass.asked, 1);
    assert!(
        client
            .payments()
            .get(payment.id().as_str())
            .await
            .unwrap()
            .is_paid()
    );
    let told = listen(&client);
    eventually("it is told", || told.lock().unwrap().len() == 1).await;
}

#[tokio::test]
async fn an_order_is_not_released_while_its_push_is_sent() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let client = over(&sandbox, &memory()).build().unwrap();
    assert_eq!(
        client.payments().release("17").await.unwrap_err().code(),
        "order_not_held"
    );
    inject(&sandbox, Step::Push, FaultKind::SlowAfter);
    let request = client.request(order_of(PAYS, "17"));
    let release = async {
        while sandbox.counters().prompts == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        client.payments().release("17").await
    };
    let (_, released) = bounded(futures_util::future::join(request, release)).await;
    assert_eq!(released.unwrap_err().code(), "order_in_flight");
}

#[tokio::test]
async fn verbs_that_claim_nothing_refuse_an_order() {
    let (_sandbox, client) = stand().await;
    let refused = client.stk_push(order_of(PAYS, "17")).await.unwrap_err();
    assert_eq!(refused.code(), "order_needs_request");
    assert_eq!(
        client.reserve(order_of(PAYS, "17")).unwrap_err().code(),
        "order_needs_request"
    );
}

#[tokio::test]
async fn draining_waits_until_the_ledger_has_noted_what_was_told() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store = memory();
    let shop = Shop::open(over(&sandbox, &store)).await;
    let (begins, begun) = tokio::sync::oneshot::channel();
    let begins = Mutex::new(Some(begins));
    shop.client.on_outcome(move |_| {
        let begins = begins.lock().unwrap().take();
        async move {
            if let Some(begins) = begins {
                begins.send(()).unwrap();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let paid = bounded(shop.client.collect(order_of(PAYS, "17"), hurried()));
    assert!(paid.await.unwrap().is_paid());
    bounded(begun).await.unwrap();
    assert!(!shop.client.is_at_rest());
    bounded(shop.client.drain()).await;
    let scope = shop.client.payments().scope().clone();
    let still_owed = store.owed(&scope, Duration::ZERO, 10).await.unwrap();
    assert!(still_owed.is_empty(), "{still_owed:?}");
}
