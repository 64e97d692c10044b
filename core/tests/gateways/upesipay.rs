//! UpesiPay on the wire, in both generations: what it is sent to the byte, and what each of its answers means.

use crate::server::{Scripted, Told};
use lipia::client::UpesiPayBuilder;
use lipia::gateway::{UpesiPayGeneration, UpesiPayTransaction};
use lipia::values::{CheckoutRequestId, MerchantRequestId};
use lipia::{Client, StkPush, UpesiPay, WaitOptions};
use serde_json::json;
use std::time::Duration;

pub(crate) const CHECKOUT: &str = "ws_CO_02012026103543427708374149";
pub(crate) const REFERENCE: &str = "E8UWT7CLUW";

pub(crate) fn builder(server: &Scripted) -> UpesiPayBuilder {
    UpesiPay::builder()
        .auth_token("dG9rZW4=")
        .channel_id("134")
        .base_url(&server.base_url)
        .callback_url("https://shop.example.co.ke/pay")
        .timeout(Duration::from_secs(5))
}

pub(crate) fn server(
    generation: UpesiPayGeneration,
    script: impl IntoIterator<Item = Told>,
) -> (Scripted, Client) {
    let server = Scripted::new(script);
    let client = builder(&server).generation(generation).build().unwrap();
    (server, client)
}

pub(crate) fn first(script: impl IntoIterator<Item = Told>) -> (Scripted, Client) {
    server(UpesiPayGeneration::One, script)
}

pub(crate) fn second(script: impl IntoIterator<Item = Told>) -> (Scripted, Client) {
    server(UpesiPayGeneration::Two, script)
}

pub(crate) fn push() -> StkPush {
    StkPush::new("0708374149", 10, "INV-009").callback_url("https://shop.example.co.ke/x")
}

pub(crate) fn queued() -> Told {
    Told::new(
        201,
        json!({ "success": true, "status": "QUEUED", "reference": REFERENCE, "CheckoutRequestID": CHECKOUT }).to_string(),
    )
}

pub(crate) fn sent() -> Told {
    let body = json!({ "success": true, "status_code": 200, "message": "STK push sent", "request_id": "q-1", "data": {
        "checkout_request_id": CHECKOUT, "merchant_request_id": "3202-70921557-1", "phone_number": "254708374149",
        "amount": 10, "status": "sent" } });
    Told::new(200, body.to_string())
}

pub(crate) fn quick() -> WaitOptions {
    WaitOptions::default()
        .query(Duration::from_millis(10), Duration::from_millis(20))
        .timeout(Duration::from_secs(5))
}

#[tokio::test]
async fn a_push_is_sent_to_the_byte_in_both_generations() {
    let whole = || {
        push()
            .option("customer_name", "Wanjiku")
            .option("channel_id", "7")
    };
    let (one, client) = first([queued()]);
    client.stk_push(push()).await.unwrap();
    // The script's answer names the first prompt once more.
    client
        .stk_push(whole().option("credential_id", "cred-1"))
        .await
        .unwrap_err();
    let asked = one.asked();
    assert_eq!(asked[0].line, "POST /api/v2/payments");
    assert_eq!(
        (
            asked[0].authorization.as_str(),
            asked[0].content_type.as_str()
        ),
        ("Basic dG9rZW4=", "application/json")
    );
    assert_eq!(
        asked[0].body,
        r#"{"amount":10,"phone_number":"254708374149","channel_id":134,"provider":"m-pesa","external_reference":"INV-009","callback_url":"https://shop.example.co.ke/x"}"#
    );
    assert_eq!(
        asked[1].body,
        r#"{"amount":10,"phone_number":"254708374149","channel_id":7,"provider":"m-pesa","external_reference":"INV-009","customer_name":"Wanjiku","callback_url":"https://shop.example.co.ke/x","credential_id":"cred-1"}"#
    );
    let (two, client) = second([sent()]);
    client
        .stk_push(push().option("channel_id", "wallet"))
        .await
        .unwrap();
    client.stk_push(whole()).await.unwrap_err();
    let asked = two.asked();
    assert_eq!(asked[0].line, "POST /api/v2/collections/initiate/");
    assert_eq!(
        asked[0].body,
        r#"{"channel_id":"wallet","phone_number":"254708374149","amount":10,"callback_url":"https://shop.example.co.ke/x","external_reference":"INV-009"}"#
    );
    assert_eq!(
        asked[1].body,
        r#"{"channel_id":7,"phone_number":"254708374149","amount":10,"callback_url":"https://shop.example.co.ke/x","external_reference":"INV-009","customer_name":"Wanjiku"}"#
    );
}

#[tokio::test]
async fn a_ready_token_is_not_encoded_again_and_a_pair_is_encoded_once() {
    // echo -n 'shop:pass word' | base64
    for (builder, header) in [
        (UpesiPay::builder().auth_token("dG9rZW4="), "Basic dG9rZW4="),
        (
            UpesiPay::builder().auth_token(" Basic dG9rZW4=\n"),
            "Basic dG9rZW4=",
        ),
        (
            UpesiPay::builder().auth_token("basic  dG9rZW4="),
            "Basic dG9rZW4=",
        ),
        (
            UpesiPay::builder().username("shop").password("pass word"),
            "Basic c2hvcDpwYXNzIHdvcmQ=",
        ),
    ] {
        let server = Scripted::new([queued()]);
        let client = builder
            .channel_id("1")
            .base_url(&server.base_url)
            .build()
            .unwrap();
        client.stk_push(push()).await.unwrap();
        assert_eq!(server.asked()[0].authorization, header);
        let shown = format!("{client:?}");
        assert!(
            !shown.contains("dG9r") && !shown.contains("c2hv"),
            "{shown}"
        );
    }
    for (builder, code) in [
        (UpesiPay::builder(), "auth_token_empty"),
        (UpesiPay::builder().auth_token("Basic "), "auth_token_empty"),
        (
            UpesiPay::builder().auth_token("user:password"),
            "auth_token_unreadable",
        ),
        (UpesiPay::builder().password("p"), "username_unreadable"),
        (
            UpesiPay::builder().username("a:b").password("p"),
            "username_unreadable",
        ),
        (
            UpesiPay::builder().auth_token("t").channel_id("wallet"),
            "channel_id_unreadable",
        ),
        (
            UpesiPay::builder()
                .auth_token("t")
                .generation(UpesiPayGeneration::Two)
                .credential_id("c"),
            "credential_id_not_available",
        ),
        (
            UpesiPay::builder()
                .auth_token("t")
                .callback_url("http://shop.example.co.ke"),
            "callback_url_not_https",
        ),
    ] {
        assert_eq!(builder.build().unwrap_err().code(), code);
    }
}

#[tokio::test]
async fn what_is_not_valid_is_refused_before_anything_is_sent() {
    let server = Scripted::new([queued()]);
    let one = builder(&server).build().unwrap();
    let two = builder(&server)
        .generation(UpesiPayGeneration::Two)
        .build()
        .unwrap();
    let none = UpesiPay::builder()
        .auth_token("t")
        .base_url(&server.base_url)
        .build()
        .unwrap();
    for (client, push, code) in [
        (&none, push(), "channel_id_missing"),
        (
            &one,
            push().option("channel_id", "wallet"),
            "channel_id_unreadable",
        ),
        (
            &one,
            push().option("channel_id", "-1"),
            "channel_id_unreadable",
        ),
        (
            &one,
            push().option("customer_name", "a\nb"),
            "customer_name_unreadable",
        ),
        (
            &one,
            push().option("transaction_type", "x"),
            "option_unknown",
        ),
        (
            &two,
            push().option("credential_id", "c"),
            "credential_id_not_available",
        ),
    ] {
        let error = client.stk_push(push).await.unwrap_err();
        assert_eq!((error.code(), error.is_validation()), (code, true));
    }
    assert_eq!(server.asked().len(), 0);
}

#[tokio::test]
async fn an_acceptance_of_either_generation_is_taken_by_both() {
    for generation in [UpesiPayGeneration::One, UpesiPayGeneration::Two] {
        let (_server, client) = server(generation, [queued()]);
        let one = client.stk_push(push()).await.unwrap();
        assert_eq!(
            (
                one.checkout_request_id
                    .as_ref()
                    .map(CheckoutRequestId::as_str),
                one.transaction_id.as_deref()
            ),
            (Some(CHECKOUT), Some(REFERENCE))
        );
        let (_server, client) = server(generation, [sent()]);
        let two = client.stk_push(push()).await.unwrap();
        assert_eq!(
            (
                two.checkout_request_id
                    .as_ref()
                    .map(CheckoutRequestId::as_str),
                two.transaction_id.as_deref()
            ),
            (Some(CHECKOUT), None)
        );
        assert_eq!(
            two.merchant_request_id
                .as_ref()
                .map(MerchantRequestId::as_str),
            Some("3202-70921557-1")
        );
        assert_eq!(two.request_id.as_deref(), Some("q-1"));
        let told = UpesiPayTransaction::from_json(two.details.as_deref().unwrap()).unwrap();
        assert_eq!(
            (told.status.as_deref(), told.amount.unwrap().cents()),
            (Some("sent"), 1000)
        );
        assert!(!format!("{two:?} {told:?}").contains("8374149"));
    }
    assert!(UpesiPayTransaction::from_json("{}").is_err());
}
