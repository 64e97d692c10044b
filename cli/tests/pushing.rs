//! `lipia push`, `query`, `wait`: what reaches the gateway, what is printed, and the exit status.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod support;

#[path = "../../core/tests/support/elsewhere.rs"]
mod elsewhere;

use elsewhere::sandbox_elsewhere;
use lipia_sandbox::{Ending, Fault, FaultKind, SandboxOptions, Scenario, Step};
use serde_json::Value;
use support::{Folder, command, push, run, run_with, sandbox, url_of};

#[tokio::test]
async fn a_push_is_accepted_and_its_acceptance_can_be_asked_about() {
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    let pushed = run(push(&url, &["--description", "Coffee"])).await;
    assert_eq!(pushed.status, 0, "{}{}", pushed.stdout, pushed.stderr);
    let acceptance = &pushed.json()[0];
    let payment = sandbox.payments().pop().unwrap();
    assert_eq!(
        acceptance["checkout_request_id"],
        payment.checkout_request_id
    );
    assert_eq!(
        (payment.amount, payment.phone.as_str()),
        (10, "254712345678")
    );
    assert_eq!(payment.description.as_deref(), Some("Coffee"));
    let waited = run([
        "wait",
        &payment.checkout_request_id,
        "--base-url",
        &url,
        "--json",
        "--query-every",
        "0.05",
    ])
    .await;
    assert_eq!(waited.status, 0, "{}{}", waited.stdout, waited.stderr);
    let asked = run([
        "query",
        &payment.checkout_request_id,
        "--base-url",
        &url,
        "--json",
    ])
    .await;
    assert_eq!(
        (asked.status, asked.json()[0]["outcome"].as_str()),
        (0, Some("success"))
    );
    assert_eq!(asked.json()[0]["final"], true);
    sandbox.stop().await;
}

#[tokio::test]
async fn the_log_goes_to_stderr_where_the_environment_asks_for_it() {
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    let customers = std::cell::Cell::new(0);
    let pushed = async |asked: &str| {
        // Each push has a customer of its own: one who has an open prompt gets no second one.
        customers.set(customers.get() + 1);
        let mut command = command();
        let phone = format!("07120000{:02}", customers.get());
        let mut arguments = push(&url, &[]);
        arguments[2] = &phone;
        command.args(arguments).env("LIPIA_LOG", asked);
        let pushed = run_with(&mut command).await;
        assert_eq!((pushed.status, pushed.json().len()), (0, 1), "{pushed:?}");
        pushed.stderr
    };
    let accepted = "lipia: info: the push was accepted payment_id=";
    for quiet in ["off", "error", "warn", ""] {
        assert!(!pushed(quiet).await.contains("lipia: info:"), "{quiet}");
    }
    let said = pushed("INFO").await;
    assert!(
        said.contains(accepted) && !said.contains("lipia: debug:"),
        "{said}"
    );
    let said = pushed("debug").await;
    assert!(
        said.contains(accepted) && said.contains("lipia: debug:"),
        "{said}"
    );
    let said = pushed("verbose").await;
    assert!(
        said.contains(accepted) && said.contains("LIPIA_LOG is not one of off, error"),
        "{said}"
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn with_wait_the_outcome_follows_and_decides_the_exit_status() {
    for (phone, status, outcome) in [
        ("0712345678", 0, "success"),
        ("0712341032", 6, "cancelled"),
        ("0712348001", 6, "insufficient_funds"),
        ("0712342001", 6, "wrong_pin"),
        ("254708374149", 6, "timeout"),
    ] {
        let sandbox = sandbox().await;
        let url = sandbox.base_url();
        let arguments = [
            "push",
            "--phone",
            phone,
            "--amount",
            "10",
            "--reference",
            "INV-1",
            "--base-url",
            &url,
            "--json",
            "--wait",
        ];
        let run = run(arguments).await;
        assert_eq!(run.status, status, "{phone}: {}{}", run.stdout, run.stderr);
        let lines = run.json();
        assert_eq!(lines[0]["accepted"], true);
        assert_eq!(lines[1]["outcome"], outcome, "{phone}");
        assert_eq!(lines[1]["paid"], status == 0);
        if status == 0 {
            assert_eq!(
                lines[1]["receipt"].as_str(),
                sandbox.payments()[0].receipt.as_deref()
            );
        }
        sandbox.stop().await;
    }
}

/// What each fault at the push means: OAuth calls, push attempts, prompts, exit status.
#[tokio::test]
async fn every_fault_ends_in_the_status_that_the_contract_names() {
    let push_fault = |kind| Fault::new(Step::Push, kind);
    for (name, fault, wanted) in [
        (
            "lost after acceptance",
            push_fault(FaultKind::AnswerLost),
            (1, 1, 1, 5),
        ),
        (
            "cut in the middle",
            push_fault(FaultKind::AnswerCut),
            (1, 1, 1, 5),
        ),
        (
            "token refused",
            push_fault(FaultKind::InvalidToken404),
            (2, 2, 1, 0),
        ),
        (
            "busy twice",
            push_fault(FaultKind::SystemBusy).times(2),
            (1, 3, 1, 0),
        ),
        (
            "503 in HTML",
            push_fault(FaultKind::UnavailableHtml),
            (1, 1, 0, 5),
        ),
        (
            "503 in HTML, prompted",
            push_fault(FaultKind::UnavailableHtml).after_acting(true),
            (1, 1, 1, 5),
        ),
        (
            "internal error",
            push_fault(FaultKind::InternalError),
            (1, 1, 0, 5),
        ),
        ("empty 200", push_fault(FaultKind::Empty200), (1, 1, 0, 5)),
        (
            "half an answer",
            push_fault(FaultKind::TruncatedJson),
            (1, 1, 1, 5),
        ),
        (
            "dead keys",
            Fault::new(Step::Oauth, FaultKind::Empty400),
            (1, 0, 0, 4),
        ),
        (
            "wrong keys",
            Fault::new(Step::Oauth, FaultKind::InvalidCredentials),
            (1, 0, 0, 4),
        ),
    ] {
        let sandbox = sandbox().await;
        sandbox.inject(fault).unwrap();
        let url = sandbox.base_url();
        let run = run(push(&url, &[])).await;
        let counters = sandbox.counters();
        let seen = (
            counters.oauth_calls,
            counters.push_attempts,
            counters.prompts,
            run.status,
        );
        assert_eq!(seen, wanted, "{name}: {}{}", run.stdout, run.stderr);
        let disposition = run.error()["disposition"].clone();
        let named = match run.status {
            5 => Value::from("unknown"),
            4 => Value::from("rejected"),
            _ => Value::Null,
        };
        assert_eq!(disposition, named, "{name}");
        sandbox.stop().await;
    }
}

#[tokio::test]
async fn nothing_listening_is_not_sent() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let url = format!("http://127.0.0.1:{port}");
    let run = run(push(&url, &[])).await;
    assert_eq!(run.status, 3, "{}{}", run.stdout, run.stderr);
    assert_eq!(run.error()["disposition"], "not_sent");
    assert_eq!(run.error()["retryable"], true);
}

#[tokio::test]
async fn bad_input_is_refused_before_anything_is_sent_and_says_which_field() {
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    for (name, value, field) in [
        ("--phone", "0712345678x", "phone_number"),
        ("--phone", "+1 202 555 0123", "phone_number"),
        ("--phone", "", "phone_number"),
        ("--amount", "0.4", "amount"),
        ("--amount", "-5", "amount"),
        ("--amount", "250001", "amount"),
        ("--amount", "ten", "amount"),
        ("--reference", "INVOICE-00001", "account_reference"),
        ("--reference", "", "account_reference"),
        ("--description", "a long description", "transaction_desc"),
        ("--callback-url", "not a url", "callback_url"),
        ("--transaction-type", "Gift", "transaction_type"),
        ("--party-b", "12", "party_b"),
    ] {
        let mut arguments = vec![
            "push".to_owned(),
            "--base-url".into(),
            url.clone(),
            "--json".into(),
        ];
        for (usual, text) in [
            ("--phone", "0712345678"),
            ("--amount", "10"),
            ("--reference", "INV-1"),
        ] {
            if usual != name {
                arguments.extend([usual.to_owned(), text.to_owned()]);
            }
        }
        arguments.extend([name.to_owned(), value.to_owned()]);
        let run = run(arguments).await;
        assert_eq!(
            run.status, 2,
            "{name} {value}: {}{}",
            run.stdout, run.stderr
        );
        let error = run.error();
        assert_eq!(error["field"], field, "{name} {value}: {error}");
        assert_eq!(error["disposition"], "not_sent");
        assert!(
            error["hint"].as_str().is_some_and(|hint| !hint.is_empty()),
            "{name} {value}: {error}"
        );
    }
    assert_eq!(sandbox.counters().push_attempts, 0);
    sandbox.stop().await;
}

#[tokio::test]
async fn keys_never_travel_in_the_clear() {
    let run = run(push("http://api.safaricom.co.ke", &[])).await;
    assert_eq!(run.status, 2);
    let run = run_with(
        command()
            .args(push("http://example.com", &[]))
            .env("MPESA_CONSUMER_KEY", "k")
            .env("MPESA_CONSUMER_SECRET", "s")
            .env("MPESA_SHORTCODE", "174379")
            .env("MPESA_PASSKEY", "p")
            .env("MPESA_CALLBACK_URL", "https://shop.example.com/pay"),
    )
    .await;
    assert_eq!(
        (run.status, run.error()["code"].as_str()),
        (2, Some("base_url_not_https"))
    );
}

#[tokio::test]
async fn a_sandbox_at_a_cleartext_host_is_pushed_to_with_its_own_keys_alone() {
    let options = SandboxOptions::default().time_scale(200.0);
    let Some((sandbox, address)) = sandbox_elsewhere(options).await else {
        return;
    };
    let host = address.to_string();
    let gateways = ["daraja", "palpluss", "upesipay", "payhero"];
    for (number, gateway) in gateways.into_iter().enumerate() {
        let url = url_of(&sandbox, gateway);
        let phone = format!("07120000{number:02}");
        let pushed = async |hosts: Option<&str>, key: Option<&str>| {
            let shop = [
                "--callback-url",
                "http://127.0.0.1:9/pay",
                "--gateway",
                gateway,
            ];
            let mut arguments = push(&url, &shop);
            arguments[2] = &phone;
            let mut command = command();
            command.args(arguments);
            if let Some(hosts) = hosts {
                command.env("LIPIA_CLEARTEXT_HOSTS", hosts);
            }
            if let Some(key) = key {
                command.env("PALPLUSS_API_KEY", key);
            }
            run_with(&mut command).await
        };
        let run = pushed(Some(&format!("sandbox, {host}")), None).await;
        assert_eq!(run.status, 0, "{gateway}: {}{}", run.stdout, run.stderr);
        assert_eq!(run.json()[0]["sandbox"], true, "{gateway}");
        let run = pushed(Some(&format!("http://{host}")), None).await;
        let code = run.error()["code"].clone();
        assert_eq!(
            (run.status, code.as_str()),
            (2, Some("cleartext_host_unreadable"))
        );
        if gateway == "palpluss" {
            let run = pushed(Some(&host), Some("pp_live_0123456789")).await;
            let code = run.error()["code"].clone();
            assert_eq!((run.status, code.as_str()), (2, Some("cleartext_keys")));
            assert!(!run.stdout.contains("0123456789") && !run.stderr.contains("0123456789"));
            let run = pushed(None, Some("pp_live_sandbox")).await;
            let code = run.error()["code"].clone();
            assert_eq!((run.status, code.as_str()), (2, Some("base_url_not_https")));
        }
    }
    assert_eq!(sandbox.counters().prompts, 4);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_lost_answer_is_paid_by_its_callback_and_prompts_once() {
    let sandbox = sandbox().await;
    sandbox
        .inject(Fault::new(Step::Push, FaultKind::AnswerLost))
        .unwrap();
    let url = sandbox.base_url();
    let run = run(push(&url, &["--wait", "--timeout", "20"])).await;
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
    assert_eq!(run.json()[0]["outcome"], "success");
    assert_eq!(sandbox.counters().prompts, 1);
    sandbox.stop().await;
}

#[tokio::test]
async fn an_open_payment_ends_as_unknown_and_another_process_finds_its_outcome() {
    let sandbox = sandbox().await;
    sandbox.script_phone("254712345678", Scenario::Manual);
    let url = sandbox.base_url();
    let folder = Folder::new("pushing");
    let ledger = format!("sqlite://{}", folder.file("payments.db"));
    let first = run(push(
        &url,
        &[
            "--wait",
            "--timeout",
            "0.3",
            "--query-every",
            "0.05",
            "--ledger",
            &ledger,
        ],
    ))
    .await;
    assert_eq!(first.status, 5, "{}{}", first.stdout, first.stderr);
    assert_eq!(first.json()[1]["outcome"], "pending");
    let payment = first.json()[0]["payment_id"].as_str().unwrap().to_owned();

    let id = sandbox.payments()[0].checkout_request_id.clone();
    sandbox.act(&id, Ending::Pay).unwrap();
    let second = run([
        "wait",
        "--payment",
        &payment,
        "--ledger",
        &ledger,
        "--base-url",
        &url,
        "--json",
        "--timeout",
        "20",
        "--query-every",
        "0.05",
    ])
    .await;
    assert_eq!(second.status, 0, "{}{}", second.stdout, second.stderr);
    assert_eq!(second.json()[0]["paid"], true);
    assert_eq!(sandbox.counters().prompts, 1);
    sandbox.stop().await;
}
