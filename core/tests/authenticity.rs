//! Callbacks that are not what they seem: forged, tampered with, from elsewhere, or too good to be true.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::callback::{Confirm, ReceivedCallback};
use lipia::payment::PaymentState;
use lipia::{Client, Disposition, Error, IncomingCallback, Outcome, PaymentHandle, Verdict};
use lipia_sandbox::{Ending, FaultKind, Sandbox, Step};
use support::{
    PAYS, Shop, bounded, builder, eventually, failure_body, fast, hurried, inject, none_of,
    path_of, phone_ending, sale, stand, success_body,
};

const RECEIPT: Option<&str> = Some("SKL1234567");

/// An accepted payment whose customer does nothing by himself.
async fn open_payment() -> (Sandbox, Client, PaymentHandle, String) {
    let (sandbox, client) = stand().await;
    let payment = client.reserve(sale(&phone_ending("9000"))).unwrap();
    let id = client.push(&payment).await.unwrap().id().to_owned();
    (sandbox, client, payment, id)
}

async fn receive(
    client: &Client,
    path: &str,
    body: &[u8],
    confirm: Confirm,
) -> Result<ReceivedCallback, Error> {
    bounded(client.receive_callback(IncomingCallback::new(path, body), confirm)).await
}

#[tokio::test]
async fn a_forged_callback_is_refused_flagged_or_not_confirmed_and_never_believed() {
    let phone = phone_ending("9000");
    let cases = [
        ("amount", "149", RECEIPT, "Mismatch", Confirm::Never),
        (
            "amount with cents",
            "150.01",
            RECEIPT,
            "Mismatch",
            Confirm::Never,
        ),
        (
            "amount as text",
            "\"1\"",
            RECEIPT,
            "Mismatch",
            Confirm::Never,
        ),
        (
            "amount, confirmed",
            "149",
            RECEIPT,
            "Mismatch",
            Confirm::Successes,
        ),
        ("no receipt", "150", None, "NotConfirmed", Confirm::Never),
        ("no amount", "null", RECEIPT, "NotConfirmed", Confirm::Never),
        ("zero", "0", RECEIPT, "Mismatch", Confirm::Never),
        (
            "perfect",
            "150",
            RECEIPT,
            "NotConfirmed",
            Confirm::Successes,
        ),
    ];
    let mut failures = Vec::new();
    for (name, amount, receipt, wanted, confirm) in cases {
        let (_sandbox, client, payment, id) = open_payment().await;
        let body = success_body(&id, amount, &phone, receipt);
        let received = receive(&client, &path_of(&payment), &body, confirm)
            .await
            .unwrap();
        let after = payment.snapshot();
        let found = format!("{:?}", received.verdict.unwrap());
        if found != wanted || after.is_paid() || after.flags().len() != 1 {
            failures.push(format!("{name}: {found}, {:?}", after.flags()));
        }
        assert_eq!(after.state(), PaymentState::Accepted, "{name}");
    }
    none_of(&failures);
}

#[tokio::test]
async fn the_phone_and_the_ids_must_fit_as_well() {
    let (_sandbox, client, payment, id) = open_payment().await;
    let (path, phone) = (path_of(&payment), phone_ending("9000"));
    for body in [
        success_body(&id, "150", "254712000999", RECEIPT),
        success_body("ws_CO_21112026101112000712000999", "150", &phone, RECEIPT),
        failure_body("ws_CO_21112026101112000712000999", "1032"),
    ] {
        let received = receive(&client, &path, &body, Confirm::Never)
            .await
            .unwrap();
        assert_eq!(received.verdict, Some(Verdict::Mismatch));
    }
    let reasons: Vec<_> = payment
        .snapshot()
        .flags()
        .iter()
        .map(|flag| flag.reason.clone())
        .collect();
    assert_eq!(
        reasons,
        [
            "phone_differs",
            "checkout_request_id_differs",
            "checkout_request_id_differs"
        ]
    );
    assert_eq!(payment.snapshot().outcome(), Outcome::Pending);
}

#[tokio::test]
async fn a_callback_on_anothers_url_or_on_no_url_of_ours_touches_nothing() {
    let (_sandbox, client, payment, id) = open_payment().await;
    let before = payment.to_json();
    let body = success_body(&id, "150", &phone_ending("9000"), RECEIPT);
    let mut failures = Vec::new();
    let forged = format!("/pay/{}-{}", payment.id(), "ab".repeat(32));
    for (path, code) in [
        (forged.as_str(), "callback_token_wrong"),
        ("/pay", "callback_token_missing"),
    ] {
        let error = receive(&client, path, &body, Confirm::Never)
            .await
            .unwrap_err();
        if error.code() != code {
            failures.push(format!("{path}: {error:?}"));
        }
    }
    let path = path_of(&payment);
    for (body, code) in [
        (&b""[..], "empty_body"),
        (b"<html>", "invalid_json"),
        (b"{}", "missing_body"),
        (b"{\"Body\":{}}", "missing_stk_callback"),
    ] {
        let error = receive(&client, &path, body, Confirm::Never)
            .await
            .unwrap_err();
        if error.code() != code {
            failures.push(format!("{code}: {error:?}"));
        }
    }
    none_of(&failures);
    assert_eq!(payment.to_json(), before);
    // Another payment's URL is that payment's business, and there the id does not fit.
    let other = client.reserve(sale(PAYS)).unwrap();
    client.push(&other).await.unwrap();
    let received = receive(&client, &path_of(&other), &body, Confirm::Never)
        .await
        .unwrap();
    assert_eq!(&received.payment_id, other.id());
    assert_eq!(received.verdict, Some(Verdict::Mismatch));
    assert_eq!(payment.to_json(), before);
}

#[tokio::test]
async fn a_forged_success_is_not_believed_where_the_gateway_is_asked_and_the_truth_is() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let shop = Shop::open_confirming(builder(&sandbox.base_url()), Confirm::Successes).await;
    let client = &shop.client;
    let forged = client.reserve(sale(&phone_ending("9015"))).unwrap();
    let honest = client.reserve(sale(PAYS)).unwrap();
    client.push(&forged).await.unwrap();
    client.push(&honest).await.unwrap();
    eventually("all callbacks are worked on", || shop.received().len() == 3).await;
    assert_eq!(forged.snapshot().outcome(), Outcome::Cancelled);
    assert_eq!(forged.snapshot().receipt(), None);
    assert_eq!(honest.snapshot().outcome(), Outcome::Success);
    assert!(honest.snapshot().receipt().is_some());
    let verdicts = shop.verdicts();
    let count = |wanted| {
        verdicts
            .iter()
            .filter(|verdict| **verdict == Some(wanted))
            .count()
    };
    assert_eq!(
        (count(Verdict::NotConfirmed), count(Verdict::Believed)),
        (1, 2)
    );
}

#[tokio::test]
async fn what_a_callback_named_is_asked_about_again_where_its_confirmation_and_the_answer_were_lost()
 {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let shop = Shop::open_confirming(builder(&sandbox.base_url()), Confirm::Successes).await;
    for step in [Step::Push, Step::Query] {
        inject(&sandbox, step, FaultKind::AnswerLost);
    }
    let payment = shop.client.reserve(sale(PAYS)).unwrap();
    let lost = shop.client.push(&payment).await.unwrap_err();
    assert_eq!(lost.disposition(), Disposition::Unknown);
    eventually("the callback is taken in", || shop.received().len() == 1).await;
    assert_eq!(shop.verdicts(), [Some(Verdict::NotConfirmed)]);
    assert_eq!(payment.snapshot().checkout_request_id(), None);
    let settled = shop.client.wait(&payment, hurried()).await.unwrap();
    assert!(settled.is_paid() && settled.receipt().is_some());
    assert_eq!(sandbox.counters().prompts, 1);
}

#[tokio::test]
async fn an_incomplete_success_is_confirmed_by_a_query_and_then_believed() {
    let (sandbox, client, payment, id) = open_payment().await;
    sandbox.act(&id, Ending::Pay).unwrap();
    let body = success_body(&id, "150", &phone_ending("9000"), None);
    let received = receive(&client, &path_of(&payment), &body, Confirm::Never)
        .await
        .unwrap();
    assert_eq!(received.verdict, Some(Verdict::Believed));
    assert!(payment.snapshot().is_paid() && payment.snapshot().receipt().is_none());
    assert_eq!(sandbox.counters().queries, 1);
}

#[tokio::test]
async fn a_question_that_fails_leaves_the_payment_open_and_the_wait_finds_the_truth() {
    let (sandbox, client, payment, id) = open_payment().await;
    sandbox.act(&id, Ending::Pay).unwrap();
    inject(&sandbox, Step::Query, FaultKind::UnavailableHtml);
    let body = success_body(&id, "150", &phone_ending("9000"), RECEIPT);
    let path = path_of(&payment);
    let received = receive(&client, &path, &body, Confirm::Successes)
        .await
        .unwrap();
    assert_eq!(received.verdict, Some(Verdict::NotConfirmed));
    assert_eq!(payment.snapshot().outcome(), Outcome::Pending);
    let settled = bounded(client.wait(&payment, hurried())).await.unwrap();
    assert!(settled.is_paid());
}

#[tokio::test]
async fn a_callback_for_a_payment_held_elsewhere_names_it_and_can_be_believed_later() {
    let (sandbox, client, payment, id) = open_payment().await;
    let other = builder(&sandbox.base_url()).build().unwrap();
    let body = success_body(&id, "150", &phone_ending("9000"), RECEIPT);
    let received = receive(&other, &path_of(&payment), &body, Confirm::Never)
        .await
        .unwrap();
    assert_eq!(
        (&received.payment_id, received.verdict),
        (payment.id(), None)
    );
    let saved = lipia::Payment::from_json(&payment.to_json()).unwrap();
    let resumed = other.resume(saved).unwrap();
    let verdict = other
        .believe(&resumed, &received.event, Confirm::Never)
        .await;
    assert_eq!(verdict, Verdict::Believed);
    assert!(resumed.snapshot().is_paid());
    drop(client);
}
