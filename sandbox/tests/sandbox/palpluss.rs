//! PalPluss: keys, pushes and webhooks.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lipia_sandbox::{
    Gateway, PALPLUSS_API_KEY, PALPLUSS_CHANNEL_ID, PALPLUSS_CREDENTIAL_ID, PaymentState,
};
use serde_json::{Value, json};

use crate::support::{Shop, until};
use crate::till::{PHONE, STK, TRANSACTIONS, palpluss_error};

fn names(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

#[tokio::test]
async fn the_key_is_taken_in_two_forms_and_nothing_else_is() {
    let shop = Shop::open().await;
    let encoded = |text: &str| format!("Basic {}", STANDARD.encode(text));
    let table = [
        (
            encoded(&format!("{PALPLUSS_API_KEY}:")),
            "TRANSACTION_NOT_FOUND",
        ),
        (format!("Basic {PALPLUSS_API_KEY}"), "TRANSACTION_NOT_FOUND"),
        (format!("basic {PALPLUSS_API_KEY}"), "TRANSACTION_NOT_FOUND"),
        (encoded(PALPLUSS_API_KEY), "INVALID_API_KEY"),
        (encoded(&format!("{PALPLUSS_API_KEY}:x")), "INVALID_API_KEY"),
        (encoded("other:"), "INVALID_API_KEY"),
        ("Basic other".to_owned(), "INVALID_API_KEY"),
        ("Basic ".to_owned(), "AUTH_HEADER_INVALID"),
        (format!("Bearer {PALPLUSS_API_KEY}"), "AUTH_HEADER_INVALID"),
        (PALPLUSS_API_KEY.to_owned(), "AUTH_HEADER_INVALID"),
    ];
    let path = format!("{TRANSACTIONS}/fa98a577-95ea-4a8f-8467-1fbe74f5d6f4");
    for (authorization, code) in table {
        let reply = shop.ask(&authorization, "GET", &path, None).await;
        let status = if code == "TRANSACTION_NOT_FOUND" {
            404
        } else {
            401
        };
        assert_eq!(
            palpluss_error(&reply),
            (status, code.to_owned()),
            "{authorization}"
        );
    }
    let missing = shop.get(&path).await;
    assert_eq!(
        palpluss_error(&missing),
        (401, "AUTH_HEADER_INVALID".to_owned())
    );
    let pushed = shop
        .ask("Basic x", "POST", STK, Some(&shop.palpluss_body(PHONE)))
        .await;
    assert_eq!(pushed.status(), 401);
    assert_eq!(shop.sandbox.counters().palpluss.push_refused, 1);
    assert_eq!(shop.sandbox.counters().prompts, 0);
}

#[tokio::test]
async fn fields_are_checked() {
    let shop = Shop::open().await;
    let long = |length: usize| "x".repeat(length);
    let table = [
        ("amount", json!(null), 400, "VALIDATION_ERROR"),
        ("amount", json!("450"), 400, "VALIDATION_ERROR"),
        ("amount", json!(0), 400, "VALIDATION_ERROR"),
        ("amount", json!(1.5), 400, "VALIDATION_ERROR"),
        ("amount", json!(250_001), 400, "VALIDATION_ERROR"),
        ("phone", json!(null), 400, "INVALID_PHONE"),
        ("phone", json!(254_712_345_678_u64), 400, "INVALID_PHONE"),
        ("phone", json!("0212345678"), 400, "INVALID_PHONE"),
        ("phone", json!("712345678"), 400, "INVALID_PHONE"),
        ("currency", json!("USD"), 400, "UNSUPPORTED_CURRENCY"),
        ("accountReference", json!(long(13)), 400, "VALIDATION_ERROR"),
        ("transactionDesc", json!(long(256)), 400, "VALIDATION_ERROR"),
        (
            "callbackUrl",
            json!("http://shop.example/paid"),
            400,
            "VALIDATION_ERROR",
        ),
        (
            "callbackUrl",
            json!("shop.example/paid"),
            400,
            "VALIDATION_ERROR",
        ),
        (
            "callbackUrl",
            json!(format!("https://shop.example/{}", long(500))),
            400,
            "VALIDATION_ERROR",
        ),
        (
            "channelId",
            json!("fa98a577-95ea-4a8f-8467-1fbe74f5d6f4"),
            400,
            "CHANNEL_NOT_FOUND",
        ),
        (
            "credential_id",
            json!("fa98a577-95ea-4a8f-8467-1fbe74f5d6f4"),
            404,
            "CREDENTIAL_NOT_FOUND",
        ),
    ];
    for (member, value, status, code) in &table {
        let mut body = shop.palpluss_body(PHONE);
        body[*member] = value.clone();
        let reply = shop.palpluss("POST", STK, Some(&body)).await;
        assert_eq!(
            palpluss_error(&reply),
            (*status, (*code).to_owned()),
            "{member} {value}"
        );
    }
    let array = shop.palpluss("POST", STK, Some(&json!([]))).await;
    assert_eq!(palpluss_error(&array), (400, "VALIDATION_ERROR".to_owned()));
    let counters = shop.sandbox.counters();
    assert_eq!(counters.prompts, 0);
    assert_eq!(counters.palpluss.push_refused, table.len() as u64 + 1);
    assert_eq!(counters.push_refused, counters.palpluss.push_refused);
}

#[tokio::test]
async fn paths_and_methods_are_checked() {
    let shop = Shop::open().await;
    let code = |reply| palpluss_error(&reply).0;
    assert_eq!(code(shop.palpluss("GET", STK, None).await), 405);
    assert_eq!(code(shop.palpluss("GET", "/v1/nothing", None).await), 404);
    let id = shop
        .palpluss("GET", &format!("{TRANSACTIONS}/12"), None)
        .await;
    assert_eq!(palpluss_error(&id), (400, "INVALID_UUID".to_owned()));
    assert_eq!(shop.sandbox.counters().push_attempts, 0);
}

#[tokio::test]
async fn a_push_is_answered_with_every_documented_member() {
    let shop = Shop::open().await;
    let mut body = shop.palpluss_body("0712345678");
    body["channelId"] = json!(PALPLUSS_CHANNEL_ID);
    body["credential_id"] = json!(PALPLUSS_CREDENTIAL_ID);
    let reply = shop
        .palpluss("POST", &format!("{STK}/initiate"), Some(&body))
        .await;
    assert_eq!(reply.status(), 200);
    let answer = reply.json();
    assert_eq!(
        (
            &answer["success"],
            answer["requestId"].as_str().unwrap().len()
        ),
        (&json!(true), 36)
    );
    let data = &answer["data"];
    let expected = [
        "accountReference",
        "amount",
        "channelId",
        "createdAt",
        "currency",
        "phone",
        "providerCheckoutId",
        "providerRequestId",
        "resultCode",
        "resultDescription",
        "status",
        "tenantId",
        "transactionDesc",
        "transactionFee",
        "transactionId",
        "type",
        "updatedAt",
    ];
    assert!(names(data).iter().eq(expected.iter()), "{data}");
    for (name, value) in [
        ("type", json!("STK")),
        ("status", json!("PENDING")),
        ("amount", json!(450)),
        ("currency", json!("KES")),
        ("phone", json!(PHONE)),
        ("accountReference", json!("INV-7")),
        ("transactionDesc", json!("Books")),
        ("resultCode", json!("0")),
        ("channelId", json!(PALPLUSS_CHANNEL_ID)),
    ] {
        assert_eq!(data[name], value, "{name}");
    }
    let payment = &shop.sandbox.payments()[0];
    assert_eq!(payment.gateway, Gateway::PalPluss);
    assert_eq!(
        payment.transaction_id.as_deref(),
        data["transactionId"].as_str()
    );
    assert_eq!(
        data["providerCheckoutId"],
        payment.checkout_request_id.as_str()
    );
    assert_eq!((payment.generation, payment.prompted), (None, true));
}

#[tokio::test]
async fn a_push_needs_no_more_than_amount_and_phone() {
    let shop = Shop::open().await;
    let body = json!({ "amount": 10, "phone": "+254712345678" });
    let reply = shop.palpluss("POST", STK, Some(&body)).await.json();
    for name in ["accountReference", "transactionDesc", "channelId"] {
        assert_eq!(reply["data"][name], Value::Null, "{name}");
    }
    until("it is paid", || {
        shop.sandbox.payments()[0].state == PaymentState::Paid
    })
    .await;
    let counters = shop.sandbox.counters();
    assert_eq!(
        (counters.callbacks_sent, counters.callbacks_not_loopback),
        (0, 0)
    );
}

#[tokio::test]
async fn the_webhook_has_the_documented_shape() {
    let shop = Shop::open().await;
    let id = shop.palpluss_accepted(PHONE).await;
    let webhook = shop.body().await;
    assert_eq!(webhook["event"], "transaction.updated");
    assert_eq!(webhook["event_type"], "transaction.success");
    let transaction = &webhook["transaction"];
    let expected = [
        "amount",
        "created_at",
        "currency",
        "external_reference",
        "id",
        "mpesa_receipt",
        "phone_number",
        "provider",
        "provider_checkout_id",
        "provider_request_id",
        "result_code",
        "result_desc",
        "status",
        "tenant_id",
        "transaction_fee",
        "type",
        "updated_at",
    ];
    assert!(
        names(transaction).iter().eq(expected.iter()),
        "{transaction}"
    );
    let payment = &shop.sandbox.payments()[0];
    for (name, value) in [
        ("id", json!(id)),
        ("status", json!("SUCCESS")),
        ("amount", json!(450)),
        ("phone_number", json!(PHONE)),
        ("external_reference", json!("INV-7")),
        ("provider", json!("m-pesa")),
        ("result_code", json!("0")),
        ("mpesa_receipt", json!(payment.receipt)),
        ("transaction_fee", json!(2.5)),
    ] {
        assert_eq!(transaction[name], value, "{name}");
    }
    assert!(transaction["updated_at"].as_str() > transaction["created_at"].as_str());
    assert!(transaction["created_at"].as_str().unwrap().ends_with('Z'));
}
