//! A gateway that says more on a connection than it was asked: each payment gets its own answer or none, never another's.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::payment::PaymentState;
use lipia::values::MerchantRequestId;
use lipia::{Acceptance, Client, Error, Outcome, PaymentHandle, Status};
use std::time::Duration;
use support::{ByHand, PAYS, answer, bounded, builder, in_short, sale};

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

/// The acceptance of a push, with ids of its own.
fn acceptance(id: &str) -> Vec<u8> {
    let body = format!(
        r#"{{"MerchantRequestID":"merchant-{id}","CheckoutRequestID":"ws_CO_{id}","ResponseCode":"0","ResponseDescription":"Success","CustomerMessage":"Success"}}"#
    );
    answer(200, JSON, body.as_bytes())
}

/// The answer to a query: paid.
fn paid(id: &str) -> Vec<u8> {
    let body = format!(
        r#"{{"ResponseCode":"0","ResponseDescription":"Success","MerchantRequestID":"merchant-{id}","CheckoutRequestID":"ws_CO_{id}","ResultCode":"0","ResultDesc":"The service request is processed successfully."}}"#
    );
    answer(200, JSON, body.as_bytes())
}

async fn stand() -> (ByHand, Client) {
    let gateway = ByHand::start().await;
    let client = builder(&gateway.base_url).build().unwrap();
    (gateway, client)
}

/// Pushes, with a gateway that answers that one request so. The connection that it came on, the payment, and its end.
async fn push(
    gateway: &mut ByHand,
    client: &Client,
    said: &[u8],
) -> (usize, PaymentHandle, Result<Acceptance, Error>) {
    let payment = client.reserve(sale(PAYS)).unwrap();
    let answers = async {
        let (connection, seen) = gateway.next().await;
        assert!(seen.is_push());
        gateway.say(connection, said).await;
        connection
    };
    let (connection, result) =
        bounded(async { tokio::join!(answers, client.push(&payment)) }).await;
    (connection, payment, result)
}

/// Asks about a prompt in the same way.
async fn query(
    gateway: &mut ByHand,
    client: &Client,
    id: &str,
    said: &[u8],
) -> (usize, Result<Status, Error>) {
    let answers = async {
        let (connection, seen) = gateway.next().await;
        assert!(seen.body.contains(id));
        gateway.say(connection, said).await;
        connection
    };
    let id = format!("ws_CO_{id}");
    bounded(async { tokio::join!(answers, client.stk_query(&id)) }).await
}

fn id_of(payment: &PaymentHandle) -> Option<String> {
    let snapshot = payment.snapshot();
    let id = snapshot.checkout_request_id().cloned();
    let told = snapshot
        .acceptance()
        .and_then(|told| told.checkout_request_id.clone());
    assert_eq!(id, told);
    id.map(String::from)
}

/// Pushes one more payment, which is accepted with its own ids, on a connection that carried nothing else.
async fn a_second_push_has_its_own_answer(gateway: &mut ByHand, client: &Client, first: usize) {
    let (connection, payment, accepted) = push(gateway, client, &acceptance("second")).await;
    assert_eq!(accepted.unwrap().id(), "ws_CO_second");
    assert_eq!(id_of(&payment).as_deref(), Some("ws_CO_second"));
    assert_ne!(connection, first);
}

#[tokio::test]
async fn a_connection_that_says_what_was_asked_and_no_more_is_used_again() {
    let (mut gateway, client) = stand().await;
    let (first, _, accepted) = push(&mut gateway, &client, &acceptance("first")).await;
    accepted.unwrap();
    let (second, payment, accepted) = push(&mut gateway, &client, &acceptance("second")).await;
    accepted.unwrap();
    assert_eq!(first, second);
    assert_eq!(id_of(&payment).as_deref(), Some("ws_CO_second"));
}

#[tokio::test]
async fn an_answer_twice_at_once_is_the_answer_to_one_push() {
    let (mut gateway, client) = stand().await;
    let twice = [acceptance("first"), acceptance("first")].concat();
    let (connection, payment, accepted) = push(&mut gateway, &client, &twice).await;
    assert_eq!(accepted.unwrap().id(), "ws_CO_first");
    a_second_push_has_its_own_answer(&mut gateway, &client, connection).await;
    assert_eq!(id_of(&payment).as_deref(), Some("ws_CO_first"));
}

#[tokio::test]
async fn an_answer_again_ends_its_connection() {
    let (mut gateway, client) = stand().await;
    let (connection, _, accepted) = push(&mut gateway, &client, &acceptance("first")).await;
    accepted.unwrap();
    gateway.say(connection, &acceptance("first")).await;
    bounded(gateway.closed(connection)).await;
    a_second_push_has_its_own_answer(&mut gateway, &client, connection).await;
}

#[tokio::test]
async fn the_acceptance_that_follows_an_error_is_nobody_elses() {
    let (mut gateway, client) = stand().await;
    let failed = answer(500, JSON, br#"{"errorMessage":"Something went wrong"}"#);
    let (first, payment, error) = push(&mut gateway, &client, &failed).await;
    assert_eq!(in_short(&error.unwrap_err()), "unknown provider_error");
    let other = client.reserve(sale(PAYS)).unwrap();
    let answers = async {
        let (second, _) = gateway.next().await;
        gateway.say(first, &acceptance("first")).await;
        gateway.say(second, &acceptance("second")).await;
    };
    let ((), accepted) = bounded(async { tokio::join!(answers, client.push(&other)) }).await;
    assert_eq!(accepted.unwrap().id(), "ws_CO_second");
    assert_eq!(payment.snapshot().state(), PaymentState::Unknown);
    assert_eq!(id_of(&payment), None);
}

#[tokio::test]
async fn an_answer_after_its_time_is_nobody_elses() {
    let mut gateway = ByHand::start().await;
    let client = builder(&gateway.base_url)
        .timeout(Duration::from_millis(300))
        .build()
        .unwrap();
    let (first, payment, error) = push(&mut gateway, &client, b"").await;
    assert_eq!(in_short(&error.unwrap_err()), "unknown no_answer");
    gateway.say(first, &acceptance("first")).await;
    a_second_push_has_its_own_answer(&mut gateway, &client, first).await;
    assert_eq!(payment.snapshot().state(), PaymentState::Unknown);
    assert_eq!(id_of(&payment), None);
}

#[tokio::test]
async fn an_answer_to_a_query_that_comes_twice_settles_one_payment() {
    let (mut gateway, client) = stand().await;
    let twice = [paid("first"), paid("first")].concat();
    let (first, status) = query(&mut gateway, &client, "first", &twice).await;
    assert_eq!(status.unwrap().outcome, Outcome::Success);
    let (second, status) = query(&mut gateway, &client, "second", &paid("second")).await;
    let merchant_request_id = status.unwrap().merchant_request_id;
    assert_eq!(
        merchant_request_id.as_ref().map(MerchantRequestId::as_str),
        Some("merchant-second")
    );
    assert_ne!(first, second);

    gateway.say(second, &paid("second")).await;
    bounded(gateway.closed(second)).await;
    let (third, status) = query(&mut gateway, &client, "third", &paid("third")).await;
    let merchant_request_id = status.unwrap().merchant_request_id;
    assert_eq!(
        merchant_request_id.as_ref().map(MerchantRequestId::as_str),
        Some("merchant-third")
    );
    assert_ne!(second, third);

    gateway.say(third, &paid("third")).await;
    bounded(gateway.closed(third)).await;
    a_second_push_has_its_own_answer(&mut gateway, &client, third).await;
}

#[tokio::test]
async fn a_connection_goes_on_only_after_a_whole_answer_of_the_gateways_own_form() {
    let envelope = |status: u16, code: &str, message: &str| {
        let body =
            format!(r#"{{"requestId":"1-2-3","errorCode":"{code}","errorMessage":"{message}"}}"#);
        answer(status, JSON, body.as_bytes())
    };
    let page = b"<html><body>Gateway Time-out</body></html>";
    let over_long = format!(r#"{{"a":"{}"}}"#, "a".repeat(2 * 1024 * 1024));
    for (what, said, goes_on) in [
        ("paid", paid("first"), true),
        (
            "being processed",
            envelope(500, "500.001.1001", "The transaction is being processed"),
            true,
        ),
        ("said no", envelope(400, "400.002.99", "No"), true),
        ("a page of a proxy", answer(504, &[], page), false),
        ("a page under 200", answer(200, &[], page), false),
        ("an empty page", answer(500, &[], b""), false),
        (
            "the gateway's form from a proxy",
            envelope(504, "504.000.01", "Timed out"),
            false,
        ),
        (
            "a front door's form",
            answer(500, JSON, br#"{"fault":{"faultstring":"Timed out"}}"#),
            false,
        ),
        ("another form", answer(200, JSON, br#"{"a":1}"#), false),
        (
            "half an object",
            answer(200, JSON, br#"{"ResponseCode":"0"#),
            false,
        ),
        ("too much", answer(200, JSON, over_long.as_bytes()), false),
    ] {
        let (mut gateway, client) = stand().await;
        let (first, status) = query(&mut gateway, &client, "first", &said).await;
        assert_eq!(status.is_ok(), goes_on && what != "said no", "{what}");
        let (second, status) = query(&mut gateway, &client, "second", &paid("second")).await;
        let merchant_request_id = status.unwrap().merchant_request_id;
        assert_eq!(
            merchant_request_id.as_ref().map(MerchantRequestId::as_str),
            Some("merchant-second"),
            "{what}"
        );
        assert_eq!(first == second, goes_on, "{what}");
    }
}

#[tokio::test]
async fn a_push_has_no_answer_that_a_query_was_owed() {
    let (mut gateway, client) = stand().await;
    let gave_up = answer(504, &[], b"<html>Gateway Time-out</html>");
    let (first, status) = query(&mut gateway, &client, "first", &gave_up).await;
    assert_eq!(
        in_short(&status.unwrap_err()),
        "unknown provider_error retryable"
    );
    let payment = client.reserve(sale(PAYS)).unwrap();
    let answers = async {
        let (second, _) = gateway.next().await;
        // What the query was owed comes when the push has left.
        gateway.say(first, &paid("first")).await;
        gateway.say(second, &acceptance("second")).await;
    };
    let ((), accepted) = bounded(async { tokio::join!(answers, client.push(&payment)) }).await;
    assert_eq!(accepted.unwrap().id(), "ws_CO_second");
    assert_eq!(id_of(&payment).as_deref(), Some("ws_CO_second"));
}
