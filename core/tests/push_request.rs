//! The request of a push: its bytes, and what is refused before any byte leaves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::gateway::TransactionType;
use lipia::values::ManualClock;
use lipia::{Client, Disposition, Error, StkPush};
use lipia_sandbox::{PASS_KEY, Sandbox};
use std::sync::Arc;
use support::{PAYS, Play, RawServer, builder, fast, none_of, sale, stand};

/// The body of the only push that a sandbox saw.
async fn body_of(client: &Client, sandbox: &Sandbox, push: StkPush) -> serde_json::Value {
    client.stk_push(push).await.unwrap();
    let requests = sandbox.requests();
    let mut pushes = requests
        .iter()
        .filter(|request| request.path == "/mpesa/stkpush/v1/processrequest");
    let request = pushes.next_back().unwrap();
    assert_eq!(request.headers["content-type"], "application/json");
    assert!(request.headers["authorization"].starts_with("Bearer "));
    serde_json::from_str(&request.body).unwrap()
}

#[tokio::test]
async fn a_pay_bill_push_has_exactly_the_members_of_the_portals_sample() {
    use base64::Engine as _;
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let instant = lipia::values::EatTime::parse_wire("20261121093015").unwrap();
    let client = builder(&sandbox.base_url())
        .clock(Arc::new(ManualClock::new(instant)))
        .build()
        .unwrap();
    let push = sale("0712 000 111")
        .transaction_desc("Two coffees")
        .callback_url("https://shop.example/Own/../%7Epath?x=1");
    let body = body_of(&client, &sandbox, push).await;
    let password = format!("174379{PASS_KEY}20261121093015");
    let password = base64::engine::general_purpose::STANDARD.encode(password);
    let wanted = serde_json::json!({
        "BusinessShortCode": "174379",
        "Password": password,
        "Timestamp": "20261121093015",
        "TransactionType": "CustomerPayBillOnline",
        "Amount": "150",
        "PartyA": "254712000111",
        "PartyB": "174379",
        "PhoneNumber": "254712000111",
        "CallBackURL": "https://shop.example/Own/../%7Epath?x=1",
        "AccountReference": "INV-001",
        "TransactionDesc": "Two coffees",
    });
    assert_eq!(body, wanted);
}

#[tokio::test]
async fn a_till_is_paid_through_party_b_and_a_single_push_may_choose_another() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let client = builder(&sandbox.base_url())
        .transaction_type(TransactionType::BuyGoods)
        .party_b("5551234")
        .build()
        .unwrap();
    let mut failures = Vec::new();
    for (push, kind, party_b) in [
        (sale("0712000115"), "CustomerBuyGoodsOnline", "5551234"),
        (
            sale("0712000125").party_b("5559999"),
            "CustomerBuyGoodsOnline",
            "5559999",
        ),
        (
            sale("0712000135")
                .transaction_type(TransactionType::PayBill)
                .party_b("174379"),
            "CustomerPayBillOnline",
            "174379",
        ),
    ] {
        let body = body_of(&client, &sandbox, push).await;
        if (&body["TransactionType"], &body["PartyB"]) != (&kind.into(), &party_b.into()) {
            failures.push(format!("{body}"));
        }
        assert_eq!(body["BusinessShortCode"], "174379");
        assert_eq!(
            body["TransactionDesc"], "INV-001",
            "the reference stands in"
        );
    }
    none_of(&failures);
}

#[tokio::test]
async fn the_configured_callback_url_gets_a_token_of_its_own_for_every_payment() {
    let (sandbox, client) = stand().await;
    let mut urls = Vec::new();
    for phone in ["0712000115", "0712000125"] {
        let payment = client.reserve(sale(phone)).unwrap();
        client.push(&payment).await.unwrap();
        let sent = sandbox.payments().pop().unwrap().callback_url;
        assert_eq!(sent, payment.snapshot().push().callback_url.as_str());
        assert!(sent.starts_with("https://shop.example/pay/"), "{sent}");
        let named = client.callback_secrets().verify(&sent).unwrap();
        assert_eq!(&named, payment.id());
        urls.push(sent);
    }
    assert_ne!(urls[0], urls[1]);
}

#[tokio::test]
async fn what_is_not_valid_is_refused_before_a_byte_leaves() {
    let (sandbox, client) = stand().await;
    let check = |push: StkPush| -> Error { client.reserve(push).unwrap_err() };
    let mut failures = Vec::new();
    for (push, field) in [
        (sale("+1 202 555 0123"), "phone_number"),
        (StkPush::new(PAYS, "0.5", "INV"), "amount"),
        (StkPush::new(PAYS, 0, "INV"), "amount"),
        (StkPush::new(PAYS, 250_001, "INV"), "amount"),
        (StkPush::new(PAYS, 1, "1234567890123"), "account_reference"),
        (
            sale(PAYS).transaction_desc("12345678901234"),
            "transaction_desc",
        ),
        (
            sale(PAYS).callback_url("ftp://shop.example"),
            "callback_url",
        ),
        (
            sale(PAYS).transaction_type(TransactionType::BuyGoods),
            "party_b",
        ),
        (sale(PAYS).party_b("12"), "party_b"),
        (
            sale(PAYS).option("transaction_type", "Gift"),
            "transaction_type",
        ),
        (sale(PAYS).option("colour", "green"), "colour"),
    ] {
        let error = check(push);
        if error.field() != Some(field) || error.disposition() != Disposition::NotSent {
            failures.push(format!("{field}: {error:?}"));
        }
    }
    none_of(&failures);
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_base_url_with_a_path_of_its_own_is_kept() {
    let server = RawServer::start(|seen| {
        if seen
            .head
            .starts_with("GET /proxy/oauth/v1/generate?grant_type=client_credentials ")
        {
            Play::token()
        } else if seen
            .head
            .starts_with("POST /proxy/mpesa/stkpush/v1/processrequest ")
        {
            Play::acceptance()
        } else {
            Play::json(404, "{}")
        }
    })
    .await;
    for base in ["/proxy", "/proxy/"] {
        let url = format!("{}{base}", server.base_url);
        builder(&url)
            .build()
            .unwrap()
            .stk_push(sale(PAYS))
            .await
            .unwrap();
    }
}
