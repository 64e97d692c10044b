//! The control API over HTTP, and who may use it.

use serde_json::{Value, json};

use crate::support::{OAUTH, Reply, Shop, send, until};

async fn tell(shop: &Shop, method: &str, path: &str, body: &str) -> Reply {
    send(
        &shop.sandbox.base_url(),
        method,
        &format!("/_sandbox/{path}"),
        &[("Content-Type", "application/json")],
        body.as_bytes(),
    )
    .await
}

async fn told(shop: &Shop, method: &str, path: &str, body: Value) -> Value {
    let reply = tell(shop, method, path, &body.to_string()).await;
    assert_eq!(reply.status(), 200, "{reply:?}");
    reply.json()
}

#[tokio::test]
async fn scripts_acts_and_lists_work_over_http() {
    let shop = Shop::open().await;
    told(
        &shop,
        "POST",
        "scripts",
        json!({ "phone": "254712345678", "scenario": "manual" }),
    )
    .await;
    let id = shop.accepted("254712345678").await;
    let payments = told(&shop, "GET", "payments", Value::Null).await;
    assert_eq!(payments[0]["state"], "open");
    assert_eq!(payments[0]["gateway"], "daraja");
    let act = format!("payments/{id}/act");
    told(&shop, "POST", &act, json!({ "do": "wrong_pin" })).await;
    assert_eq!(shop.callback().await["ResultCode"], 2001);
    let payments = told(&shop, "GET", "payments", Value::Null).await;
    assert_eq!(
        (&payments[0]["state"], &payments[0]["ending"]),
        (&json!("not_paid"), &json!("wrong_pin"))
    );
    assert_eq!(
        tell(&shop, "POST", &act, r#"{"do":"pay"}"#).await.status(),
        409
    );

    let counters = told(&shop, "GET", "counters", Value::Null).await;
    assert_eq!(counters["prompts"], 1);
    assert_eq!(counters["prompts_by_phone"]["254712345678"], 1);
    let requests = told(&shop, "GET", "requests", Value::Null).await;
    let paths: Vec<_> = requests
        .as_array()
        .unwrap()
        .iter()
        .map(|request| request["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, [OAUTH, "/mpesa/stkpush/v1/processrequest"]);
    assert_eq!(requests[1]["number"], 2);
    assert!(requests[1]["body"].as_str().unwrap().contains("INV-7"));
    assert_eq!(requests[1]["headers"]["content-type"], "application/json");
    assert_eq!(
        told(&shop, "GET", "", Value::Null).await["paths"]
            .as_array()
            .unwrap()
            .len(),
        11
    );
    assert!(
        told(&shop, "GET", "scenarios", Value::Null)
            .await
            .as_array()
            .unwrap()
            .len()
            > 30
    );
}

#[tokio::test]
async fn faults_and_tokens_work_over_http() {
    let shop = Shop::open().await;
    told(
        &shop,
        "POST",
        "faults",
        json!({ "step": "push", "kind": "system_busy", "times": 2 }),
    )
    .await;
    told(
        &shop,
        "POST",
        "faults",
        json!({ "step": "query", "kind": "empty_500", "times": "forever" }),
    )
    .await;
    assert_eq!(shop.push("254712345678").await.error().1, "500.003.02");
    let faults = told(&shop, "GET", "faults", Value::Null).await;
    assert_eq!(faults["waiting"].as_array().unwrap().len(), 2);
    assert_eq!(faults["waiting"][0]["times"], 1);
    assert_eq!(faults["waiting"][1]["times"], Value::Null);
    told(&shop, "DELETE", "faults", Value::Null).await;
    shop.accepted("254712345678").await;
    told(&shop, "POST", "kill-tokens", Value::Null).await;
    assert_eq!(shop.push("254712345679").await.error().1, "404.001.03");
}

#[tokio::test]
async fn reset_forgets_everything() {
    let shop = Shop::open().await;
    // A prompt that stays open: a callback that is under way would be counted after the reset.
    let id = shop.accepted("254712349000").await;
    told(
        &shop,
        "POST",
        "scripts",
        json!({ "phone": "254712345678", "scenario": "cancel" }),
    )
    .await;
    told(
        &shop,
        "POST",
        "faults",
        json!({ "step": "push", "kind": "empty_500" }),
    )
    .await;
    told(&shop, "POST", "reset", Value::Null).await;
    assert_eq!(shop.sandbox.counters(), lipia_sandbox::Counters::default());
    assert!(shop.sandbox.payments().is_empty() && shop.sandbox.requests().is_empty());
    let mut shop = shop;
    shop.token = shop.new_token().await;
    assert_eq!(
        shop.query(&id).await.error().2,
        "The transaction does not Exist"
    );
    shop.accepted("254712345678").await;
    until("it pays", || shop.sandbox.payments()[0].receipt.is_some()).await;
    assert_eq!(shop.sandbox.counters().callbacks_lost, 0);
}

#[tokio::test]
async fn a_script_takes_a_number_in_its_usual_spellings() {
    for phone in [
        "254712345678",
        "0712345678",
        "712345678",
        "+254 712 345 678",
        "0712-345-678",
    ] {
        let shop = Shop::open().await;
        let script = json!({ "phone": phone, "scenario": "manual" });
        told(&shop, "POST", "scripts", script).await;
        let id = shop.accepted("254712345678").await;
        let act = format!("payments/{id}/act");
        told(&shop, "POST", &act, json!({ "do": "wrong_pin" })).await;
        assert_eq!(shop.callback().await["ResultCode"], 2001, "{phone}");
    }
}

#[tokio::test]
async fn bad_input_is_answered_with_a_hint() {
    let shop = Shop::open().await;
    let table = [
        ("POST", "scripts", "", 400, "send JSON such as"),
        ("POST", "scripts", "\u{ff}", 400, "send JSON such as"),
        (
            "POST",
            "scripts",
            r#"{"phone":"254712345678"}"#,
            400,
            "send JSON such as",
        ),
        (
            "POST",
            "scripts",
            r#"{"phone":"07123","scenario":"pay"}"#,
            400,
            "254 and nine digits",
        ),
        (
            "POST",
            "scripts",
            r#"{"phone":"254712345678","scenario":"x"}"#,
            400,
            "pay_late",
        ),
        (
            "POST",
            "faults",
            r#"{"step":"x","kind":"empty_500"}"#,
            400,
            "oauth, push, query, callback",
        ),
        (
            "POST",
            "faults",
            r#"{"step":"push","kind":"x"}"#,
            400,
            "answer_lost",
        ),
        (
            "POST",
            "faults",
            r#"{"step":"push","kind":"empty_500","times":"often"}"#,
            400,
            "forever",
        ),
        (
            "POST",
            "faults",
            r#"{"step":"push","kind":"empty_500","times":-1}"#,
            400,
            "send JSON such as",
        ),
        (
            "POST",
            "faults",
            r#"{"step":"push","kind":"empty_500","seconds":-1}"#,
            400,
            "from 0",
        ),
        (
            "POST",
            "faults",
            r#"{"step":"push","kind":"callback_lost"}"#,
            400,
            "callback",
        ),
        (
            "POST",
            "faults",
            r#"{"step":"push","kind":"answer_cut","after_acting":false}"#,
            400,
            "always",
        ),
        ("POST", "payments/x/act", r#"{"do":"pay"}"#, 404, "payments"),
        ("POST", "payments/x/act", r#"{"do":"dance"}"#, 400, "pay"),
        (
            "POST",
            "payments/%ff/act",
            r#"{"do":"pay"}"#,
            400,
            "payments",
        ),
        ("GET", "nothing", "", 404, "GET /_sandbox/"),
        ("GET", "reset", "", 405, "GET /_sandbox/"),
    ];
    for (method, path, body, status, hint) in table {
        let reply = tell(&shop, method, path, body).await;
        assert_eq!(reply.status(), status, "{path} {body}");
        let answer = reply.json();
        assert!(!answer["error"].as_str().unwrap().is_empty());
        assert!(answer["hint"].as_str().unwrap().contains(hint), "{answer}");
    }
}

/// What a request says of whom it comes from, and whether it is let in: the headers beside `Host`, and the status.
#[tokio::test]
async fn a_web_page_cannot_drive_the_sandbox() {
    let shop = Shop::open().await;
    let url = shop.sandbox.base_url();
    let own = format!("http://127.0.0.1:{}", shop.sandbox.port());
    let json = ("Content-Type", "application/json");
    let fault = r#"{"step":"push","kind":"answer_lost"}"#;
    let rows: [(&[(&str, &str)], u16); 13] = [
        (&[json], 200),
        (&[("Content-Type", "application/JSON; charset=utf-8")], 200),
        (&[json, ("Origin", &own)], 200),
        (
            &[json, ("Origin", &own), ("Sec-Fetch-Site", "same-origin")],
            200,
        ),
        (&[], 415),
        (&[("Content-Type", "text/plain")], 415),
        (
            &[("Content-Type", "application/x-www-form-urlencoded")],
            415,
        ),
        (&[("Content-Type", "multipart/form-data; boundary=x")], 415),
        (&[json, ("Origin", "https://evil.example")], 403),
        (&[json, ("Origin", "http://127.0.0.1:1")], 403),
        (&[json, ("Origin", "null")], 403),
        (&[json, ("Sec-Fetch-Site", "cross-site")], 403),
        (&[json, ("Sec-Fetch-Site", "same-site")], 403),
    ];
    for (headers, status) in rows {
        for (path, body) in [
            ("faults", fault),
            ("scripts", r#"{"phone":"254712345678","scenario":"cancel"}"#),
            ("kill-tokens", ""),
            ("reset", ""),
        ] {
            let path = format!("/_sandbox/{path}");
            let reply = send(&url, "POST", &path, headers, body.as_bytes()).await;
            assert_eq!(reply.status(), status, "{path} {headers:?}: {reply:?}");
            if status != 200 {
                let text = reply.json();
                assert!(text["hint"].is_string(), "{text}");
            }
        }
    }
    shop.sandbox.clear_faults();
    let cross = [("Origin", "https://evil.example")];
    let cleared = send(&url, "DELETE", "/_sandbox/faults", &cross, b"").await;
    assert_eq!(cleared.status(), 403);
    let framed = [("Sec-Fetch-Site", "cross-site")];
    for path in ["/_sandbox/", "/_sandbox/requests", "/_sandbox/nothing"] {
        assert_eq!(send(&url, "GET", path, &framed, b"").await.status(), 403);
    }
    let typed = [("Sec-Fetch-Site", "none")];
    assert_eq!(
        send(&url, "GET", "/_sandbox/counters", &typed, b"")
            .await
            .status(),
        200
    );
}

#[tokio::test]
async fn a_name_that_was_rebound_to_this_machine_is_refused() {
    let shop = Shop::open().await;
    let address = shop.sandbox.base_url().replace("http://", "");
    for (host, status) in [
        (address.as_str(), 200),
        ("localhost:8600", 200),
        ("[::1]:8600", 200),
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("10.0.0.1", 403),
    ] {
        let reply = shop.get_from(host, "/_sandbox/requests").await;
        assert_eq!(reply.status(), status, "{host}");
    }
}
