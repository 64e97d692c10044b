//! `lipia payments`: the payments of a ledger, as a person and a nightly job look after them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where it fails"
)]

mod support;

use lipia::{Client, Daraja, StkPush};
use lipia_sandbox::{
    CONSUMER_KEY, CONSUMER_SECRET, Ending, Fault, FaultKind, PASS_KEY, SHORT_CODE, Sandbox,
    Scenario, Step,
};
use serde_json::Value;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use support::{Books, Run, command, push, run, run_with, sandbox, until};

const PHONE: &str = "254712345678";

impl Books {
    /// Runs `lipia payments …` without any credentials.
    async fn payments(&self, arguments: &[&str]) -> Run {
        let all = [&["payments"], arguments, &["--json", "--ledger", &self.url]].concat();
        run(all).await
    }

    /// Runs `lipia payments …` at a sandbox.
    async fn asking(&self, sandbox: &Sandbox, arguments: &[&str]) -> Run {
        let url = sandbox.base_url();
        self.payments(&[arguments, &["--base-url", &url]].concat())
            .await
    }

    /// Pushes an order to a phone, and returns the payment's id.
    async fn push(&self, sandbox: &Sandbox, order: &str, phone: &str) -> String {
        let url = sandbox.base_url();
        let mut arguments = push(&url, &["--order", order, "--ledger", &self.url]);
        arguments[2] = phone;
        let pushed = run(arguments).await;
        let line = pushed.last();
        line["payment_id"].as_str().unwrap().to_owned()
    }

    fn execute(&self, statement: &str) {
        let file = rusqlite::Connection::open(self.folder.file("payments.db")).unwrap();
        file.busy_timeout(std::time::Duration::from_secs(5))
            .unwrap();
        file.execute_batch(statement).unwrap();
    }

    async fn check(&self) -> Value {
        let checked = self.payments(&["check"]).await;
        assert_eq!(checked.status, 0, "{}{}", checked.stdout, checked.stderr);
        checked.last()
    }
}

fn ids(run: &Run) -> Vec<String> {
    let lines = run.json();
    let ids = lines.iter().filter_map(|line| line["payment_id"].as_str());
    ids.map(str::to_owned).collect()
}

/// A sandbox whose customers wait for the test.
async fn patient() -> Sandbox {
    let sandbox = sandbox().await;
    for number in 0..10 {
        sandbox.script_phone(format!("25471234567{number}"), Scenario::Manual);
    }
    sandbox
}

/// A shop's process with a handler, over the ledger of the command line.
fn shop(sandbox: &Sandbox, books: &Books) -> (Client, Arc<AtomicU32>) {
    let client = Daraja::builder()
        .consumer_key(CONSUMER_KEY)
        .consumer_secret(CONSUMER_SECRET)
        .short_code(SHORT_CODE)
        .pass_key(PASS_KEY)
        .base_url(sandbox.base_url())
        .callback_url("http://127.0.0.1:9/pay")
        .ledger_at(&books.url)
        .build()
        .unwrap();
    let told = Arc::new(AtomicU32::new(0));
    let heard = Arc::clone(&told);
    client.on_outcome(move |_| {
        heard.fetch_add(1, Ordering::AcqRel);
        async {}
    });
    (client, told)
}

#[tokio::test]
async fn payments_are_found_by_what_is_known_of_them() {
    let books = Books::new("found");
    let sandbox = patient().await;
    let mut pushed = Vec::new();
    for number in 0..5 {
        let phone = format!("25471234567{number}");
        pushed.insert(
            0,
            books
                .push(&sandbox, &format!("order-{number}"), &phone)
                .await,
        );
    }
    let prompt = sandbox.payments()[0].checkout_request_id.clone();
    sandbox.act(&prompt, Ending::Pay).unwrap();
    let asked = books.asking(&sandbox, &["ask", &pushed[4]]).await;
    assert_eq!(asked.status, 0, "{}{}", asked.stdout, asked.stderr);
    let today = &lipia::values::Clock::now(&lipia::values::SystemClock).to_iso()[..10];
    for (filter, found) in [
        (&[][..], &pushed[..]),
        (&["--state", "settled"], &pushed[4..]),
        (&["--state", "owed"], &pushed[4..]),
        (&["--state", "open"], &pushed[..4]),
        (&["--state", "accepted"], &pushed[..4]),
        (&["--state", "unknown"], &[]),
        (&["--order", "order-3"], &pushed[1..2]),
        (&["--phone", "0712345672"], &pushed[2..3]),
        (&["--reference", "INV-1"], &pushed[..]),
        (&["--reference", "INV-2"], &[]),
        (&["--receipt", "SKL0000000"], &[]),
        (&["--since", "1h"], &pushed[..]),
        (&["--since", today], &pushed[..]),
        (&["--since", "2099-01-01"], &[]),
        (&["--shop", "nairobi"], &[]),
        (&["--gateway", "palpluss"], &[]),
        (&["--limit", "2", "--all"], &[]),
        (&["--all"], &pushed[..]),
    ] {
        let arguments = [&["list"], filter].concat();
        let listed = books.payments(&arguments).await;
        if filter.len() == 3 {
            assert_eq!(listed.status, 2, "{filter:?} contradict each other");
            continue;
        }
        assert_eq!(listed.status, 0, "{filter:?}: {}", listed.stderr);
        assert_eq!(ids(&listed), found, "{filter:?}");
        for line in listed.json() {
            assert_eq!(line["sandbox"], true);
            assert!(!line.to_string().contains("2547123456"), "{line}");
        }
    }
    let first = books.payments(&["list", "--limit", "3"]).await;
    let next = first.last()["next"].to_string();
    let second = books
        .payments(&["list", "--limit", "3", "--page", &next])
        .await;
    assert_eq!([ids(&first), ids(&second)].concat(), pushed);
    assert_eq!(second.last()["next"], Value::Null, "there is a third page");
    let whole = books
        .payments(&["list", "--unmasked", "--order", "order-3"])
        .await;
    assert_eq!(whole.last()["phone"], "254712345673");
    let text = run(["payments", "list", "--ledger", &books.url]).await;
    assert_eq!(text.stdout.lines().count(), 5);
    assert!(
        text.stdout
            .lines()
            .all(|line| line.starts_with("[sandbox] "))
    );
    for wrong in [
        ["--state", "opened"],
        ["--since", "yesterday"],
        ["--limit", "0"],
    ] {
        let refused = books.payments(&[&["list"], &wrong[..]].concat()).await;
        assert_eq!(refused.status, 2, "{wrong:?}");
    }
    sandbox.stop().await;
}

#[tokio::test]
async fn a_payment_tells_its_story() {
    let books = Books::new("story");
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    let more = [
        "--order",
        "17",
        "--ledger",
        &books.url,
        "--wait",
        "--query-every",
        "100",
    ];
    let paid = run(push(&url, &more)).await;
    assert_eq!(paid.status, 0, "{}{}", paid.stdout, paid.stderr);
    let id = paid.json()[0]["payment_id"].as_str().unwrap().to_owned();
    let shown = books.payments(&["show", &id[..8]]).await;
    let line = shown.last();
    assert_eq!(line["payment_id"], id.as_str());
    for (name, value) in [
        ("order", Value::from("17")),
        ("shop", "default".into()),
        ("environment", "sandbox".into()),
        ("account", format!("daraja:{SHORT_CODE}").into()),
        ("holds_order", true.into()),
        ("owed", true.into()),
        ("paid", true.into()),
        ("is_sending_until", Value::Null),
    ] {
        assert_eq!(line[name], value, "{name}");
    }
    assert_eq!(line["callbacks"].as_array().unwrap().len(), 1);
    assert_eq!(line["callbacks"][0]["verdict"], "believed");
    assert_eq!(line["callbacks"][0]["body"], Value::Null);
    assert!(!shown.stdout.contains(PHONE) && !shown.stdout.contains("712345678"));
    let whole = books.payments(&["show", "--unmasked", &id]).await;
    assert!(
        whole.last()["callbacks"][0]["body"]
            .as_str()
            .unwrap()
            .contains(PHONE)
    );
    let text = run(["payments", "show", &id, "--ledger", &books.url]).await;
    for said in [
        "push begun",
        "callback: believed",
        "settled: success",
        "has yet to be told",
    ] {
        assert!(
            text.stdout.contains(said),
            "{said} is not in\n{}",
            text.stdout
        );
    }
    for unknown in [&id[..7], "00000000", "nonsense"] {
        let refused = books.payments(&["show", unknown]).await;
        assert_eq!(
            refused.error()["code"],
            "payment_not_in_ledger",
            "{unknown}"
        );
        assert_eq!(refused.status, 2);
    }
    sandbox.stop().await;
}

#[tokio::test]
async fn a_push_that_was_killed_is_unknown_until_a_person_has_looked() {
    let books = Books::new("killed");
    let sandbox = patient().await;
    let url = sandbox.base_url();
    let slow = Fault::new(Step::Push, FaultKind::SlowAfter).seconds(100_000.0);
    sandbox.inject(slow).unwrap();
    let mut child = command()
        .args(push(&url, &["--order", "17", "--ledger", &books.url]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    until("the phone was prompted", || sandbox.counters().prompts == 1).await;
    child.kill().unwrap();
    child.wait().unwrap();

    let sending = books.payments(&["list", "--state", "sending"]).await;
    let id = ids(&sending).pop().unwrap();
    let line = books.payments(&["show", &id]).await.last();
    assert!(line["is_sending_until"].is_string(), "{line}");
    let again = run(push(&url, &["--order", "17", "--ledger", &books.url])).await;
    assert_eq!(again.status, 5, "{}{}", again.stdout, again.stderr);
    let refused = books.payments(&["release", "17"]).await;
    assert_eq!(refused.error()["code"], "order_in_flight");
    assert_eq!(refused.status, 2);

    // The sender's lease ends.
    books.execute("UPDATE payments SET lease_until = 1, version = version + 1");
    let reconciled = books.asking(&sandbox, &["reconcile"]).await;
    assert_eq!(
        reconciled.status, 0,
        "{}{}",
        reconciled.stdout, reconciled.stderr
    );
    let line = reconciled.last();
    assert_eq!(
        (
            &line["senders_died"],
            &line["open"],
            &line["owed"],
            &line["has_handler"]
        ),
        (&1.into(), &1.into(), &0.into(), &false.into())
    );
    let asked = books.asking(&sandbox, &["ask", &id]).await;
    assert_eq!(
        asked.error()["code"],
        "nothing_to_ask_by",
        "{}",
        asked.stdout
    );
    let again = run(push(&url, &["--order", "17", "--ledger", &books.url])).await;
    assert_eq!(again.status, 5, "an unknown payment holds its order");

    let old = books.payments(&["release", "--older-than", "0s"]).await;
    assert_eq!((old.status, old.stdout.as_str()), (0, ""));
    assert!(old.stderr.contains("--not-paid"), "{}", old.stderr);
    let released = books.payments(&["release", "17"]).await;
    assert_eq!(released.status, 0, "{}", released.stdout);
    assert_eq!(released.last()["done"], "released");
    let twice = books.payments(&["release", "17"]).await;
    assert_eq!(twice.error()["code"], "order_not_held");
    // The customer's first prompt is open still, so another phone is asked.
    let second = books.push(&sandbox, "17", "0712345670").await;
    assert_ne!(second, id);
    assert_eq!(sandbox.counters().prompts, 2);
    let others = books.payments(&["show", &second]).await.last();
    assert_eq!(others["others"][0]["payment_id"], id.as_str());
    sandbox.stop().await;
}

#[tokio::test]
async fn a_person_resolves_releases_and_retells() {
    let books = Books::new("resolved");
    let sandbox = patient().await;
    let mut lost = Vec::new();
    for number in 0..3 {
        sandbox
            .inject(Fault::new(Step::Push, FaultKind::AnswerLost))
            .unwrap();
        let phone = format!("25471234567{number}");
        lost.push(
            books
                .push(&sandbox, &format!("lost-{number}"), &phone)
                .await,
        );
    }
    let open = books.push(&sandbox, "open", "254712345674").await;
    let young = books
        .payments(&["release", "--older-than", "1h", "--not-paid"])
        .await;
    assert_eq!(
        (young.status, young.stdout.as_str()),
        (0, ""),
        "they are young"
    );

    let paid = ["--paid", "--receipt", "skl1234567"];
    let resolved = books
        .payments(&[&["resolve", &lost[0]], &paid[..]].concat())
        .await;
    assert_eq!(resolved.status, 0, "{}", resolved.stdout);
    let line = resolved.last();
    assert_eq!(
        (&line["paid"], &line["receipt"]),
        (&true.into(), &"SKL1234567".into())
    );
    let taken = books
        .payments(&[&["resolve", &lost[1]], &paid[..]].concat())
        .await;
    assert_eq!(taken.error()["code"], "receipt_taken");
    let not_paid = books.payments(&["resolve", &lost[1], "--not-paid"]).await;
    assert_eq!(not_paid.last()["outcome"], "failed");
    let again = books.payments(&["resolve", &lost[1], "--not-paid"]).await;
    assert_eq!(again.error()["code"], "payment_not_open");
    for wrong in [
        &["--paid"][..],
        &["--receipt", "X1"],
        &["--paid", "--not-paid"],
        &[],
    ] {
        let refused = books
            .payments(&[&["resolve", &lost[2]], wrong].concat())
            .await;
        assert_eq!(refused.status, 2, "{wrong:?}");
    }

    let all = ["release", "--older-than", "0s", "--not-paid"];
    let would = books.payments(&[&all[..], &["--dry-run"]].concat()).await;
    let done = |run: &Run| {
        let lines = run.json();
        let done = lines
            .iter()
            .map(|it| (it["payment_id"].clone(), it["done"].clone()));
        done.collect::<Vec<_>>()
    };
    let expected = [
        (open.as_str().into(), "released".into()),
        (lost[2].as_str().into(), "not_paid".into()),
    ];
    assert_eq!(done(&would), expected);
    assert_eq!(
        books.check().await["open"],
        2,
        "a dry run changed something"
    );
    assert_eq!(done(&books.payments(&all).await), expected);
    let check = books.check().await;
    assert_eq!(
        (&check["open"], &check["owed"]),
        (&1.into(), &3.into()),
        "{check}"
    );

    let (client, told) = shop(&sandbox, &books);
    client.payments().reconcile().await.unwrap();
    until("all are told", || told.load(Ordering::Acquire) == 3).await;
    assert_eq!(books.check().await["owed"], 0);
    let retold = books.payments(&["retell", &lost[0]]).await;
    assert_eq!(retold.status, 0, "{}", retold.stdout);
    let nothing = books.payments(&["retell", &open]).await;
    assert_eq!(nothing.error()["code"], "nothing_to_tell");
    until("it is told again", || told.load(Ordering::Acquire) == 4).await;
    let since = books.payments(&["retell", "--since", "1h"]).await;
    assert_eq!(ids(&since).len(), 3, "{}", since.stdout);
    until("all are told again", || told.load(Ordering::Acquire) == 7).await;
    sandbox.stop().await;
}

#[tokio::test]
async fn personal_data_are_pruned_and_a_paid_order_stays_paid() {
    let books = Books::new("pruned");
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    let more = [
        "--order",
        "17",
        "--ledger",
        &books.url,
        "--wait",
        "--query-every",
        "100",
    ];
    let paid = run(push(&url, &more)).await;
    assert_eq!(paid.status, 0, "{}{}", paid.stdout, paid.stderr);
    let id = paid.json()[0]["payment_id"].as_str().unwrap().to_owned();
    let receipt = paid.last()["receipt"].clone();
    let counts = |run: Run| {
        assert_eq!(run.status, 0, "{}", run.stdout);
        let line = run.last();
        (line["pruned"].clone(), line["unfinished"].clone())
    };
    let now = ["prune", "--older-than", "0s"];
    assert_eq!(
        counts(books.payments(&now).await),
        (0.into(), 1.into()),
        "it is owed"
    );
    let (client, told) = shop(&sandbox, &books);
    client.payments().reconcile().await.unwrap();
    until("it is told", || told.load(Ordering::Acquire) == 1).await;
    let old = ["prune", "--older-than", "90d"];
    assert_eq!(
        counts(books.payments(&old).await),
        (0.into(), 0.into()),
        "it is young"
    );
    let would = books.payments(&[&now[..], &["--dry-run"]].concat()).await;
    assert_eq!(counts(would), (1.into(), 0.into()));
    let whole = books.payments(&["show", "--unmasked", &id]).await;
    assert!(whole.stdout.contains(PHONE), "a dry run deleted something");
    assert_eq!(counts(books.payments(&now).await), (1.into(), 0.into()));
    assert_eq!(counts(books.payments(&now).await), (0.into(), 0.into()));
    let whole = books.payments(&["show", "--unmasked", &id]).await;
    assert!(!whole.stdout.contains("712345678"), "{}", whole.stdout);
    let line = whole.last();
    assert_eq!((&line["receipt"], &line["order"]), (&receipt, &"17".into()));
    assert_eq!(
        (&line["pruned"], &line["phone"]),
        (&true.into(), &Value::Null)
    );
    let again = run(push(&url, &["--order", "17", "--ledger", &books.url])).await;
    assert_eq!(again.last()["payment_id"], id.as_str());
    assert_eq!(sandbox.counters().prompts, 1);
    sandbox.stop().await;
}

#[tokio::test]
async fn what_a_program_kept_is_imported_once() {
    let books = Books::new("imported");
    let sandbox = sandbox().await;
    sandbox.script_phone("254712345679", Scenario::Manual);
    let client = Daraja::builder()
        .consumer_key(CONSUMER_KEY)
        .consumer_secret(CONSUMER_SECRET)
        .short_code(SHORT_CODE)
        .pass_key(PASS_KEY)
        .base_url(sandbox.base_url())
        .callback_url("http://127.0.0.1:9/pay")
        .build()
        .unwrap();
    let paid = client.reserve(StkPush::new(PHONE, 10, "INV-1")).unwrap();
    client.push(&paid).await.unwrap();
    let options = lipia::WaitOptions::default();
    let paid = client
        .wait(
            &paid,
            options.query(
                std::time::Duration::ZERO,
                std::time::Duration::from_millis(50),
            ),
        )
        .await
        .unwrap();
    let open = client
        .reserve(StkPush::new("0712345679", 10, "INV-2"))
        .unwrap();
    client.push(&open).await.unwrap();
    let file = books.folder.file("payments.jsonl");
    let lines = format!("{}\n{}\n", paid.to_json(), open.to_json());
    std::fs::write(&file, &lines).unwrap();
    let what = |run: &Run| {
        let lines = run.json();
        let word = |line: &Value| match &line["import"] {
            Value::String(word) => word.clone(),
            _ => line["error"]["code"].as_str().unwrap().to_owned(),
        };
        lines.iter().map(word).collect::<Vec<_>>()
    };
    let without = books.payments(&["import", &file]).await;
    assert_eq!(what(&without), ["new", "import_needs_credentials"]);
    assert_eq!(without.status, 2);
    let import = ["import", "--order-is-reference", &file];
    let imported = books.asking(&sandbox, &import).await;
    assert_eq!(what(&imported), ["known", "new"], "{}", imported.stderr);
    assert_eq!(imported.status, 0);
    let again = books.asking(&sandbox, &import).await;
    assert_eq!(what(&again), ["known", "known"]);
    let check = books.check().await;
    assert_eq!(
        (&check["payments"], &check["open"], &check["owed"]),
        (&2.into(), &1.into(), &0.into())
    );
    let found = run(push(
        &sandbox.base_url(),
        &["--order", "INV-2", "--ledger", &books.url],
    ))
    .await;
    assert_eq!(
        found.error()["code"],
        "order_asked_differently",
        "{}",
        found.stdout
    );

    let damaged = books.folder.file("damaged.json");
    std::fs::write(&damaged, &paid.to_json()[..100]).unwrap();
    let nothing = books.folder.file("nothing.json");
    std::fs::write(&nothing, "").unwrap();
    let other = books.folder.file("other.json");
    std::fs::write(&other, "{\"form\": 99}\n{\"form\": 1}").unwrap();
    let missing = books.folder.file("missing.json");
    for (file, codes, status) in [
        (&damaged, &["payment_unreadable"][..], 2),
        (&nothing, &["payment_unreadable"], 2),
        (&other, &["payment_form_unknown", "payment_unreadable"], 2),
        (&missing, &["file_unreadable"], 1),
    ] {
        let refused = books.payments(&["import", file]).await;
        assert_eq!(what(&refused), codes, "{file}");
        assert_eq!(refused.status, status, "{file}");
    }
    let piped = std::fs::File::open(&file).unwrap();
    let mut command = command();
    let url = sandbox.base_url();
    command.args([
        "payments",
        "import",
        "-",
        "--json",
        "--ledger",
        &books.url,
        "--base-url",
        &url,
    ]);
    assert_eq!(
        what(&run_with(command.stdin(piped)).await),
        ["known", "known"]
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn a_path_with_a_mistake_makes_no_ledger_and_migrate_makes_one() {
    let books = Books::new("made");
    let commands: [&[&str]; 7] = [
        &["list"],
        &["show", "0c51c758"],
        &["release", "17"],
        &["retell", "0c51c758"],
        &["prune", "--older-than", "1d"],
        &["check"],
        &["resolve", "0c51c758", "--not-paid"],
    ];
    for arguments in commands {
        let refused = books.payments(arguments).await;
        assert_eq!(
            refused.error()["code"],
            "ledger_path_refused",
            "{arguments:?}"
        );
        assert_eq!(refused.status, 2);
        let all = [&["payments"], arguments, &["--json"]].concat();
        assert_eq!(
            run(all).await.error()["code"],
            "ledger_missing",
            "{arguments:?}"
        );
    }
    assert!(books.folder.names().is_empty(), "a file was made");
    for _ in 0..2 {
        let made = books.payments(&["migrate"]).await;
        assert_eq!(made.status, 0, "{}{}", made.stdout, made.stderr);
        assert!(made.last()["version"].as_u64().unwrap() > 0);
        assert_eq!(made.last()["payments"], 0);
    }
    let check = books.check().await;
    assert_eq!(check["ok"], true);
    assert_eq!(check["place"], books.folder.file("payments.db").as_str());
    assert!(check["bytes"].as_u64().unwrap() > 0);
    // The tests' own folder is a temporary one.
    assert!(
        check["warnings"][0].as_str().unwrap().contains("temporary"),
        "{check}"
    );
    for arguments in commands {
        let ran = books.payments(arguments).await;
        let code = &ran.json().pop().unwrap_or_default()["error"]["code"];
        assert_ne!(code, "ledger_path_refused", "{arguments:?}");
    }
}

#[tokio::test]
async fn the_codes_of_a_ledger_are_explained() {
    for code in [
        "ledger_missing",
        "nothing_to_tell",
        "import_needs_credentials",
        "payment_of_another_shop",
        "order_paid_differently",
        "order_in_flight",
        "payment_not_in_ledger",
        "receipt_taken",
    ] {
        let explained = run(["explain", code, "--json"]).await;
        assert_eq!(explained.status, 0, "{code}");
        assert_eq!(explained.json()[0]["meanings"][0]["is"], "error_code");
    }
}
