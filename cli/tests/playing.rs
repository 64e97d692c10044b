//! `lipia demo` and `lipia sandbox`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod support;

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use support::{command, push, run};

#[tokio::test]
async fn the_demo_ends_paid_twice_and_prompts_once_for_each_sale() {
    let run = run(["demo", "--time-scale", "500"]).await;
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
    assert_eq!(
        run.stdout.matches("outcome = success, receipt ").count(),
        2,
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("disposition = unknown"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("prompted 1 time;"), "{}", run.stdout);
    let secrets = [
        "sandbox-secret",
        "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919",
    ];
    assert!(
        secrets.iter().all(|secret| !run.stdout.contains(secret)),
        "a secret was told"
    );
    assert!(!run.stdout.contains('\u{1b}'), "a pipe gets no colours");
}

#[cfg(unix)]
#[tokio::test]
async fn the_sandbox_prints_its_address_takes_a_push_and_ends_when_asked() {
    let mut sandbox = command()
        .args(["sandbox", "--time-scale", "200", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(sandbox.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address: serde_json::Value = serde_json::from_str(&line).unwrap();
    let url = address["base_url"].as_str().unwrap();
    let pushed = run(push(url, &["--wait"])).await;
    assert_eq!(pushed.status, 0, "{}{}", pushed.stdout, pushed.stderr);
    let asked_to_end = std::process::Command::new("kill")
        .args(["-TERM", &sandbox.id().to_string()])
        .status()
        .unwrap();
    assert!(asked_to_end.success());
    let ended = tokio::task::spawn_blocking(move || sandbox.wait())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(ended.code(), Some(0));
}

#[tokio::test]
async fn a_port_that_is_taken_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let run = run(["sandbox", "--port", &port]).await;
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("could not start"), "{}", run.stderr);
}
