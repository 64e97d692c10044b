//! A callback that arrives while a push is being sent again, over HTTP: what was learnt wins over what was planned.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::payment::PaymentState;
use lipia::values::CheckoutRequestId;
use lipia::{Client, Disposition, Outcome};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use support::*;

const ID: &str = "ws_CO_21112026101112000712000111";

type ClientOf = fn(&str) -> Client;

fn daraja(base_url: &str) -> Client {
    builder(base_url).build().unwrap()
}

fn daraja_callback(code: u32) -> Value {
    let mut callback = json!({ "MerchantRequestID": "1", "CheckoutRequestID": ID, "ResultCode": code, "ResultDesc": "said" });
    if code == 0 {
        callback["CallbackMetadata"] = json!({ "Item": [
            { "Name": "Amount", "Value": 10 }, { "Name": "MpesaReceiptNumber", "Value": "SKL1234567" },
            { "Name": "PhoneNumber", "Value": 254_712_000_111_u64 }] });
    }
    json!({ "Body": { "stkCallback": callback } })
}

fn palpluss_callback(status: &str, code: &str) -> Value {
    json!({ "event": "transaction.updated", "event_type": format!("transaction.{}", status.to_lowercase()), "transaction": {
        "id": "2f1a7f7e-6d4c-4f6f-8a4e-1f2d3c4b5a69", "type": "STK", "status": status, "amount": 10, "currency": "KES",
        "phone_number": PAYS, "external_reference": "INV-001", "provider_checkout_id": ID, "result_code": code,
        "mpesa_receipt": if code == "0" { json!("SKL1234567") } else { Value::Null } } })
}

fn upesipay_callback(code: u32, status: &str) -> Value {
    json!({ "forward_url": "", "status": true, "response": { "Amount": 10, "CheckoutRequestID": ID,
        "ExternalReference": "INV-001", "MerchantRequestID": "1", "MpesaReceiptNumber": if code == 0 { json!("SKL1234567") } else { Value::Null },
        "Phone": "+254712000111", "ResultCode": code, "ResultDesc": "said", "Status": status } })
}

/// A gateway that prompts the phone, denies it, and calls back before the push would be sent again.
struct Case {
    name: &'static str,
    client: ClientOf,
    status: u16,
    answer: &'static str,
    callback: Value,
}

const BUSY: &str =
    r#"{"requestId":"1-2-3","errorCode":"500.003.02","errorMessage":"System is busy"}"#;
const NO_TOKEN: &str =
    r#"{"requestId":"1-2-3","errorCode":"404.001.03","errorMessage":"Invalid Access Token"}"#;
const NO_LETTING_IN: &str =
    r#"{"requestId":"1-2-3","errorCode":"401.002.01","errorMessage":"Invalid Access Token"}"#;

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, status, answer) in [
        ("busy", 500, BUSY),
        ("429", 429, "Too Many Requests"),
        ("401", 401, NO_LETTING_IN),
        ("404.001.03", 404, NO_TOKEN),
    ] {
        for code in [0, 1032, 4999] {
            cases.push(Case {
                name,
                client: daraja,
                status,
                answer,
                callback: daraja_callback(code),
            });
        }
    }
    for callback in [
        palpluss_callback("SUCCESS", "0"),
        palpluss_callback("CANCELLED", "1032"),
        palpluss_callback("PENDING", "0"),
    ] {
        cases.push(Case {
            name: "PalPluss",
            client: palpluss_at,
            status: 429,
            answer: r#"{"success":false,"error":{"message":"Slow down","code":"RATE_LIMIT_EXCEEDED"}}"#,
            callback,
        });
    }
    for callback in [
        upesipay_callback(0, "Success"),
        upesipay_callback(1032, "Failed"),
    ] {
        cases.push(Case {
            name: "UpesiPay",
            client: upesipay_at,
            status: 429,
            answer: r#"{"error_message":"Slow down"}"#,
            callback,
        });
    }
    cases
}

#[tokio::test]
async fn a_push_that_its_own_callback_names_is_not_sent_again() {
    let mut running = Vec::new();
    for case in cases() {
        running.push(tokio::spawn(play(case)));
    }
    let mut failures = Vec::new();
    for case in running {
        failures.extend(bounded(case).await.unwrap());
    }
    none_of(&failures);
}

async fn play(case: Case) -> Option<String> {
    let told = format!("{} {} {}", case.name, case.status, case.callback);
    let about: Arc<Mutex<Option<(Client, String)>>> = Arc::default();
    let (status, answer, body) = (case.status, case.answer, case.callback.to_string());
    let called = Arc::clone(&about);
    let server = RawServer::start(move |seen| {
        if seen.is_oauth() {
            return Play::token();
        }
        if !seen.head.starts_with("POST") {
            // The payment may be asked about while its callback is confirmed.
            return Play::json(404, "{}");
        }
        // Before the answer, so that the callback is there whatever the pause.
        let (client, path) = called.lock().unwrap().clone().unwrap();
        let event = client.parse_callback(body.as_bytes()).unwrap();
        client.find(&path.parse().unwrap()).unwrap().notify(&event);
        Play::json(status, answer)
    })
    .await;
    let client = (case.client)(&server.base_url);
    let payment = client
        .reserve(lipia::StkPush::new(PAYS, 10, "INV-001"))
        .unwrap();
    *about.lock().unwrap() = Some((client.clone(), payment.id().to_string()));
    let result = client.push(&payment).await;
    let posts = server
        .seen()
        .iter()
        .filter(|seen| seen.head.starts_with("POST"))
        .count();
    let snapshot = payment.snapshot();
    let is_true = match &result {
        Ok(acceptance) => {
            acceptance.id() == ID
                || acceptance
                    .checkout_request_id
                    .as_ref()
                    .map(CheckoutRequestId::as_str)
                    == Some(ID)
        }
        Err(error) => {
            error.disposition() == Disposition::Unknown
                && !error.retryable()
                && error.payment_id() == Some(payment.id())
        }
    };
    let kept = snapshot.state() > PaymentState::Sending && snapshot.outcome() != Outcome::Expired;
    (posts != 1 || !is_true || !kept)
        .then(|| format!("{told}: {posts} pushes, {result:?}, {:?}", snapshot.state()))
}

#[tokio::test]
async fn a_payment_that_is_settled_while_its_first_token_is_awaited_is_not_sent() {
    let about: Arc<Mutex<Option<(Client, String)>>> = Arc::default();
    let called = Arc::clone(&about);
    let server = RawServer::start(move |seen| {
        if seen.is_oauth() {
            let (client, path) = called.lock().unwrap().clone().unwrap();
            let event = client
                .parse_callback(daraja_callback(0).to_string().as_bytes())
                .unwrap();
            client.find(&path.parse().unwrap()).unwrap().notify(&event);
            return Play::token();
        }
        Play::acceptance()
    })
    .await;
    let client = daraja(&server.base_url);
    let payment = client
        .reserve(lipia::StkPush::new(PAYS, 10, "INV-001"))
        .unwrap();
    *about.lock().unwrap() = Some((client.clone(), payment.id().to_string()));
    let result = client.push(&payment).await;
    assert_eq!(server.pushes(), 0);
    assert_eq!(result.unwrap().id(), ID);
    assert!(payment.snapshot().is_paid());
}

#[tokio::test]
async fn a_gateway_that_stays_busy_does_not_unsay_what_a_callback_said() {
    let about: Arc<Mutex<Option<(Client, String)>>> = Arc::default();
    let called = Arc::clone(&about);
    let server = RawServer::on_push(move || {
        let (client, path) = called.lock().unwrap().clone().unwrap();
        let event = client
            .parse_callback(daraja_callback(0).to_string().as_bytes())
            .unwrap();
        client.find(&path.parse().unwrap()).unwrap().notify(&event);
        // Longer than the call has: it ends with this answer.
        Play::Say(answer(
            429,
            &[("retry-after", "3600")],
            b"Too Many Requests",
        ))
    })
    .await;
    let client = daraja(&server.base_url);
    let payment = client
        .reserve(lipia::StkPush::new(PAYS, 10, "INV-001"))
        .unwrap();
    *about.lock().unwrap() = Some((client.clone(), payment.id().to_string()));
    assert_eq!(client.push(&payment).await.unwrap().id(), ID);
    assert!(payment.snapshot().is_paid() && server.pushes() == 1);
}
