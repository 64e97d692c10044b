//! `lipia check`: each broken setting is named by its own line, and nobody is prompted.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod support;

use lipia_sandbox::{CONSUMER_KEY, CONSUMER_SECRET, PASS_KEY, SHORT_CODE};
use support::{Books, Folder, Run, command, run_with, sandbox, url_of};

/// The variables of a shop at a sandbox.
fn good(base_url: &str) -> Vec<(&'static str, String)> {
    vec![
        ("MPESA_BASE_URL", base_url.to_owned()),
        ("MPESA_CONSUMER_KEY", CONSUMER_KEY.to_owned()),
        ("MPESA_CONSUMER_SECRET", CONSUMER_SECRET.to_owned()),
        ("MPESA_SHORTCODE", SHORT_CODE.to_owned()),
        ("MPESA_PASSKEY", PASS_KEY.to_owned()),
        ("MPESA_CALLBACK_URL", "https://shop.example/pay".to_owned()),
    ]
}

async fn check(
    variables: &[(&'static str, String)],
    changes: &[(&'static str, Option<&str>)],
    arguments: &[&str],
) -> Run {
    let mut command = command();
    command.args(["check", "--json"]).args(arguments);
    for (name, value) in variables {
        command.env(name, value);
    }
    for (name, value) in changes {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    run_with(&mut command).await
}

/// The parts in this state, in order.
fn parts(run: &Run, state: &str) -> Vec<String> {
    let lines = run.json();
    let named = lines.iter().filter(|line| line["state"] == state);
    named
        .map(|line| line["part"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_shop_that_can_be_paid_has_a_good_line_for_every_part() {
    let sandbox = sandbox().await;
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/check-good.db");
    std::fs::remove_file(file).ok();
    let ledger = format!("sqlite://{file}");
    let variables = good(&url_of(&sandbox, "daraja"));
    let made = run_with(command().args(["payments", "migrate", "--ledger", &ledger])).await;
    assert_eq!(made.status, 0, "{}", made.stderr);
    let run = check(&variables, &[], &["--ledger", &ledger]).await;
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
    let all = [
        "settings",
        "connection",
        "credentials",
        "pass_key",
        "clock",
        "till",
        "callback",
        "ledger",
    ];
    let mut found = parts(&run, "ok");
    // Of a file in a temporary folder, where this project may have been built, its line warns.
    if run.stdout.contains("temporary folder") {
        found.extend(parts(&run, "warning"));
    }
    assert_eq!(found, all, "{}", run.stdout);
    assert!(run.json().iter().all(|line| line["sandbox"] == true));
    let counted = sandbox.counters();
    assert_eq!((counted.prompts, counted.push_attempts), (0, 0));
    sandbox.stop().await;
}

#[tokio::test]
async fn each_broken_setting_is_named_by_its_own_line() {
    let sandbox = sandbox().await;
    let variables = good(&url_of(&sandbox, "daraja"));
    let folder = Folder::new("check-broken");
    let damaged = folder.file("damaged.db");
    std::fs::write(&damaged, [0x5a; 8192]).unwrap();
    let damaged = format!("sqlite://{damaged}");
    let (till, paste) = ("CustomerBuyGoodsOnline", "\"quoted\"");
    for (changes, part, status) in [
        (vec![("MPESA_CONSUMER_SECRET", None)], "credentials", 2),
        (
            vec![("MPESA_CONSUMER_SECRET", Some("another-secret"))],
            "credentials",
            2,
        ),
        (vec![("MPESA_CONSUMER_KEY", Some(paste))], "credentials", 2),
        (
            vec![(
                "MPESA_PASSKEY",
                Some("0f0f279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c91"),
            )],
            "pass_key",
            2,
        ),
        (vec![("MPESA_PASSKEY", Some("two words"))], "pass_key", 2),
        (vec![("MPESA_SHORTCODE", Some("12"))], "till", 2),
        (vec![("MPESA_TRANSACTION_TYPE", Some(till))], "till", 2),
        (
            vec![
                ("MPESA_TILL_NUMBER", Some("5123456")),
                ("MPESA_TRANSACTION_TYPE", Some("CustomerPayBillOnline")),
            ],
            "till",
            2,
        ),
        (
            vec![("MPESA_BASE_URL", Some("http://127.0.0.1:9"))],
            "connection",
            3,
        ),
        (
            vec![("MPESA_BASE_URL", Some("http://api.example"))],
            "connection",
            2,
        ),
        (
            vec![("MPESA_ENVIRONMENT", Some("productoin"))],
            "settings",
            2,
        ),
        (
            vec![("MPESA_CALLBACK_URL", Some("ftp://shop.example/pay"))],
            "callback",
            2,
        ),
        (
            vec![
                ("MPESA_ENVIRONMENT", Some("production")),
                ("MPESA_CALLBACK_URL", Some("https://localhost/pay")),
            ],
            "callback",
            2,
        ),
        (vec![("LIPIA_LEDGER", Some("mysql://db/shop"))], "ledger", 2),
        (vec![("LIPIA_LEDGER", Some(&damaged))], "ledger", 2),
    ] {
        let run = check(&variables, &changes, &["--timeout", "5"]).await;
        assert_eq!(parts(&run, "failed"), [part], "{changes:?}: {}", run.stdout);
        assert_eq!(run.status, status, "{changes:?}: {}", run.stdout);
        let lines = run.json();
        let broken = lines.iter().find(|line| line["state"] == "failed").unwrap();
        assert!(!broken["message"].as_str().unwrap().is_empty(), "{broken}");
        assert!(broken["hint"].is_string(), "what to do is said: {broken}");
        assert!(broken["code"].is_string() || part == "till", "{broken}");
    }
    assert_eq!(sandbox.counters().push_attempts, 0);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_variable_under_another_name_is_pointed_out() {
    let sandbox = sandbox().await;
    let variables = good(&url_of(&sandbox, "daraja"));
    let changes = [
        ("MPESA_CONSUMER_KEY", None),
        ("DARAJA_CONSUMER_KEY", Some("key")),
    ];
    let run = check(&variables, &changes, &[]).await;
    assert!(
        run.stdout.contains("DARAJA_CONSUMER_KEY is set"),
        "{}",
        run.stdout
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn a_ledger_that_is_not_there_is_said_and_not_made() {
    let sandbox = sandbox().await;
    let books = Books::new("check-missing");
    let run = check(
        &good(&url_of(&sandbox, "daraja")),
        &[],
        &["--ledger", &books.url],
    )
    .await;
    assert_eq!(run.status, 0, "{}", run.stdout);
    assert_eq!(parts(&run, "warning"), ["ledger"], "{}", run.stdout);
    assert!(
        books.folder.names().is_empty(),
        "{:?}",
        books.folder.names()
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn a_callback_url_that_cannot_be_reached_is_said() {
    let sandbox = sandbox().await;
    let variables = good(&url_of(&sandbox, "daraja"));
    let elsewhere = format!("{}/nowhere", url_of(&sandbox, "daraja"));
    for url in ["http://127.0.0.1:9/pay", elsewhere.as_str()] {
        let changes = [("MPESA_CALLBACK_URL", Some(url))];
        let by_form = check(&variables, &changes, &[]).await;
        assert_eq!(by_form.status, 0, "{}", by_form.stdout);
        let reached = check(&variables, &changes, &["--reach"]).await;
        assert_eq!(
            parts(&reached, "failed"),
            ["callback"],
            "{}",
            reached.stdout
        );
        assert_eq!(reached.status, 2);
    }
    sandbox.stop().await;
}

#[tokio::test]
async fn every_gateway_is_checked() {
    let sandbox = sandbox().await;
    for gateway in ["palpluss", "upesipay", "payhero"] {
        let url = url_of(&sandbox, gateway);
        let run = check(&[], &[], &["--gateway", gateway, "--base-url", &url]).await;
        assert_eq!(run.status, 0, "{gateway}: {}{}", run.stdout, run.stderr);
        assert_eq!(parts(&run, "failed"), [""; 0], "{gateway}");
        assert!(
            parts(&run, "ok").contains(&"credentials".to_owned()),
            "{}",
            run.stdout
        );
    }
    let url = url_of(&sandbox, "palpluss");
    let wrong = [("PALPLUSS_API_KEY", Some("pp_live_wrong"))];
    let run = check(&[], &wrong, &["--gateway", "palpluss", "--base-url", &url]).await;
    assert_eq!(parts(&run, "failed"), ["credentials"], "{}", run.stdout);
    sandbox.stop().await;
}
