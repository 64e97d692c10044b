//! PalPluss's limit per minute and its bans.

use std::time::Duration;

use lipia_sandbox::{Ending, Gateway, PalPlussOptions, Sandbox, SandboxOptions};

use crate::support::{Reply, Shop, until};
use crate::till::{PHONE, SECOND, STK, TRANSACTIONS, palpluss_error};

fn number(reply: &Reply, header: &str) -> i64 {
    let value = reply
        .header(header)
        .unwrap_or_else(|| panic!("{header}: {reply:?}"));
    value.parse().unwrap()
}

async fn shop(time_scale: f64, palpluss: PalPlussOptions) -> Shop {
    Shop::with(
        SandboxOptions::default()
            .time_scale(time_scale)
            .palpluss(palpluss),
    )
    .await
}

#[tokio::test]
async fn every_answer_tells_the_limit() {
    // In real time the limit is the real one's.
    let shop = shop(1.0, PalPlussOptions::default()).await;
    let replies = [
        shop.palpluss_push(PHONE).await,
        shop.palpluss("GET", TRANSACTIONS, None).await,
        shop.palpluss("GET", &format!("{TRANSACTIONS}/x"), None)
            .await,
        shop.ask("Basic x", "POST", STK, None).await,
        shop.palpluss("GET", STK, None).await,
        shop.palpluss("GET", "/v1/nothing", None).await,
    ];
    let remaining: Vec<_> = replies
        .iter()
        .map(|reply| number(reply, "x-ratelimit-remaining"))
        .collect();
    assert_eq!(
        remaining,
        [59, 58, 57, 57, 57, 57],
        "only what the key asked for counts"
    );
    for reply in &replies {
        assert_eq!(number(reply, "x-ratelimit-limit"), 60);
        assert!(number(reply, "x-ratelimit-reset") > 1_700_000_000);
    }
    assert_eq!(
        shop.push("254712345679").await.header("x-ratelimit-limit"),
        None,
        "Daraja tells nothing"
    );
}

#[tokio::test]
async fn the_limit_refuses_until_the_minute_is_over() {
    let shop = shop(60.0, PalPlussOptions::default().requests_per_minute(2)).await;
    for _ in 0..2 {
        assert_eq!(shop.palpluss("GET", TRANSACTIONS, None).await.status(), 200);
    }
    let refused = shop.palpluss_push(PHONE).await;
    assert_eq!(
        palpluss_error(&refused),
        (429, "RATE_LIMIT_EXCEEDED".to_owned())
    );
    let wait = number(&refused, "retry-after");
    assert!((1..=60).contains(&wait), "{wait}");
    let counters = shop.sandbox.counters();
    assert_eq!(
        (
            counters.palpluss.rate_limited,
            counters.palpluss.push_refused,
            counters.prompts
        ),
        (1, 1, 0)
    );
    // A minute is a second here.
    tokio::time::sleep(Duration::from_millis(1010)).await;
    shop.palpluss_accepted(PHONE).await;
}

#[tokio::test]
async fn a_scaled_sandbox_has_no_limit_that_tests_would_meet() {
    let shop = Shop::open().await;
    for _ in 0..80 {
        assert_eq!(shop.palpluss("GET", TRANSACTIONS, None).await.status(), 200);
    }
}

#[tokio::test]
async fn too_many_failures_are_a_ban_that_ends() {
    // An hour is two seconds here.
    let shop = shop(1800.0, PalPlussOptions::default().ban_after(5, 3600, 50)).await;
    let cancelled = |number: u32| format!("2547120{number}1032");
    shop.palpluss_accepted("254712000000").await;
    for number in 0..4 {
        assert_eq!(shop.sandbox.counters().of(Gateway::PalPluss).bans, 0);
        shop.palpluss_accepted(&cancelled(number)).await;
    }
    until("the ban", || shop.sandbox.counters().palpluss.bans == 1).await;
    let refused = shop.palpluss_push(PHONE).await;
    assert_eq!(
        palpluss_error(&refused),
        (429, "STK_TEMP_BANNED".to_owned())
    );
    let left = refused.json()["error"]["details"]["retryAfterSeconds"]
        .as_i64()
        .unwrap();
    assert!((1..=3600).contains(&left), "{left}");
    assert_eq!(number(&refused, "retry-after"), left);
    let counters = shop.sandbox.counters();
    assert_eq!(
        (counters.prompts, counters.palpluss.refused_while_blocked),
        (5, 1)
    );
    // Reading goes on, and so does every other gateway.
    assert_eq!(shop.palpluss("GET", TRANSACTIONS, None).await.status(), 200);
    shop.upesipay_accepted(SECOND, PHONE).await;
    tokio::time::sleep(Duration::from_millis(2010)).await;
    shop.palpluss_accepted("254712000001").await;
}

#[tokio::test]
async fn payments_keep_a_ban_away() {
    let options = PalPlussOptions::default().ban_after(4, 1_000_000, 50);
    let shop = shop(1000.0, options).await;
    for number in 0..6 {
        let id = shop
            .palpluss_accepted(&format!("2547120{number}9000"))
            .await;
        let ending = if number % 2 == 0 {
            Ending::Pay
        } else {
            Ending::NoMoney
        };
        shop.sandbox.act(&id, ending).unwrap();
    }
    assert_eq!(
        shop.sandbox.counters().palpluss.bans,
        0,
        "half of them paid"
    );
    let id = shop.palpluss_accepted("254712069000").await;
    shop.sandbox.act(&id, Ending::Cancel).unwrap();
    assert_eq!(
        shop.sandbox.counters().palpluss.bans,
        1,
        "three of seven did"
    );
    assert_eq!(shop.palpluss_push(PHONE).await.status(), 429);
    shop.sandbox.reset();
    shop.palpluss_accepted(PHONE).await;
}

#[tokio::test]
async fn senseless_options_are_errors() {
    for options in [
        PalPlussOptions::default().api_key(""),
        PalPlussOptions::default().api_key("a:b"),
        PalPlussOptions::default().requests_per_minute(0),
        PalPlussOptions::default().ban_after(0, 1, 1),
        PalPlussOptions::default().ban_after(1, 1, 101),
    ] {
        assert!(
            Sandbox::start(SandboxOptions::default().palpluss(options))
                .await
                .is_err()
        );
    }
}
