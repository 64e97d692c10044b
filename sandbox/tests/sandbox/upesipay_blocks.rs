//! UpesiPay's blocks of phones and accounts.

use std::time::{Duration, Instant};

use lipia_sandbox::{Ending, Sandbox, SandboxOptions, UpesiPayOptions};

use crate::support::{Shop, until};
use crate::till::{FIRST, PHONE, SECOND, upesipay_error};

const HOUR: u32 = 3600;

/// A shop that passes `hours_per_second` hours in a second.
async fn shop(hours_per_second: f64, upesipay: UpesiPayOptions) -> Shop {
    let options = SandboxOptions::default().time_scale(3600.0 * hours_per_second);
    Shop::with(options.upesipay(upesipay)).await
}

/// Pushes to a phone that waits, and lets it end.
async fn ended(shop: &Shop, path: &str, phone: &str, ending: Ending) {
    let id = shop.upesipay_accepted(path, phone).await;
    shop.sandbox.act(&id, ending).unwrap();
}

#[tokio::test]
async fn the_eleventh_failure_in_a_row_blocks_the_phone_for_a_day() {
    // A day is two seconds here.
    let shop = shop(12.0, UpesiPayOptions::default()).await;
    let phone = "254712349000";
    for number in 0..11 {
        assert_eq!(
            shop.sandbox.counters().upesipay.blocked_phones,
            0,
            "{number} failures"
        );
        let (path, ending) = if number % 2 == 0 {
            (FIRST, Ending::Cancel)
        } else {
            (SECOND, Ending::NoMoney)
        };
        ended(&shop, path, phone, ending).await;
    }
    let counters = shop.sandbox.counters().upesipay;
    assert_eq!((counters.blocked_phones, counters.bans), (1, 0));
    for path in [FIRST, SECOND] {
        let (status, message) = upesipay_error(&shop.upesipay_push(path, phone).await, path);
        assert_eq!(status, 403);
        assert!(message.contains("phone number is blocked"), "{message}");
    }
    let counters = shop.sandbox.counters().upesipay;
    assert_eq!(
        (
            counters.prompts,
            counters.push_refused,
            counters.refused_while_blocked
        ),
        (11, 2, 2)
    );
    shop.upesipay_accepted(FIRST, PHONE).await;
    tokio::time::sleep(Duration::from_millis(2010)).await;
    shop.upesipay_accepted(FIRST, phone).await;
}

#[tokio::test]
async fn a_payment_between_them_keeps_the_phone_free() {
    let shop = shop(20.0, UpesiPayOptions::default()).await;
    let phone = "254712349000";
    for _ in 0..2 {
        for _ in 0..10 {
            ended(&shop, FIRST, phone, Ending::Cancel).await;
        }
        ended(&shop, FIRST, phone, Ending::Pay).await;
    }
    assert_eq!(shop.sandbox.counters().upesipay.blocked_phones, 0);
    shop.upesipay_accepted(SECOND, phone).await;
}

#[tokio::test]
async fn the_account_climbs_the_ladder() {
    // One hour a second: nothing ends while the test runs.
    let shop = shop(1.0, UpesiPayOptions::default()).await;
    let mut ids = Vec::new();
    for number in 0..1001 {
        let path = if number % 2 == 0 { FIRST } else { SECOND };
        let mut body = shop.upesipay_body(&format!("2547{number:04}9000"));
        body["callback_url"] = "".into();
        let reply = shop.upesipay("POST", path, Some(&body)).await;
        assert!(reply.status() < 300, "{reply:?}");
        let (body, member) = (reply.json(), "CheckoutRequestID");
        let id = body
            .get(member)
            .unwrap_or(&body["data"]["checkout_request_id"]);
        ids.push(id.as_str().unwrap().to_owned());
    }
    for (number, id) in ids.iter().enumerate() {
        shop.sandbox.act(id, Ending::Cancel).unwrap();
        let rungs = [(50, 0), (51, 1), (500, 1), (501, 2), (1000, 2), (1001, 3)];
        if let Some((failures, bans)) = rungs.iter().find(|(at, _)| *at == number + 1) {
            let counters = shop.sandbox.counters();
            assert_eq!(counters.upesipay.bans, *bans, "{failures} failures");
        }
    }
    for path in [FIRST, SECOND] {
        let (status, message) = upesipay_error(&shop.upesipay_push(path, PHONE).await, path);
        assert_eq!(status, 403);
        assert!(message.contains("account is blocked"), "{message}");
    }
    assert_eq!(shop.sandbox.counters().upesipay.blocked_phones, 0);
}

#[tokio::test]
async fn each_block_of_the_account_ends_after_its_time() {
    // A second is four hours here; the rungs are low.
    for (failures, hours) in [(3, 1), (5, 2), (7, 4)] {
        let ladder = [(2, HOUR), (4, 2 * HOUR), (6, 4 * HOUR)];
        let shop = shop(
            4.0,
            UpesiPayOptions::default().account_blocks(6 * HOUR, ladder),
        )
        .await;
        let mut ids = Vec::new();
        for number in 0..failures {
            ids.push(
                shop.upesipay_accepted(SECOND, &format!("2547{number:04}9000"))
                    .await,
            );
        }
        let began = Instant::now();
        for id in ids {
            shop.sandbox.act(&id, Ending::TimeOut).unwrap();
        }
        assert_eq!(shop.upesipay_push(SECOND, PHONE).await.status(), 403);
        while shop.upesipay_push(SECOND, PHONE).await.status() == 403 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let blocked = began.elapsed();
        let hour = Duration::from_millis(250);
        assert!(blocked >= hour * hours, "{hours} hours: {blocked:?}");
        assert!(
            blocked < Duration::from_secs(20),
            "{hours} hours: {blocked:?}"
        );
    }
}

#[tokio::test]
async fn senseless_options_are_errors() {
    for options in [
        UpesiPayOptions::default().token(""),
        UpesiPayOptions::default().credentials("a:b", "c"),
        UpesiPayOptions::default().status_404_seconds(-1.0),
        UpesiPayOptions::default().status_404_seconds(f64::NAN),
        UpesiPayOptions::default().account_blocks(1, [(5, 1), (2, 2)]),
    ] {
        assert!(
            Sandbox::start(SandboxOptions::default().upesipay(options))
                .await
                .is_err()
        );
    }
}

#[tokio::test]
async fn other_keys_and_channels_can_be_set() {
    let options = UpesiPayOptions::default()
        .token("t")
        .credentials("u", "p")
        .channel_id(7);
    let shop = shop(1.0, options).await;
    let mut body = shop.upesipay_body(PHONE);
    body["channel_id"] = 7.into();
    assert_eq!(
        shop.upesipay("POST", FIRST, Some(&body)).await.status(),
        401
    );
    assert_eq!(
        shop.ask("Basic t", "POST", FIRST, Some(&body))
            .await
            .status(),
        201
    );
    // base64("u:p")
    assert_eq!(
        shop.ask("Basic dTpw", "GET", "/api/v2/transactions", None)
            .await
            .status(),
        200
    );
    until("it is kept", || shop.sandbox.payments().len() == 1).await;
    assert_eq!(shop.sandbox.payments()[0].channel_id.as_deref(), Some("7"));
}
