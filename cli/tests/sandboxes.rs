//! A pretend payment is never taken for a real one: a sandbox answers only where it was asked for, and every line says so.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod support;

use support::{Run, command, push, run, run_with, sandbox};

const PUSH: [&str; 7] = [
    "push",
    "--phone",
    "0712345678",
    "--amount",
    "5",
    "--reference",
    "A1",
];

async fn with(arguments: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = command();
    command.args(arguments).envs(variables.iter().copied());
    run_with(&mut command).await
}

/// Every line of stdout is marked.
fn assert_marked(run: &Run, marked: bool) {
    for line in run.json() {
        assert_eq!(line["sandbox"], marked, "{line}");
    }
}

#[tokio::test]
async fn without_credentials_every_command_is_refused() {
    let commands: [&[&str]; 5] = [
        &PUSH,
        &[
            "push",
            "--phone",
            "0712345678",
            "--amount",
            "5",
            "--reference",
            "A1",
            "--wait",
        ],
        &["query", "ws_CO_1"],
        &["wait", "ws_CO_1"],
        &[
            "push",
            "--phone",
            "0712345678",
            "--amount",
            "5",
            "--reference",
            "A1",
            "--gateway",
            "palpluss",
        ],
    ];
    let environments: [&[(&str, &str)]; 5] = [
        &[],
        &[("MPESA_CONSUMER_KEY", ""), ("MPESA_PASSKEY", "  ")],
        &[
            ("DARAJA_CONSUMER_KEY", "key"),
            ("DARAJA_CONSUMER_SECRET", "secret"),
        ],
        &[("MPESA_ENVIRONMENT", "production")],
        &[("MPESA_ENVIRONMENT", "sandbox")],
    ];
    for arguments in commands {
        for variables in environments {
            let mut arguments = arguments.to_vec();
            arguments.push("--json");
            let run = with(&arguments, variables).await;
            let what = format!("{arguments:?} {variables:?}: {}{}", run.stdout, run.stderr);
            assert_eq!(run.status, 2, "{what}");
            assert_eq!(run.error()["code"], "variable_missing", "{what}");
            assert_marked(&run, false);
            assert!(!run.stdout.contains("paid"), "{what}");
        }
    }
}

#[tokio::test]
async fn all_missing_variables_stand_in_one_message_and_near_names_are_noticed() {
    let run = with(
        &[&PUSH[..], &["--json"]].concat(),
        &[("MPESA_CONSUMER_KEY", "key"), ("DARAJA_PASSKEY", "pass")],
    )
    .await;
    assert_eq!(run.status, 2);
    let error = run.error();
    assert_eq!(
        error["message"],
        "The environment variables MPESA_CONSUMER_SECRET, MPESA_SHORTCODE and MPESA_PASSKEY are not set."
    );
    let hint = error["hint"].as_str().unwrap();
    assert!(
        hint.contains("DARAJA_PASSKEY is set; Lipia reads MPESA_PASSKEY."),
        "{hint}"
    );
}

#[tokio::test]
async fn a_sandbox_that_was_asked_for_says_so_in_every_line() {
    for gateway in ["daraja", "palpluss", "upesipay", "payhero"] {
        let started = std::time::Instant::now();
        let arguments = [
            &PUSH[..],
            &["--sandbox", "--wait", "--json", "--gateway", gateway],
        ]
        .concat();
        // Keys and addresses of the environment are not used.
        let run = with(&arguments, &[("MPESA_BASE_URL", "https://api.example")]).await;
        assert_eq!(run.status, 0, "{gateway}: {}{}", run.stdout, run.stderr);
        let lines = run.json();
        assert_eq!(lines.len(), 2, "{}", run.stdout);
        assert_marked(&run, true);
        assert_eq!(lines[1]["paid"], true);
        assert!(lines[1]["receipt"].is_string(), "{}", run.stdout);
        assert!(
            started.elapsed().as_secs() < 20,
            "a customer of the sandbox is quick"
        );
    }
    let refused = with(
        &[&PUSH[..], &["--sandbox", "--json", "--amount", "0.4"]].concat(),
        &[],
    )
    .await;
    assert_eq!(refused.status, 2);
    let bad = [
        "push",
        "--phone",
        "07",
        "--amount",
        "5",
        "--reference",
        "A1",
        "--sandbox",
        "--json",
    ];
    let refused = with(&bad, &[]).await;
    assert_eq!(
        refused.error()["code"]
            .as_str()
            .map(|code| code.starts_with("phone")),
        Some(true)
    );
    assert_marked(&refused, true);
    let text = with(&[&PUSH[..], &["--sandbox", "--wait"]].concat(), &[]).await;
    assert!(text.stderr.contains("This is a sandbox"), "{}", text.stderr);
    for line in text.stdout.lines() {
        assert!(line.starts_with("[sandbox] "), "{line}");
    }
    assert!(text.stdout.contains("Paid. Receipt: "), "{}", text.stdout);
    assert!(!text.stderr.contains('\r'), "a pipe gets lines");
    for command in [
        &["query", "ws_CO_1"][..],
        &["wait", "ws_CO_1", "--timeout", "0.2"],
    ] {
        let asked = with(&[command, &["--sandbox", "--json"]].concat(), &[]).await;
        assert_eq!(asked.status, 5, "{}{}", asked.stdout, asked.stderr);
        assert_marked(&asked, true);
    }
}

#[tokio::test]
async fn production_refuses_a_sandbox() {
    for (name, word) in [
        ("MPESA_ENVIRONMENT", "production"),
        ("MPESA_ENVIRONMENT", "live"),
        ("MPESA_ENV", "production"),
    ] {
        let run = with(
            &[&PUSH[..], &["--sandbox", "--json"]].concat(),
            &[(name, word)],
        )
        .await;
        assert_eq!(run.status, 2, "{}{}", run.stdout, run.stderr);
        assert_eq!(run.error()["code"], "sandbox_in_production");
        assert_eq!(run.error()["disposition"], "not_sent");
    }
    let both = run(push("http://127.0.0.1:9", &["--sandbox"])).await;
    assert_eq!(
        both.status, 2,
        "an address and a sandbox of its own exclude each other"
    );
}

#[tokio::test]
async fn an_address_on_this_machine_goes_with_the_sandboxs_keys_and_is_marked() {
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    let pushed = run(push(&url, &["--wait"])).await;
    assert_eq!(pushed.status, 0, "{}{}", pushed.stdout, pushed.stderr);
    assert_marked(&pushed, true);
    let own = [
        ("MPESA_CONSUMER_KEY", "own-key"),
        ("MPESA_CONSUMER_SECRET", "own-secret"),
        ("MPESA_SHORTCODE", "174379"),
        ("MPESA_PASSKEY", "own-pass-key"),
    ];
    let refused = with(&push(&url, &[]), &own).await;
    assert_eq!(refused.status, 4, "{}{}", refused.stdout, refused.stderr);
    assert_marked(&refused, false);
    assert_eq!(sandbox.counters().prompts, 1);
    // An address that only looks like this machine's gets no keys at all.
    for far in [
        "http://127.0.0.1.example.com",
        "https://localhost.example.com",
    ] {
        let run = run(push(far, &[])).await;
        assert_eq!(
            (run.status, run.error()["code"].as_str()),
            (2, Some("variable_missing"))
        );
    }
    let production = with(&push(&url, &[]), &[("MPESA_ENVIRONMENT", "production")]).await;
    assert_eq!(production.error()["code"], "variable_missing");
    sandbox.stop().await;
}
