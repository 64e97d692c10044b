//! Payments that a person settles: while the customer's prompt is open, after it has lapsed, and where the sender died; and the
//! order of a payment that was waited for.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::client::Resolution;
use lipia::ledger::{LedgerStore, MemoryLedger};
use lipia::payment::PaymentState;
use lipia::values::{EatTime, ManualClock};
use lipia::{Client, Daraja, Outcome, StkPush, WaitOptions};
use lipia_sandbox::Sandbox;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::*;

/// A clock that stands, and a ledger that has it.
struct Till {
    clock: ManualClock,
    store: Arc<dyn LedgerStore>,
}

impl Till {
    fn open() -> Self {
        let clock = ManualClock::new(EatTime::parse_wire("20261121102115").unwrap());
        let store = Arc::new(MemoryLedger::with_clock(Arc::new(clock.clone())));
        Self { clock, store }
    }

    fn client(&self, base_url: &str) -> Client {
        let client = builder(base_url).ledger(Arc::clone(&self.store));
        client.clock(Arc::new(self.clock.clone())).build().unwrap()
    }

    fn pass_seconds(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

fn order() -> StkPush {
    sale(PAYS).order("17")
}

/// What a client's handler is told: the outcome, and whether the order was paid twice.
fn listen(client: &Client) -> Arc<Mutex<Vec<(Outcome, bool)>>> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    client.on_outcome(move |payment| {
        let news = (payment.outcome(), payment.is_paid_twice());
        heard.lock().unwrap().push(news);
        async {}
    });
    told
}

#[tokio::test]
async fn a_customer_who_pays_after_a_person_said_not_paid_is_not_prompted_again() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let till = Till::open();
    let client = till.client(&sandbox.base_url());
    let told = listen(&client);
    let payment = client.request(order()).await.unwrap();
    till.pass_seconds(2);
    let payments = client.payments();
    let id = payment.id().as_str();
    let resolved = payments.resolve(id, &Resolution::NotPaid).await.unwrap();
    assert_eq!(resolved.outcome(), Outcome::Failed);
    eventually("the failure is told", || told.lock().unwrap().len() == 1).await;
    let again = loop {
        let again = client.request(order()).await.unwrap();
        assert_eq!(again.id(), payment.id(), "prompted again");
        if again.is_paid() {
            break again;
        }
        // Until the customer has paid; a click asks every five seconds.
        tokio::time::sleep(Duration::from_millis(20)).await;
        till.pass_seconds(6);
    };
    assert!(again.order_is_paid());
    assert_eq!(sandbox.counters().prompts, 1);
    eventually("the success is told", || told.lock().unwrap().len() == 2).await;
    let expected = [(Outcome::Failed, false), (Outcome::Success, false)];
    assert_eq!(*told.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_late_payment_behind_a_persons_not_paid_is_found_flagged_and_told() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let till = Till::open();
    let client = till.client(&sandbox.base_url());
    let first = client.request(order()).await.unwrap();
    till.pass_seconds(100);
    let payments = client.payments();
    let id = first.id().as_str();
    payments.resolve(id, &Resolution::NotPaid).await.unwrap();
    // The customer has paid by then, and the shop's statement was late.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let second = client.request(order()).await.unwrap();
    assert_ne!(second.id(), first.id(), "its prompt cannot be open");
    tokio::time::sleep(Duration::from_millis(100)).await;
    let told = listen(&client);
    till.pass_seconds(26);
    let twice = |told: &[(Outcome, bool)]| told.iter().filter(|news| news.1).count() >= 2;
    eventually("both are told as paid", || twice(&told.lock().unwrap())).await;
    for payment in payments.of_order("17").await.unwrap() {
        assert!(payment.is_paid() && payment.is_paid_twice());
    }
}

/// What touches a payment whose sender died.
#[derive(Clone, Copy, Debug)]
enum Touch {
    Request,
    Ask,
    NotPaid,
    Paid,
}

#[tokio::test]
async fn a_payment_whose_sender_died_is_taken_up_by_whoever_touches_it() {
    for (touch, state) in [
        (Touch::Request, PaymentState::Unknown),
        (Touch::Ask, PaymentState::Unknown),
        (Touch::NotPaid, PaymentState::Settled),
        (Touch::Paid, PaymentState::Settled),
    ] {
        let gateway = RawServer::on_push(|| Play::Hang).await;
        let till = Till::open();
        let dies = till.client(&gateway.base_url);
        let request = tokio::spawn(async move { dies.request(order()).await });
        eventually("its push is sent", || gateway.pushes() == 1).await;
        let lives = till.client(&gateway.base_url);
        let payments = lives.payments();
        let found = payments.of_order("17").await.unwrap();
        let id = found.first().unwrap().id().clone();
        let load = || async { till.store.load(&id).await.unwrap().unwrap() };

        till.pass_seconds(5);
        for (code, refused) in [
            (
                "payment_not_open",
                payments.resolve(id.as_str(), &Resolution::NotPaid).await,
            ),
            ("nothing_to_ask_by", payments.ask(id.as_str()).await),
            ("order_in_flight", payments.release("17").await),
        ] {
            let refused = refused.unwrap_err();
            assert_eq!((refused.code(), refused.payment_id()), (code, Some(&id)));
            let hint = refused.hint().unwrap();
            assert!(hint.contains("try again in 20 s"), "{touch:?}: {hint}");
        }
        assert_eq!(load().await.payment.state(), PaymentState::Sending);

        till.pass_seconds(21);
        match touch {
            Touch::Request => {
                let existing = lives.request(order()).await.unwrap();
                assert_eq!(
                    (existing.id(), existing.state()),
                    (&id, PaymentState::Unknown)
                );
            }
            Touch::Ask => {
                let asked = payments.ask(id.as_str()).await.unwrap_err();
                assert_eq!(asked.code(), "nothing_to_ask_by");
            }
            Touch::NotPaid => {
                let resolution = Resolution::NotPaid;
                payments.resolve(id.as_str(), &resolution).await.unwrap();
                assert!(load().await.holds_order, "the push may have left");
                till.pass_seconds(65);
                let again = lives.clone();
                let again = tokio::spawn(async move { again.request(order()).await });
                eventually("its order is free", || gateway.pushes() == 2).await;
                again.abort();
            }
            Touch::Paid => {
                let receipt = "SKL1234567".to_owned();
                let resolution = Resolution::Paid { receipt };
                let paid = payments.resolve(id.as_str(), &resolution).await;
                assert!(paid.unwrap().is_paid());
            }
        }
        let row = load().await;
        assert_eq!(row.payment.state(), state, "{touch:?}");
        assert_eq!(row.lease_until, None, "{touch:?}");
        request.abort();
    }
}

#[tokio::test]
async fn a_payment_that_was_waited_for_has_its_order_before_the_ledger_has_its_outcome() {
    let sandbox = Sandbox::start(fast().time_scale(1.0)).await.unwrap();
    let till = Till::open();
    let client = till.client(&sandbox.base_url());
    let payment = client.request(order()).await.unwrap();
    let live = client.find(payment.id()).unwrap();
    let id = payment.checkout_request_id().unwrap().as_str();
    let body = success_body(id, "150.00", PAYS, Some("SKL1234567"));
    live.notify(&Daraja::parse_callback(&body).unwrap());
    let waited = client.wait(&live, WaitOptions::default()).await.unwrap();
    let payments = client.payments();
    let in_ledger = payments.get(payment.id().as_str()).await.unwrap();
    assert!(waited.is_paid() && !in_ledger.is_paid());
    let waited = payments.of_collected(&waited).await.unwrap();
    assert_eq!(waited.order(), Some("17"));
    assert!(waited.is_paid() && waited.order_is_paid());
}
