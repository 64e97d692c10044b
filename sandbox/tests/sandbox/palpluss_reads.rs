//! PalPluss's status and lists.

use std::collections::BTreeSet;

use lipia_sandbox::{
    Ending, Fault, FaultKind, PalPlussOptions, ReadCasing, SandboxOptions, Scenario, Step,
};
use serde_json::{Value, json};

use crate::support::{Reply, Shop, until};
use crate::till::{PHONE, TRANSACTIONS, palpluss_error};

async fn shop(palpluss: PalPlussOptions) -> Shop {
    Shop::with(
        SandboxOptions::default()
            .time_scale(1000.0)
            .palpluss(palpluss),
    )
    .await
}

fn names(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

async fn list(shop: &Shop, query: &str) -> Reply {
    shop.palpluss("GET", &format!("{TRANSACTIONS}{query}"), None)
        .await
}

async fn listed(shop: &Shop, query: &str) -> Vec<Value> {
    let reply = list(shop, query).await;
    assert_eq!(reply.status(), 200, "{reply:?}");
    reply.json()["data"]["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_status_goes_from_pending_to_the_result() {
    let shop = Shop::open().await;
    shop.sandbox.script_phone(PHONE, Scenario::Manual);
    let id = shop.palpluss_accepted(PHONE).await;
    let open = shop.palpluss_status(&id).await;
    let expected = [
        "amount",
        "callback_url",
        "channel_id",
        "created_at",
        "currency",
        "customer_name",
        "external_reference",
        "phone_number",
        "provider",
        "provider_checkout_id",
        "provider_request_id",
        "result_code",
        "result_desc",
        "status",
        "tenant_id",
        "transaction_fee",
        "transaction_id",
        "type",
        "updated_at",
    ];
    assert!(names(&open).iter().eq(expected.iter()), "{open}");
    // Code 0 on what is pending: taken, not paid.
    assert_eq!(
        (&open["status"], &open["result_code"]),
        (&json!("PENDING"), &json!("0"))
    );
    shop.sandbox.act(&id, Ending::Cancel).unwrap();
    let ended = shop.palpluss_status(&id.to_uppercase()).await;
    assert_eq!(
        (&ended["status"], &ended["result_code"]),
        (&json!("CANCELLED"), &json!("1032"))
    );
    assert_eq!(ended["transaction_fee"], 0.0);
    assert!(ended["updated_at"].as_str() > ended["created_at"].as_str());
}

#[tokio::test]
async fn the_other_casing_is_an_option() {
    let shop = shop(
        PalPlussOptions::default()
            .read_casing(ReadCasing::CamelCase)
            .receipt_in_reads(true),
    )
    .await;
    let id = shop.palpluss_accepted(PHONE).await;
    until("it is paid", || {
        shop.sandbox.payments()[0].receipt.is_some()
    })
    .await;
    let read = shop.palpluss_status(&id).await;
    let expected = [
        "accountReference",
        "amount",
        "channelId",
        "createdAt",
        "currency",
        "mpesaReceipt",
        "phone",
        "provider",
        "providerCheckoutId",
        "providerRequestId",
        "resultCode",
        "resultDesc",
        "status",
        "tenantId",
        "transactionDesc",
        "transactionFee",
        "transactionId",
        "type",
        "updatedAt",
    ];
    assert!(names(&read).iter().eq(expected.iter()), "{read}");
    assert_eq!(
        read["mpesaReceipt"],
        json!(shop.sandbox.payments()[0].receipt)
    );
    let data = list(&shop, "").await.json()["data"].clone();
    assert_eq!(data["nextCursor"], Value::Null);
    assert_eq!(
        data["overview"],
        json!({ "total": 1, "completed": 1, "failed": 0, "pending": 0 })
    );
    assert_eq!(data["items"][0]["accountReference"], "INV-7");
    assert!(
        data["items"][0].get("resultCode").is_none(),
        "items are shorter in this casing"
    );
}

#[tokio::test]
async fn a_push_whose_answer_was_lost_is_found_by_its_reference() {
    let shop = Shop::open().await;
    shop.sandbox
        .inject(Fault::new(Step::Push, FaultKind::AnswerLost))
        .unwrap();
    let mut body = shop.palpluss_body(PHONE);
    body["accountReference"] = json!("INV-LOST");
    assert!(
        shop.palpluss("POST", "/v1/payments/stk", Some(&body))
            .await
            .raw
            .is_empty()
    );
    shop.palpluss_accepted("254712345679").await;
    let found = listed(&shop, "?q=inv-lost").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["external_reference"], "INV-LOST");
    assert_eq!(found[0]["phone_number"], PHONE);
    assert_eq!(
        found[0]["transaction_id"],
        json!(shop.sandbox.payments()[0].transaction_id)
    );
    assert_eq!(shop.sandbox.counters().prompts, 2);
    assert!(listed(&shop, "?q=INV-NONE").await.is_empty());
}

#[tokio::test]
async fn lists_are_filtered_and_paged_newest_first() {
    let shop = Shop::open().await;
    let mut ids = Vec::new();
    for phone in [
        "254712001032",
        "254712000001",
        "254712000002",
        "254712009000",
    ] {
        ids.insert(0, shop.palpluss_accepted(phone).await);
    }
    // A payment of another gateway is not among them.
    shop.accepted("254712000009").await;
    until("all but one ended", || {
        let payments = shop.sandbox.payments();
        payments
            .iter()
            .filter(|payment| payment.ending.is_some())
            .count()
            == 4
    })
    .await;
    let of = |items: Vec<Value>| -> Vec<String> {
        items
            .iter()
            .map(|item| item["transaction_id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(of(listed(&shop, "").await), ids);
    assert_eq!(of(listed(&shop, "?status=SUCCESS").await), ids[1..3]);
    assert_eq!(
        of(listed(&shop, "?status=CANCELLED&type=STK").await),
        ids[3..]
    );
    assert_eq!(of(listed(&shop, "?q=254712000002").await), ids[1..2]);
    for empty in [
        "?type=B2C",
        "?amountMin=451",
        "?amountMax=449.5",
        "?to=2020-01-01",
        "?channelId=x",
    ] {
        assert!(listed(&shop, empty).await.is_empty(), "{empty}");
    }
    assert_eq!(
        listed(
            &shop,
            "?from=2020-01-01T00:00:00Z&amountMin=450&amountMax=450"
        )
        .await
        .len(),
        4
    );

    let first = list(&shop, "?limit=3").await.json()["data"].clone();
    assert_eq!(first["items"].as_array().unwrap().len(), 3);
    assert_eq!(
        first["overview"],
        json!({ "total": 4, "completed": 2, "failed": 1, "pending": 1 })
    );
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = list(&shop, &format!("?limit=3&cursor={cursor}"))
        .await
        .json()["data"]
        .clone();
    assert_eq!(of(rest["items"].as_array().unwrap().clone()), ids[3..]);
    assert_eq!(rest["next_cursor"], Value::Null);
}

#[tokio::test]
async fn bad_queries_are_refused() {
    let shop = Shop::open().await;
    for (query, code) in [
        ("?cursor=x", "INVALID_CURSOR"),
        ("?cursor=eyJpZCI6ImZhOThhNTc3In0", "INVALID_CURSOR"),
        ("?limit=0", "VALIDATION_ERROR"),
        ("?limit=101", "VALIDATION_ERROR"),
        ("?status=PAID", "VALIDATION_ERROR"),
        ("?type=x", "VALIDATION_ERROR"),
        ("?from=yesterday", "VALIDATION_ERROR"),
        ("?amountMin=x", "VALIDATION_ERROR"),
    ] {
        let reply = list(&shop, query).await;
        assert_eq!(palpluss_error(&reply), (400, code.to_owned()), "{query}");
    }
}

#[tokio::test]
async fn processing_and_flaky_answers_are_played() {
    let shop = Shop::open().await;
    let id = shop.palpluss_accepted("254712009007").await;
    let open = shop.palpluss_status(&id).await;
    assert_eq!(
        (&open["status"], &open["result_code"]),
        (&json!("PROCESSING"), &Value::Null)
    );
    let flaky = shop.palpluss_accepted("254712009008").await;
    until("it is paid", || {
        shop.sandbox.payments()[1].receipt.is_some()
    })
    .await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let reply = shop
            .palpluss("GET", &format!("{TRANSACTIONS}/{flaky}"), None)
            .await;
        statuses.push(reply.status());
    }
    assert_eq!(statuses, [500, 500, 200, 500, 200]);
}
