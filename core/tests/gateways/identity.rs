//! Names of payments (prompt, transaction, receipt): what one payment has, another is never given, whoever says so.

use crate::palpluss::{self, CHECKOUT, ID, data, quick, refusal, transaction};
use crate::server::{Scripted, Told};
use crate::upesipay;
use lipia::callback::Confirm;
use lipia::payment::PaymentState;
use lipia::values::{ManualClock, Receipt};
use lipia::{
    Client, Disposition, ErrorKind, IncomingCallback, Outcome, PalPluss, Payment, PaymentHandle,
    StkPush, Verdict,
};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// A client of PalPluss with a clock that a test moves.
fn palpluss_client(script: impl IntoIterator<Item = Told>) -> (Scripted, Client, ManualClock) {
    let server = Scripted::new(script);
    let clock =
        ManualClock::new(lipia::values::EatTime::parse_rfc3339("2026-03-01T08:00:00Z").unwrap());
    let client = PalPluss::builder()
        .api_key("pp_live_k1")
        .base_url(format!("{}/v1", server.base_url))
        .callback_url("https://shop.example.co.ke/pay")
        .clock(Arc::new(clock.clone()))
        .timeout(Duration::from_secs(5))
        .build()
        .unwrap();
    (server, client, clock)
}

fn list(items: &[Value]) -> Told {
    data(&json!({ "items": items, "next_cursor": null }))
}

fn paid(members: Value) -> Value {
    let mut members = members;
    members["result_code"] = json!("0");
    members["mpesa_receipt"] = json!("LGR019G3J2");
    transaction("SUCCESS", members)
}

fn reasons(payment: &Payment) -> Vec<&str> {
    let flags = payment.flags().iter();
    flags.map(|flag| flag.reason.as_str()).collect()
}

async fn callback(
    client: &Client,
    payment: &PaymentHandle,
    body: &Value,
    confirm: Confirm,
) -> Option<Verdict> {
    let url = payment.snapshot().push().callback_url.as_str().to_owned();
    let body = body.to_string();
    let incoming = IncomingCallback::new(&url, body.as_bytes());
    let received = client.receive_callback(incoming, confirm).await.unwrap();
    received.verdict
}

/// A sale whose first push was cut, and another one for the same phone, amount and reference.
#[tokio::test]
async fn one_transaction_of_palpluss_pays_one_payment_whichever_of_two_pushes_was_lost() {
    for (lost_first, later) in [(true, 0), (true, 4), (true, 280), (false, 0), (false, 4)] {
        let (server, client, clock) = palpluss_client([Told::nothing()]);
        let made = format!("2026-03-01T08:{:02}:{:02}Z", later / 60, later % 60);
        let made = if lost_first {
            made
        } else {
            "2026-03-01T08:00:00Z".to_owned()
        };
        let sold = paid(json!({ "created_at": made }));
        let reserve = || client.reserve(palpluss::push()).unwrap();
        let (lost, taken) = (reserve(), reserve());
        let order = if lost_first {
            [&lost, &taken]
        } else {
            [&taken, &lost]
        };
        for payment in order {
            server.answer(if payment.id() == lost.id() {
                Told::nothing()
            } else {
                palpluss::accepted()
            });
            let pushed = client.push(payment).await;
            assert_eq!(pushed.is_ok(), payment.id() == taken.id());
            clock.advance(Duration::from_secs(later));
        }
        server.answer(data(&sold));
        let wait = quick().timeout(Duration::from_millis(100));
        let found = client.wait(&taken, wait).await.unwrap();
        assert_eq!(
            found.receipt().map(Receipt::as_str),
            Some("LGR019G3J2"),
            "{lost_first} {later}"
        );
        server.answer(list(&[sold]));
        let asked = client.ask(&lost).await.unwrap_err();
        assert_eq!(
            asked.code(),
            "prompt_of_another_payment",
            "{lost_first} {later}"
        );
        assert_eq!(asked.payment_id(), Some(lost.id()));
        let open = client.wait(&lost, wait).await.unwrap();
        assert_eq!(
            (open.outcome(), open.receipt().map(Receipt::as_str)),
            (Outcome::Unknown, None)
        );
        assert_eq!(reasons(&open), ["prompt_of_another_payment"]);
    }
}

#[tokio::test]
async fn what_two_payments_could_claim_goes_to_a_person() {
    let (server, client, _clock) = palpluss_client([Told::nothing()]);
    let reserve = || client.reserve(palpluss::push()).unwrap();
    let (one, other) = (reserve(), reserve());
    for payment in [&one, &other] {
        client.push(payment).await.unwrap_err();
    }
    server.answer(list(&[paid(json!({}))]));
    for payment in [&one, &other] {
        let error = client.ask(payment).await.unwrap_err();
        assert_eq!(
            (error.code(), error.disposition()),
            ("transaction_of_two_payments", Disposition::Unknown)
        );
        let open = payment.snapshot();
        assert_eq!(
            (open.state(), open.receipt().map(Receipt::as_str)),
            (PaymentState::Unknown, None)
        );
        assert_eq!(reasons(&open), ["transaction_of_two_payments"]);
    }
    // A list that names the callback URL tells them apart.
    let url = one.snapshot().push().callback_url.as_str().to_owned();
    server.answer(list(&[paid(json!({ "callback_url": url }))]));
    assert!(client.ask(&one).await.unwrap().is_paid());
    assert!(!client.ask(&other).await.unwrap().is_paid());
    // And a push that was refused has no claim on anything.
    let (server, client, _clock) = palpluss_client([refusal(400, "INVALID_PHONE", &Value::Null)]);
    let refused = client.reserve(palpluss::push()).unwrap();
    client.push(&refused).await.unwrap_err();
    server.answer(Told::nothing());
    let lost = client.reserve(palpluss::push()).unwrap();
    client.push(&lost).await.unwrap_err();
    server.answer(list(&[paid(json!({}))]));
    assert!(client.ask(&lost).await.unwrap().is_paid());
}

#[tokio::test]
async fn an_acceptance_that_names_the_prompt_of_another_payment_is_not_taken() {
    for (member, value) in [
        (
            "transactionId",
            json!("00000000-95ea-4a8f-8467-1fbe74f5d6f4"),
        ),
        ("transactionId", json!(ID.to_uppercase())),
        ("providerCheckoutId", json!("ws_CO_1")),
    ] {
        let mut again = json!({ "transactionId": ID, "providerCheckoutId": CHECKOUT, "status": "PENDING",
            "amount": 10, "currency": "KES", "phone": "254708374149", "type": "STK", "resultCode": "0" });
        again[member] = value.clone();
        let (_server, client, _clock) = palpluss_client([palpluss::accepted(), data(&again)]);
        let first = client.reserve(palpluss::push()).unwrap();
        client.push(&first).await.unwrap();
        let error = client.stk_push(palpluss::push()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.disposition(), error.retryable()),
            (ErrorKind::UnreadableAnswer, Disposition::Unknown, false),
            "{member} {value}"
        );
        let second = client.find(error.payment_id().unwrap()).unwrap().snapshot();
        assert_eq!(second.state(), PaymentState::Unknown);
        assert!(second.acceptance().is_none(), "{member} {value}");
        assert_eq!(reasons(&second), [error.code()], "{member} {value} {error}");
        assert!(first.snapshot().flags().is_empty());
        // It is remembered though the first one's handle is gone, and by a client that resumed it.
        let saved = first.snapshot();
        drop(first);
        let (_server, client, _clock) = palpluss_client([data(&again)]);
        let _resumed = client.resume(saved).unwrap();
        let error = client.stk_push(palpluss::push()).await.unwrap_err();
        assert_eq!(
            error.disposition(),
            Disposition::Unknown,
            "{member} {value}"
        );
    }
}

#[tokio::test]
async fn a_callback_of_one_payment_on_the_url_of_another_is_flagged_and_asked_about_by_nobody() {
    let (server, client) = upesipay::first([upesipay::queued()]);
    let (paid, lost) = (
        client
            .reserve(StkPush::new("0708374149", 10, "INV-009"))
            .unwrap(),
        client
            .reserve(StkPush::new("0708374149", 10, "INV-009"))
            .unwrap(),
    );
    client.push(&paid).await.unwrap();
    server.answer(Told::nothing());
    client.push(&lost).await.unwrap_err();
    server.answer(Told::new(
        200,
        json!({ "success": true, "status": "SUCCESS", "reference": upesipay::REFERENCE,
            "CheckoutRequestID": upesipay::CHECKOUT, "provider_reference": "SAE3YULR0Y", "third_party_reference": "SAE3YULR0Y" })
        .to_string(),
    ));
    let body = json!({ "forward_url": "", "status": true, "response": { "Amount": 10, "ResultCode": 0, "Status": "Success",
        "CheckoutRequestID": upesipay::CHECKOUT, "MerchantRequestID": "1-2-3", "MpesaReceiptNumber": "SAE3YULR0Y",
        "Phone": "+254708374149", "ExternalReference": "INV-009", "ResultDesc": "ok" } });
    for _ in 0..2 {
        let asked = server.asked().len();
        let verdict = callback(&client, &lost, &body, Confirm::Never).await;
        assert_eq!(verdict, Some(Verdict::Mismatch));
        assert_eq!(server.asked().len(), asked);
    }
    let mut other_prompt = body.clone();
    let verdict = callback(&client, &paid, &body, Confirm::Never).await;
    assert_eq!(verdict, Some(Verdict::Believed));
    // Nor does the same receipt pay twice under another prompt's id, or as the answer to a question.
    other_prompt["response"]["CheckoutRequestID"] = json!("ws_CO_2");
    let verdict = callback(&client, &lost, &other_prompt, Confirm::Never).await;
    assert_eq!(verdict, Some(Verdict::Mismatch));
    other_prompt["response"]["MpesaReceiptNumber"] = json!("SAE3YULR0Z");
    let told = |receipt: &str| {
        Told::new(
            200,
            json!({ "success": true, "status": "SUCCESS", "CheckoutRequestID": "ws_CO_2",
                "provider_reference": receipt, "third_party_reference": receipt })
            .to_string(),
        )
    };
    server.answer(told("SAE3YULR0Y"));
    let verdict = callback(&client, &lost, &other_prompt, Confirm::Never).await;
    assert_eq!(verdict, Some(Verdict::NotConfirmed));
    let open = lost.snapshot();
    assert_eq!(
        (open.outcome(), open.receipt().map(Receipt::as_str)),
        (Outcome::Unknown, None)
    );
    assert_eq!(
        reasons(&open),
        [
            "prompt_of_another_payment",
            "receipt_of_another_payment",
            "receipt_of_another_payment",
            "success_not_confirmed"
        ]
    );
    // The callback was true, and the answer about another payment: what it claimed is asked about again.
    server.answer(told("SAE3YULR0Z"));
    let found = client.ask(&lost).await.unwrap();
    assert_eq!(
        (found.is_paid(), found.receipt().map(Receipt::as_str)),
        (true, Some("SAE3YULR0Z"))
    );
    assert_eq!(
        paid.snapshot().receipt().map(Receipt::as_str),
        Some("SAE3YULR0Y")
    );
}

#[tokio::test]
async fn a_failure_that_names_another_transaction_is_a_mismatch_and_one_that_fits_is_provisional() {
    let webhook = |id: &str, status: &str, code: &str| {
        json!({ "event": "transaction.updated", "transaction": { "id": id, "type": "STK", "status": status,
            "amount": 10, "phone_number": "254708374149", "provider_checkout_id": CHECKOUT, "result_code": code } })
    };
    let (server, client, _clock) = palpluss_client([palpluss::accepted()]);
    let payment = client.reserve(palpluss::push()).unwrap();
    client.push(&payment).await.unwrap();
    let other = webhook("00000000-95ea-4a8f-8467-1fbe74f5d6f4", "CANCELLED", "1032");
    let verdict = callback(&client, &payment, &other, Confirm::Never).await;
    assert_eq!(verdict, Some(Verdict::Mismatch));
    assert_eq!(payment.snapshot().state(), PaymentState::Accepted);
    assert_eq!(reasons(&payment.snapshot()), ["transaction_id_differs"]);
    // One that contradicts itself is kept, asked about, and told once.
    server.answer(data(&transaction("PENDING", json!({}))));
    let contradicts = webhook(ID, "FAILED", "0");
    let contradicts = {
        let mut body = contradicts;
        body["transaction"]["mpesa_receipt"] = json!("LGR019G3J2");
        body["event_type"] = json!("transaction.success");
        body
    };
    let asked = server.asked().len();
    let verdict = callback(&client, &payment, &contradicts, Confirm::Never).await;
    assert_eq!(verdict, Some(Verdict::NotUnderstood));
    assert_eq!(server.asked().len(), asked + 1);
    let verdict = callback(&client, &payment, &contradicts, Confirm::Never).await;
    assert_eq!(verdict, Some(Verdict::Duplicate));
    assert_eq!(
        reasons(&payment.snapshot()),
        ["transaction_id_differs", "contradicts_itself"]
    );
    let fits = webhook(&ID.to_uppercase(), "CANCELLED", "1032");
    let verdict = callback(&client, &payment, &fits, Confirm::Never).await;
    assert_eq!(verdict, Some(Verdict::Believed));
    let cancelled = payment.snapshot();
    assert_eq!(cancelled.outcome(), Outcome::Cancelled);
    assert!(cancelled.order_free_at().is_some() && cancelled.look_again_at().is_some());
    server.answer(data(&paid(json!({}))));
    let asked = client.ask(&payment).await.unwrap();
    assert_eq!(
        (asked.is_paid(), asked.receipt().map(Receipt::as_str)),
        (true, Some("LGR019G3J2"))
    );
}
