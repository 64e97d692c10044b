//! PalPluss on the wire: what it is sent to the byte, and what each of its answers means.

use crate::server::{Scripted, Told};
use lipia::gateway::PalPlussTransaction;
use lipia::values::{CheckoutRequestId, EatTime, ManualClock, MerchantRequestId};
use lipia::{Client, Outcome, PalPluss, Payment, StkPush, WaitOptions};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

pub(crate) const ID: &str = "fa98a577-95ea-4a8f-8467-1fbe74f5d6f4";
pub(crate) const CHECKOUT: &str = "ws_CO_191220191020363925708374149";

pub(crate) fn server(script: impl IntoIterator<Item = Told>) -> (Scripted, Client) {
    let server = Scripted::new(script);
    let client = PalPluss::builder()
        .api_key("pp_live_k1")
        .base_url(format!("{}/v1", server.base_url))
        .callback_url("https://shop.example.co.ke/pay")
        .clock(Arc::new(ManualClock::new(
            EatTime::parse_rfc3339("2026-03-01T08:00:00Z").unwrap(),
        )))
        .timeout(Duration::from_secs(5))
        .build()
        .unwrap();
    (server, client)
}

pub(crate) fn push() -> StkPush {
    StkPush::new("0708374149", 10, "INV 1&2").transaction_desc("Two coffees")
}

pub(crate) fn accepted() -> Told {
    Told::new(
        200,
        format!(
            r#"{{"success":true,"data":{{"transactionId":"{ID}","tenantId":"t-1","channelId":null,"type":"STK",
            "status":"PENDING","amount":10,"currency":"KES","phone":"254708374149","accountReference":"INV 1&2",
            "transactionDesc":"Two coffees","providerRequestId":"29115-34620561-1",
            "providerCheckoutId":"{CHECKOUT}","transactionFee":2.5,"resultCode":"0",
            "resultDescription":"Success. Request accepted for processing",
            "createdAt":"2026-03-01T08:00:01.250Z","updatedAt":"2026-03-01T08:00:01.250Z"}},"requestId":"r-1"}}"#
        ),
    )
}

pub(crate) fn transaction(status: &str, members: Value) -> Value {
    let mut transaction = json!({
        "transaction_id": ID, "type": "STK", "status": status, "amount": 10, "currency": "KES",
        "phone_number": "254708374149", "external_reference": "INV 1&2", "provider_checkout_id": CHECKOUT,
        "provider_request_id": "29115-34620561-1", "created_at": "2026-03-01T08:00:01.250Z",
    });
    for (name, value) in members.as_object().unwrap() {
        transaction[name] = value.clone();
    }
    transaction
}

pub(crate) fn data(data: &Value) -> Told {
    Told::new(
        200,
        json!({ "success": true, "data": data, "requestId": "r" }).to_string(),
    )
}

pub(crate) fn refusal(status: u16, code: &str, details: &Value) -> Told {
    let body = json!({ "success": false, "requestId": "r-9",
        "error": { "message": "No.", "code": code, "details": details } });
    Told::new(status, body.to_string())
}

pub(crate) fn quick() -> WaitOptions {
    WaitOptions::default()
        .query(Duration::from_millis(10), Duration::from_millis(20))
        .timeout(Duration::from_secs(5))
}

#[tokio::test]
async fn a_push_is_sent_to_the_byte() {
    let (server, client) = server([accepted()]);
    client
        .stk_push(push().callback_url("https://shop.example.co.ke/x"))
        .await
        .unwrap();
    let more = push()
        .callback_url("https://shop.example.co.ke/x")
        .option("channel_id", "8b3f1a2c-0000-0000-0000-000000000001")
        .option("credential_id", "cred-1");
    // The script's answer names the first prompt once more.
    client.stk_push(more).await.unwrap_err();
    let asked = server.asked();
    assert_eq!(asked[0].line, "POST /v1/payments/stk");
    // echo -n 'pp_live_k1:' | base64
    assert_eq!(asked[0].authorization, "Basic cHBfbGl2ZV9rMTo=");
    assert_eq!(asked[0].content_type, "application/json");
    assert_eq!(
        asked[0].body,
        r#"{"amount":10,"phone":"254708374149","accountReference":"INV 1&2","transactionDesc":"Two coffees","callbackUrl":"https://shop.example.co.ke/x"}"#
    );
    assert_eq!(
        asked[1].body,
        r#"{"amount":10,"phone":"254708374149","accountReference":"INV 1&2","transactionDesc":"Two coffees","channelId":"8b3f1a2c-0000-0000-0000-000000000001","callbackUrl":"https://shop.example.co.ke/x","credential_id":"cred-1"}"#
    );
}

#[tokio::test]
async fn the_key_can_be_sent_as_it_is_and_defaults_stand_in_every_push() {
    let server = Scripted::new([accepted()]);
    let client = PalPluss::builder()
        .api_key(" pp_live_k1\n")
        .plain_api_key(true)
        .channel_id("ch-1")
        .credential_id("cred-1")
        .base_url(&server.base_url)
        .callback_url("http://127.0.0.1:9/pay")
        .build()
        .unwrap();
    client
        .stk_push(push().option("channel_id", "ch-2"))
        .await
        .unwrap();
    let asked = server.asked();
    assert_eq!(
        (asked[0].line.as_str(), asked[0].authorization.as_str()),
        ("POST /payments/stk", "Basic pp_live_k1")
    );
    let body: Value = serde_json::from_str(&asked[0].body).unwrap();
    assert_eq!(
        (&body["channelId"], &body["credential_id"]),
        (&json!("ch-2"), &json!("cred-1"))
    );
}

#[tokio::test]
async fn what_is_not_valid_is_refused_before_anything_is_sent() {
    let (server, client) = server([accepted()]);
    for (push, field, code) in [
        (
            push().option("channel_id", "a b"),
            "channel_id",
            "channel_id_unreadable",
        ),
        (
            push().option("credential_id", ""),
            "credential_id",
            "credential_id_unreadable",
        ),
        (
            push().option("party_b", "600000"),
            "party_b",
            "option_unknown",
        ),
        (
            StkPush::new("0708374149", 10, "INV-000000001"),
            "account_reference",
            "account_reference_too_long",
        ),
    ] {
        let error = client.stk_push(push).await.unwrap_err();
        assert_eq!((error.field(), error.code()), (Some(field), code));
    }
    assert_eq!(server.asked().len(), 0);
    for (builder, code) in [
        (PalPluss::builder(), "api_key_empty"),
        (PalPluss::builder().api_key("a b"), "api_key_unreadable"),
        (PalPluss::builder().api_key("a:b"), "api_key_unreadable"),
        (
            PalPluss::builder()
                .api_key("k")
                .callback_url("http://shop.example.co.ke"),
            "callback_url_not_https",
        ),
        (
            PalPluss::builder()
                .api_key("k")
                .base_url("http://api.palpluss.com/v1"),
            "base_url_not_https",
        ),
        (
            PalPluss::builder().api_key("k").channel_id("?"),
            "channel_id_unreadable",
        ),
    ] {
        assert_eq!(builder.build().unwrap_err().code(), code);
    }
}

#[tokio::test]
async fn an_acceptance_is_no_payment_and_keeps_all_that_was_told() {
    let (_server, client) = server([accepted()]);
    let payment = client.reserve(push()).unwrap();
    let acceptance = client.push(&payment).await.unwrap();
    assert_eq!(
        acceptance
            .checkout_request_id
            .as_ref()
            .map(CheckoutRequestId::as_str),
        Some(CHECKOUT)
    );
    assert_eq!(acceptance.id(), ID, "asked by its own id first");
    assert_eq!(acceptance.transaction_id.as_deref(), Some(ID));
    assert_eq!(
        acceptance
            .merchant_request_id
            .as_ref()
            .map(MerchantRequestId::as_str),
        Some("29115-34620561-1")
    );
    assert_eq!(acceptance.request_id.as_deref(), Some("r-1"));
    assert_eq!(acceptance.fee.unwrap().to_string(), "2.5");
    assert_eq!(payment.snapshot().outcome(), Outcome::Pending);
    let saved = Payment::from_json(&payment.to_json()).unwrap();
    assert_eq!(saved.acceptance(), Some(&acceptance));
    let told = PalPlussTransaction::from_json(acceptance.details.as_deref().unwrap()).unwrap();
    assert_eq!(told.outcome(), Outcome::Pending);
    assert_eq!(told.transaction_fee.unwrap().to_string(), "2.5");
    assert_eq!(
        (told.tenant_id.as_deref(), told.channel_id.as_deref()),
        (Some("t-1"), None)
    );
    assert_eq!(
        (told.status.as_deref(), told.result_code.as_deref()),
        (Some("PENDING"), Some("0"))
    );
    assert_eq!(
        told.created_at.unwrap().to_iso(),
        "2026-03-01T11:00:01+03:00"
    );
    assert_eq!(told.created_at.unwrap().unix_millis() % 1000, 250);
    assert_eq!(told.transaction_desc.as_deref(), Some("Two coffees"));
    for shown in [
        format!("{told:?}"),
        format!("{acceptance:?}"),
        format!("{client:?}"),
    ] {
        assert!(
            !shown.contains("8374149") && !shown.contains("pp_live"),
            "{shown}"
        );
    }
    // The same, from the answer itself and with the other spelling.
    let snake = json!({ "data": { "transaction_id": ID, "transaction_fee": "2.5" } }).to_string();
    assert_eq!(
        PalPlussTransaction::from_json(&snake)
            .unwrap()
            .transaction_fee,
        told.transaction_fee
    );
    assert_eq!(
        PalPlussTransaction::from_json("{}").unwrap_err().code(),
        "transaction_unreadable"
    );
}

#[tokio::test]
async fn a_push_that_a_transaction_alone_accepts_is_asked_about_by_it() {
    let accepted = json!({ "transactionId": ID, "status": "PENDING", "resultCode": "0", "providerCheckoutId": null });
    let paid = json!({ "transactionId": ID, "status": "SUCCESS", "resultCode": "0", "phone": "254708374149", "providerCheckoutId": CHECKOUT });
    let (server, client) = server([data(&accepted), data(&paid)]);
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
        (ID, None)
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
    assert_eq!(
        server.lines()[1..],
        vec![format!("GET /v1/transactions/{ID}"); 2]
    );
}

#[tokio::test]
async fn a_prompt_that_a_refusal_names_is_asked_about() {
    let refused = json!({ "success": false, "error": { "code": "RATE_LIMIT_EXCEEDED", "message": "Slow down" }, "data": { "transactionId": ID } });
    let paid = json!({ "transactionId": ID, "status": "SUCCESS", "resultCode": "0", "phone": "254708374149" });
    let (server, client) = server([Told::new(429, refused.to_string()), data(&paid)]);
    let payment = client.reserve(push()).unwrap();
    let error = client.push(&payment).await.unwrap_err();
    assert_eq!(error.disposition(), lipia::Disposition::Unknown);
    let paid = client.wait(&payment, quick()).await.unwrap();
    assert!(paid.is_paid());
    assert_eq!(paid.acceptance().unwrap().id(), ID);
    assert_eq!(server.lines()[1..], [format!("GET /v1/transactions/{ID}")]);
}
