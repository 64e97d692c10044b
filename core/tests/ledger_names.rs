//! Receipts and prompts of a ledger: what one payment has is believed of no other one, whichever process hears it.

#![allow(
    clippy::unwrap_used,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::callback::{Confirm, Verdict};
use lipia::client::{LedgerPayment, Resolution};
use lipia::ledger::{LedgerStore, Row};
use lipia::payment::PaymentState;
use lipia::values::CheckoutRequestId;
use lipia::{Client, IncomingCallback};
use std::sync::Arc;
use support::*;

const SECRET: &str = "a secret that all clients of the test share";

/// Two processes of two shops that share a ledger, at a gateway that gives every push this prompt.
struct Stand {
    _gateway: RawServer,
    store: Arc<TroubledLedger>,
    nairobi: Client,
    mombasa: Client,
}

async fn stand_where(prompt_of: impl Fn() -> Play + Send + Sync + 'static) -> Stand {
    let gateway = RawServer::on_push(prompt_of).await;
    let store = Arc::new(TroubledLedger::default());
    let client = |shop: &str| {
        let ledger: Arc<dyn LedgerStore> = Arc::clone(&store) as _;
        let builder = builder(&gateway.base_url).ledger(ledger).shop(shop);
        builder.callback_secrets([SECRET]).build().unwrap()
    };
    Stand {
        nairobi: client("nairobi"),
        mombasa: client("mombasa"),
        store,
        _gateway: gateway,
    }
}

const SAME_PROMPT: &str = r#"{"MerchantRequestID":"1-2-3","CheckoutRequestID":"ws_CO_21112026101112000712000111","ResponseCode":"0","ResponseDescription":"Success","CustomerMessage":"Success"}"#;

async fn receive(client: &Client, payment: &LedgerPayment, receipt: &str) -> Verdict {
    let url = payment.push().callback_url.as_str();
    let path = format!("/{}", url.splitn(4, '/').nth(3).unwrap());
    let body = success_body(
        payment
            .checkout_request_id()
            .map_or("ws_CO_1", CheckoutRequestId::as_str),
        "150",
        PAYS,
        Some(receipt),
    );
    let incoming = IncomingCallback::new(&path, &body);
    let received = client.receive_callback(incoming, Confirm::Never).await;
    received.unwrap().verdict.unwrap()
}

async fn row(store: &TroubledLedger, payment: &LedgerPayment) -> Row {
    store.load(payment.id()).await.unwrap().unwrap()
}

fn reasons(row: &Row) -> Vec<&str> {
    let flags = row.payment.flags().iter();
    flags.map(|flag| flag.reason.as_str()).collect()
}

#[tokio::test]
async fn a_receipt_that_another_process_heard_first_is_flagged_and_not_believed() {
    let stand = stand_where(Play::acceptance).await;
    let first = stand.nairobi.request(sale(PAYS).order("17")).await.unwrap();
    let second = stand.mombasa.request(sale(PAYS).order("17")).await.unwrap();
    let believed = receive(&stand.nairobi, &first, "SKL1234567").await;
    assert_eq!(believed, Verdict::Believed);
    let refused = receive(&stand.mombasa, &second, "SKL1234567").await;
    assert_eq!(refused, Verdict::Mismatch);
    let row = row(&stand.store, &second).await;
    assert_eq!(row.payment.state(), PaymentState::Accepted);
    assert_eq!(reasons(&row), ["receipt_of_another_payment"]);
    let own = receive(&stand.mombasa, &second, "SKL7654321").await;
    assert_eq!(own, Verdict::Believed);
}

#[tokio::test]
async fn an_acceptance_that_names_the_prompt_of_another_process_is_not_taken() {
    // With the look-up, and by the commit alone.
    for look_up in [Trouble::None, Trouble::Fails] {
        let stand = stand_where(|| Play::json(200, SAME_PROMPT)).await;
        let first = stand.nairobi.request(sale(PAYS).order("17")).await.unwrap();
        assert_eq!(first.state(), PaymentState::Accepted);
        stand.store.trouble("named", look_up);
        let second = stand.mombasa.request(sale(PAYS).order("17")).await.unwrap();
        assert_eq!(second.state(), PaymentState::Unknown, "{look_up:?}");
        let row = row(&stand.store, &second).await;
        assert_eq!(row.payment.state(), PaymentState::Unknown);
        assert_eq!(reasons(&row), ["prompt_of_another_payment"]);
        let error = row.payment.last_error().unwrap();
        assert_eq!(error.code(), "prompt_of_another_payment");
        let live = stand.mombasa.find(second.id()).unwrap().snapshot();
        assert_eq!(live.checkout_request_id(), None);
    }
}

#[tokio::test]
async fn a_callback_is_refused_where_the_receipt_is_written_for_another_payment_meanwhile() {
    let stand = stand_where(Play::acceptance).await;
    let first = stand.nairobi.request(sale(PAYS).order("17")).await.unwrap();
    let second = stand.mombasa.request(sale(PAYS).order("17")).await.unwrap();
    // The process has looked the receipt up, and is stopped before it writes.
    let paused = stand.store.pause("keep");
    let (refused, believed) = tokio::join!(receive(&stand.mombasa, &second, "SKL1234567"), async {
        paused.reached().await;
        let believed = receive(&stand.nairobi, &first, "SKL1234567").await;
        paused.go_on();
        believed
    });
    assert_eq!(believed, Verdict::Believed);
    assert_eq!(refused, Verdict::Mismatch);
    let row = row(&stand.store, &second).await;
    assert!(!row.payment.is_paid() && row.news == 0);
    assert_eq!(reasons(&row), ["receipt_of_another_payment"]);
    let live = stand.mombasa.find(second.id()).unwrap().snapshot();
    assert!(!live.is_paid() && live.receipt().is_none());
}

#[tokio::test]
async fn a_person_cannot_give_a_payment_the_receipt_of_another_shops() {
    let stand = stand_where(Play::acceptance).await;
    let first = stand.nairobi.request(sale(PAYS).order("17")).await.unwrap();
    let second = stand.mombasa.request(sale(PAYS).order("17")).await.unwrap();
    receive(&stand.nairobi, &first, "SKL1234567").await;
    let receipt = "skl1234567".to_owned();
    let payments = stand.mombasa.payments();
    let taken = payments
        .resolve(second.id().as_str(), &Resolution::Paid { receipt })
        .await;
    assert_eq!(taken.unwrap_err().code(), "receipt_taken");
}
