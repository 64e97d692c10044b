//! Several processes and one database: claims, wakes, crashes and forks.

use crate::child;
use crate::rows::{claim, scope};
use crate::server::{Server, kill_9, new_name, shared};
use lipia::ledger::{LedgerStore, Order, PostgresLedger, Replaced, Row, Search};
use lipia::values::ProcessMark;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::Child;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(30);

/// Waits until the parent writes a line.
fn wait_for_parent() {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).unwrap();
}

/// Reads what a child prints until it has told this much.
fn read_until(child: &mut BufReader<impl Read>, output: &mut String, tells: usize) {
    while child::told(output).len() < tells {
        assert!(
            child.read_line(output).unwrap() > 0,
            "the child ended: {output}"
        );
    }
}

/// Reads what a child prints until it was answered this often, failures left out.
fn read_until_answered(child: &mut BufReader<impl Read>, output: &mut String, answers: usize) {
    let answered = |output: &str| {
        let told = child::told(output).into_iter();
        told.filter(|told| !told.starts_with("failed ")).count()
    };
    let wanted = answered(output) + answers;
    while answered(output) < wanted {
        assert!(
            child.read_line(output).unwrap() > 0,
            "the child ended: {output}"
        );
    }
}

fn lines_of(child: &mut Child) -> BufReader<std::process::ChildStdout> {
    BufReader::new(child.stdout.take().unwrap())
}

/// Claims 300 orders, beginning together with the other processes, and tells which it got.
pub async fn claim_300(address: &str) {
    let store = PostgresLedger::at(address).unwrap();
    child::tell("ready");
    wait_for_parent();
    for number in 0..300 {
        let (_, is_new) = claim(&store, &format!("order {number}")).await.unwrap();
        if is_new {
            child::tell(&number.to_string());
        }
    }
}

#[tokio::test]
async fn two_processes_that_claim_the_same_orders_get_each_order_once() {
    // The tables are not there yet: both would make them.
    let address = shared().address(&new_name("claims"));
    let mut processes: Vec<_> = (0..2)
        .map(|_| child::command("claim_300", &address).spawn().unwrap())
        .collect();
    let mut outputs: Vec<_> = (processes.iter_mut())
        .map(|process| (lines_of(process), String::new()))
        .collect();
    for (lines, output) in &mut outputs {
        read_until(lines, output, 1);
    }
    for process in &mut processes {
        process.stdin.take().unwrap().write_all(b"go\n").unwrap();
    }
    let mut counts = vec![0; 300];
    for (process, (lines, output)) in processes.iter_mut().zip(&mut outputs) {
        lines.read_to_string(output).unwrap();
        assert!(process.wait().unwrap().success(), "{output}");
        for number in &child::told(output)[1..] {
            counts[number.parse::<usize>().unwrap()] += 1;
        }
    }
    assert!(counts.iter().all(|count| *count == 1), "{counts:?}");
    let store = PostgresLedger::at(&address).unwrap();
    let rows = store.list(&Search::of(scope()), None, 1_000).await.unwrap();
    assert_eq!(rows.len(), 300);
}

/// Claims orders until the process is killed, and tells each that was answered. What fails is told as well, and tried again.
pub async fn claim_on(address: &str) {
    let store = PostgresLedger::at(address).unwrap();
    let begun = std::process::id();
    let started = Instant::now();
    let mut number = 0;
    // Longer than a server takes to recover on a busy machine.
    while started.elapsed() < LONG * 4 {
        let orders: Vec<String> = (number..number + 8)
            .map(|number| format!("{begun}-{number}"))
            .collect();
        let claims = orders.iter().map(|order| claim(&store, order));
        let claimed = futures_util::future::join_all(claims).await;
        for (claimed, order) in claimed.into_iter().zip(&orders) {
            match claimed {
                Ok((row, _)) => child::tell(&format!("{order} {}", row.id())),
                Err(error) => child::tell(&format!("failed {}", error.code())),
            }
        }
        number += 8;
    }
}

/// Every order that a child was answered for is there, with the payment that it was told.
async fn demand_what_was_answered(store: &PostgresLedger, output: &str) -> usize {
    let whole = output.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let mut answered = 0;
    for told in child::told(whole) {
        let (order, id) = told.split_once(' ').unwrap();
        if order == "failed" {
            continue;
        }
        let order = Order::parse(order).unwrap();
        let earlier = store.earlier(&scope(), &order).await.unwrap();
        let ids: Vec<&str> = earlier.rows.iter().map(|row| row.id().as_str()).collect();
        assert_eq!(ids, [id], "{order} was answered");
        answered += 1;
    }
    answered
}

#[tokio::test]
async fn what_was_answered_survives_a_kill_of_the_process() {
    let address = shared().address(&new_name("killed"));
    let store = PostgresLedger::at(&address).unwrap();
    store.check().await.unwrap();
    for round in 0..5 {
        let mut process = child::command("claim_on", &address).spawn().unwrap();
        let (mut lines, mut output) = (lines_of(&mut process), String::new());
        read_until(&mut lines, &mut output, 1);
        std::thread::sleep(Duration::from_micros(500 + round * 2_173));
        process.kill().unwrap();
        process.wait().unwrap();
        lines.read_to_string(&mut output).unwrap();
        assert!(demand_what_was_answered(&store, &output).await > 0);
    }
}

#[tokio::test]
async fn what_was_answered_survives_a_crash_of_the_server_and_the_work_goes_on() {
    // With what a real server does at a commit: it waits for the disk.
    let server = Server::start(&[]);
    let address = server.address("lipia");
    let store = PostgresLedger::at(&address).unwrap();
    store.check().await.unwrap();
    let mut process = child::command("claim_on", &address).spawn().unwrap();
    let (mut lines, mut output) = (lines_of(&mut process), String::new());
    read_until(&mut lines, &mut output, 40);

    // One process of the server dies: the server ends all others, and recovers by itself.
    let backends = "SELECT pid FROM pg_stat_activity WHERE application_name = 'lipia' LIMIT 1";
    kill_9(server.sql(backends).parse().unwrap());
    read_until_answered(&mut lines, &mut output, 200);
    demand_what_was_answered(&store, &output).await;

    // The server itself dies, and is started again.
    server.crash();
    std::thread::sleep(Duration::from_millis(300));
    server.start_again();
    read_until_answered(&mut lines, &mut output, 200);
    process.kill().unwrap();
    process.wait().unwrap();
    lines.read_to_string(&mut output).unwrap();
    let answered = demand_what_was_answered(&store, &output).await;
    assert!(answered > 200, "{answered}");
}

/// Writes to the row of the order 17 at every line of its parent's, and tells when.
pub async fn write_when_told(address: &str) {
    let store = PostgresLedger::at(address).unwrap();
    store.check().await.unwrap();
    child::tell("ready");
    for _ in 0..10 {
        wait_for_parent();
        let order = Order::parse("17").unwrap();
        let earlier = store.earlier(&scope(), &order).await.unwrap();
        let row = earlier.rows.into_iter().next().unwrap();
        let next = Row {
            asks: row.asks + 1,
            ..row
        };
        assert_eq!(store.replace(&next).await.unwrap(), Replaced::Written);
        child::tell(&now().as_micros().to_string());
    }
    // A process that ends at once may end before its last write is announced.
    wait_for_parent();
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_of_another_process_wakes_within_fifty_milliseconds() {
    let address = shared().address(&new_name("wakes"));
    let store = PostgresLedger::at(&address).unwrap();
    claim(&store, "17").await.unwrap();
    let mut process = child::command("write_when_told", &address).spawn().unwrap();
    let (mut lines, mut output) = (lines_of(&mut process), String::new());
    read_until(&mut lines, &mut output, 1);
    // Listening begins with the first wait, which ends once it does.
    tokio::time::timeout(LONG, store.changed()).await.unwrap();
    let quiet = tokio::time::timeout(Duration::from_millis(300), store.changed());
    assert!(
        quiet.await.is_err(),
        "somebody was woken, and nothing was written"
    );
    let mut stdin = process.stdin.take().unwrap();
    let mut latencies = Vec::new();
    for round in 0..10 {
        let changed = store.changed();
        stdin.write_all(b"write\n").unwrap();
        tokio::time::timeout(LONG, changed).await.unwrap();
        let woken = now();
        read_until(&mut lines, &mut output, round + 2);
        let told = child::told(&output);
        let written: u64 = told.last().unwrap().parse().unwrap();
        latencies.push(woken.saturating_sub(Duration::from_micros(written)));
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    stdin.write_all(b"end\n").unwrap();
    assert!(process.wait().unwrap().success());
    latencies.sort();
    println!("woken after {latencies:?}");
    // The fastest: this machine may be busy with something else at the others.
    assert!(latencies[0] < Duration::from_millis(50), "{latencies:?}");
}

/// Uses a ledger as a parent and as its child, and tells which sessions of the server each had.
pub async fn fork(address: &str) {
    let store = PostgresLedger::at(address).unwrap();
    claim(&store, "of the parent").await.unwrap();
    child::tell("parent");
    wait_for_parent();
    // What a child has in its memory is made by telling the library that it is one, as `pthread_atfork` does there.
    ProcessMark::forked();
    let (row, is_new) = claim(&store, "of the parent").await.unwrap();
    assert!(!is_new && row.order.is_some());
    claim(&store, "of the child").await.unwrap();
    child::tell("child");
    wait_for_parent();
    store.close();
    child::tell("closed");
    wait_for_parent();
}

#[test]
fn a_child_uses_and_closes_connections_of_its_own() {
    let server = shared();
    let schema = new_name("forks");
    let address = format!("{}&application_name={schema}", server.address(&schema));
    let sessions = || {
        let query = format!(
            "SELECT pid FROM pg_stat_activity WHERE application_name = '{schema}' ORDER BY pid"
        );
        let sessions: Vec<String> = server.sql(&query).lines().map(str::to_owned).collect();
        sessions
    };
    let mut process = child::command("fork", &address).spawn().unwrap();
    let (mut lines, mut output) = (lines_of(&mut process), String::new());
    let mut stdin = process.stdin.take().unwrap();
    read_until(&mut lines, &mut output, 1);
    let of_the_parent = sessions();
    assert!(!of_the_parent.is_empty());
    stdin.write_all(b"go\n").unwrap();
    read_until(&mut lines, &mut output, 2);
    let of_both = sessions();
    assert!(of_both.len() > of_the_parent.len(), "{of_both:?}");
    stdin.write_all(b"go\n").unwrap();
    read_until(&mut lines, &mut output, 3);
    assert_eq!(
        sessions(),
        of_the_parent,
        "a child closed its parent's, or left its own"
    );
    stdin.write_all(b"go\n").unwrap();
    assert!(process.wait().unwrap().success());
}
