//! UpesiPay: tokens, pushes, callbacks and status of both generations.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lipia_sandbox::{
    Ending, Gateway, ReceiptField, SandboxOptions, Scenario, UPESIPAY_PASSWORD, UPESIPAY_TOKEN,
    UPESIPAY_USERNAME, UpesiPayOptions,
};
use serde_json::json;

use crate::support::Shop;
use crate::till::{FIRST, PHONE, SECOND, upesipay_error};

async fn shop(upesipay: UpesiPayOptions) -> Shop {
    Shop::with(
        SandboxOptions::default()
            .time_scale(1000.0)
            .upesipay(upesipay),
    )
    .await
}

#[tokio::test]
async fn the_token_is_taken_ready_or_as_a_pair() {
    let shop = Shop::open().await;
    let pair = STANDARD.encode(format!("{UPESIPAY_USERNAME}:{UPESIPAY_PASSWORD}"));
    let table = [
        (format!("Basic {UPESIPAY_TOKEN}"), 404),
        (format!("basic {pair}"), 404),
        (format!("Basic {}", STANDARD.encode(UPESIPAY_TOKEN)), 401),
        (format!("Bearer {UPESIPAY_TOKEN}"), 401),
        (UPESIPAY_TOKEN.to_owned(), 401),
        ("Basic x".to_owned(), 401),
    ];
    for (authorization, status) in table {
        for (path, reference) in [(FIRST, "E8UWT7CLUW"), (SECOND, "ws_CO_1")] {
            let asked = format!("/api/v2/transaction-status?reference={reference}");
            let reply = shop.ask(&authorization, "GET", &asked, None).await;
            assert_eq!(
                upesipay_error(&reply, path).0,
                status,
                "{authorization} {path}"
            );
        }
    }
    for path in [FIRST, SECOND] {
        let reply = shop
            .ask("Basic x", "POST", path, Some(&shop.upesipay_body(PHONE)))
            .await;
        assert_eq!(upesipay_error(&reply, path).0, 401);
    }
    assert_eq!(shop.sandbox.counters().upesipay.push_refused, 2);
}

#[tokio::test]
async fn fields_are_checked() {
    let shop = Shop::open().await;
    let table = [
        ("amount", json!(null), true, true),
        ("amount", json!("450"), true, true),
        ("amount", json!(0), true, true),
        ("phone_number", json!(null), true, true),
        ("phone_number", json!("0212345678"), true, true),
        ("channel_id", json!(null), true, true),
        ("channel_id", json!(99), true, true),
        ("channel_id", json!("wallet"), true, false),
        ("provider", json!(null), true, false),
        ("provider", json!("sasapay"), true, false),
        ("callback_url", json!("shop.example"), true, true),
        ("external_reference", json!(7), true, true),
        ("customer_name", json!(7), true, true),
    ];
    for (member, value, first, second) in table {
        for (path, refused) in [(FIRST, first), (SECOND, second)] {
            shop.sandbox.reset();
            let mut body = shop.upesipay_body(PHONE);
            body[member] = value.clone();
            let reply = shop.upesipay("POST", path, Some(&body)).await;
            if refused {
                let message = format!("Invalid request: {member}");
                assert_eq!(
                    upesipay_error(&reply, path),
                    (400, message),
                    "{path} {value}"
                );
            } else {
                assert!(reply.status() < 300, "{path} {member} {value}");
            }
            assert_eq!(shop.sandbox.counters().prompts, u64::from(!refused));
        }
    }
    let array = shop.upesipay("POST", SECOND, Some(&json!([]))).await;
    assert_eq!(
        upesipay_error(&array, SECOND),
        (400, "Invalid request: body".to_owned())
    );
    let nothing = shop
        .upesipay("GET", "/api/v2/transaction-status", None)
        .await;
    assert_eq!(upesipay_error(&nothing, FIRST).0, 400);
    for (method, path, shape, status) in [
        ("GET", FIRST, FIRST, 405),
        ("GET", SECOND, SECOND, 405),
        ("POST", "/api/v2/nothing", FIRST, 404),
        ("POST", "/api/v2/collections/initiate", SECOND, 404),
    ] {
        let reply = shop.upesipay(method, path, None).await;
        assert_eq!(upesipay_error(&reply, shape).0, status, "{method} {path}");
    }
}

#[tokio::test]
async fn the_first_generation_pays() {
    let shop = Shop::open().await;
    let reply = shop.upesipay_push(FIRST, "0712345678").await;
    assert_eq!(reply.status(), 201);
    let answer = reply.json();
    let payment = shop.sandbox.payments()[0].clone();
    assert_eq!(
        answer,
        json!({ "success": true, "status": "QUEUED", "reference": payment.transaction_id,
            "CheckoutRequestID": payment.checkout_request_id })
    );
    assert_eq!(
        (payment.gateway, payment.generation),
        (Gateway::UpesiPay, Some(1))
    );
    let reference = payment.transaction_id.unwrap();
    assert_eq!(reference.len(), 10);

    let callback = shop.body().await;
    let receipt = shop.sandbox.payments()[0].receipt.clone().unwrap();
    assert_eq!(
        callback,
        json!({ "forward_url": "", "status": true, "response": {
            "Amount": 450, "CheckoutRequestID": payment.checkout_request_id, "ExternalReference": "INV-7",
            "MerchantRequestID": payment.merchant_request_id, "MpesaReceiptNumber": receipt, "Phone": "+254712345678",
            "ResultCode": 0, "ResultDesc": "The service request is processed successfully.", "Status": "Success",
        } })
    );
    for known_by in [&reference, &receipt] {
        let status = shop.upesipay_status(known_by).await.json();
        assert_eq!(status["status"], "SUCCESS");
        assert_eq!(status["provider_reference"], receipt.as_str());
        assert_eq!(status["third_party_reference"], receipt.as_str());
        let names: Vec<_> = status.as_object().unwrap().keys().collect();
        assert_eq!(
            names,
            [
                "CheckoutRequestID",
                "merchant",
                "payment_reference",
                "provider",
                "provider_reference",
                "reference",
                "status",
                "success",
                "third_party_reference",
                "transaction_date"
            ]
        );
    }
    let by_checkout_id = shop.upesipay_status(&payment.checkout_request_id).await;
    assert_eq!(
        by_checkout_id.status(),
        404,
        "no page says that this would work"
    );
}

#[tokio::test]
async fn the_second_generation_pays() {
    let shop = Shop::open().await;
    let reply = shop.upesipay_push(SECOND, PHONE).await;
    assert_eq!(reply.status(), 200);
    let answer = reply.json();
    let payment = shop.sandbox.payments()[0].clone();
    assert_eq!(
        (&answer["success"], &answer["status_code"]),
        (&json!(true), &json!(200))
    );
    assert!(answer["message"].is_string() && answer["request_id"].is_string());
    assert_eq!(
        answer["data"],
        json!({ "checkout_request_id": payment.checkout_request_id, "merchant_request_id": payment.merchant_request_id,
            "phone_number": PHONE, "amount": 450, "status": "sent" })
    );
    assert_eq!(payment.generation, Some(2));

    let callback = shop.body().await;
    let receipt = shop.sandbox.payments()[0].receipt.clone().unwrap();
    assert_eq!(
        callback,
        json!({ "merchant_request_id": payment.merchant_request_id, "checkout_request_id": payment.checkout_request_id,
            "reference_id": receipt, "status": "success" })
    );
    let status = shop
        .upesipay_status(&payment.checkout_request_id)
        .await
        .json();
    assert_eq!(status["success"], true);
    let data = &status["data"];
    let names: Vec<_> = data.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "amount",
            "charge",
            "created_at",
            "id",
            "mpesa_receipt_number",
            "phone_number",
            "status",
            "type",
            "updated_at"
        ]
    );
    assert_eq!(
        (&data["status"], &data["amount"]),
        (&json!("success"), &json!(450))
    );
    assert_eq!(data["mpesa_receipt_number"], receipt.as_str());
    for unknown in [&receipt, data["id"].as_str().unwrap()] {
        let reply = shop.upesipay_status(unknown).await;
        assert_eq!(reply.status(), 404, "no client asks with {unknown}");
    }
}

#[tokio::test]
async fn a_status_can_be_missing_right_after_the_push() {
    let shop = Shop::with(
        SandboxOptions::default()
            .time_scale(20.0)
            .upesipay(UpesiPayOptions::default().status_404_seconds(10.0)),
    )
    .await;
    for path in [FIRST, SECOND] {
        let id = shop
            .upesipay_accepted(path, &format!("25471234567{}", path.len() % 10))
            .await;
        let missing = shop.upesipay_status(&id).await;
        assert_eq!(
            upesipay_error(&missing, path),
            (404, "Transaction not found".to_owned())
        );
        tokio::time::sleep(std::time::Duration::from_millis(510)).await;
        assert_eq!(shop.upesipay_status(&id).await.status(), 200);
    }
}

#[tokio::test]
async fn where_clients_disagree_there_are_options() {
    for (field, name) in [
        (
            ReceiptField::MpesaReceiptNumber,
            Some("mpesa_receipt_number"),
        ),
        (ReceiptField::ReceiptNumber, Some("receipt_number")),
        (ReceiptField::Id, Some("id")),
        (ReceiptField::Nowhere, None),
    ] {
        let shop = shop(UpesiPayOptions::default().receipt_field(field)).await;
        let id = shop.upesipay_accepted(SECOND, PHONE).await;
        shop.body().await;
        let receipt = json!(shop.sandbox.payments()[0].receipt);
        let data = shop.upesipay_status(&id).await.json()["data"].clone();
        let found = data
            .as_object()
            .unwrap()
            .iter()
            .find(|(_, value)| **value == receipt);
        assert_eq!(found.map(|(name, _)| name.as_str()), name);
    }
    let shop = shop(UpesiPayOptions::default().outer_status_always_true(true)).await;
    shop.upesipay_accepted(FIRST, "254712001032").await;
    let callback = shop.body().await;
    assert_eq!(
        (&callback["status"], &callback["response"]["ResultCode"]),
        (&json!(true), &json!(1032))
    );
}

#[tokio::test]
async fn fees_are_listed_newest_first() {
    let shop = Shop::open().await;
    let mut references = Vec::new();
    for number in 0..3 {
        let phone = format!("25471234500{number}");
        shop.sandbox.script_phone(&phone, Scenario::Manual);
        let reference = shop.upesipay_accepted(FIRST, &phone).await;
        shop.sandbox.act(&reference, Ending::Pay).unwrap();
        references.insert(0, reference);
    }
    shop.upesipay_accepted(FIRST, "254712001032").await;
    let page = |number: u32| format!("/api/v2/transactions?page={number}&per=2");
    let first = shop.upesipay("GET", &page(1), None).await.json();
    assert_eq!(
        first["pagination"],
        json!({ "count": 3, "next_page": 2, "num_pages": 2, "page": 1, "per": 2, "prev_page": null })
    );
    let second = shop.upesipay("GET", &page(2), None).await.json();
    assert_eq!(second["pagination"]["prev_page"], 1);
    let mut entries = first["transactions"].as_array().unwrap().clone();
    entries.extend(second["transactions"].as_array().unwrap().clone());
    let listed: Vec<_> = entries
        .iter()
        .map(|entry| entry["transaction_reference"].as_str().unwrap())
        .collect();
    assert_eq!(listed, references);
    assert_eq!(
        (&entries[0]["amount"], &entries[0]["wallet_balance"]),
        (&json!(-6), &json!(9982))
    );
    assert_eq!(shop.upesipay("GET", &page(0), None).await.status(), 400);
}
