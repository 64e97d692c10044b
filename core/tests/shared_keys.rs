//! Processes that share keys at a gateway whose new token kills the old one: right keys are never called wrong.

#![allow(
    clippy::unwrap_used,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia_sandbox::Sandbox;
use support::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_clients_that_kill_each_others_tokens_push_all_that_they_should() {
    let sandbox = Sandbox::start(fast().new_token_kills_old(true))
        .await
        .unwrap();
    let mut running = Vec::new();
    for shop in 0..8 {
        let client = builder(&sandbox.base_url())
            .timeout(std::time::Duration::from_secs(60))
            .build()
            .unwrap();
        running.push(tokio::spawn(async move {
            let mut failures = Vec::new();
            for number in 0..15 {
                let push = sale(&paying_phone(shop * 15 + number));
                if let Err(error) = client.stk_push(push).await {
                    failures.push(format!("shop {shop}, push {number}: {error:?}"));
                }
            }
            failures
        }));
    }
    let mut failures = Vec::new();
    for shop in running {
        failures.extend(bounded(shop).await.unwrap());
    }
    none_of(&failures);
    let counters = sandbox.counters();
    assert_eq!(counters.prompts, 120);
    assert!(counters.oauth_calls <= 240, "{counters:?}");
}

#[tokio::test]
async fn keys_whose_fresh_tokens_are_all_refused_are_wrong_and_later_calls_try_one() {
    let server = RawServer::start(|seen| {
        if seen.is_oauth() {
            Play::token()
        } else {
            Play::json(404, r#"{"requestId":"1","errorCode":"404.001.03","errorMessage":"Invalid Access Token"}"#)
        }
    })
    .await;
    let client = builder(&server.base_url).build().unwrap();
    let tokens = || server.seen().iter().filter(|seen| seen.is_oauth()).count();
    for wanted in [6, 7, 8] {
        let error = client.stk_push(sale(PAYS)).await.unwrap_err();
        assert_eq!(in_short(&error), "rejected authentication");
        assert_eq!((tokens(), server.pushes()), (wanted, wanted));
    }
}
