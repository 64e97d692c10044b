//! `push --order` and `wait --order`: one prompt for one order, whichever run of the command asks.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where it fails"
)]

mod support;

use lipia_sandbox::{Ending, Fault, FaultKind, Sandbox, Scenario, Step};
use serde_json::Value;
use std::process::Stdio;
use support::{Books, Run, command, push, run, run_with, sandbox, until};

impl Books {
    /// Pushes an order; `more` may overrule what every push has.
    async fn push(&self, sandbox: &Sandbox, order: &str, more: &[&str]) -> Run {
        let url = sandbox.base_url();
        let mut arguments = push(&url, &["--order", order, "--ledger", &self.url]);
        for pair in more.chunks(2) {
            match arguments.iter().position(|it| *it == pair[0]) {
                Some(at) => arguments[at + 1] = pair[1],
                None => arguments.extend(pair),
            }
        }
        run(arguments).await
    }

    /// The arguments of a wait for an order.
    fn wait(&self, sandbox: &Sandbox, order: &str, more: &[&str]) -> Vec<String> {
        let url = sandbox.base_url();
        let arguments = [
            "wait",
            "--order",
            order,
            "--ledger",
            &self.url,
            "--base-url",
            &url,
            "--json",
        ];
        let all = arguments.iter().chain(more);
        all.map(|it| (*it).to_owned()).collect()
    }
}

#[tokio::test]
async fn of_two_runs_at_once_one_prompts() {
    let books = Books::new("once");
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    for round in 0..6_u32 {
        let phone = format!("071234560{round}");
        let order = format!("order-{round}");
        sandbox.script_phone(format!("25471234560{round}"), Scenario::Manual);
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
            "--order",
            &order,
            "--ledger",
            &books.url,
        ];
        let (mut first, mut second) = (command(), command());
        let (one, other) = tokio::join!(
            run_with(first.args(arguments)),
            run_with(second.args(arguments))
        );
        let lines = [one.last(), other.last()];
        assert_eq!(lines[0]["payment_id"], lines[1]["payment_id"]);
        let existing: Vec<bool> = lines.iter().map(|it| it["existing"] == true).collect();
        assert_eq!(existing.iter().filter(|it| **it).count(), 1, "{lines:?}");
        for run in [&one, &other] {
            // The second may find the push of the first on its way.
            assert!([0, 5].contains(&run.status), "{run:?}");
        }
        assert_eq!(sandbox.counters().prompts, u64::from(round) + 1);
        assert_eq!(sandbox.counters().push_attempts, u64::from(round) + 1);
    }
    sandbox.stop().await;
}

#[tokio::test]
async fn a_paid_order_is_found_and_not_prompted_again() {
    let books = Books::new("paid");
    let sandbox = sandbox().await;
    let wait = ["--timeout", "20", "--query-every", "0.05"];
    let url = sandbox.base_url();
    let mut arguments = push(&url, &["--order", "17", "--ledger", &books.url, "--wait"]);
    arguments.extend(wait);
    let first = run(&arguments).await;
    assert_eq!(first.status, 0, "{}{}", first.stdout, first.stderr);
    let lines = first.json();
    assert_eq!(
        (&lines[0]["accepted"], &lines[0]["order"]),
        (&true.into(), &"17".into())
    );
    assert_eq!(lines[1]["paid"], true);
    for more in [&[][..], &["--phone", "0712345679"]] {
        let again = books.push(&sandbox, "17", more).await;
        assert_eq!(again.status, 0, "{}{}", again.stdout, again.stderr);
        let line = again.last();
        assert_eq!(line["payment_id"], lines[0]["payment_id"]);
        assert_eq!(
            (&line["existing"], &line["paid"]),
            (&true.into(), &true.into())
        );
        assert_eq!(line["sandbox"], true);
    }
    let dearer = books.push(&sandbox, "17", &["--amount", "11"]).await;
    assert_eq!(dearer.status, 2);
    assert_eq!(dearer.error()["code"], "order_paid_differently");
    let text = run(arguments.iter().filter(|it| **it != "--json")).await;
    assert_eq!(text.status, 0);
    assert!(text.stdout.contains("Nothing was sent"), "{}", text.stdout);
    let other_shop = books.push(&sandbox, "17", &["--shop", "nairobi"]).await;
    assert_eq!(other_shop.last()["existing"], false);
    assert_eq!(sandbox.counters().prompts, 2);
    sandbox.stop().await;
}

#[tokio::test]
async fn an_open_order_is_not_asked_differently() {
    let books = Books::new("open");
    let sandbox = sandbox().await;
    sandbox.script_phone("254712345678", Scenario::Manual);
    let open = books.push(&sandbox, "17", &[]).await;
    assert_eq!(open.status, 0);
    for more in [["--amount", "11"], ["--phone", "0712345679"]] {
        let refused = books.push(&sandbox, "17", &more).await;
        assert_eq!(refused.status, 2, "{}", refused.stdout);
        let error = refused.error();
        assert_eq!(error["code"], "order_asked_differently");
        assert_eq!(error["payment_id"], open.last()["payment_id"]);
    }
    assert_eq!(sandbox.counters().push_attempts, 1);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_lost_answer_holds_the_order_until_it_is_known() {
    let books = Books::new("lost");
    let sandbox = sandbox().await;
    sandbox
        .inject(Fault::new(Step::Push, FaultKind::AnswerLost))
        .unwrap();
    sandbox.script_phone("254712345678", Scenario::Manual);
    let lost = books.push(&sandbox, "17", &[]).await;
    assert_eq!(lost.status, 5, "{}{}", lost.stdout, lost.stderr);
    let line = lost.last();
    assert_eq!(line["error"]["disposition"], "unknown");
    let again = books.push(&sandbox, "17", &[]).await;
    assert_eq!(again.status, 5, "{}{}", again.stdout, again.stderr);
    let found = again.last();
    assert_eq!(found["payment_id"], line["payment_id"]);
    assert_eq!(
        (&found["state"], &found["existing"]),
        (&"unknown".into(), &true.into())
    );
    assert_eq!(sandbox.counters().push_attempts, 1);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_failed_order_is_held_while_the_customer_may_still_pay_and_then_free() {
    let books = Books::new("failed");
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    // Nobody answers at the first phone, and the second one's owner enters a wrong PIN.
    let wait = |order, phone| {
        let mut arguments = push(&url, &["--order", order, "--ledger", &books.url, "--wait"]);
        arguments.extend(["--timeout", "20", "--query-every", "100"]);
        arguments[2] = phone;
        run(arguments)
    };
    let failed = wait("17", "254712001037").await;
    assert_eq!(failed.status, 6, "{}{}", failed.stdout, failed.stderr);
    let held = books
        .push(&sandbox, "17", &["--phone", "254712001037"])
        .await;
    assert_eq!(held.status, 6, "{}{}", held.stdout, held.stderr);
    let line = held.last();
    assert_eq!(line["existing"], true);
    assert!(line["order_free_at"].is_string(), "{line}");
    assert!(held.stderr.contains("For the customer"), "{}", held.stderr);
    let wrong_pin = wait("18", "254712002001").await;
    assert_eq!(
        wrong_pin.status, 6,
        "{}{}",
        wrong_pin.stdout, wrong_pin.stderr
    );
    let again = books
        .push(&sandbox, "18", &["--phone", "254712002001"])
        .await;
    assert_eq!(
        again.last()["existing"],
        false,
        "a wrong PIN frees the order"
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn a_wait_ends_with_what_another_process_learns() {
    let books = Books::new("waits");
    let sandbox = sandbox().await;
    sandbox.script_phone("254712345678", Scenario::Manual);
    let pushed = books.push(&sandbox, "17", &[]).await;
    let id = pushed.last()["payment_id"].as_str().unwrap().to_owned();
    // Asks once, early, and would ask again after its own end.
    let slow = books.wait(&sandbox, "17", &["--timeout", "60", "--query-every", "600"]);
    let began = std::time::Instant::now();
    let waits = command()
        .args(slow)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    until("it has asked", || sandbox.counters().queries == 1).await;
    let prompt = sandbox.payments()[0].checkout_request_id.clone();
    sandbox.act(&prompt, Ending::Pay).unwrap();
    let url = sandbox.base_url();
    let asked = run([
        "payments",
        "ask",
        &id[..8],
        "--ledger",
        &books.url,
        "--base-url",
        &url,
        "--json",
    ])
    .await;
    assert_eq!(asked.status, 0, "{}{}", asked.stdout, asked.stderr);
    assert_eq!(asked.last()["outcome"], "success");
    let waited = tokio::task::spawn_blocking(move || waits.wait_with_output());
    let waited = Run::of(waited.await.unwrap().unwrap());
    assert_eq!(waited.status, 0, "{}{}", waited.stdout, waited.stderr);
    assert_eq!(waited.last()["paid"], true);
    assert!(
        began.elapsed().as_secs() < 30,
        "it waited for its time to end"
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn an_order_that_was_never_pushed_is_not_waited_for() {
    let books = Books::new("never");
    let sandbox = sandbox().await;
    books.push(&sandbox, "17", &[]).await;
    let waited = run(books.wait(&sandbox, "18", &[])).await;
    assert_eq!(waited.status, 6, "{}", waited.stdout);
    assert!(waited.stderr.contains("never pushed"), "{}", waited.stderr);
    sandbox.stop().await;
}

#[tokio::test]
async fn the_environment_names_the_ledger_and_without_one_no_order_is_pushed() {
    let books = Books::new("variable");
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    let without = run(push(&url, &["--order", "17"])).await;
    assert_eq!(without.status, 2);
    assert_eq!(without.error()["code"], "ledger_missing");
    assert_eq!(sandbox.counters().push_attempts, 0);
    for existing in [false, true] {
        let mut named = command();
        named.env("LIPIA_LEDGER", &books.url);
        let pushed = run_with(named.args(push(&url, &["--order", "17"]))).await;
        assert_eq!(pushed.status, 0, "{}{}", pushed.stdout, pushed.stderr);
        assert_eq!(pushed.last()["existing"], existing);
    }
    // A push without an order is kept as well, and each one prompts.
    let mut named = command();
    named.env("LIPIA_LEDGER", &books.url);
    let mut arguments = push(&url, &[]);
    arguments[2] = "0712345679";
    let kept = run_with(named.args(arguments)).await;
    assert_eq!(kept.status, 0, "{}{}", kept.stdout, kept.stderr);
    let line = kept.last();
    assert_eq!(
        (&line["order"], &line["existing"]),
        (&Value::Null, &false.into())
    );
    assert_eq!(sandbox.counters().prompts, 2);
    sandbox.stop().await;
}

#[tokio::test]
async fn nothing_is_sent_where_the_ledger_cannot_be_used() {
    let books = Books::new("unusable");
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    let damaged = books.folder.file("damaged.db");
    std::fs::write(&damaged, vec![0xAB; 8_192]).unwrap();
    let later = books.folder.file("later.db");
    let made = run([
        "payments",
        "migrate",
        "--ledger",
        &format!("sqlite://{later}"),
    ])
    .await;
    assert_eq!(made.status, 0, "{}", made.stderr);
    let file = rusqlite::Connection::open(&later).unwrap();
    file.execute_batch(
        "PRAGMA user_version = 99; UPDATE notes SET value = '99' WHERE key = 'readable_from'",
    )
    .unwrap();
    let folder = books.folder.0.display().to_string();
    for (ledger, code, status) in [
        ("sqlite:payments.db".to_owned(), "ledger_path_refused", 2),
        (format!("sqlite://{folder}"), "ledger_path_refused", 2),
        (
            format!("sqlite://{folder}/none/p.db"),
            "ledger_path_refused",
            2,
        ),
        (
            "mysql://shop:secret@db/shop".to_owned(),
            "ledger_address_unknown",
            2,
        ),
        (format!("sqlite://{damaged}"), "ledger_corrupt", 2),
        (format!("sqlite://{later}"), "ledger_of_later_version", 2),
    ] {
        let refused = run(push(&url, &["--order", "17", "--ledger", &ledger])).await;
        assert_eq!(
            refused.error()["code"],
            code,
            "{ledger}: {}",
            refused.stdout
        );
        assert_eq!(refused.status, status, "{ledger}");
        let all = format!("{}{}", refused.stdout, refused.stderr);
        assert!(!all.contains("secret"), "{all}");
        let explained = run(["explain", code, "--json"]).await;
        assert_eq!(explained.json()[0]["known"], true);
        let checked = run(["payments", "check", "--json", "--ledger", &ledger]).await;
        assert_eq!(
            checked.error()["code"],
            code,
            "{ledger}: {}",
            checked.stdout
        );
    }
    assert_eq!(sandbox.counters().push_attempts, 0);
    sandbox.stop().await;
}
