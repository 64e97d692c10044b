//! Daraja's access tokens.

use lipia_sandbox::{CONSUMER_KEY, SandboxOptions};
use serde_json::json;

use crate::support::{OAUTH, PUSH, Shop, send, until};

#[tokio::test]
async fn right_keys_get_a_token_of_28_characters() {
    let shop = Shop::open().await;
    let reply = shop.good_oauth().await;
    assert_eq!(reply.status(), 200);
    let body = reply.json();
    assert_eq!(body["access_token"].as_str().unwrap().len(), 28);
    assert_eq!(body["expires_in"], "3599");
    assert_eq!(body.as_object().unwrap().len(), 2);
    assert_ne!(
        body["access_token"],
        shop.token.as_str(),
        "no two tokens are the same"
    );
    assert_eq!(shop.sandbox.counters().oauth_calls, 2);
    assert_eq!(shop.sandbox.counters().tokens_issued, 2);
}

#[tokio::test]
async fn the_lifetime_can_be_a_number() {
    let options = SandboxOptions::default()
        .expires_in_as_text(false)
        .token_lifetime_seconds(60);
    assert_eq!(
        Shop::with(options).await.good_oauth().await.json()["expires_in"],
        60
    );
}

#[tokio::test]
async fn keys_and_grant_type_are_checked() {
    let shop = Shop::open().await;
    let refused = (
        400,
        "400.008.01".to_owned(),
        "Invalid Authentication passed".to_owned(),
    );
    assert_eq!(shop.oauth(CONSUMER_KEY, "other").await.error(), refused);
    assert_eq!(shop.oauth("", "").await.error(), refused);
    assert_eq!(shop.get(OAUTH).await.error(), refused, "no header");
    let url = shop.sandbox.base_url();
    for header in ["Bearer abc", "Basic", "Basic %%%", "Basic /w=="] {
        assert_eq!(
            send(&url, "GET", OAUTH, &[("Authorization", header)], b"")
                .await
                .error(),
            refused,
            "{header}"
        );
    }
    let basic = "Basic c2FuZGJveC1rZXk6c2FuZGJveC1zZWNyZXQ=";
    for path in [
        "/oauth/v1/generate",
        "/oauth/v1/generate?grant_type=password",
    ] {
        let (status, code, _) = send(&url, "GET", path, &[("Authorization", basic)], b"")
            .await
            .error();
        assert_eq!((status, code.as_str()), (400, "400.008.02"), "{path}");
    }
    assert_eq!(shop.sandbox.counters().oauth_refused, 9);
    assert_eq!(
        send(&url, "POST", OAUTH, &[], b"").await.error().1,
        "405.001"
    );
}

#[tokio::test]
async fn tokens_expire_on_the_sandbox_clock() {
    let options = SandboxOptions::default()
        .time_scale(1000.0)
        .token_lifetime_seconds(500);
    let shop = Shop::with(options).await;
    shop.accepted("254712345678").await;
    tokio::time::sleep(std::time::Duration::from_millis(510)).await;
    assert_eq!(shop.push("254712345679").await.error().1, "404.001.03");
}

#[tokio::test]
async fn tokens_can_be_killed() {
    let mut shop = Shop::open().await;
    shop.sandbox.kill_tokens();
    let invalid = (
        404,
        "404.001.03".to_owned(),
        "Invalid Access Token".to_owned(),
    );
    assert_eq!(shop.push("254712345678").await.error(), invalid);
    assert_eq!(
        shop.query("ws_CO_1").await.error(),
        (400, "400.003.01".to_owned(), invalid.2)
    );
    shop.token = shop.new_token().await;
    shop.accepted("254712345678").await;
}

#[tokio::test]
async fn a_new_token_kills_the_old_one_only_if_asked_to() {
    for kills in [false, true] {
        let shop = Shop::with(SandboxOptions::default().new_token_kills_old(kills)).await;
        shop.new_token().await;
        assert_eq!(
            shop.push("254712345678").await.status(),
            if kills { 404 } else { 200 }
        );
    }
}

#[tokio::test]
async fn the_header_is_asked_for() {
    let shop = Shop::open().await;
    let url = shop.sandbox.base_url();
    let body = json!({}).to_string();
    for headers in [
        &[][..],
        &[("Authorization", "Basic abc")],
        &[("Authorization", "Bearer")],
    ] {
        let (status, code, _) = send(&url, "POST", PUSH, headers, body.as_bytes())
            .await
            .error();
        assert_eq!((status, code.as_str()), (404, "404.001.04"), "{headers:?}");
    }
    until("refusals are counted", || {
        shop.sandbox.counters().push_refused == 3
    })
    .await;
}
