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
    let phone = address["phone_url"].as_str().unwrap();
    assert!(phone.starts_with(&format!("{url}/phone/")), "{phone}");
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

/// The first lines of a stream, until one holds a text.
#[cfg(unix)]
fn read_until(stream: impl std::io::Read, text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for line in BufReader::new(stream).lines() {
        let line = line.unwrap();
        let is_last = line.contains(text);
        lines.push(line);
        if is_last {
            break;
        }
    }
    lines
}

#[cfg(unix)]
#[tokio::test]
async fn the_sandbox_says_what_to_export_and_tells_what_it_does() {
    let mut sandbox = command()
        .args(["sandbox", "--time-scale", "200"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut address = String::new();
    BufReader::new(sandbox.stdout.take().unwrap())
        .read_line(&mut address)
        .unwrap();
    let url = address.trim().to_owned();
    let stderr = sandbox.stderr.take().unwrap();
    let reading = tokio::task::spawn_blocking(move || read_until(stderr, "called back"));
    // What is printed is pasted into a shell, and a program reads its settings from there.
    let pushed = run(push(&url, &["--wait"])).await;
    assert_eq!(pushed.status, 0, "{}{}", pushed.stdout, pushed.stderr);
    let lines = reading.await.unwrap();
    let exports: Vec<_> = lines
        .iter()
        .filter_map(|line| line.trim().strip_prefix("export "))
        .collect();
    for variable in [
        "MPESA_ENVIRONMENT",
        "MPESA_BASE_URL",
        "MPESA_CALLBACK_URL",
        "LIPIA_LEDGER",
        "MPESA_CONSUMER_KEY",
        "MPESA_CONSUMER_SECRET",
        "MPESA_SHORTCODE",
        "MPESA_PASSKEY",
        "PALPLUSS_API_KEY",
        "UPESIPAY_CHANNEL_ID",
        "PAYHERO_BASE_URL",
    ] {
        let set: Vec<_> = exports
            .iter()
            .filter(|export| export.starts_with(&format!("{variable}=")))
            .collect();
        assert_eq!(set.len(), 1, "{variable}: {lines:?}");
    }
    assert!(exports.contains(&format!("MPESA_BASE_URL={url}").as_str()));
    let phone = format!("A phone to look at: {url}/phone/");
    let lines_of_phone: Vec<_> = lines.iter().filter(|line| line.contains(&phone)).collect();
    assert_eq!(lines_of_phone.len(), 1, "{lines:?}");
    for told in [
        "prompted 254712345678 for KES 10",
        "is paid: receipt ",
        ": 200",
    ] {
        assert!(
            lines.iter().any(|line| line.contains(told)),
            "{told}: {lines:?}"
        );
    }
    sandbox.kill().unwrap();
    sandbox.wait().unwrap();
}

#[tokio::test]
async fn the_sandbox_lists_its_phone_numbers() {
    let listed = run(["sandbox", "--numbers", "--json"]).await;
    assert_eq!(listed.status, 0, "{}", listed.stderr);
    let rows = listed.json();
    let row = rows.iter().find(|row| row["name"] == "cancel").unwrap();
    assert_eq!(row["phone"], "0712001032");
    assert!(row["about"].as_str().unwrap().contains("1032"));
    let text = run(["sandbox", "--numbers"]).await;
    assert_eq!(text.stdout.lines().count(), rows.len() + 1);
    assert!(text.stdout.contains("any other"), "{}", text.stdout);
    // Every number that is listed can be pushed to.
    let phones: Vec<_> = rows
        .iter()
        .map(|row| row["phone"].as_str().unwrap())
        .collect();
    let read = run([&["phone"][..], &phones].concat()).await;
    assert!(read.json().iter().all(|line| line["error"].is_null()));
}

#[tokio::test]
async fn a_port_that_is_taken_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let run = run(["sandbox", "--port", &port]).await;
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("could not start"), "{}", run.stderr);
}
