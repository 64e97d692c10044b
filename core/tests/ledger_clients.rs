//! A ledger whose clients have several shops, accounts, kinds of credentials and clocks: who asks, who judges a callback, and
//! whose time counts.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::callback::Confirm;
use lipia::client::{DarajaBuilder, LedgerPayment, Resolution};
use lipia::ledger::{LedgerStore, MemoryLedger, Party};
use lipia::payment::PaymentState;
use lipia::values::{DarajaCredentials, EatTime, ManualClock, Receipt};
use lipia::{Client, Credentials, Daraja, ErrorKind, IncomingCallback, Outcome};
use lipia_sandbox::{
    CONSUMER_KEY, CONSUMER_SECRET, Fault, FaultKind, PASS_KEY, SHORT_CODE, Sandbox, Step,
};
use std::sync::Arc;
use std::time::Duration;
use support::*;

type Store = Arc<dyn LedgerStore>;

const FIVE: Duration = Duration::from_secs(5);

/// The callbacks of one client may arrive at another one's URL.
const SECRET: &str = "a secret that all clients of the test share";

fn over(sandbox: &Sandbox, store: &Store) -> DarajaBuilder {
    builder(&sandbox.base_url())
        .ledger(Arc::clone(store))
        .callback_secrets([SECRET])
}

/// The same merchant with another short code.
fn of_another_account(sandbox: &Sandbox, store: &Store) -> Client {
    over(sandbox, store).short_code("600000").build().unwrap()
}

fn path(payment: &LedgerPayment) -> String {
    let url = payment.push().callback_url.as_str();
    format!("/{}", url.splitn(4, '/').nth(3).unwrap())
}

/// What Daraja posts once the customer has paid.
fn says_paid(payment: &LedgerPayment) -> Vec<u8> {
    let id = payment.checkout_request_id().unwrap().as_str();
    success_body(id, "150.00", PAYS, Some("SKL1234567"))
}

async fn is_paid(client: &Client, payment: &LedgerPayment) -> bool {
    let payments = client.payments();
    payments.get(payment.id().as_str()).await.unwrap().is_paid()
}

#[tokio::test]
async fn a_client_asks_about_no_payment_of_another_account() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store: Store = Arc::new(MemoryLedger::default());
    let owner = over(&sandbox, &store).build().unwrap();
    let payment = owner.request(sale(PAYS).order("17")).await.unwrap();
    let other = of_another_account(&sandbox, &store);
    let refused = other.payments().ask(payment.id().as_str()).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(), "order_of_another_account");
    assert_eq!(refused.payment_id(), Some(payment.id()));
    assert_eq!(sandbox.counters().queries, 0);
    let row = store.load(payment.id()).await.unwrap().unwrap();
    assert_eq!(row.asks, 0, "the right to ask was taken from the owner");
    owner.payments().ask(payment.id().as_str()).await.unwrap();
    assert_eq!(sandbox.counters().queries, 1);
}

#[tokio::test]
async fn a_success_of_another_account_is_confirmed_by_the_client_of_that_account() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store: Store = Arc::new(MemoryLedger::default());
    let owner = over(&sandbox, &store).build().unwrap();
    let payment = owner.request(sale(PAYS).order("17")).await.unwrap();
    let other = of_another_account(&sandbox, &store);
    let (path, body) = (path(&payment), says_paid(&payment));
    let incoming = IncomingCallback::new(&path, &body);
    let received = other.receive_callback(incoming, Confirm::Successes).await;
    assert_eq!(received.unwrap().verdict, None);
    assert_eq!(sandbox.counters().queries, 0);
    assert!(!is_paid(&owner, &payment).await);

    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(owner.payments().reconcile().await.unwrap().judged, 1);
    assert!(is_paid(&owner, &payment).await);
    assert_eq!(sandbox.counters().queries, 1);
}

#[tokio::test]
async fn a_callback_that_needs_no_question_is_judged_wherever_it_arrives() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store: Store = Arc::new(MemoryLedger::default());
    let owner = over(&sandbox, &store).build().unwrap();
    let payment = owner.request(sale(PAYS).order("17")).await.unwrap();
    let other = of_another_account(&sandbox, &store);
    let (path, body) = (path(&payment), says_paid(&payment));
    let incoming = IncomingCallback::new(&path, &body);
    let received = other.receive_callback(incoming, Confirm::Never).await;
    assert_eq!(received.unwrap().verdict.unwrap().as_str(), "believed");
    assert!(is_paid(&owner, &payment).await);
}

#[tokio::test]
async fn a_callback_of_another_shop_is_kept_for_that_shop() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let troubled = Arc::new(TroubledLedger::default());
    let store: Store = Arc::clone(&troubled) as Store;
    let nairobi = over(&sandbox, &store).shop("nairobi").build().unwrap();
    let mombasa = over(&sandbox, &store).shop("mombasa").build().unwrap();
    let payment = nairobi.request(sale(PAYS).order("17")).await.unwrap();
    let (path, body) = (path(&payment), says_paid(&payment));
    let incoming = IncomingCallback::new(&path, &body);
    troubled.trouble("keep", Trouble::Fails);
    let lost = mombasa.receive_callback(incoming, Confirm::Never).await;
    assert_eq!(lost.unwrap_err().code(), "ledger_failed");
    let received = mombasa.receive_callback(incoming, Confirm::Never).await;
    assert_eq!(received.unwrap().verdict, None);

    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(mombasa.payments().reconcile().await.unwrap().judged, 0);
    assert_eq!(nairobi.payments().reconcile().await.unwrap().judged, 1);
    assert!(is_paid(&nairobi, &payment).await);
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_left_to_a_later_version_and_keeps_nobody_waiting() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let clock = ManualClock::new(EatTime::parse_wire("20261121102115").unwrap());
    let store: Store = Arc::new(MemoryLedger::with_clock(Arc::new(clock.clone())));
    let client = over(&sandbox, &store).build().unwrap();
    let payment = client.request(sale(PAYS).order("17")).await.unwrap();
    let path = path(&payment);
    // More than one pass takes.
    for number in 0..40 {
        let body = format!("{{\"Body\":{number}}}");
        let incoming = IncomingCallback::new(&path, body.as_bytes());
        let refused = client.receive_callback(incoming, Confirm::Never).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidCallback);
    }
    clock.advance(Duration::from_secs(1));
    let row = store.load(payment.id()).await.unwrap().unwrap();
    let party = Party {
        scope: &row.scope,
        account: &row.account,
    };
    let kept = store.waiting(party, 100).await.unwrap();
    assert_eq!(kept.len(), 40);
    assert!(kept.iter().any(|kept| kept.body == b"{\"Body\":17}"));
    let other = of_another_account(&sandbox, &store);
    let body = says_paid(&payment);
    let incoming = IncomingCallback::new(&path, &body);
    let received = other.receive_callback(incoming, Confirm::Successes).await;
    assert_eq!(received.unwrap().verdict, None);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut judged = 0;
    for _ in 0..4 {
        judged += client.payments().reconcile().await.unwrap().judged;
    }
    assert_eq!(judged, 1, "the one that can be read");
    assert!(is_paid(&client, &payment).await);
    assert_eq!(store.waiting(party, 100).await.unwrap().len(), 40);
    clock.advance(Duration::from_secs(7 * 24 * 3_600));
    let client = over(&sandbox, &store).clock(Arc::new(clock.clone()));
    let client = client.build().unwrap();
    for _ in 0..4 {
        client.payments().reconcile().await.unwrap();
    }
    assert!(store.waiting(party, 100).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_callback_of_no_known_payment_is_kept_unless_the_caller_has_a_store() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let troubled = Arc::new(TroubledLedger::default());
    let store: Store = Arc::clone(&troubled) as Store;
    let client = over(&sandbox, &store).build().unwrap();
    let elsewhere = builder(&sandbox.base_url()).callback_secrets([SECRET]);
    let payment = elsewhere.build().unwrap().reserve(sale(PAYS)).unwrap();
    let path = path_of(&payment);
    let body = success_body("ws_CO_1", "150.00", PAYS, Some("SKL1234567"));
    let incoming = IncomingCallback::new(&path, &body);
    troubled.trouble("keep", Trouble::Fails);
    let stored = client.receive_callback(incoming.with_store(), Confirm::Never);
    let stored = stored.await.unwrap();
    assert_eq!((stored.verdict, stored.is_kept()), (None, false));
    let lost = client.receive_callback(incoming, Confirm::Never).await;
    assert_eq!(lost.unwrap_err().code(), "ledger_failed");
    let kept = client.receive_callback(incoming, Confirm::Never).await;
    let kept = kept.unwrap();
    assert_eq!((kept.verdict, kept.is_kept()), (None, true));
    let of_no_ledger = builder(&sandbox.base_url()).callback_secrets([SECRET]);
    let of_no_ledger = of_no_ledger.build().unwrap();
    let lost = of_no_ledger.receive_callback(incoming, Confirm::Never);
    assert!(!lost.await.unwrap().is_kept());
}

#[tokio::test]
async fn a_providers_client_asks_for_credentials_once_something_is_open() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let clock = ManualClock::new(EatTime::parse_wire("20261121102115").unwrap());
    let store: Store = Arc::new(MemoryLedger::with_clock(Arc::new(clock.clone())));
    let keys = DarajaCredentials::parse(CONSUMER_KEY, CONSUMER_SECRET, SHORT_CODE, PASS_KEY);
    let script = Script::always(Credentials::daraja(keys.unwrap()));
    let reconciles = Daraja::builder()
        .credentials_provider(script.clone())
        .callback_url(NO_SHOP)
        .base_url(sandbox.base_url())
        .ledger(Arc::clone(&store))
        .clock(Arc::new(clock.clone()))
        .build()
        .unwrap();
    let pass = reconciles.payments().reconcile().await.unwrap();
    assert_eq!((pass.asked, script.asked()), (0, 0));

    let pushes = over(&sandbox, &store).clock(Arc::new(clock.clone()));
    let pushes = pushes.build().unwrap();
    let payment = pushes.request(sale(PAYS).order("17")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    clock.advance(Duration::from_secs(11));
    let pass = reconciles.payments().reconcile().await.unwrap();
    assert_eq!((pass.asked, script.asked()), (1, 1));
    assert!(is_paid(&reconciles, &payment).await);
}

#[tokio::test]
async fn the_grace_runs_by_the_ledgers_clock() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let start = EatTime::parse_wire("20261121102115").unwrap();
    let ledgers = ManualClock::new(start);
    let store: Store = Arc::new(MemoryLedger::with_clock(Arc::new(ledgers.clone())));
    // A process whose clock is an hour ahead would call every grace over.
    let ahead = ManualClock::new(start.plus(Duration::from_secs(3_600)));
    let shop = Shop::open(over(&sandbox, &store).clock(Arc::new(ahead))).await;
    let sleeps = phone_ending("1037");
    let wait = without_asking(FIVE);
    let first = shop.client.collect(sale(&sleeps).order("17"), wait);
    let first = bounded(first).await.unwrap();
    assert_eq!(first.outcome(), Outcome::Timeout);
    assert_eq!(first.settled_at(), Some(start));
    for _ in 0..2 {
        let held = shop.client.request(sale(&sleeps).order("17")).await;
        assert_eq!(held.unwrap().id(), first.id());
        ledgers.advance(Duration::from_secs(20));
    }
    ledgers.advance(Duration::from_secs(51));
    let second = shop.client.request(sale(&sleeps).order("17")).await;
    assert_ne!(second.unwrap().id(), first.id());
    assert_eq!(sandbox.counters().prompts, 2);
}

#[tokio::test]
async fn a_receipt_is_read_as_a_person_types_it() {
    let sandbox = Sandbox::start(fast().time_scale(1.0)).await.unwrap();
    let store: Store = Arc::new(MemoryLedger::default());
    let client = over(&sandbox, &store).build().unwrap();
    let mut ids = Vec::new();
    for order in ["17", "18"] {
        inject(&sandbox, Step::Push, FaultKind::AnswerLost);
        let unknown = client.request(sale(PAYS).order(order)).await.unwrap();
        assert_eq!(unknown.state(), PaymentState::Unknown);
        ids.push(unknown.id().as_str().to_owned());
    }
    let paid = |receipt: &str| Resolution::Paid {
        receipt: receipt.to_owned(),
    };
    let payments = client.payments();
    for bad in ["", " ", "SKL 123"] {
        let refused = payments.resolve(&ids[0], &paid(bad)).await.unwrap_err();
        assert_eq!(refused.code(), "receipt_unreadable", "{bad:?}");
    }
    let resolved = payments.resolve(&ids[0], &paid(" skl1234567 ")).await;
    assert_eq!(
        resolved.unwrap().receipt().map(Receipt::as_str),
        Some("SKL1234567")
    );
    for taken in ["SKL1234567", "skl1234567"] {
        let refused = payments.resolve(&ids[1], &paid(taken)).await.unwrap_err();
        assert_eq!(refused.code(), "receipt_taken", "{taken}");
    }
}

#[tokio::test]
async fn an_account_stays_when_its_key_is_replaced() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store: Store = Arc::new(MemoryLedger::default());
    let upesipay = |token: &str, channel: &str| {
        let ledger = Arc::clone(&store);
        let builder = lipia::UpesiPay::builder().auth_token(token).ledger(ledger);
        let builder = builder.channel_id(channel).base_url(sandbox.base_url());
        builder.callback_url(NO_SHOP).build().unwrap()
    };
    let palpluss = |key: &str, account: Option<&str>| {
        let ledger = Arc::clone(&store);
        let builder = lipia::PalPluss::builder().api_key(key).ledger(ledger);
        let builder = builder.base_url(sandbox.base_url()).callback_url(NO_SHOP);
        match account {
            Some(account) => builder.ledger_account(account).build().unwrap(),
            None => builder.build().unwrap(),
        }
    };
    let [old, new, other] = [
        upesipay("Basic c2hvcDpzZWNyZXQ=", "134"),
        upesipay("Basic c2hvcDpyZW5ld2Vk", "134"),
        upesipay("Basic c2hvcDpzZWNyZXQ=", "135"),
    ];
    let asks = async |client: &Client, id: &str| {
        let asked = client.payments().ask(id).await;
        asked.err().map(|error| error.code().to_owned())
    };
    let refused = Some("order_of_another_account".to_owned());
    // The answer is lost, so the payment is open whatever the gateway thinks of these keys.
    inject(&sandbox, Step::Push, FaultKind::AnswerLost);
    let payment = old.request(sale(PAYS).order("17")).await.unwrap();
    assert_eq!(payment.state(), PaymentState::Unknown);
    let id = payment.id().as_str();
    assert_ne!(asks(&new, id).await, refused);
    assert_eq!(asks(&other, id).await, refused);

    inject(&sandbox, Step::Push, FaultKind::AnswerLost);
    let old = palpluss("pk_test_old", None);
    let payment = old.request(sale(PAYS).order("18")).await.unwrap();
    let row = store.load(payment.id()).await.unwrap().unwrap();
    let id = payment.id().as_str();
    assert_eq!(asks(&palpluss("pk_test_new", None), id).await, refused);
    let goes_on = palpluss("pk_test_new", Some(&row.account));
    assert_ne!(asks(&goes_on, id).await, refused);
}

/// Pays an order, and has its callback kept by a client that may not judge it.
async fn kept_for_a_question(
    sandbox: &Sandbox,
    store: &Store,
    owner: &Client,
    number: usize,
) -> LedgerPayment {
    let phone = paying_phone(number);
    let push = sale(&phone).order(format!("order {number}"));
    let payment = owner.request(push).await.unwrap();
    let id = payment.checkout_request_id().unwrap().as_str();
    let receipt = format!("SKL123456{number}");
    let body = success_body(id, "150.00", &phone, Some(&receipt));
    let path = path(&payment);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let incoming = IncomingCallback::new(&path, &body);
    let other = of_another_account(sandbox, store);
    let received = other.receive_callback(incoming, Confirm::Successes).await;
    assert_eq!(received.unwrap().verdict, None);
    payment
}

#[tokio::test]
async fn a_question_that_hangs_keeps_no_other_payment_waiting() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store: Store = Arc::new(MemoryLedger::default());
    let patient = over(&sandbox, &store).timeout(Duration::from_secs(60));
    let owner = patient.build().unwrap();
    let hangs = kept_for_a_question(&sandbox, &store, &owner, 1).await;
    let slow = Fault::new(Step::Query, FaultKind::SlowBefore);
    sandbox.inject(slow.seconds(30_000.0)).unwrap();
    owner.on_outcome(|_| async {});
    let is_asked = async {
        while store.load(hangs.id()).await.unwrap().unwrap().asks == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    bounded(is_asked).await;
    let next = kept_for_a_question(&sandbox, &store, &owner, 2).await;
    let is_paid_next = async {
        while !is_paid(&owner, &next).await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    bounded(is_paid_next).await;
    assert!(!is_paid(&owner, &hangs).await);
}

#[tokio::test]
async fn in_one_pass_a_question_that_hangs_keeps_no_other_payment_waiting() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store: Store = Arc::new(MemoryLedger::default());
    let patient = over(&sandbox, &store).timeout(Duration::from_secs(60));
    let owner = patient.build().unwrap();
    let mut payments = Vec::new();
    for number in 1..4 {
        payments.push(kept_for_a_question(&sandbox, &store, &owner, number).await);
    }
    let slow = Fault::new(Step::Query, FaultKind::SlowBefore);
    sandbox.inject(slow.seconds(30_000.0)).unwrap();
    let all = owner.payments();
    let are_paid = async {
        let mut paid = 0;
        while paid < 2 {
            paid = 0;
            for payment in &payments {
                paid += usize::from(is_paid(&owner, payment).await);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        _pass = all.reconcile() => panic!("the pass ended before the question did"),
        () = are_paid => {}
    }
}
