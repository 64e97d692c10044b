//! Leases of a ledger: a claim whose push did not leave frees its order, no push leaves after its lease, and of the processes
//! that have a callback to judge one asks.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use futures_util::future::{BoxFuture, join};
use lipia::callback::Confirm;
use lipia::client::{CredentialsProvider, DarajaBuilder};
use lipia::ledger::{LedgerStore, MemoryLedger, Row, Version};
use lipia::payment::{PaymentId, PaymentState};
use lipia::values::{DarajaCredentials, EatTime, ManualClock};
use lipia::{Client, Credentials, Daraja, Disposition, IncomingCallback, Outcome, StkPush};
use lipia_sandbox::{
    CONSUMER_KEY, CONSUMER_SECRET, Fault, FaultKind, PASS_KEY, SHORT_CODE, Sandbox, Step,
};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::*;

const SECRET: &str = "a secret that all clients of the test share";
const LEASE: Duration = Duration::from_secs(45);

fn over(base_url: &str, store: &Arc<TroubledLedger>) -> DarajaBuilder {
    let ledger: Arc<dyn LedgerStore> = Arc::clone(store) as _;
    builder(base_url).ledger(ledger).callback_secrets([SECRET])
}

fn order() -> StkPush {
    sale(PAYS).order("17")
}

fn midmorning() -> ManualClock {
    ManualClock::new(EatTime::parse_wire("20261121102115").unwrap())
}

async fn row(store: &TroubledLedger, id: &PaymentId) -> Row {
    store.load(id).await.unwrap().unwrap()
}

async fn only_row(store: &TroubledLedger, client: &Client) -> Row {
    let payments = client.payments().of_order("17").await.unwrap();
    row(store, payments.first().unwrap().id()).await
}

#[tokio::test]
async fn a_claim_whose_answer_was_lost_frees_its_order_once_the_store_is_back() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store = Arc::new(TroubledLedger::default());
    let [first, second] = [(); 2].map(|()| over(&sandbox.base_url(), &store).build().unwrap());
    store.trouble("claim", Trouble::AnswerLost);
    for _ in 0..3 {
        store.trouble("replace", Trouble::Fails);
    }
    let failed = first.request(order()).await.unwrap_err();
    assert_eq!(
        (failed.code(), failed.disposition()),
        ("ledger_failed", Disposition::NotSent)
    );
    let mut state = PaymentState::Sending;
    for _ in 0..200 {
        let row = only_row(&store, &second).await;
        state = row.payment.state();
        if state == PaymentState::Reserved {
            assert_eq!(row.payment.last_error().unwrap().code(), "ledger_failed");
            assert!(!row.holds_order && row.lease_until.is_none());
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(
        state,
        PaymentState::Reserved,
        "it is held until its lease ends"
    );
    second.request(order()).await.unwrap();
    assert_eq!(sandbox.counters().prompts, 1);
}

#[tokio::test]
async fn a_claim_whose_runtime_ended_before_its_push_left_frees_its_order() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store = Arc::new(TroubledLedger::default());
    let [dies, lives] = [(); 2].map(|()| over(&sandbox.base_url(), &store).build().unwrap());
    // Of the payment, which is written once more before its push leaves.
    let paused = store.pause("load");
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let request = tokio::spawn(async move { dies.request(order()).await });
            paused.reached().await;
            request.abort();
        });
        runtime.shutdown_timeout(Duration::from_secs(1));
    });
    tokio::task::spawn_blocking(|| thread.join().unwrap())
        .await
        .unwrap();
    for _ in 0..200 {
        let row = only_row(&store, &lives).await;
        if row.payment.state() == PaymentState::Reserved {
            assert_eq!(
                row.payment.last_error().unwrap().code(),
                "request_abandoned"
            );
            lives.request(order()).await.unwrap();
            assert_eq!(sandbox.counters().prompts, 1);
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("its order is held until its lease ends");
}

#[tokio::test]
async fn an_answer_that_a_runtime_had_no_time_to_write_is_written_all_the_same() {
    for (refuses, state) in [
        (true, PaymentState::Reserved),
        (false, PaymentState::Accepted),
    ] {
        let sandbox = Sandbox::start(fast().time_scale(1.0)).await.unwrap();
        let store = Arc::new(TroubledLedger::default());
        let [dies, lives] = [(); 2].map(|()| over(&sandbox.base_url(), &store).build().unwrap());
        if refuses {
            // The customer has a prompt open.
            lives.request(sale(PAYS).order("16")).await.unwrap();
        }
        // Of the payment: before its push leaves, and once it was answered.
        let [before, after] = [store.pause("load"), store.pause("load")];
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let request = tokio::spawn(async move { dies.request(order()).await });
                before.reached().await;
                before.go_on();
                after.reached().await;
                request.abort();
            });
            runtime.shutdown_timeout(Duration::from_secs(1));
        });
        tokio::task::spawn_blocking(|| thread.join().unwrap())
            .await
            .unwrap();
        let is_written = async {
            loop {
                let row = only_row(&store, &lives).await;
                if row.payment.state() != PaymentState::Sending {
                    return row;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let row = bounded(is_written).await;
        assert_eq!(row.payment.state(), state);
        assert_eq!(row.payment.checkout_request_id().is_some(), !refuses);
        assert_eq!(row.holds_order, !refuses);
    }
}

#[tokio::test]
async fn a_sender_whose_machine_slept_past_its_lease_does_not_send() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let clock = midmorning();
    let store = MemoryLedger::with_clock(Arc::new(clock.clone()));
    let store = Arc::new(TroubledLedger::over(store));
    let client = over(&sandbox.base_url(), &store)
        .clock(Arc::new(clock.clone()))
        .build()
        .unwrap();
    let paused = store.pause("load");
    let (late, ()) = join(client.request(order()), async {
        paused.reached().await;
        // The monotonic clock stands while a machine sleeps.
        clock.advance(Duration::from_secs(26));
        paused.go_on();
    })
    .await;
    let late = late.unwrap_err();
    assert_eq!(
        (late.code(), late.disposition()),
        ("sender_too_late", Disposition::NotSent)
    );
    assert_eq!(sandbox.counters().prompts, 0);
}

#[tokio::test]
async fn a_longer_timeout_lengthens_the_lease() {
    let gateway = RawServer::on_push(|| Play::Hang).await;
    for (timeout, least) in [
        (Duration::from_secs(10), 25),
        (Duration::from_secs(120), 135),
        (Duration::MAX, 24 * 3_600),
    ] {
        let store = Arc::new(TroubledLedger::default());
        let client = over(&gateway.base_url, &store)
            .timeout(timeout)
            .build()
            .unwrap();
        let seen = gateway.pushes();
        let request = tokio::spawn({
            let client = client.clone();
            async move { client.request(order()).await }
        });
        eventually("it is sent", || gateway.pushes() > seen).await;
        let row = only_row(&store, &client).await;
        let lease = row
            .lease_until
            .unwrap()
            .since(row.payment.sent_at().unwrap());
        let (least, most) = (
            Duration::from_secs(least - 2),
            Duration::from_secs(least + 2),
        );
        assert!(lease > least, "{timeout:?}: {lease:?}");
        assert!(
            lease < most || timeout == Duration::MAX,
            "{timeout:?}: {lease:?}"
        );
        request.abort();
    }
}

/// A provider that takes three seconds.
#[derive(Debug)]
struct Slow;

impl CredentialsProvider for Slow {
    fn credentials(
        &self,
    ) -> BoxFuture<'_, Result<Credentials, Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(async {
            tokio::time::sleep(Duration::from_secs(3)).await;
            let keys =
                DarajaCredentials::parse(CONSUMER_KEY, CONSUMER_SECRET, SHORT_CODE, PASS_KEY);
            Ok(Credentials::daraja(keys?))
        })
    }
}

#[tokio::test]
async fn the_time_of_a_request_is_the_same_for_its_credentials_and_its_push() {
    let gateway = RawServer::on_push(|| Play::Hang).await;
    let client = Daraja::builder()
        .credentials_provider(Arc::new(Slow))
        .callback_url(NO_SHOP)
        .base_url(&gateway.base_url)
        .timeout(Duration::from_secs(4))
        .build()
        .unwrap();
    let began = Instant::now();
    let payment = client.request(order()).await.unwrap();
    assert_eq!(payment.state(), PaymentState::Unknown);
    let took = began.elapsed();
    assert!(took < Duration::from_millis(6_500), "{took:?}");
}

/// Two processes with the payment's account over one store, and a callback that is kept and needs a question.
async fn with_a_callback_to_judge(
    sandbox: &Sandbox,
    clock: &ManualClock,
) -> (Arc<TroubledLedger>, [Client; 2], PaymentId) {
    let store = MemoryLedger::with_clock(Arc::new(clock.clone()));
    let store = Arc::new(TroubledLedger::over(store));
    let build = || over(&sandbox.base_url(), &store).clock(Arc::new(clock.clone()));
    let owners = [(); 2].map(|()| build().build().unwrap());
    let payment = owners[0].request(order()).await.unwrap();
    let url = payment.push().callback_url.as_str();
    let path = format!("/{}", url.splitn(4, '/').nth(3).unwrap());
    let id = payment.checkout_request_id().unwrap().as_str();
    let body = success_body(id, "150.00", PAYS, Some("SKL1234567"));
    let other = build().short_code("600000").build().unwrap();
    let incoming = IncomingCallback::new(&path, &body);
    let received = other.receive_callback(incoming, Confirm::Successes).await;
    assert_eq!(received.unwrap().verdict, None);
    // The customer has paid by then.
    tokio::time::sleep(Duration::from_millis(100)).await;
    (store, owners, payment.id().clone())
}

#[tokio::test]
async fn of_two_processes_that_have_a_callback_to_judge_one_asks() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let clock = midmorning();
    let (store, [one, other], id) = with_a_callback_to_judge(&sandbox, &clock).await;
    let slow = Fault::new(Step::Query, FaultKind::SlowBefore);
    sandbox.inject(slow.seconds(100.0)).unwrap();
    let [one, other] = [one.payments(), other.payments()];
    let (one, other) = join(one.reconcile(), other.reconcile()).await;
    assert_eq!(one.unwrap().judged + other.unwrap().judged, 1);
    assert_eq!(sandbox.counters().queries, 1);
    let row = row(&store, &id).await;
    assert!(row.payment.is_paid());
    assert_eq!(
        row.ask_after, None,
        "the question's lease is left on a paid payment"
    );
}

#[tokio::test]
async fn a_callback_whose_judge_died_is_judged_by_another_process_after_its_lease() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let clock = midmorning();
    let (store, [lives, _], id) = with_a_callback_to_judge(&sandbox, &clock).await;
    // What a process leaves behind that dies while it asks.
    let read = row(&store, &id).await;
    let taken = store.claim_question(Version::of(&read), LEASE).await;
    assert!(taken.unwrap().is_some());
    let payments = lives.payments();
    assert_eq!(payments.reconcile().await.unwrap().judged, 0);
    assert_eq!(sandbox.counters().queries, 0);
    clock.advance(LEASE);
    assert_eq!(payments.reconcile().await.unwrap().judged, 1);
    assert!(row(&store, &id).await.payment.is_paid());
}

#[tokio::test]
async fn a_callback_that_one_process_judges_is_left_alone_by_the_passes_of_others() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store = Arc::new(TroubledLedger::default());
    let build = || over(&sandbox.base_url(), &store);
    let [receives, passes] = [(); 2].map(|()| build().build().unwrap());
    let payment = receives.request(order()).await.unwrap();
    let url = payment.push().callback_url.as_str();
    let path = format!("/{}", url.splitn(4, '/').nth(3).unwrap());
    let id = payment.checkout_request_id().unwrap().as_str();
    let body = success_body(id, "150.00", PAYS, Some("SKL1234567"));
    tokio::time::sleep(Duration::from_millis(100)).await;
    let slow = Fault::new(Step::Query, FaultKind::SlowBefore);
    sandbox.inject(slow.seconds(100.0)).unwrap();
    let incoming = IncomingCallback::new(&path, &body);
    let receives = receives.receive_callback(incoming, Confirm::Successes);
    let judges = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        passes.payments().reconcile().await.unwrap().judged
    };
    let (received, judged) = join(receives, judges).await;
    assert_eq!(received.unwrap().verdict.unwrap().as_str(), "believed");
    assert_eq!(judged, 0);
    assert_eq!(sandbox.counters().queries, 1);
}

#[tokio::test]
async fn a_failure_whose_order_was_claimed_again_is_told_where_that_push_was_not_sent() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let clock = midmorning();
    let store = MemoryLedger::with_clock(Arc::new(clock.clone()));
    let store = Arc::new(TroubledLedger::over(store));
    let shop = Shop::open(over(&sandbox.base_url(), &store).clock(Arc::new(clock.clone()))).await;
    let cancels = sale(&phone_ending("1032")).order("17");
    let first = shop
        .client
        .collect(cancels, without_asking(Duration::from_secs(5)));
    let first = bounded(first).await.unwrap();
    assert_eq!(first.outcome(), Outcome::Cancelled);
    // The second push is claimed, and about to leave.
    let paused = store.pause("load");
    let told = Arc::new(Mutex::new(Vec::new()));
    let (second, ()) = join(shop.client.request(order()), async {
        paused.reached().await;
        let heard = Arc::clone(&told);
        shop.client.on_outcome(move |payment| {
            heard.lock().unwrap().push(payment.id().clone());
            async {}
        });
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(
            told.lock().unwrap().is_empty(),
            "told while its order is sent"
        );
        let refuses = Fault::new(Step::Push, FaultKind::TooManyRequestsRetryAfter);
        sandbox.inject(refuses.seconds(120.0)).unwrap();
        paused.go_on();
    })
    .await;
    assert_ne!(second.unwrap_err().disposition(), Disposition::Unknown);
    clock.advance(Duration::from_secs(6));
    eventually("the failure is told", || told.lock().unwrap().len() == 1).await;
    assert_eq!(told.lock().unwrap().first(), Some(first.id()));
}
