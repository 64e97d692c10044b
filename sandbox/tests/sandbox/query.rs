//! Daraja's queries, in both versions.

use lipia_sandbox::{Ending, Fault, FaultKind, SandboxOptions, Scenario, Step};
use serde_json::json;

use crate::support::{QUERY, QUERY_V2, Shop, TIMESTAMP, password, until};

#[tokio::test]
async fn a_query_goes_from_in_flight_to_the_result() {
    let shop = Shop::open().await;
    let id = shop.accepted("254712009000").await;
    let in_flight = (
        500,
        "500.001.1001".to_owned(),
        "The transaction is being processed".to_owned(),
    );
    assert_eq!(shop.query(&id).await.error(), in_flight);
    shop.sandbox.act(&id, Ending::Pay).unwrap();
    let reply = shop.query(&id).await;
    assert_eq!(reply.status(), 200);
    let body = reply.json();
    assert_eq!(body["ResponseCode"], "0");
    assert_eq!(body["ResultCode"], "0", "text");
    assert_eq!(
        body["ResultDesc"],
        "The service request is processed successfully."
    );
    assert_eq!(
        body["ResponseDescription"],
        "The service request has been accepted successsfully"
    );
    assert_eq!(body["CheckoutRequestID"], id);
    assert_eq!(body.as_object().unwrap().len(), 6, "no receipt, no amount");
    assert_eq!(shop.sandbox.counters().queries, 2);
}

fn question(id: &str) -> serde_json::Value {
    json!({
        "BusinessShortCode": "174379", "Password": password(), "Timestamp": TIMESTAMP, "CheckoutRequestID": id,
    })
}

#[tokio::test]
async fn version_2_tells_the_receipt_of_what_is_paid() {
    for (ending, has_one) in [(Ending::Pay, true), (Ending::Cancel, false)] {
        let shop = Shop::open().await;
        let id = shop.accepted("254712009000").await;
        let in_flight = shop.post(QUERY_V2, &question(&id)).await;
        assert_eq!(in_flight.error().2, "The transaction is being processed");
        shop.sandbox.act(&id, ending).unwrap();
        let body = shop.post(QUERY_V2, &question(&id)).await.json();
        let receipt = shop.sandbox.payments()[0].receipt.clone();
        assert_eq!(receipt.is_some(), has_one);
        assert_eq!(body["MpesaReceiptNumber"].as_str(), receipt.as_deref());
        let mut without = body.as_object().unwrap().clone();
        without.remove("MpesaReceiptNumber");
        assert_eq!(
            json!(without),
            shop.query(&id).await.json(),
            "the rest is version 1's"
        );
    }
}

#[tokio::test]
async fn version_2_can_be_missing_while_version_1_goes_on() {
    let shop = Shop::open().await;
    let id = shop.accepted("254712009000").await;
    let missing = Fault::new(Step::Query, FaultKind::QueryV2Missing);
    shop.sandbox.inject(missing).unwrap();
    assert_eq!(
        shop.query(&id).await.error().1,
        "500.001.1001",
        "it waits for version 2"
    );
    let reply = shop.post(QUERY_V2, &question(&id)).await;
    assert_eq!(
        reply.error(),
        (
            404,
            "404.001.01".to_owned(),
            "Resource not found".to_owned()
        )
    );
    assert_eq!(
        shop.post(QUERY_V2, &question(&id)).await.error().1,
        "500.001.1001"
    );
}

#[tokio::test]
async fn under_processing_is_said_with_a_code() {
    let shop = Shop::with(SandboxOptions::default().time_scale(250.0)).await;
    let id = shop.accepted("254712009007").await;
    let body = shop.query(&id).await.json();
    assert_eq!(body["ResultCode"], "4999");
    assert_eq!(
        body["ResultDesc"],
        "The transaction is still under processing"
    );
    until("it is paid", || {
        shop.sandbox.payments()[0].receipt.is_some()
    })
    .await;
    assert_eq!(shop.query(&id).await.json()["ResultCode"], "0");
}

#[tokio::test]
async fn a_prompt_may_look_failed_until_it_is_paid() {
    let shop = Shop::with(SandboxOptions::default().time_scale(100.0)).await;
    let id = shop.accepted("254712009022").await;
    let body = shop.query(&id).await.json();
    assert_eq!(body["ResultCode"], "2029");
    assert_eq!(
        body["ResultDesc"],
        "Failed due to an unresolved reason type."
    );
    until("it is paid", || {
        shop.sandbox.payments()[0].receipt.is_some()
    })
    .await;
    assert_eq!(shop.query(&id).await.json()["ResultCode"], "0");
}

#[tokio::test]
async fn some_polls_of_a_finished_payment_say_nothing() {
    let shop = Shop::open().await;
    let id = shop.accepted("254712009008").await;
    until("it is paid", || {
        shop.sandbox.payments()[0].receipt.is_some()
    })
    .await;
    let empty = |status| (status, "500.001.1001".to_owned(), String::new());
    assert_eq!(shop.query(&id).await.error(), empty(500));
    assert_eq!(shop.query(&id).await.error(), empty(200));
    assert_eq!(shop.query(&id).await.json()["ResultCode"], "0");
    assert_eq!(shop.query(&id).await.error(), empty(500));
    for _ in 0..3 {
        assert_eq!(shop.query(&id).await.json()["ResultCode"], "0");
    }
}

#[tokio::test]
async fn queries_are_checked() {
    let shop = Shop::open().await;
    let unknown = (
        500,
        "500.001.1001".to_owned(),
        "The transaction does not Exist".to_owned(),
    );
    assert_eq!(
        shop.query("ws_CO_21112026101112000712345678").await.error(),
        unknown
    );
    let good = json!({
        "BusinessShortCode": "174379", "Password": password(), "Timestamp": TIMESTAMP, "CheckoutRequestID": "x",
    });
    for (field, value, message) in [
        (
            "CheckoutRequestID",
            json!(""),
            "Bad Request - Invalid CheckoutRequestID",
        ),
        ("Timestamp", json!("x"), "Bad Request - Invalid Timestamp"),
        ("Password", json!("x"), "Wrong credentials"),
        (
            "BusinessShortCode",
            json!("600000"),
            "Merchant does not exist",
        ),
    ] {
        let mut body = good.clone();
        body[field] = value;
        assert_eq!(shop.post(QUERY, &body).await.error().2, message);
    }
}

#[tokio::test]
async fn a_silent_payment_stays_in_flight_but_frees_its_phone() {
    let shop = Shop::open().await;
    shop.sandbox.script_phone("254712345678", Scenario::Silent);
    let id = shop.accepted("254712345678").await;
    tokio::time::sleep(std::time::Duration::from_millis(70)).await;
    assert_eq!(
        shop.query(&id).await.error().2,
        "The transaction is being processed"
    );
    shop.accepted("254712345678").await;
    assert_eq!(shop.sandbox.counters().callbacks_sent, 0);
}
