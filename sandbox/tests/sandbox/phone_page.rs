//! The page with the phone over HTTP: who gets in, what it shows, and what a person does there.

use lipia_sandbox::{Fault, FaultKind, Sandbox, SandboxOptions, Step};
use serde_json::{Value, json};

use crate::life::tasks;
use crate::support::{PUSH, Reply, Shop, send, until};

const JSON: (&str, &str) = ("Content-Type", "application/json");
const PHONE: &str = "254712345678";

/// The path of the page, with its token.
fn home(sandbox: &Sandbox) -> String {
    sandbox.phone_url().replace(&sandbox.base_url(), "")
}

async fn get(shop: &Shop, path: &str) -> Reply {
    shop.get(&format!("{}{path}", home(&shop.sandbox))).await
}

async fn post(shop: &Shop, path: &str, body: Value) -> Reply {
    let path = format!("{}{path}", home(&shop.sandbox));
    let body = body.to_string();
    let url = shop.sandbox.base_url();
    send(&url, "POST", &path, &[JSON], body.as_bytes()).await
}

async fn hold(shop: &Shop, phone: &str, held: bool) {
    let reply = post(shop, "hold", json!({ "phone": phone, "held": held })).await;
    assert_eq!(reply.status(), 200, "{reply:?}");
}

/// What the page shows now.
async fn state(shop: &Shop) -> Value {
    get(shop, "events").await.json()
}

#[tokio::test]
async fn the_page_is_found_by_its_whole_address_alone() {
    let shop = Shop::open().await;
    let path = home(&shop.sandbox);
    let token = path.trim_start_matches("/phone/").trim_end_matches('/');
    assert_eq!(token.len(), 32, "128 bits in hexadecimal digits: {path}");
    assert!(token.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert!(!format!("{:?}", shop.sandbox).contains(token));
    let other = Sandbox::start(SandboxOptions::default()).await.unwrap();
    assert_ne!(home(&other), path);

    let reply = shop.get(&path).await;
    assert_eq!(reply.status(), 200);
    assert!(reply.text().contains("<!doctype html>"));
    let bare = shop.get(path.trim_end_matches('/')).await;
    assert_eq!(bare.header("location"), Some(path.clone()));
    let wrong = format!("/phone/{}", "0".repeat(32));
    for near in [
        "/phone",
        "/phone/",
        &format!("{wrong}/"),
        &format!("{wrong}/events"),
        &format!("{wrong}/phone.js"),
        &path.to_uppercase(),
        &home(&other),
    ] {
        let reply = shop.get(near).await;
        let text = String::from_utf8(reply.body()).unwrap();
        assert_eq!(reply.status(), 404, "{near}: {text}");
        assert!(!text.contains(token));
        if near.starts_with("/phone") {
            assert!(text.contains("the address that the sandbox printed"));
        }
    }
    let body = br#"{"phone":"254712345678","held":true}"#;
    let url = shop.sandbox.base_url();
    let posted = send(&url, "POST", &format!("{wrong}/hold"), &[JSON], body).await;
    assert_eq!(posted.status(), 404, "{posted:?}");
    shop.accepted(PHONE).await;
    assert_eq!(shop.sandbox.payments()[0].scenario, "pay");
    other.stop().await;
}

#[tokio::test]
async fn the_page_may_load_its_own_files_and_nothing_else() {
    let shop = Shop::open().await;
    for (path, content_type) in [
        ("", "text/html; charset=utf-8"),
        ("phone.css", "text/css; charset=utf-8"),
        ("phone.js", "text/javascript; charset=utf-8"),
        ("phone.svg", "image/svg+xml"),
        ("events", "application/json"),
        ("faults", "application/json"),
    ] {
        let reply = get(&shop, path).await;
        assert_eq!(reply.status(), 200, "{path}");
        assert_eq!(reply.header("content-type").as_deref(), Some(content_type));
        let policy = reply.header("content-security-policy").unwrap();
        for part in [
            "default-src 'none'",
            "script-src 'self';",
            "style-src 'self';",
            "connect-src 'self';",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{part}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("http"));
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(reply.header(name).as_deref(), Some(value), "{path}");
        }
    }
    let (page, script) = (
        get(&shop, "").await.text(),
        get(&shop, "phone.js").await.text(),
    );
    assert!(!page.contains("style=") && !page.contains("<style"));
    let handlers = page
        .split_whitespace()
        .filter(|word| word.starts_with("on") && word.contains('='));
    assert_eq!(handlers.count(), 0);
    assert_eq!(page.matches("<script").count(), 1);
    for forbidden in [
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval(",
        "Storage",
        "cookie",
    ] {
        assert!(!script.contains(forbidden), "{forbidden}");
    }
}

#[tokio::test]
async fn no_other_page_reads_or_drives_the_phone() {
    let shop = Shop::open().await;
    let url = shop.sandbox.base_url();
    let home = home(&shop.sandbox);
    let own = url.clone();
    let id = shop.accepted("254712009000").await;
    let act = format!("payments/{id}/act");
    let changes = [
        ("hold", r#"{"phone":"254712345678","held":true}"#),
        ("faults", r#"{"step":"push","kind":"answer_lost"}"#),
        ("clear-faults", "{}"),
        (act.as_str(), r#"{"do":"pay"}"#),
    ];
    let foreign: [&[(&str, &str)]; 5] = [
        &[JSON, ("Origin", "https://shop.example")],
        &[JSON, ("Origin", "null")],
        &[JSON, ("Origin", "http://127.0.0.1:1")],
        &[JSON, ("Sec-Fetch-Site", "cross-site")],
        &[("Content-Type", "text/plain")],
    ];
    for (path, body) in changes {
        let path = format!("{home}{path}");
        for headers in foreign {
            let reply = send(&url, "POST", &path, headers, body.as_bytes()).await;
            let status = reply.status();
            assert!(status == 403 || status == 415, "{path} {headers:?}");
        }
        for method in ["PUT", "DELETE", "HEAD", "GET"] {
            let reply = send(&url, method, &path, &[JSON], body.as_bytes()).await;
            let reads = path.ends_with("/faults") && matches!(method, "GET" | "HEAD");
            assert_eq!(
                reply.status(),
                if reads { 200 } else { 405 },
                "{method} {path}"
            );
        }
    }
    assert_eq!(state(&shop).await["faults"], json!([]));
    assert_eq!(state(&shop).await["payments"][0]["state"], "open");
    for path in ["", "events", "faults", "phone.js"] {
        let path = format!("{home}{path}");
        for headers in [
            ("Sec-Fetch-Site", "cross-site"),
            ("Origin", "https://shop.example"),
        ] {
            let reply = send(&url, "GET", &path, &[headers], b"").await;
            assert_eq!(reply.status(), 403, "{path}");
        }
        // The name of another host that leads here.
        let rebound = shop.get_from("shop.example:80", &path).await;
        assert_eq!(rebound.status(), 403, "{path}");
    }
    for (path, body) in changes {
        let headers = [
            JSON,
            ("Origin", own.as_str()),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        let path = format!("{home}{path}");
        let reply = send(&url, "POST", &path, &headers, body.as_bytes()).await;
        assert_eq!(reply.status(), 200, "{path}: {reply:?}");
    }
}

#[tokio::test]
async fn a_phone_that_a_person_holds_waits_for_that_person() {
    let shop = Shop::open().await;
    let cancels = "254712001032";
    hold(&shop, "0712001032", true).await;
    let id = shop.accepted(cancels).await;
    // A minute of the sandbox passes: another phone's prompt expires meanwhile.
    shop.accepted("254712001019").await;
    assert_eq!(shop.callback().await["ResultCode"], 1019);
    let held = &state(&shop).await["payments"][0];
    assert_eq!(
        (&held["scenario"], &held["state"]),
        (&json!("held"), &json!("open"))
    );
    let left = held["seconds_left"].as_f64().unwrap();
    assert!(left > 0.0 && left <= 60.0, "{left}");
    // As on a real phone, a second prompt finds it busy.
    assert_eq!(shop.push(cancels).await.status(), 500);
    let act = post(&shop, &format!("payments/{id}/act"), json!({ "do": "pay" })).await;
    assert_eq!(act.status(), 200, "{act:?}");
    until("it is paid", || shop.callbacks().len() == 2).await;
    assert_eq!(shop.callbacks()[1]["ResultCode"], 0);
    let paid = &state(&shop).await["payments"][0];
    assert_eq!(paid["state"], "paid");
    assert!(paid["seconds_left"].is_null());
    assert!(paid["settled_at"].as_str().unwrap().contains(" at "));

    hold(&shop, cancels, false).await;
    shop.accepted(cancels).await;
    until("it is cancelled", || shop.callbacks().len() == 3).await;
    assert_eq!(shop.callbacks()[2]["ResultCode"], 1032);
    hold(&shop, cancels, true).await;
    shop.sandbox.reset();
    let token = shop.new_token().await;
    assert!(!token.is_empty());
    for body in [
        json!({ "phone": "12", "held": true }),
        json!({ "phone": PHONE }),
        json!({ "phone": PHONE, "held": true, "pin": "1234" }),
    ] {
        let reply = post(&shop, "hold", body).await;
        assert_eq!(reply.status(), 400, "{reply:?}");
        assert!(reply.json()["hint"].is_string());
    }
}

#[tokio::test]
async fn a_prompt_that_nobody_answers_ends_in_real_time() {
    let shop = Shop::with(SandboxOptions::default().held_prompt_seconds(0.05)).await;
    hold(&shop, PHONE, true).await;
    shop.accepted(PHONE).await;
    assert_eq!(shop.callback().await["ResultCode"], 1037);
    for seconds in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let options = SandboxOptions::default().held_prompt_seconds(seconds);
        assert!(Sandbox::start(options).await.is_err(), "{seconds}");
    }
}

#[tokio::test]
async fn the_page_is_told_of_every_change() {
    let shop = Shop::open().await;
    hold(&shop, PHONE, true).await;
    let after = |state: &Value| format!("events?after={}", state["version"]);
    let before = state(&shop).await;
    assert_eq!(before["payments"], json!([]));
    // The page waits first; what it waits for comes then.
    let next = after(&before);
    let (told, id) = tokio::join!(get(&shop, &next), shop.accepted(PHONE));
    let mut told = told.json();
    while told["payments"][0]["checkout_request_id"] != id.as_str() {
        told = get(&shop, &after(&told)).await.json();
    }
    shop.sandbox
        .act(&id, lipia_sandbox::Ending::Cancel)
        .unwrap();
    let mut lines = Vec::new();
    while !lines.contains(&"called_back".to_owned()) {
        told = get(&shop, &after(&told)).await.json();
        let all = told["lines"].as_array().unwrap().iter();
        lines = all
            .map(|line| line["event"].as_str().unwrap().to_owned())
            .collect();
    }
    let settled = lines.iter().position(|event| event == "settled").unwrap();
    let called = lines
        .iter()
        .position(|event| event == "called_back")
        .unwrap();
    assert!(settled < called, "{lines:?}");
    let fault = Fault::new(Step::Push, FaultKind::AnswerLost);
    shop.sandbox.inject(fault).unwrap();
    let told = get(&shop, &after(&told)).await.json();
    assert_eq!(told["faults"][0]["kind"], "answer_lost");
    assert_eq!(post(&shop, "clear-faults", json!({})).await.status(), 200);
    let told = get(&shop, &after(&told)).await.json();
    assert_eq!(told["faults"], json!([]));
    shop.sandbox.reset();
    let told = get(&shop, &after(&told)).await.json();
    assert_eq!(
        (&told["lines"], &told["payments"]),
        (&json!([]), &json!([]))
    );
}

#[tokio::test]
async fn requests_are_shown_with_their_answers_and_faults() {
    let shop = Shop::open().await;
    shop.accepted(PHONE).await;
    let fault = Fault::new(Step::Push, FaultKind::AnswerLost);
    shop.sandbox.inject(fault).unwrap();
    let lost = shop.push("254722345678").await;
    assert_eq!(lost.raw, b"");
    let mut body = shop.push_body(PHONE);
    body["Amount"] = json!(0);
    shop.post(PUSH, &body).await;
    shop.get("/nothing").await;
    let requests = shop.sandbox.requests();
    let seen: Vec<_> = requests
        .iter()
        .map(|request| (request.status, request.fault))
        .collect();
    let expected = [
        (Some(200), None),
        (Some(200), None),
        (None, Some("answer_lost")),
        (Some(400), None),
        (Some(404), None),
    ];
    assert_eq!(seen, expected);
    let state = state(&shop).await;
    let lines = state["lines"].as_array().unwrap();
    let pushes: Vec<_> = lines.iter().filter(|line| line["step"] == "push").collect();
    assert_eq!(pushes.len(), 3);
    assert_eq!(
        (&pushes[1]["status"], &pushes[1]["fault"]),
        (&Value::Null, &json!("answer_lost"))
    );
    // The page's own requests are not a shop's.
    assert_eq!(shop.sandbox.requests().len(), expected.len());
}

#[tokio::test]
async fn what_a_shop_sends_is_data() {
    let shop = Shop::open().await;
    let hostile = "</script><img src=x onerror=alert(1)>\u{2028}\"";
    let mut body = shop.push_body("254712009000");
    body["AccountReference"] = json!(hostile);
    assert_eq!(shop.post(PUSH, &body).await.status(), 200);
    let reply = get(&shop, "events").await;
    assert_eq!(
        reply.header("content-type").as_deref(),
        Some("application/json")
    );
    assert_eq!(reply.json()["payments"][0]["reference"], hostile);
}

#[tokio::test]
async fn a_waiting_page_ends_with_the_sandbox() {
    let shop = Shop::open().await;
    let version = state(&shop).await["version"].clone();
    let (url, path) = (shop.sandbox.base_url(), home(&shop.sandbox));
    let path = format!("{path}events?after={version}");
    let before = tasks();
    let waiting = tokio::spawn(async move { send(&url, "GET", &path, &[], b"").await });
    // Its own task, and that of its connection.
    until("the page waits", || tasks() >= before + 2).await;
    shop.sandbox.stop().await;
    assert_eq!(waiting.await.unwrap().raw, b"");
}

#[tokio::test]
async fn a_page_gets_the_last_of_a_long_day() {
    let shop = Shop::open().await;
    for _ in 0..90 {
        shop.oauth("wrong", "keys").await;
    }
    let state = state(&shop).await;
    let lines = state["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 80);
    assert_eq!(lines[79]["status"], 400);
}
