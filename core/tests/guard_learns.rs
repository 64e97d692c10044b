//! The guard knows what was learnt, wherever it was learnt, and counts for the account and not for a client object.

#![allow(
    clippy::unwrap_used,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::client::UpesiPayBuilder;
use lipia::guard::Standing;
use lipia::values::{Clock, EatTime, ManualClock};
use lipia::{Client, Error, Payment, PhoneNumber, StkPush, UpesiPay, WaitOptions};
use lipia_sandbox::{PALPLUSS_API_KEY, Sandbox, UPESIPAY_CHANNEL_ID, UPESIPAY_TOKEN};
use std::sync::Arc;
use std::time::Duration;
use support::*;

const CALLBACK_URL: &str = "http://127.0.0.1:9/pay";

fn upesipay(base_url: &str) -> UpesiPayBuilder {
    UpesiPay::builder()
        .auth_token(UPESIPAY_TOKEN)
        .channel_id(UPESIPAY_CHANNEL_ID.to_string())
        .base_url(base_url)
        .callback_url(CALLBACK_URL)
}

async fn stand_of_upesipay() -> (Sandbox, Client) {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let client = upesipay(&sandbox.base_url()).build().unwrap();
    (sandbox, client)
}

fn phone(number: usize) -> PhoneNumber {
    PhoneNumber::parse(&paying_phone(number)).unwrap()
}

async fn standing(client: &Client) -> Standing {
    client.guard_standing(&phone(1)).await.unwrap().unwrap()
}

fn soon() -> WaitOptions {
    hurried()
}

/// Sixty sales that are paid, each learnt in one way.
async fn sixty_paid_sales<Learn: AsyncFn(&Client, usize) -> Result<(), Error>>(learn: Learn) {
    let (_sandbox, client) = stand_of_upesipay().await;
    for number in 0..60 {
        learn(&client, number).await.unwrap();
    }
    let standing = standing(&client).await;
    assert_eq!(standing.account.first().unwrap().counted, 0);
    assert!(standing.is_open());
}

fn sale_to(number: usize) -> StkPush {
    StkPush::new(paying_phone(number), 10, "INV-001")
}

#[tokio::test]
async fn a_query_by_the_prompts_id_tells_the_guard() {
    sixty_paid_sales(async |client, number| {
        let acceptance = client.stk_push(sale_to(number)).await?;
        for _ in 0..500 {
            if client.stk_query(acceptance.id()).await?.is_final {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_wait_by_the_prompts_id_tells_the_guard() {
    sixty_paid_sales(async |client, number| {
        let acceptance = client.stk_push(sale_to(number)).await?;
        client.wait_by_id(acceptance.id(), soon()).await.map(drop)
    })
    .await;
}

#[tokio::test]
async fn taking_up_what_another_worker_settled_tells_the_guard() {
    let (sandbox, client) = stand_of_upesipay().await;
    // The other worker is another process: it does not count with this one.
    let worker = upesipay(&sandbox.base_url())
        .without_guard()
        .build()
        .unwrap();
    for number in 0..60 {
        let payment = client.reserve(sale_to(number)).unwrap();
        client.push(&payment).await.unwrap();
        let there = worker
            .resume(Payment::from_json(&payment.to_json()).unwrap())
            .unwrap();
        // Every other time nobody here holds the payment any more.
        let held = (number % 2 == 0).then_some(payment);
        let settled = worker.wait(&there, soon()).await.unwrap();
        assert!(settled.is_paid());
        client.resume(settled).unwrap();
        drop(held);
    }
    assert_eq!(standing(&client).await.account.first().unwrap().counted, 0);
}

#[tokio::test]
async fn an_event_that_is_handed_to_a_payment_tells_the_guard() {
    let (_sandbox, client) = stand_of_upesipay().await;
    let payment = client
        .reserve(StkPush::new("254712001032", 10, "INV-001"))
        .unwrap();
    let acceptance = client.push(&payment).await.unwrap();
    let id = acceptance.checkout_request_id.unwrap();
    let id = id.as_str();
    let body = format!(
        r#"{{"forward_url":"","response":{{"Amount":10,"CheckoutRequestID":"{id}","ExternalReference":"INV-001","MerchantRequestID":"1","Phone":"+254712001032","ResultCode":1032,"ResultDesc":"Cancelled","Status":"Failed"}},"status":true}}"#
    );
    let event = client.parse_callback(body.as_bytes()).unwrap();
    payment.notify(&event);
    let count = *standing(&client).await.account.first().unwrap();
    assert_eq!((count.counted, count.unsettled), (1, 0));
}

#[tokio::test]
async fn a_failure_that_was_settled_elsewhere_counts_only_where_this_guard_let_the_push_through() {
    let (sandbox, client) = stand_of_upesipay().await;
    let elsewhere = upesipay(&sandbox.base_url())
        .without_guard()
        .build()
        .unwrap();
    let cancels = StkPush::new("254712001032", 10, "INV-001");
    let failed = elsewhere.collect(cancels.clone(), soon()).await.unwrap();
    for _ in 0..20 {
        client.resume(failed.clone()).unwrap();
    }
    assert_eq!(standing(&client).await.account.first().unwrap().counted, 0);
    let payment = client.reserve(cancels).unwrap();
    client.push(&payment).await.unwrap();
    let there = elsewhere
        .resume(Payment::from_json(&payment.to_json()).unwrap())
        .unwrap();
    drop(payment);
    let settled = elsewhere.wait(&there, soon()).await.unwrap();
    for _ in 0..3 {
        client.resume(settled.clone()).unwrap();
    }
    let count = *standing(&client).await.account.first().unwrap();
    assert_eq!((count.counted, count.unsettled), (1, 0));
}

/// A server that bans whoever pushes, and how often it was asked to.
async fn banning() -> RawServer {
    RawServer::start(|_| {
        Play::json(
            429,
            r#"{"success":false,"error":{"message":"Banned.","code":"STK_TEMP_BANNED","details":{"retryAfterSeconds":3600}}}"#,
        )
    })
    .await
}

fn palpluss(base_url: &str, key: &str) -> lipia::client::PalPlussBuilder {
    lipia::PalPluss::builder()
        .api_key(key)
        .base_url(base_url)
        .callback_url(CALLBACK_URL)
}

#[tokio::test]
async fn a_new_client_of_the_account_sends_nothing_during_a_ban() {
    let server = banning().await;
    for round in 0..10 {
        let client = palpluss(&server.base_url, PALPLUSS_API_KEY)
            .build()
            .unwrap();
        let error = client.stk_push(sale(PAYS)).await.unwrap_err();
        assert_eq!(error.code() == "guard_gateway_ban", round > 0);
        // The client is gone before the next one is made.
    }
    assert_eq!(server.seen().len(), 1);
    let other = palpluss(&server.base_url, "another-account")
        .build()
        .unwrap();
    other.stk_push(sale(PAYS)).await.unwrap_err();
    assert_eq!(server.seen().len(), 2, "another key is another account");
    let own_clock = palpluss(&server.base_url, PALPLUSS_API_KEY)
        .clock(Arc::new(ManualClock::new(lipia::values::SystemClock.now())))
        .build()
        .unwrap();
    own_clock.stk_push(sale(PAYS)).await.unwrap_err();
    assert_eq!(
        server.seen().len(),
        3,
        "a clock of one's own is a world of one's own"
    );
}

#[tokio::test]
async fn two_clients_of_an_account_count_together_and_so_do_keys_that_come_later() {
    let (sandbox, first) = stand_of_upesipay().await;
    let keys = lipia::Credentials::upesipay(lipia::Secret::new(UPESIPAY_TOKEN));
    let script = Script::always(keys);
    let second = UpesiPay::builder()
        .credentials_provider(script)
        .channel_id(UPESIPAY_CHANNEL_ID.to_string())
        .base_url(sandbox.base_url())
        .callback_url(CALLBACK_URL)
        .build()
        .unwrap();
    let mut reached = 0;
    for number in 0..14 {
        let client = if number % 2 == 0 { &first } else { &second };
        let cancels = StkPush::new("254712001032", 10, "INV-001");
        match client.collect(cancels, soon()).await {
            Ok(_) => reached += 1,
            Err(error) => assert_eq!(error.code(), "guard_phone_closed"),
        }
    }
    assert_eq!(reached, 10);
}

#[tokio::test]
async fn a_clock_that_was_a_year_ahead_closes_nothing_for_a_year() {
    let server = banning().await;
    let today = EatTime::parse_wire("20261121090000").unwrap();
    let year = Duration::from_secs(365 * 24 * 3_600);
    let clock = ManualClock::new(today.plus(year));
    let client = palpluss(&server.base_url, PALPLUSS_API_KEY)
        .clock(Arc::new(clock.clone()))
        .build()
        .unwrap();
    client.stk_push(sale(PAYS)).await.unwrap_err();
    clock.set(today);
    let error = client.stk_push(sale(PAYS)).await.unwrap_err();
    assert_eq!(error.code(), "guard_gateway_ban");
    let seconds = error.retry_after().unwrap().as_secs();
    assert!((3_500..=3_600).contains(&seconds), "{seconds}");
    let opens_at = client
        .guard_standing(&phone(1))
        .await
        .unwrap()
        .unwrap()
        .opens_at()
        .unwrap();
    assert!(opens_at <= today.plus(Duration::from_secs(3_600)));
    clock.advance(Duration::from_secs(3_600));
    client.stk_push(sale(PAYS)).await.unwrap_err();
    assert_eq!(server.seen().len(), 2);
}
