//! Orders, outcomes and callbacks where the store, the handler or the runtime fails, and where a handle is misused.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::client::{DarajaBuilder, Resolution};
use lipia::guard::QuestionPace;
use lipia::ledger::{LedgerStore, MemoryLedger, Scope, Search};
use lipia::payment::PaymentState;
use lipia::values::{EatTime, Environment, ManualClock};
use lipia::{Client, Disposition, Outcome, Payment, StkPush};
use lipia_sandbox::{Fault, FaultKind, Sandbox, Step};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::*;

type Store = Arc<dyn LedgerStore>;

/// A builder of clients for a sandbox over a store.
fn over(sandbox: &Sandbox, store: &Store) -> DarajaBuilder {
    builder(&sandbox.base_url()).ledger(Arc::clone(store))
}

fn order_of(phone: &str, order: &str) -> StkPush {
    sale(phone).order(order)
}

/// A clock that stands, as the ledger and its clients have it.
fn stopped_clock() -> (ManualClock, Store) {
    let clock = ManualClock::new(EatTime::parse_wire("20261121102115").unwrap());
    let store = Arc::new(MemoryLedger::with_clock(Arc::new(clock.clone())));
    (clock, store)
}

/// What a handler was told: order and attempt.
type Told = Arc<Mutex<Vec<(String, u32)>>>;

/// Notes what is told, then does what `then` says about the order and the attempt.
fn listen<F>(client: &Client, then: impl Fn(&str, u32) -> F + Send + Sync + 'static) -> Told
where
    F: Future<Output = ()> + Send + 'static,
{
    let told = Told::default();
    let heard = Arc::clone(&told);
    client.on_outcome(move |payment| {
        let order = payment.order().unwrap_or_default().to_owned();
        let attempt = payment.attempt();
        heard.lock().unwrap().push((order.clone(), attempt));
        then(&order, attempt)
    });
    told
}

async fn takes_it() {}

async fn are_told(told: &Told, expected: &[(&str, u32)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(order, attempt)| ((*order).to_owned(), *attempt))
        .collect();
    eventually("they are told", || *told.lock().unwrap() == expected).await;
}

/// Has the gateway refuse the next push.
fn refuse_next(sandbox: &Sandbox) {
    let fault = Fault::new(Step::Push, FaultKind::TooManyRequestsRetryAfter).seconds(120.0);
    sandbox.inject(fault).unwrap();
}

/// Requests an order whose push is refused, and returns the payment as the ledger has it.
async fn refused(sandbox: &Sandbox, client: &Client, order: &str) -> Payment {
    refuse_next(sandbox);
    let error = client.request(order_of(PAYS, order)).await.unwrap_err();
    assert_ne!(error.disposition(), Disposition::Unknown, "{error}");
    let payments = client.payments().of_order(order).await.unwrap();
    let refused = payments.first().unwrap().payment().clone();
    assert_eq!(refused.state(), PaymentState::Reserved);
    refused
}

#[tokio::test]
async fn a_payment_whose_push_was_refused_is_not_pushed_while_another_holds_its_order() {
    let sandbox = Sandbox::start(fast().time_scale(1.0)).await.unwrap();
    let store: Store = Arc::new(MemoryLedger::default());
    let [first, second] = [(); 2].map(|()| over(&sandbox, &store).build().unwrap());
    let refused = refused(&sandbox, &first, "17").await;
    second
        .request(order_of(&paying_phone(1), "17"))
        .await
        .unwrap();
    let live = first.find(refused.id()).unwrap();
    let saved = Payment::from_json(&refused.to_json()).unwrap();
    let resumed = [
        second.resume(refused).unwrap(),
        second.resume(saved).unwrap(),
    ];
    for (client, handle) in [
        (&first, &live),
        (&second, &resumed[0]),
        (&second, &resumed[1]),
    ] {
        let pushed = client.push(handle).await.unwrap_err();
        let collected = client.collect_payment(handle, hurried()).await.unwrap_err();
        let begun = handle.begin().unwrap_err();
        for error in [pushed, collected, begun] {
            assert_eq!(error.code(), "payment_already_sent");
            assert_eq!(error.disposition(), Disposition::NotSent);
        }
    }
    assert_eq!(sandbox.counters().prompts, 1);
}

#[tokio::test]
async fn a_handler_that_panics_before_its_future_exists_is_told_again() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let (clock, store) = stopped_clock();
    let shop = Shop::open(over(&sandbox, &store).clock(Arc::new(clock.clone()))).await;
    let told = listen(&shop.client, |_, attempt| {
        assert!(attempt > 1, "the shop has a fault");
        takes_it()
    });
    shop.client.request(order_of(PAYS, "17")).await.unwrap();
    are_told(&told, &[("17", 1)]).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    clock.advance(Duration::from_secs(5));
    are_told(&told, &[("17", 1), ("17", 2)]).await;
}

#[tokio::test]
async fn a_handler_that_hangs_keeps_nobody_from_being_asked_or_told_and_is_told_again() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let (clock, store) = stopped_clock();
    let build = || over(&sandbox, &store).clock(Arc::new(clock.clone()));
    let shop = Shop::open(build()).await;
    let told = listen(&shop.client, |order, attempt| {
        let hangs = order == "17" && attempt == 1;
        async move {
            if hangs {
                std::future::pending::<()>().await;
            }
        }
    });
    shop.client.request(order_of(PAYS, "17")).await.unwrap();
    are_told(&told, &[("17", 1)]).await;
    // Its callback goes nowhere, so the first client has to ask.
    let other = build().build().unwrap();
    other
        .request(order_of(&paying_phone(1), "18"))
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    clock.advance(Duration::from_secs(11));
    are_told(&told, &[("17", 1), ("18", 1)]).await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(61)).await;
    tokio::time::resume();
    tokio::time::sleep(Duration::from_millis(20)).await;
    clock.advance(Duration::from_secs(6));
    are_told(&told, &[("17", 1), ("18", 1), ("17", 2)]).await;
}

#[tokio::test]
async fn a_handler_that_takes_the_news_after_its_lease_is_not_told_again() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let (clock, store) = stopped_clock();
    let shop = Shop::open(over(&sandbox, &store).clock(Arc::new(clock.clone()))).await;
    let (told, ends) = (Told::default(), Arc::new(tokio::sync::Notify::new()));
    let (heard, ended) = (Arc::clone(&told), Arc::clone(&ends));
    shop.client.on_outcome(move |payment| {
        let order = payment.order().unwrap_or_default().to_owned();
        heard.lock().unwrap().push((order, payment.attempt()));
        assert!(!payment.is_overdue());
        let ended = Arc::clone(&ended);
        async move {
            ended.notified().await;
            assert!(payment.is_overdue());
        }
    });
    shop.client.request(order_of(PAYS, "17")).await.unwrap();
    are_told(&told, &[("17", 1)]).await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(61)).await;
    tokio::time::resume();
    tokio::time::sleep(Duration::from_millis(20)).await;
    ends.notify_one();
    let mut owed = Search::of(Scope::default_of(Environment::Sandbox));
    owed.only_owed = true;
    for _ in 0..500 {
        if store.list(&owed, None, 1).await.unwrap().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    clock.advance(Duration::from_secs(3_600));
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    are_told(&told, &[("17", 1)]).await;
}

#[tokio::test]
async fn an_order_is_not_freed_by_a_look_that_the_ledger_could_not_take() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let (clock, _) = stopped_clock();
    let inner = MemoryLedger::with_clock(Arc::new(clock.clone()));
    let troubled = Arc::new(TroubledLedger::over(inner));
    let store: Store = Arc::clone(&troubled) as _;
    let shop = Shop::open(over(&sandbox, &store).clock(Arc::new(clock.clone()))).await;
    let order = || order_of("254712011037", "17");
    let collected = shop
        .client
        .collect(order(), without_asking(Duration::from_secs(5)));
    assert_eq!(
        bounded(collected).await.unwrap().outcome(),
        Outcome::Timeout
    );
    clock.advance(Duration::from_secs(91));
    troubled.trouble("replace", Trouble::Fails);
    let refused = shop.client.request(order()).await.unwrap_err();
    assert_eq!(refused.code(), "ledger_failed");
    assert_eq!(sandbox.counters().prompts, 1);
    // The ledger takes the next look, and the phone said nothing still.
    clock.advance(Duration::from_secs(91));
    shop.client.request(order()).await.unwrap();
    assert_eq!(sandbox.counters().prompts, 2);
}

#[tokio::test]
async fn a_handler_is_told_though_every_other_step_of_a_pass_fails() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let troubled = Arc::new(TroubledLedger::default());
    for command in ["forgotten", "waiting", "due"] {
        for _ in 0..10_000 {
            troubled.trouble(command, Trouble::Fails);
        }
    }
    let store: Store = Arc::clone(&troubled) as Store;
    let shop = Shop::open(over(&sandbox, &store)).await;
    shop.client.request(order_of(PAYS, "17")).await.unwrap();
    eventually("it is paid", || shop.received().len() == 1).await;
    let failed = shop.client.payments().reconcile().await.unwrap_err();
    assert_eq!(failed.code(), "ledger_failed");
    let told = listen(&shop.client, |_, _| takes_it());
    are_told(&told, &[("17", 1)]).await;
}

#[tokio::test]
async fn telling_starts_again_once_the_runtime_that_it_began_in_has_ended() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let (clock, store) = stopped_clock();
    let client = over(&sandbox, &store)
        .clock(Arc::new(clock.clone()))
        .build()
        .unwrap();
    let listener = client.clone();
    let listens = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let told = listen(&listener, |_, _| takes_it());
            tokio::task::yield_now().await;
            told
        })
    });
    let told = listens.join().unwrap();
    client.request(order_of(PAYS, "17")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    clock.advance(Duration::from_secs(11));
    are_told(&told, &[("17", 1)]).await;
}

#[tokio::test]
async fn a_process_that_only_takes_callbacks_tells_though_its_handler_was_set_without_a_runtime() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let (clock, store) = stopped_clock();
    let build = || over(&sandbox, &store).clock(Arc::new(clock.clone()));
    let receives = Shop::open(build()).await;
    let listener = receives.client.clone();
    let listens = std::thread::spawn(move || listen(&listener, |_, _| takes_it()));
    let told = listens.join().unwrap();
    let sends = build().callback_url(receives.url()).build().unwrap();
    sends.request(order_of(PAYS, "17")).await.unwrap();
    are_told(&told, &[("17", 1)]).await;
}

#[tokio::test]
async fn a_collect_waits_though_the_store_fails_once_the_phone_was_prompted() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let troubled = Arc::new(TroubledLedger::default());
    let store: Store = Arc::clone(&troubled) as Store;
    let client = over(&sandbox, &store).build().unwrap();
    // Before the push leaves and after its answer the payment is written.
    for trouble in [[Trouble::None; 2], [Trouble::Fails; 2]].concat() {
        troubled.trouble("load", trouble);
    }
    let paid = bounded(client.collect(order_of(PAYS, "17"), hurried())).await;
    assert!(paid.unwrap().is_paid());
    assert_eq!(sandbox.counters().prompts, 1);
}

#[tokio::test]
async fn a_refusal_is_written_again_where_the_store_failed_and_frees_its_order() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let troubled = Arc::new(TroubledLedger::default());
    let store: Store = Arc::clone(&troubled) as Store;
    let [first, second] = [(); 2].map(|()| over(&sandbox, &store).build().unwrap());
    for _ in 0..3 {
        troubled.trouble("replace", Trouble::Fails);
    }
    let refused = refused(&sandbox, &first, "17").await;
    let next = second.request(order_of(&paying_phone(1), "17")).await;
    assert_ne!(next.unwrap().id(), refused.id());
    assert_eq!(sandbox.counters().prompts, 1);
}

#[tokio::test]
async fn a_decision_that_was_written_does_not_fail_for_want_of_a_look_at_its_order() {
    let sandbox = Sandbox::start(fast().time_scale(1.0)).await.unwrap();
    let troubled = Arc::new(TroubledLedger::default());
    let store: Store = Arc::clone(&troubled) as Store;
    let client = over(&sandbox, &store).build().unwrap();
    inject(&sandbox, Step::Push, FaultKind::AnswerLost);
    let unknown = client.request(order_of(PAYS, "17")).await.unwrap();
    troubled.trouble("earlier", Trouble::Fails);
    let receipt = "SKL1234567".to_owned();
    let payments = client.payments();
    let resolved = payments
        .resolve(unknown.id().as_str(), &Resolution::Paid { receipt })
        .await;
    assert!(resolved.unwrap().is_paid());
}

#[tokio::test]
async fn a_click_is_answered_where_looks_have_used_up_their_share_of_the_pace() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let (clock, store) = stopped_clock();
    // Two of the six are for looks.
    let builder = over(&sandbox, &store)
        .clock(Arc::new(clock))
        .question_pace(QuestionPace::per_minute(6))
        .timeout(Duration::from_secs(1));
    let shop = Shop::open(builder).await;
    let clicks = ["17", "18", "19"].map(|order| (order, format!("25471{order}11037")));
    for (order, phone) in &clicks {
        let collected = shop.client.collect(
            order_of(phone, order),
            without_asking(Duration::from_secs(5)),
        );
        assert_eq!(
            bounded(collected).await.unwrap().outcome(),
            Outcome::Timeout
        );
    }
    for (order, phone) in &clicks {
        shop.client.request(order_of(phone, order)).await.unwrap();
    }
    assert_eq!(sandbox.counters().queries, 3);
}

#[tokio::test]
async fn an_acceptance_is_written_again_where_the_store_failed_so_that_others_can_ask() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let troubled = Arc::new(TroubledLedger::default());
    let store: Store = Arc::clone(&troubled) as _;
    let client = over(&sandbox, &store).build().unwrap();
    // Once the push has left: the write of its acceptance.
    troubled.trouble("replace", Trouble::Fails);
    let requested = client.request(order_of(PAYS, "17")).await.unwrap();
    assert_eq!(requested.state(), PaymentState::Accepted);
    let row = || async { store.load(requested.id()).await.unwrap().unwrap() };
    for _ in 0..200 {
        if row().await.payment.checkout_request_id().is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!(
        "the ledger never learns the prompt's id: {:?}",
        row().await.payment
    );
}

#[tokio::test]
async fn an_acceptance_is_written_though_the_store_was_away_until_its_senders_lease_was_over() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let clock = ManualClock::new(EatTime::parse_wire("20261121102115").unwrap());
    let memory = MemoryLedger::with_clock(Arc::new(clock.clone()));
    let troubled = Arc::new(TroubledLedger::over(memory));
    let store: Store = Arc::clone(&troubled) as _;
    let client = over(&sandbox, &store).clock(Arc::new(clock.clone()));
    let client = client.build().unwrap();
    for _ in 0..4 {
        troubled.trouble("replace", Trouble::Fails);
    }
    let requested = client.request(order_of(PAYS, "17")).await.unwrap();
    assert_eq!(requested.state(), PaymentState::Accepted);
    troubled.is_away(true);
    let row = || async { troubled.inner.load(requested.id()).await.unwrap().unwrap() };
    assert!(row().await.payment.checkout_request_id().is_none());
    // From here on time passes only where everybody waits for it.
    tokio::time::pause();
    tokio::time::sleep(Duration::from_secs(300)).await;
    clock.advance(Duration::from_secs(300));
    troubled.is_away(false);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(row().await.payment.checkout_request_id().is_some());
}
