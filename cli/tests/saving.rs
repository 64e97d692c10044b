//! `push --save` and `wait --payment`: what stands in the file, who may write to it, and what is said where it fails.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod support;

use lipia::payment::PaymentState;
use lipia::{Daraja, Payment};
use lipia_sandbox::{Ending, Fault, FaultKind, Sandbox, Scenario, Step};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Stdio;
use support::{Folder, command, push, run, run_with, sandbox, until};

fn stored(file: &str) -> Payment {
    Payment::from_json(&std::fs::read_to_string(file).unwrap()).unwrap()
}

async fn wait(sandbox: &Sandbox, file: &str, timeout: &str) -> support::Run {
    let url = sandbox.base_url();
    run([
        "wait",
        "--payment",
        file,
        "--base-url",
        &url,
        "--json",
        "--timeout",
        timeout,
        "--query-every",
        "0.05",
    ])
    .await
}

#[tokio::test]
async fn a_payment_that_was_sent_is_never_written_over() {
    let folder = Folder::new("sent");
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    let file = folder.file("payment.json");
    sandbox
        .inject(Fault::new(Step::Push, FaultKind::AnswerLost))
        .unwrap();
    sandbox.script_phone("254712345678", Scenario::Manual);
    let lost = run(push(&url, &["--save", &file])).await;
    assert_eq!(lost.status, 5, "{}{}", lost.stdout, lost.stderr);
    assert_eq!(stored(&file).state(), PaymentState::Unknown);
    let before = std::fs::read(&file).unwrap();
    for more in [&[][..], &["--wait"], &["--phone", "0712345679"]] {
        let mut arguments = push(&url, &["--save", &file]);
        arguments.extend_from_slice(more);
        if more.len() == 2 {
            // The phone is another one: the first is taken out.
            arguments.drain(1..3);
        }
        let again = run(&arguments).await;
        assert_eq!(again.status, 2, "{}{}", again.stdout, again.stderr);
        assert_eq!(again.error()["code"], "payment_already_sent");
        assert_eq!(again.error()["payment_id"], stored(&file).id().as_str());
        assert!(
            again.error()["hint"]
                .as_str()
                .unwrap()
                .contains("lipia wait --payment")
        );
    }
    assert_eq!(sandbox.counters().push_attempts, 1);
    assert_eq!(std::fs::read(&file).unwrap(), before);
    assert_eq!(
        folder.names(),
        ["payment.json"],
        "nothing is left beside it"
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn only_the_same_ask_takes_up_a_payment_that_was_not_sent() {
    let folder = Folder::new("reserved");
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    let file = folder.file("payment.json");
    // Refused before it acted: the payment is reserved again.
    let refused = Fault::new(Step::Oauth, FaultKind::InvalidCredentials);
    sandbox.inject(refused).unwrap();
    let run_one = run(push(&url, &["--save", &file])).await;
    assert_eq!(run_one.status, 4, "{}{}", run_one.stdout, run_one.stderr);
    assert_eq!(stored(&file).state(), PaymentState::Reserved);
    let mut other = push(&url, &["--save", &file, "--description", "Coffee"]);
    let refused = run(&other).await;
    assert_eq!(
        (refused.status, refused.error()["code"].as_str()),
        (2, Some("payment_file_in_use"))
    );
    other.truncate(other.len() - 2);
    let pushed = run(&other).await;
    assert_eq!(pushed.status, 0, "{}{}", pushed.stdout, pushed.stderr);
    assert_eq!(pushed.json()[0]["saved"], true);
    let payment = stored(&file);
    assert!(
        payment.state() >= PaymentState::Accepted,
        "{:?}",
        payment.state()
    );
    assert_eq!(pushed.json()[0]["payment_id"], payment.id().as_str());
    assert_eq!(sandbox.counters().prompts, 1);
    sandbox.stop().await;
}

#[tokio::test]
async fn what_is_not_a_regular_payment_file_is_refused_before_anything_is_sent() {
    let folder = Folder::new("odd");
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    let odd = |name: &str, text: &[u8]| {
        let file = folder.file(name);
        std::fs::write(&file, text).unwrap();
        file
    };
    let (directory, link, dangling, fifo) = (
        folder.file("directory"),
        folder.file("link"),
        folder.file("dangling"),
        folder.file("fifo"),
    );
    std::fs::create_dir(&directory).unwrap();
    symlink(odd("target", b""), &link).unwrap();
    symlink(folder.file("nowhere"), &dangling).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(&fifo)
        .status()
        .unwrap();
    assert!(made.success());
    let saved = folder.file("saved");
    let pushed = run(push(&url, &["--save", &saved])).await;
    assert_eq!(pushed.status, 0);
    let whole = std::fs::read(&saved).unwrap();
    let later = String::from_utf8(whole.clone())
        .unwrap()
        .replacen("\"form\":1", "\"form\":99", 1);
    for (file, code) in [
        ("/dev/full".to_owned(), "payment_file_not_regular"),
        ("/dev/null".to_owned(), "payment_file_not_regular"),
        (directory, "payment_file_not_regular"),
        (link, "payment_file_not_regular"),
        (dangling, "payment_file_not_regular"),
        (fifo, "payment_file_not_regular"),
        (odd("empty", b""), "payment_unreadable"),
        (odd("text", b"not JSON"), "payment_unreadable"),
        (odd("bytes", b"\xff\xfe"), "payment_unreadable"),
        (odd("half", &whole[..whole.len() / 2]), "payment_unreadable"),
        (odd("list", b"[]"), "payment_unreadable"),
        (odd("later", later.as_bytes()), "payment_form_unknown"),
        (
            odd("large", &vec![b' '; 2 * 1024 * 1024]),
            "payment_unreadable",
        ),
    ] {
        let before = std::fs::symlink_metadata(&file).unwrap().len();
        let refused = run(push(&url, &["--save", &file])).await;
        assert_eq!(
            refused.status, 2,
            "{file}: {}{}",
            refused.stdout, refused.stderr
        );
        assert_eq!(refused.error()["code"], code, "{file}");
        assert_eq!(
            std::fs::symlink_metadata(&file).unwrap().len(),
            before,
            "{file}"
        );
        let waited = wait(&sandbox, &file, "1").await;
        assert_eq!(
            waited.status, 2,
            "{file}: {}{}",
            waited.stdout, waited.stderr
        );
    }
    assert_eq!(sandbox.counters().push_attempts, 1);
    assert_eq!(sandbox.counters().queries, 0);
    assert!(!std::path::Path::new(&folder.file("nowhere")).exists());
    sandbox.stop().await;
}

#[tokio::test]
async fn the_file_is_its_owners_alone_and_says_sending_before_the_push_leaves() {
    let folder = Folder::new("mode");
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    let file = folder.file("payment.json");
    let slow = Fault::new(Step::Push, FaultKind::SlowBefore).seconds(100_000.0);
    sandbox.inject(slow).unwrap();
    let mut child = command()
        .args(push(&url, &["--save", &file]))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("the push arrived", || sandbox.counters().push_attempts == 1).await;
    assert_eq!(stored(&file).state(), PaymentState::Sending);
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    child.kill().unwrap();
    child.wait().unwrap();
    let again = run(push(&url, &["--save", &file])).await;
    assert_eq!(again.error()["code"], "payment_already_sent");
    assert_eq!(sandbox.counters().push_attempts, 1);
    sandbox.stop().await;
}

#[tokio::test]
async fn two_pushes_with_one_file_send_once() {
    let folder = Folder::new("race");
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    for round in 0..5 {
        let file = folder.file(&format!("{round}.json"));
        let phone = format!("071234560{round}");
        let arguments = [
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
            "--save",
            &file,
        ];
        let (mut first, mut second) = (command(), command());
        let (one, other) = tokio::join!(
            run_with(first.args(arguments)),
            run_with(second.args(arguments))
        );
        let mut ends = [one.status, other.status];
        ends.sort_unstable();
        assert_eq!(ends[0], 0, "{one:?} {other:?}");
        assert!([2, 3].contains(&ends[1]), "{one:?} {other:?}");
        assert_eq!(sandbox.counters().prompts, round + 1);
        assert_eq!(stored(&file).state(), PaymentState::Accepted);
    }
    sandbox.stop().await;
}

#[tokio::test]
async fn the_slower_of_two_waits_does_not_write_pending_over_paid() {
    let folder = Folder::new("waits");
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    let file = folder.file("payment.json");
    sandbox.script_phone("254712345678", Scenario::Manual);
    let pushed = run(push(&url, &["--save", &file])).await;
    assert_eq!(pushed.status, 0, "{}{}", pushed.stdout, pushed.stderr);
    // A wait that asks once, early, and then sleeps until its time is up.
    let slower = command()
        .args([
            "wait",
            "--payment",
            &file,
            "--base-url",
            &url,
            "--json",
            "--timeout",
            "3",
            "--query-every",
            "100",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    until("the slower one has asked", || {
        sandbox.counters().queries == 1
    })
    .await;
    let id = sandbox.payments()[0].checkout_request_id.clone();
    sandbox.act(&id, Ending::Pay).unwrap();
    let quick = wait(&sandbox, &file, "20").await;
    assert_eq!(quick.status, 0, "{}{}", quick.stdout, quick.stderr);
    assert!(stored(&file).is_paid());
    let slower = tokio::task::spawn_blocking(move || slower.wait_with_output())
        .await
        .unwrap();
    let slower = support::Run::of(slower.unwrap());
    assert!(
        stored(&file).is_paid(),
        "{}{}",
        slower.stdout,
        slower.stderr
    );
    assert_eq!(
        slower.status, 0,
        "it takes over what the other learnt: {}",
        slower.stdout
    );
    assert_eq!(slower.json()[0]["paid"], true);
    assert_eq!(folder.names(), ["payment.json"]);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_save_that_fails_after_the_push_is_told() {
    let folder = Folder::new("unsaved");
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    let file = folder.file("payment.json");
    let slow = Fault::new(Step::Push, FaultKind::SlowAfter).seconds(100.0);
    sandbox.inject(slow).unwrap();
    let child = command()
        .args(push(&url, &["--save", &file]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    until("the phone was prompted", || sandbox.counters().prompts == 1).await;
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    let output = tokio::task::spawn_blocking(move || child.wait_with_output())
        .await
        .unwrap();
    let told = support::Run::of(output.unwrap());
    assert_eq!(told.status, 7, "{}{}", told.stdout, told.stderr);
    let line = &told.json()[0];
    assert_eq!(
        (&line["accepted"], &line["saved"]),
        (&true.into(), &false.into())
    );
    assert!(line["checkout_request_id"].is_string());
    assert!(
        told.stderr.contains("could not be saved"),
        "{}",
        told.stderr
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn a_full_disk_is_told_too() {
    let folder = Folder::new("full");
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    // What fits before the push and not after it: the file's own size then, in blocks of 512 bytes.
    let probe = folder.file("probe.json");
    let lost = Fault::new(Step::Oauth, FaultKind::InvalidCredentials);
    sandbox.inject(lost).unwrap();
    run(push(&url, &["--save", &probe])).await;
    for blocks in [0, 8] {
        let file = folder.file(&format!("{blocks}.json"));
        let mut limited = std::process::Command::new("sh");
        let command = command();
        limited
            .args(["-c", &format!("ulimit -f {blocks}; exec \"$0\" \"$@\"")])
            .arg(command.get_program())
            .args(push(&url, &["--save", &file]));
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => limited.env(name, value),
                None => limited.env_remove(name),
            };
        }
        let pushed = run_with(&mut limited).await;
        let wanted = if blocks == 0 { 3 } else { 0 };
        assert_eq!(pushed.status, wanted, "{}{}", pushed.stdout, pushed.stderr);
        if blocks == 0 {
            assert_eq!(pushed.error()["kind"], "storage");
            assert!(!std::path::Path::new(&file).exists());
        }
    }
    assert_eq!(sandbox.counters().push_attempts, 1);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_payment_that_another_program_saved_is_waited_for() {
    let folder = Folder::new("program");
    let sandbox = sandbox().await;
    let client = Daraja::builder()
        .consumer_key(lipia_sandbox::CONSUMER_KEY)
        .consumer_secret(lipia_sandbox::CONSUMER_SECRET)
        .short_code(lipia_sandbox::SHORT_CODE)
        .pass_key(lipia_sandbox::PASS_KEY)
        .base_url(sandbox.base_url())
        .callback_url("http://127.0.0.1:9/pay")
        .build()
        .unwrap();
    let payment = client
        .reserve(lipia::StkPush::new("0712345678", 10, "INV-1"))
        .unwrap();
    client.push(&payment).await.unwrap();
    let file = folder.file("payment.json");
    std::fs::write(&file, payment.to_json()).unwrap();
    let waited = wait(&sandbox, &file, "20").await;
    assert_eq!(waited.status, 0, "{}{}", waited.stdout, waited.stderr);
    assert!(waited.stderr.contains("asked: "), "{}", waited.stderr);
    sandbox.stop().await;
}
