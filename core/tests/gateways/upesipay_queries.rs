//! Queries at UpesiPay, what became of a push, in both generations.

use crate::server::Told;
use crate::upesipay::*;
use lipia::callback::Confirm;
use lipia::gateway::UpesiPayGeneration;
use lipia::values::{CheckoutRequestId, Receipt};
use lipia::{Disposition, ErrorKind, IncomingCallback, Outcome, Payment, StkPush, Verdict};
use serde_json::{Value, json};
use std::time::Duration;

fn status_one(status: &str, members: Value) -> Told {
    let mut body = json!({ "transaction_date": "2026-01-02 10:35:43", "provider": "m-pesa", "success": true,
        "merchant": "Shop", "payment_reference": "SAE3YULR0Y", "third_party_reference": "SAE3YULR0Y",
        "status": status, "reference": REFERENCE, "CheckoutRequestID": CHECKOUT, "provider_reference": "SAE3YULR0Y" });
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    Told::new(200, body.to_string())
}

fn status_two(status: &str, members: Value) -> Told {
    let mut data = json!({ "id": "991", "type": "collection", "status": status, "amount": 10, "charge": 0.5,
        "phone_number": "254708374149", "created_at": "2026-01-02T10:35:43Z" });
    for (name, value) in members.as_object().unwrap() {
        data[name] = value.clone();
    }
    Told::new(200, json!({ "success": true, "data": data }).to_string())
}

#[tokio::test]
async fn a_status_is_asked_by_what_each_generation_knows() {
    let (one, client) = first([
        queued(),
        status_one("QUEUED", json!({})),
        status_one("SUCCESS", json!({})),
    ]);
    let paid = client.collect(push(), quick()).await.unwrap();
    assert_eq!(
        (paid.outcome(), paid.receipt().map(Receipt::as_str)),
        (Outcome::Success, Some("SAE3YULR0Y"))
    );
    assert_eq!(
        one.lines()[1..],
        vec![format!("GET /api/v2/transaction-status?reference={REFERENCE}"); 2]
    );
    let (two, client) = second([
        sent(),
        status_two("success", json!({ "mpesa_receipt_number": "SAE3YULR0Y" })),
    ]);
    let paid = client.collect(push(), quick()).await.unwrap();
    assert_eq!(
        (paid.outcome(), paid.receipt().map(Receipt::as_str)),
        (Outcome::Success, Some("SAE3YULR0Y"))
    );
    assert_eq!(
        two.lines()[1],
        format!("GET /api/v2/transaction-status?reference={CHECKOUT}")
    );
    // Another sum is not this sale.
    let (_two, client) = second([sent(), status_two("success", json!({ "amount": 9 }))]);
    let open = client
        .collect(push(), quick().timeout(Duration::from_millis(50)))
        .await
        .unwrap();
    assert_eq!(
        (open.is_paid(), open.flags()[0].reason.as_str()),
        (false, "amount_differs")
    );
}

#[tokio::test]
async fn a_status_says_no_more_than_its_word() {
    for (word, outcome) in [
        ("QUEUED", Outcome::Pending),
        ("SUCCESS", Outcome::Success),
        ("FAILED", Outcome::Failed),
        ("cancelled", Outcome::Cancelled),
        ("timeout", Outcome::Timeout),
        ("processing", Outcome::Pending),
        ("refunding", Outcome::Unknown),
    ] {
        let (_one, client) = first([status_one(word, json!({})), status_two(word, json!({}))]);
        for id in [REFERENCE, CHECKOUT] {
            let status = client.stk_query(id).await.unwrap();
            assert_eq!(
                (status.outcome, status.is_final),
                (outcome, outcome.is_final()),
                "{word}"
            );
            assert_eq!(
                status.receipt.is_some(),
                outcome.is_paid() && id == REFERENCE,
                "{word}"
            );
        }
    }
    for (members, receipt) in [
        (json!({ "provider_reference": "SAE3YULR0X" }), None),
        (
            json!({ "provider_reference": REFERENCE }),
            Some("SAE3YULR0Y"),
        ),
        (
            json!({ "provider_reference": REFERENCE, "third_party_reference": null }),
            None,
        ),
    ] {
        let (_one, client) = first([status_one("SUCCESS", members.clone())]);
        let status = client.stk_query(REFERENCE).await.unwrap();
        assert_eq!(
            status.receipt.as_ref().map(Receipt::as_str),
            receipt,
            "{members}"
        );
    }
}

#[tokio::test]
async fn an_answer_about_another_transaction_settles_nothing() {
    for told in [
        status_one("SUCCESS", json!({ "CheckoutRequestID": "ws_CO_2" })),
        status_two("success", json!({ "phone_number": "254708374140" })),
        status_two("success", json!({ "checkout_request_id": "ws_CO_2" })),
        Told::new(200, json!({ "success": true, "status": true }).to_string()),
        Told::new(
            200,
            json!({ "success": true, "status": "SUCCESS" }).to_string(),
        ),
        Told::new(
            200,
            json!({ "success": true, "status": "SUCCESS", "amount": 10 }).to_string(),
        ),
        status_two("success", json!({ "phone_number": null })),
        status_two("success", json!({ "amount": null })),
        status_two("failed", json!({ "amount": 9 })),
        Told::new(
            200,
            json!({ "success": false, "status": "SUCCESS" }).to_string(),
        ),
        Told::new(200, "SUCCESS"),
    ] {
        let (_one, client) = first([queued(), told.clone()]);
        let payment = client
            .collect(push(), quick().timeout(Duration::from_millis(50)))
            .await
            .unwrap();
        assert_eq!(payment.outcome(), Outcome::Pending, "{told:?}");
    }
    let (_one, client) = first([status_one("SUCCESS", json!({}))]);
    assert_eq!(
        client.stk_query("E8UWT7CLUX").await.unwrap_err().kind(),
        ErrorKind::UnreadableAnswer
    );
}

#[tokio::test]
async fn not_found_is_not_yet() {
    let not_found = || {
        Told::new(
            404,
            json!({ "success": false, "message": "Not found" }).to_string(),
        )
    };
    let (_one, client) = first([
        queued(),
        not_found(),
        Told::new(404, "<html>"),
        status_one("FAILED", json!({})),
    ]);
    let payment = client.collect(push(), quick()).await.unwrap();
    assert_eq!(payment.outcome(), Outcome::Failed);
    let (_one, client) = first([not_found()]);
    let status = client.stk_query(CHECKOUT).await.unwrap();
    assert_eq!((status.outcome, status.is_final), (Outcome::Unknown, false));
}

/// The payment's own URL: a push without a URL of its own gets one.
fn own_url() -> StkPush {
    StkPush::new("0708374149", 10, "INV-009")
}

fn callback(generation: UpesiPayGeneration) -> Vec<u8> {
    match generation {
        UpesiPayGeneration::One => json!({ "forward_url": "", "status": true, "response": { "Amount": 10,
            "CheckoutRequestID": CHECKOUT, "ExternalReference": "INV-009", "MerchantRequestID": "3202-70921557-1",
            "MpesaReceiptNumber": "SAE3YULR0Y", "Phone": "+254708374149", "ResultCode": 0, "Status": "Success" } }),
        UpesiPayGeneration::Two => json!({ "checkout_request_id": CHECKOUT, "reference_id": "SAE3YULR0Y",
            "merchant_request_id": "3202-70921557-1", "status": "success" }),
    }
    .to_string()
    .into_bytes()
}

#[tokio::test]
async fn a_callback_is_believed_once_upesipay_says_the_same() {
    for (generation, accepted, confirmed) in [
        (
            UpesiPayGeneration::One,
            queued(),
            status_one("SUCCESS", json!({})),
        ),
        (
            UpesiPayGeneration::Two,
            sent(),
            status_two("success", json!({})),
        ),
    ] {
        let (_server, client) = server(generation, [accepted, Told::new(404, "{}"), confirmed]);
        let payment = client.reserve(own_url()).unwrap();
        client.push(&payment).await.unwrap();
        let url = payment.snapshot().push().callback_url.as_str().to_owned();
        let body = callback(generation);
        for verdict in [Verdict::NotConfirmed, Verdict::Believed] {
            let incoming = IncomingCallback::new(&url, &body);
            let received = client
                .receive_callback(incoming, Confirm::Never)
                .await
                .unwrap();
            assert_eq!(received.verdict, Some(verdict));
        }
        assert!(payment.snapshot().is_paid());
    }
}

#[tokio::test]
async fn after_a_lost_answer_the_first_generation_is_asked_by_the_receipt() {
    let (one, client) = first([
        Told::nothing(),
        Told::new(404, "{}"),
        status_one("SUCCESS", json!({ "CheckoutRequestID": "ws_CO_2" })),
        status_one("SUCCESS", json!({})),
    ]);
    let payment = client.reserve(own_url()).unwrap();
    let lost = client.push(&payment).await.unwrap_err();
    assert_eq!(lost.disposition(), Disposition::Unknown);
    let url = payment.snapshot().push().callback_url.as_str().to_owned();
    let body = callback(UpesiPayGeneration::One);
    let verdict = || async {
        client
            .receive_callback(IncomingCallback::new(&url, &body), Confirm::Never)
            .await
            .unwrap()
            .verdict
    };
    assert_eq!(verdict().await, Some(Verdict::NotConfirmed));
    assert_eq!(
        verdict().await,
        Some(Verdict::NotConfirmed),
        "somebody else's receipt"
    );
    assert_eq!(verdict().await, Some(Verdict::Believed));
    assert_eq!(
        payment.snapshot().receipt().map(Receipt::as_str),
        Some("SAE3YULR0Y")
    );
    assert_eq!(
        one.lines()[1..],
        vec!["GET /api/v2/transaction-status?reference=SAE3YULR0Y"; 3]
    );
}

#[tokio::test]
async fn after_a_lost_answer_a_claim_outlives_answers_about_other_sales() {
    let (_two, client) = second([
        Told::nothing(),
        status_two("success", json!({ "amount": 500 })),
        status_two("success", json!({ "amount": 500 })),
        status_two("success", json!({})),
    ]);
    let payment = client.reserve(own_url()).unwrap();
    client.push(&payment).await.unwrap_err();
    let url = payment.snapshot().push().callback_url.as_str().to_owned();
    let body = callback(UpesiPayGeneration::Two);
    let received = client.receive_callback(IncomingCallback::new(&url, &body), Confirm::Never);
    assert_eq!(received.await.unwrap().verdict, Some(Verdict::NotConfirmed));
    client.ask(&payment).await.unwrap_err();
    assert_eq!(payment.snapshot().outcome(), Outcome::Unknown);
    let found = client.ask(&payment).await.unwrap();
    assert_eq!(
        (found.is_paid(), found.receipt().map(Receipt::as_str)),
        (true, Some("SAE3YULR0Y"))
    );
}

#[tokio::test]
async fn a_claim_is_asked_about_by_a_later_process() {
    let (one, client) = first([Told::nothing(), status_one("SUCCESS", json!({}))]);
    let payment = client.reserve(own_url()).unwrap();
    client.push(&payment).await.unwrap_err();
    let event = client
        .parse_callback(&callback(UpesiPayGeneration::One))
        .unwrap();
    payment.notify(&event);
    let saved = payment.to_json();
    drop(payment);
    let resumed = client.resume(Payment::from_json(&saved).unwrap()).unwrap();
    let paid = client.wait(&resumed, quick()).await.unwrap();
    assert_eq!(
        (paid.is_paid(), paid.receipt().map(Receipt::as_str)),
        (true, Some("SAE3YULR0Y"))
    );
    assert_eq!(
        one.lines()[1],
        "GET /api/v2/transaction-status?reference=SAE3YULR0Y"
    );
}

#[tokio::test]
async fn a_push_that_a_reference_alone_accepts_is_asked_about_by_it() {
    let accepted = json!({ "success": true, "status": "QUEUED", "reference": REFERENCE });
    let (server, client) = first([
        Told::new(201, accepted.to_string()),
        status_one("SUCCESS", json!({})),
    ]);
    let payment = client.reserve(push()).unwrap();
    let acceptance = client.push(&payment).await.unwrap();
    assert_eq!(
        (
            acceptance.id(),
            acceptance
                .checkout_request_id
                .as_ref()
                .map(CheckoutRequestId::as_str)
        ),
        (REFERENCE, None)
    );
    assert!(
        client
            .stk_query(acceptance.id())
            .await
            .unwrap()
            .outcome
            .is_paid()
    );
    let paid = client.wait(&payment, quick()).await.unwrap();
    assert!(paid.is_paid());
    assert_eq!(
        paid.checkout_request_id().map(CheckoutRequestId::as_str),
        Some(CHECKOUT)
    );
    let asked = format!("GET /api/v2/transaction-status?reference={REFERENCE}");
    assert_eq!(server.lines()[1..], vec![asked; 2]);
}

#[tokio::test]
async fn a_prompt_that_a_refusal_names_is_asked_about() {
    let refused = json!({ "error_message": "Slow down", "reference": REFERENCE });
    let (server, client) = first([
        Told::new(429, refused.to_string()),
        status_one("SUCCESS", json!({})),
    ]);
    let payment = client.reserve(push()).unwrap();
    let error = client.push(&payment).await.unwrap_err();
    assert_eq!(error.disposition(), Disposition::Unknown);
    let paid = client.wait(&payment, quick()).await.unwrap();
    assert!(paid.is_paid());
    assert_eq!(paid.acceptance().unwrap().id(), REFERENCE);
    assert_eq!(
        server.lines()[1],
        format!("GET /api/v2/transaction-status?reference={REFERENCE}")
    );
}
