//! Queries at PalPluss, what became of a push: by its id, by its webhook, and by the list after a lost answer.

use crate::palpluss::*;
use crate::server::Told;
use lipia::callback::Confirm;
use lipia::gateway::PalPlussTransaction;
use lipia::values::{CheckoutRequestId, Receipt};
use lipia::{Client, Disposition, ErrorKind, IncomingCallback, Outcome, Verdict};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_status_is_read_in_both_spellings() {
    let camel = json!({ "transactionId": ID, "status": "SUCCESS", "resultCode": "0", "amount": 10.0, "type": "STK",
        "providerCheckoutId": CHECKOUT, "providerRequestId": "1-2-3", "mpesaReceipt": "LGR019G3J2", "resultDesc": "ok" });
    let snake = transaction(
        "SUCCESS",
        json!({ "result_code": "0", "mpesa_receipt": "LGR019G3J2" }),
    );
    for told in [
        data(&camel),
        data(&snake),
        Told::new(200, camel.to_string()),
    ] {
        let (server, client) = server([told]);
        let status = client.stk_query(ID).await.unwrap();
        assert_eq!((status.outcome, status.is_final), (Outcome::Success, true));
        assert_eq!(
            status
                .checkout_request_id
                .as_ref()
                .map(CheckoutRequestId::as_str),
            Some(CHECKOUT)
        );
        assert_eq!(
            status.receipt.as_ref().map(Receipt::as_str),
            Some("LGR019G3J2")
        );
        assert_eq!(status.amount.unwrap().cents(), 1000);
        assert_eq!(status.result_code.as_deref(), Some("0"));
        assert!(PalPlussTransaction::from_json(status.details.as_deref().unwrap()).is_ok());
        assert_eq!(server.lines(), [format!("GET /v1/transactions/{ID}")]);
        assert_eq!(server.asked()[0].authorization, "Basic cHBfbGl2ZV9rMTo=");
    }
}

#[tokio::test]
async fn a_status_never_says_more_than_its_code_allows() {
    for (status, code, outcome, shown) in [
        ("PENDING", json!("0"), Outcome::Pending, None),
        ("PROCESSING", Value::Null, Outcome::Pending, None),
        ("SUCCESS", Value::Null, Outcome::Success, None),
        ("SUCCESS", json!("1032"), Outcome::Unknown, Some("1032")),
        ("FAILED", json!("1"), Outcome::InsufficientFunds, Some("1")),
        ("FAILED", json!("0"), Outcome::Failed, None),
        ("CANCELLED", json!("1032"), Outcome::Cancelled, Some("1032")),
        ("EXPIRED", json!("1037"), Outcome::Timeout, Some("1037")),
        ("EXPIRED", Value::Null, Outcome::Expired, None),
        ("REVERSED", json!("0"), Outcome::Reversed, None),
        ("WHATEVER", json!("0"), Outcome::Unknown, None),
    ] {
        let (_server, client) =
            server([data(&transaction(status, json!({ "result_code": code })))]);
        let told = client.stk_query(ID).await.unwrap();
        assert_eq!(
            (told.outcome, told.result_code.as_deref()),
            (outcome, shown),
            "{status} {code}"
        );
        assert_eq!((told.is_final, told.receipt), (outcome.is_final(), None));
    }
    for (members, why) in [
        (
            json!({ "transaction_id": "00000000-95ea-4a8f-8467-1fbe74f5d6f4" }),
            "another",
        ),
        (json!({ "transaction_id": null }), "none"),
        (json!({ "status": null }), "no status"),
        (json!({ "type": "B2C" }), "money the other way"),
        (json!({ "currency": "USD" }), "other money"),
    ] {
        let (_server, client) = server([data(&transaction("SUCCESS", members))]);
        let error = client.stk_query(ID).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnreadableAnswer, "{why}");
    }
    let (_server, client) = server([refusal(404, "TRANSACTION_NOT_FOUND", &Value::Null)]);
    assert_eq!(
        client.stk_query(ID).await.unwrap_err().code(),
        "TRANSACTION_NOT_FOUND"
    );
}

#[tokio::test]
async fn a_callback_is_believed_once_palpluss_says_the_same() {
    let webhook = |path: &str, client: &Client| {
        let body = json!({ "event": "transaction.updated", "event_type": "transaction.success", "transaction": {
            "id": ID, "type": "STK", "status": "SUCCESS", "amount": 10, "phone_number": "254708374149",
            "provider_checkout_id": CHECKOUT, "mpesa_receipt": "LGR019G3J2", "result_code": "0",
            "updated_at": "2026-03-01T08:01:30.000Z" } })
        .to_string();
        let (path, client) = (path.to_owned(), client.clone());
        async move {
            let incoming = IncomingCallback::new(&path, body.as_bytes());
            client
                .receive_callback(incoming, Confirm::Never)
                .await
                .unwrap()
                .verdict
        }
    };
    let (server, client) = server([
        accepted(),
        data(&transaction("PENDING", json!({ "result_code": "0" }))),
        data(&transaction("SUCCESS", json!({ "result_code": "0" }))),
    ]);
    let payment = client.reserve(push()).unwrap();
    client.push(&payment).await.unwrap();
    let url = payment.snapshot().push().callback_url.as_str().to_owned();
    assert_eq!(webhook(&url, &client).await, Some(Verdict::NotConfirmed));
    assert!(!payment.snapshot().is_paid());
    assert_eq!(webhook(&url, &client).await, Some(Verdict::Believed));
    let paid = payment.snapshot();
    assert_eq!(
        (paid.is_paid(), paid.receipt().map(Receipt::as_str)),
        (true, Some("LGR019G3J2"))
    );
    assert_eq!(
        server.lines()[1..],
        [
            format!("GET /v1/transactions/{ID}"),
            format!("GET /v1/transactions/{ID}")
        ]
    );
    assert_eq!(
        client.wait(&payment, quick()).await.unwrap().outcome(),
        Outcome::Success
    );
}

fn list(items: &[Value]) -> Told {
    data(&json!({ "items": items, "next_cursor": null }))
}

#[tokio::test]
async fn a_lost_answer_is_looked_up_and_not_sent_again() {
    let other = |members: Value| transaction("SUCCESS", members);
    let (server, client) = server([
        Told::nothing(),
        list(&[]),
        list(&[
            other(json!({ "transaction_id": "o-1", "amount": 11 })),
            other(json!({ "transaction_id": "o-2", "phone_number": "254708374140" })),
            other(json!({ "transaction_id": "o-3", "external_reference": "INV 1" })),
            other(json!({ "transaction_id": "o-4", "created_at": "2026-03-01T07:59:50.000Z" })),
            other(json!({ "transaction_id": "o-5", "created_at": "2026-03-01T08:05:01.000Z" })),
            other(json!({ "transaction_id": "o-6", "created_at": null })),
            other(json!({ "transaction_id": "o-7", "type": "B2C" })),
            other(
                json!({ "transaction_id": "o-8", "callback_url": "https://shop.example.co.ke/pay/another" }),
            ),
            transaction("PENDING", json!({ "result_code": "0" })),
        ]),
        data(&transaction("SUCCESS", json!({ "result_code": "0" }))),
    ]);
    let payment = client.collect(push(), quick()).await.unwrap();
    assert_eq!(
        (
            payment.outcome(),
            payment.checkout_request_id().map(CheckoutRequestId::as_str)
        ),
        (Outcome::Success, Some(CHECKOUT))
    );
    let search = "GET /v1/transactions?limit=100&type=STK&q=INV%201%262";
    let found = format!("GET /v1/transactions/{ID}");
    assert_eq!(
        server.lines(),
        ["POST /v1/payments/stk", search, search, &found],
        "what was found is asked about by its own id"
    );
}

#[tokio::test]
async fn a_lost_answer_is_never_guessed_at() {
    let twice = transaction(
        "SUCCESS",
        json!({ "transaction_id": "o-1", "provider_checkout_id": "ws_CO_2" }),
    );
    for told in [
        list(&[]),
        list(&[transaction("SUCCESS", json!({})), twice]),
        data(&json!({ "items": "?" })),
        refusal(400, "INVALID_CURSOR", &Value::Null),
    ] {
        let (server, client) = server([Told::nothing(), told.clone()]);
        let options = quick().timeout(Duration::from_millis(60));
        let error = client.collect(push(), options).await.unwrap_err();
        assert_eq!(error.disposition(), Disposition::Unknown, "{told:?}");
        let pushes = server
            .lines()
            .iter()
            .filter(|line| line.starts_with("POST"))
            .count();
        assert_eq!(pushes, 1);
    }
}

#[tokio::test]
async fn a_prompts_id_alone_is_looked_for_in_the_list() {
    let camel = json!({ "transactionId": ID, "providerCheckoutId": CHECKOUT, "status": "FAILED", "resultCode": "2001" });
    let (server, client) = server([
        data(
            &json!({ "transactions": [transaction("SUCCESS", json!({ "provider_checkout_id": "ws_CO_2" })), camel] }),
        ),
        data(&json!([transaction(
            "SUCCESS",
            json!({ "provider_checkout_id": "ws_CO_2" })
        )])),
    ]);
    let found = client.stk_query(CHECKOUT).await.unwrap();
    assert_eq!((found.outcome, found.is_final), (Outcome::WrongPin, true));
    let not_found = client.stk_query(CHECKOUT).await.unwrap();
    assert_eq!(
        (not_found.outcome, not_found.is_final),
        (Outcome::Unknown, false)
    );
    assert_eq!(
        server.lines(),
        vec!["GET /v1/transactions?limit=100&type=STK"; 2]
    );
}

#[tokio::test]
async fn a_full_page_of_the_list_is_read() {
    let others = (0..99).map(|number| {
        let checkout = format!("ws_CO_{number}");
        let description = "The customer paid for what was ordered. ".repeat(20);
        transaction(
            "SUCCESS",
            json!({ "provider_checkout_id": checkout, "result_desc": description }),
        )
    });
    let items: Vec<Value> = others.chain([transaction("SUCCESS", json!({}))]).collect();
    let (_server, client) = server([list(&items)]);
    let status = client.stk_query(CHECKOUT).await.unwrap();
    assert_eq!(status.outcome, Outcome::Success);
}

#[tokio::test]
async fn a_transaction_that_is_not_this_sales_is_never_taken_for_it() {
    for members in [
        json!({ "amount": 11 }),
        json!({ "amount": null }),
        json!({ "phone_number": "254708374140" }),
        json!({ "phone_number": "254708***149" }),
        json!({ "external_reference": "INV 1" }),
        json!({ "created_at": "2026-03-01T07:59:54.999Z" }),
        json!({ "created_at": "2026-03-01T08:05:00.001Z" }),
        json!({ "created_at": null }),
        json!({ "type": "B2C" }),
        json!({ "currency": "USD" }),
        json!({ "status": null }),
        json!({ "callback_url": "https://shop.example.co.ke/pay/another" }),
    ] {
        let (_server, client) = server([
            Told::nothing(),
            list(&[transaction("SUCCESS", members.clone())]),
        ]);
        let payment = client.reserve(push()).unwrap();
        client.push(&payment).await.unwrap_err();
        let options = quick().timeout(Duration::from_millis(40));
        let open = client.wait(&payment, options).await.unwrap();
        assert_eq!(open.outcome(), Outcome::Unknown, "{members}");
    }
    // At the very edges it is, and with its own URL.
    for created_at in ["2026-03-01T07:59:55.000Z", "2026-03-01T08:05:00.000Z"] {
        let (server, client) = server([Told::nothing()]);
        let payment = client.reserve(push()).unwrap();
        client.push(&payment).await.unwrap_err();
        let own = payment.snapshot().push().callback_url.as_str().to_owned();
        let members = json!({ "created_at": created_at, "callback_url": own });
        server.answer(list(&[transaction("SUCCESS", members)]));
        let paid = client.wait(&payment, quick()).await.unwrap();
        assert_eq!(paid.outcome(), Outcome::Success, "{created_at}");
    }
}

#[tokio::test]
async fn a_claimed_prompt_tells_two_like_sales_apart_and_proves_nothing_else() {
    let second = transaction(
        "SUCCESS",
        json!({ "transaction_id": "o-2", "provider_checkout_id": "ws_CO_2" }),
    );
    let other_sale = transaction(
        "SUCCESS",
        json!({ "transaction_id": "o-3", "provider_checkout_id": CHECKOUT, "external_reference": "INV 7" }),
    );
    let late = transaction(
        "SUCCESS",
        json!({ "created_at": "2026-03-01T09:00:00.000Z" }),
    );
    let mine = || transaction("SUCCESS", json!({}));
    for (items, verdict) in [
        (vec![mine(), second.clone()], Verdict::Believed),
        (vec![late], Verdict::Believed),
        (vec![other_sale], Verdict::NotConfirmed),
        // The customer paid, but not by the prompt that the webhook names.
        (vec![second], Verdict::Mismatch),
        (vec![], Verdict::NotConfirmed),
        (vec![mine(), mine()], Verdict::NotConfirmed),
    ] {
        let (server, client) = server([Told::nothing()]);
        let payment = client.reserve(push()).unwrap();
        client.push(&payment).await.unwrap_err();
        server.answer(list(&items));
        let url = payment.snapshot().push().callback_url.as_str().to_owned();
        let body = json!({ "event": "transaction.updated", "event_type": "transaction.success", "transaction": {
            "id": ID, "type": "STK", "status": "SUCCESS", "amount": 10, "phone_number": "254708374149",
            "provider_checkout_id": CHECKOUT, "mpesa_receipt": "LGR019G3J2", "result_code": "0" } })
        .to_string();
        let incoming = IncomingCallback::new(&url, body.as_bytes());
        let received = client
            .receive_callback(incoming, Confirm::Never)
            .await
            .unwrap();
        assert_eq!(received.verdict, Some(verdict), "{items:?}");
        let has_receipt = payment.snapshot().receipt().is_some();
        assert_eq!(has_receipt, verdict == Verdict::Believed, "{items:?}");
    }
}
