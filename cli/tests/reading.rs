//! `lipia phone` and `lipia callback`: any bytes in, one line of JSON each out.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod support;

use serde_json::Value;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use support::{Run, command, run};

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/vectors")
}

#[tokio::test]
async fn every_phone_of_the_vectors_is_answered_in_order() {
    let text = std::fs::read_to_string(vectors().join("phones.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let cases: Vec<_> = file["cases"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|case| case["input_type"] == "string")
        .collect();
    assert!(cases.len() > 50);
    let inputs: Vec<&str> = cases
        .iter()
        .map(|case| case["input"].as_str().unwrap())
        .collect();
    let run = run(["phone", "--"]
        .iter()
        .copied()
        .chain(inputs.iter().copied()))
    .await;
    assert_eq!(run.status, 0, "{}", run.stderr);
    let lines = run.json();
    assert_eq!(lines.len(), cases.len());
    for (case, line) in cases.iter().zip(&lines) {
        assert_eq!(line["input"], case["input"]);
        assert_eq!(line["normalised"], case["normalised"], "{case}");
        assert_eq!(
            line["error"].is_null(),
            !case["normalised"].is_null(),
            "{line}"
        );
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_phone_number_that_is_no_text_gets_a_code_and_the_others_their_answer() {
    use std::os::unix::ffi::OsStringExt;
    let run = run([
        OsString::from("phone"),
        OsString::from_vec(vec![b'0', 0xff, 0xfe]),
        OsString::from("0712345678"),
    ])
    .await;
    assert_eq!(run.status, 0);
    let lines = run.json();
    assert_eq!(lines[0]["error"], "phone_not_text");
    assert_eq!(lines[1]["normalised"], "254712345678");
}

#[tokio::test]
async fn every_callback_of_the_vectors_comes_out_to_the_last_field() {
    for (gateway, at_least) in [
        ("daraja", 90),
        ("palpluss", 20),
        ("upesipay", 15),
        ("payhero", 5),
    ] {
        callbacks_come_out(gateway, at_least).await;
    }
}

async fn callbacks_come_out(gateway: &str, at_least: usize) {
    let folder = vectors().join("callbacks");
    let text = std::fs::read(folder.join("expected.json")).unwrap();
    let expected: Value = serde_json::from_slice(&text).unwrap();
    let cases: Vec<_> = expected
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, case)| case["provider"] == gateway)
        .collect();
    assert!(cases.len() > at_least, "{gateway}: {}", cases.len());
    let mut arguments = vec![
        OsString::from("callback"),
        "--gateway".into(),
        gateway.into(),
    ];
    arguments.extend(
        cases
            .iter()
            .map(|(name, _)| folder.join(name).into_os_string()),
    );
    let run = run(arguments).await;
    assert_eq!(run.status, 0, "{}", run.stderr);
    let fields = [
        "parses",
        "error",
        "provider",
        "outcome",
        "final",
        "complete",
        "result_code",
        "receipt",
        "amount",
        "amount_cents",
        "phone",
        "date",
        "checkout_request_id",
        "merchant_request_id",
        "reference",
        "warnings",
    ];
    let mut wrong = Vec::new();
    for ((name, case), line) in cases.iter().zip(run.json()) {
        assert!(line["file"].as_str().unwrap().ends_with(name.as_str()));
        for field in fields {
            let wanted = case.get(field).cloned().unwrap_or(Value::Null);
            // What does not parse says nothing, so its warnings are nobody's business.
            if line[field] != wanted && !(field == "warnings" && case["parses"] == false) {
                wrong.push(format!(
                    "{name}: {field} is {}, wanted {wanted}",
                    line[field]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn callback_from_stdin(body: &[u8], arguments: &[&str]) -> Run {
    let mut child = command()
        .arg("callback")
        .args(arguments)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A body that is refused early is not read to its end.
    let _ = child.stdin.take().unwrap().write_all(body);
    Run::of(child.wait_with_output().unwrap())
}

#[test]
fn a_body_of_any_size_and_any_bytes_gets_a_code() {
    let at_the_limit = format!("{{\"a\":\"{}\"}}", "x".repeat(64 * 1024 - 8));
    assert_eq!(at_the_limit.len(), 64 * 1024);
    for (body, code) in [
        (Vec::new(), "empty_body"),
        (b" \r\n".to_vec(), "empty_body"),
        (vec![0xff; 100], "invalid_utf8"),
        (vec![0; 100], "invalid_json"),
        (b"[1]".to_vec(), "not_an_object"),
        (b"{}".to_vec(), "unrecognised_shape"),
        (at_the_limit.clone().into_bytes(), "unrecognised_shape"),
        (format!("{at_the_limit} ").into_bytes(), "too_large"),
        (vec![b'['; 1_000_000], "too_large"),
    ] {
        let run = callback_from_stdin(&body, &[]);
        let line = &run.json()[0];
        assert_eq!(
            (run.status, line["error"].as_str()),
            (0, Some(code)),
            "{} bytes",
            body.len()
        );
        assert_eq!(
            (line["parses"].as_bool(), line["file"].as_str()),
            (Some(false), Some("-"))
        );
    }
}

#[test]
fn auto_tells_the_three_apart_by_their_shape() {
    for (file, provider) in [
        ("p005_cancelled.json", "palpluss"),
        ("u002_gen1_cancelled.json", "upesipay"),
        ("u023_gen2_cancelled.json", "upesipay"),
    ] {
        let body = std::fs::read(vectors().join("callbacks").join(file)).unwrap();
        let line = &callback_from_stdin(&body, &[]).json()[0];
        assert_eq!(
            (line["provider"].as_str(), line["outcome"].as_str()),
            (Some(provider), Some("cancelled")),
            "{file}"
        );
    }
    let body =
        std::fs::read(vectors().join("callbacks/d101_cancelled_1032_documented.json")).unwrap();
    for arguments in [&[][..], &["--gateway", "auto"], &["--gateway", "daraja"]] {
        let line = &callback_from_stdin(&body, arguments).json()[0];
        assert_eq!(line["provider"], "daraja");
        assert_eq!(line["outcome"], "cancelled");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_said_and_the_others_are_answered() {
    let good = vectors().join("callbacks/d101_cancelled_1032_documented.json");
    let run = run([
        OsString::from("callback"),
        "/nowhere/at/all.json".into(),
        good.into_os_string(),
    ])
    .await;
    assert_eq!(run.status, 1);
    assert!(
        run.stderr.contains("/nowhere/at/all.json"),
        "{}",
        run.stderr
    );
    let lines = run.json();
    assert_eq!(lines[0]["error"], "file_unreadable");
    assert_eq!(lines[1]["outcome"], "cancelled");
}

#[tokio::test]
async fn help_tells_the_exit_statuses_and_wrong_arguments_say_what_is_wrong() {
    let help = run(["--help"]).await;
    assert_eq!(help.status, 0);
    for word in [
        "demo",
        "push",
        "query",
        "wait",
        "callback",
        "phone",
        "sandbox",
        "Exit status",
        "MPESA_CONSUMER_KEY",
    ] {
        assert!(help.stdout.contains(word), "{word} is missing");
    }
    for wrong in [
        &["--nonsense"][..],
        &["phone"],
        &["callback"],
        &["push"],
        &["query"],
        &["wait"],
        &["nothing"],
    ] {
        let run = run(wrong).await;
        assert_eq!(run.status, 2, "{wrong:?}");
        assert!(run.stderr.contains("lipia"), "{wrong:?}: {}", run.stderr);
    }
    for timeout in ["0", "-1", "nan", "inf", "1e300", "soon", ""] {
        let run = run(["query", "ws_CO_1", "--timeout", timeout]).await;
        assert_eq!(run.status, 2, "{timeout}");
    }
}
