//! An answer that names a prompt is never taken for a refusal: at most one prompt, and exit 0 or 5, or as the customer
//! decided.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod support;

use lipia_sandbox::{Fault, FaultKind, Step};
use support::{push, run, sandbox, url_of};

#[tokio::test]
async fn a_whole_acceptance_is_never_a_no_under_any_status() {
    for gateway in ["daraja", "palpluss", "upesipay", "payhero"] {
        let sandbox = sandbox().await;
        let url = url_of(&sandbox, gateway);
        let statuses = [400, 401, 403, 404, 408, 409, 423, 429, 500, 502, 503];
        for (number, status) in statuses.into_iter().enumerate() {
            let fault = Fault::new(Step::Push, FaultKind::WholeAnswerUnderStatus).status(status);
            sandbox.inject(fault.forever()).unwrap();
            let phone = format!("07123456{number:02}");
            let run = run([
                "push",
                "--phone",
                &phone,
                "--amount",
                "10",
                "--reference",
                "INV-1",
                "--base-url",
                &url,
                "--json",
                "--gateway",
                gateway,
            ])
            .await;
            let what = format!("{gateway} {status}: {}{}", run.stdout, run.stderr);
            assert!([0, 5].contains(&run.status), "{what}");
            assert_eq!(sandbox.counters().prompts, number as u64 + 1, "{what}");
            sandbox.clear_faults();
        }
        sandbox.stop().await;
    }
}

#[tokio::test]
async fn a_refusal_that_names_its_prompt_is_not_believed() {
    for kind in [
        FaultKind::BusyNamesPrompt,
        FaultKind::TokenRefusedNamesPrompt,
        FaultKind::ResponseCodeOdd,
        FaultKind::LateAnswer,
        FaultKind::AnswerTwice,
    ] {
        let sandbox = sandbox().await;
        let url = sandbox.base_url();
        sandbox
            .inject(Fault::new(Step::Push, kind).forever())
            .unwrap();
        let pushed = run(push(&url, &[])).await;
        assert!(
            [0, 5].contains(&pushed.status),
            "{kind:?}: {}{}",
            pushed.stdout,
            pushed.stderr
        );
        assert_eq!(sandbox.counters().prompts, 1, "{kind:?}");
        sandbox.stop().await;
    }
}

#[tokio::test]
async fn what_a_callback_says_during_the_pause_wins_over_a_second_prompt() {
    for (phone, status) in [("0712009005", 0), ("0712009018", 6)] {
        for kind in [
            FaultKind::SystemBusy,
            FaultKind::TooManyRequests,
            FaultKind::InvalidToken404,
        ] {
            let sandbox = sandbox().await;
            let url = sandbox.base_url();
            let fault = Fault::new(Step::Push, kind).after_acting(true);
            sandbox.inject(fault).unwrap();
            let pushed = run([
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
                "--timeout",
                "20",
                "--query-every",
                "0.1",
            ])
            .await;
            let what = format!("{phone} {kind:?}: {}{}", pushed.stdout, pushed.stderr);
            assert_eq!(sandbox.counters().prompts, 1, "{what}");
            assert_eq!(pushed.status, status, "{what}");
            sandbox.stop().await;
        }
    }
}

#[tokio::test]
async fn an_echo_prints_no_secret() {
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    for step in [Step::Oauth, Step::Push] {
        sandbox.inject(Fault::new(step, FaultKind::Echo)).unwrap();
        for json in [true, false] {
            let mut arguments = push(&url, &[]);
            arguments.retain(|argument| json || *argument != "--json");
            let run = run(&arguments).await;
            let said = format!("{}{}", run.stdout, run.stderr);
            let token = sandbox.requests().iter().rev().find_map(|request| {
                request
                    .headers
                    .get("authorization")
                    .map(|value| value.split(' ').nth(1).unwrap().to_owned())
            });
            for secret in [
                token.unwrap().as_str(),
                lipia_sandbox::PASS_KEY,
                "/callback/",
            ] {
                assert!(!said.contains(secret), "{secret}: {said}");
            }
        }
    }
    sandbox.stop().await;
}
