//! Several processes and one file.

use crate::child;
use crate::folder::Folder;
use crate::rows::{claim, scope};
use lipia::ledger::{LedgerStore, Order, Search, SqliteLedger};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::time::{Duration, Instant};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(20);

/// Waits for something that another process does.
fn wait_until(is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < LONG, "the other process does nothing");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Claims 500 orders, beginning together with the other process, and tells which it got.
pub async fn claim_500(file: &Path) {
    let store = SqliteLedger::at(file).unwrap();
    std::fs::write(
        file.with_extension(format!("ready-{}", std::process::id())),
        "",
    )
    .unwrap();
    wait_until(|| file.with_extension("go").exists());
    for number in 0..500 {
        let (_, is_new) = claim(&store, &format!("order {number}")).await.unwrap();
        if is_new {
            child::tell(&number.to_string());
        }
    }
}

#[tokio::test]
async fn two_processes_that_claim_the_same_500_orders_get_each_order_once() {
    let folder = Folder::new();
    let processes: Vec<_> = (0..2)
        .map(|_| child::command("claim_500", folder.file()).spawn().unwrap())
        .collect();
    wait_until(|| {
        let files = std::fs::read_dir(folder.path()).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.contains(".ready-")).count() == 2
    });
    std::fs::write(folder.file().with_extension("go"), "").unwrap();
    let mut counts = vec![0; 500];
    for process in processes {
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let output = String::from_utf8(output.stdout).unwrap();
        for number in child::told(&output) {
            *counts.get_mut(number.parse::<usize>().unwrap()).unwrap() += 1;
        }
    }
    assert!(counts.iter().all(|count| *count == 1), "{counts:?}");
    let store = folder.store();
    let rows = store.list(&Search::of(scope()), None, 1_000).await.unwrap();
    assert_eq!(rows.len(), 500);
}

/// Claims orders until the process is killed, and tells each once it was answered.
pub async fn claim_on(file: &Path) {
    let store = SqliteLedger::at(file).unwrap();
    let begun = std::process::id();
    let started = Instant::now();
    let mut number = 0;
    while started.elapsed() < Duration::from_secs(20) {
        // Eight at once, so that a kill meets transactions of several commands.
        let orders: Vec<String> = (number..number + 8)
            .map(|n| format!("{begun}-{n}"))
            .collect();
        let claims = orders.iter().map(|order| claim(&store, order));
        for (claimed, order) in futures_util::future::join_all(claims)
            .await
            .into_iter()
            .zip(&orders)
        {
            assert!(claimed.unwrap().1);
            child::tell(order);
        }
        number += 8;
    }
}

#[tokio::test]
async fn what_was_answered_survives_a_kill_in_the_middle_of_a_commit() {
    let folder = Folder::new();
    let mut answered = Vec::new();
    for round in 0..12 {
        let mut process = child::command("claim_on", folder.file()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        let mut output = String::new();
        while !output.contains("told: ") {
            assert!(
                lines.read_line(&mut output).unwrap() > 0,
                "the child ended: {output}"
            );
        }
        // Spread over several commits.
        std::thread::sleep(Duration::from_micros(500 + round * 1_173));
        process.kill().unwrap();
        process.wait().unwrap();
        lines.read_to_string(&mut output).unwrap();
        let whole = output.rsplit_once('\n').map_or("", |(whole, _)| whole);
        answered.extend(child::told(whole).into_iter().map(str::to_owned));
    }
    assert!(answered.len() >= 12, "each child had an answer");
    let store = folder.store();
    for order in &answered {
        let order = Order::parse(order).unwrap();
        let earlier = store.earlier(&scope(), &order).await.unwrap();
        assert_eq!(earlier.rows.len(), 1, "{order} was answered, and is lost");
    }
    store.close();
    let file = rusqlite::Connection::open(folder.file()).unwrap();
    let check: String = file
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(check, "ok");
}

#[tokio::test]
async fn a_commit_of_another_process_ends_a_wait_for_a_change() {
    let folder = Folder::new();
    let store = folder.store();
    store.check().await.unwrap();
    let changed = |limit| tokio::time::timeout(limit, store.changed());
    assert!(changed(LONG).await.is_ok(), "the first wait ends at once");
    let nothing = changed(Duration::from_millis(200)).await;
    assert!(
        nothing.is_err(),
        "somebody was woken, and nothing was committed"
    );
    let mut process = child::command("claim_on", folder.file()).spawn().unwrap();
    let woken = changed(LONG).await;
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(woken.is_ok(), "nobody was woken by another process");
}
