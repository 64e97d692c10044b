//! Tests of transactions of several commands, and of locks, on a file of the test's own.

use super::threads::Threads;
use crate::error::Error;
use crate::values::clock::SystemClock;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// A file of the test's own, and its threads.
struct Bench {
    threads: Arc<Threads>,
    folder: PathBuf,
}

impl Bench {
    async fn new() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("lipia-sqlite-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let threads = Threads::new(folder.join("payments.db"), Arc::new(SystemClock));
        threads.write(|_, _| Ok(())).await.unwrap();
        Self {
            threads: Arc::new(threads),
            folder,
        }
    }

    fn path(&self) -> &Path {
        self.threads.path()
    }

    /// The keys of the notes, but for the ledger's own.
    async fn notes(&self) -> Vec<String> {
        let query = "SELECT key FROM notes WHERE key <> 'readable_from' ORDER BY key";
        let read = self.threads.read(|connection, _| {
            let mut select = connection.prepare(query)?;
            select.query_map([], |row| row.get(0))?.collect()
        });
        read.await.unwrap()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.threads.close();
        let _left = std::fs::remove_dir_all(&self.folder);
    }
}

fn note(connection: &Connection, key: &str, bytes: usize) -> Result<(), rusqlite::Error> {
    let insert = "INSERT INTO notes (key, value) VALUES (?1, ?2)";
    connection.execute(insert, [key, &"x".repeat(bytes)])?;
    Ok(())
}

type Command = Box<dyn FnOnce(&Connection) -> Result<(), rusqlite::Error> + Send>;

/// Runs commands in one transaction: the first begins it and waits until the others were sent.
async fn in_one_transaction(bench: &Bench, commands: Vec<Command>) -> Vec<Result<(), Error>> {
    let (sent, wait) = mpsc::channel::<()>();
    let first = bench.threads.write(move |_, _| {
        let _all_sent = wait.recv();
        Ok(())
    });
    let commands = commands.into_iter().map(|command| {
        bench
            .threads
            .write(move |connection, _| command(connection))
    });
    let commands = futures_util::future::join_all(commands);
    // Futures that are joined are polled in their order, and sent when they are first polled.
    let (_, ended, ()) = tokio::join!(first, commands, async move { drop(sent) });
    ended
}

#[tokio::test]
async fn a_command_that_fails_is_undone_alone() {
    let bench = Bench::new().await;
    let ended = in_one_transaction(
        &bench,
        vec![
            Box::new(|connection| note(connection, "first", 1)),
            Box::new(|connection| {
                note(connection, "second", 1)?;
                connection.execute("no statement", []).map(|_| ())
            }),
            Box::new(|connection| note(connection, "third", 1)),
        ],
    )
    .await;
    let codes: Vec<Option<&str>> = (ended.iter())
        .map(|ended| ended.as_ref().err().map(Error::code))
        .collect();
    assert_eq!(codes, [None, Some("ledger_failed"), None]);
    assert_eq!(bench.notes().await, ["first", "third"]);
}

#[tokio::test]
async fn on_a_full_disk_what_was_answered_is_there_and_what_was_refused_is_not() {
    let bench = Bench::new().await;
    let limit = "PRAGMA max_page_count = 60";
    let set = bench
        .threads
        .write(move |connection, _| connection.query_row(limit, [], |_| Ok(())));
    set.await.unwrap();
    let commands = (0..40).map(|number| {
        let key = format!("note {number:02}");
        Box::new(move |connection: &Connection| note(connection, &key, 16_000)) as Box<_>
    });
    let ended = in_one_transaction(&bench, commands.collect()).await;
    let answered: Vec<String> = (ended.iter().enumerate())
        .filter(|(_, ended)| ended.is_ok())
        .map(|(number, _)| format!("note {number:02}"))
        .collect();
    assert_eq!(bench.notes().await, answered);
    let refusals: Vec<&Error> = ended
        .iter()
        .filter_map(|ended| ended.as_ref().err())
        .collect();
    assert!(!refusals.is_empty(), "60 pages hold all of it");
    assert!(
        refusals.iter().all(|error| error.code() == "ledger_full"),
        "{refusals:?}"
    );
    let small = bench.threads.write(|connection, _| {
        connection.execute("DELETE FROM notes WHERE key LIKE 'note %'", [])?;
        note(connection, "after", 1)
    });
    small.await.unwrap();
    assert_eq!(bench.notes().await, ["after"]);
}

#[tokio::test]
async fn a_lock_is_waited_for_up_to_a_limit() {
    let bench = Bench::new().await;
    let mut other = Connection::open(bench.path()).unwrap();
    let held = other
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .unwrap();
    let began = Instant::now();
    let refused = bench
        .threads
        .write(|connection, _| note(connection, "late", 1))
        .await;
    assert_eq!(refused.unwrap_err().code(), "ledger_locked");
    assert!(began.elapsed() >= super::connection::LOCK_LIMIT);
    let (written, ()) = tokio::join!(
        bench
            .threads
            .write(|connection, _| note(connection, "in time", 1)),
        async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            held.rollback().unwrap();
        }
    );
    written.unwrap();
    assert_eq!(bench.notes().await, ["in time"]);
}

#[tokio::test]
async fn a_command_whose_caller_went_away_is_carried_out() {
    let bench = Bench::new().await;
    {
        let write = bench
            .threads
            .write(|connection, _| note(connection, "sent", 1));
        let sent = futures_util::future::poll_immediate(write).await;
        assert!(sent.is_none(), "the commit was quicker than a poll");
    }
    bench.threads.write(|_, _| Ok(())).await.unwrap();
    assert_eq!(bench.notes().await, ["sent"]);
}

#[tokio::test]
async fn a_thread_that_panicked_is_started_again() {
    let bench = Bench::new().await;
    let write = bench.threads.write::<()>(|_, _| panic!("on purpose"));
    assert_eq!(write.await.unwrap_err().code(), "ledger_failed");
    let read = bench.threads.read::<()>(|_, _| panic!("on purpose"));
    assert_eq!(read.await.unwrap_err().code(), "ledger_failed");
    for key in ["first", "second"] {
        // The thread takes a moment to end, and what it was sent meanwhile is lost with it.
        let mut tries = 0;
        while let Err(error) = bench.threads.write(|it, _| note(it, key, 1)).await {
            tries += 1;
            assert!(tries < 100, "{error:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    assert_eq!(bench.notes().await, ["first", "second"]);
}

#[tokio::test]
async fn commands_that_wait_for_one_lock_fail_together() {
    let bench = Bench::new().await;
    let mut other = Connection::open(bench.path()).unwrap();
    let held = other
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .unwrap();
    let began = Instant::now();
    let commands = (0..20).map(|_| bench.threads.write(|_, _| Ok(())));
    for refused in futures_util::future::join_all(commands).await {
        assert_eq!(refused.unwrap_err().code(), "ledger_locked");
    }
    let waited = began.elapsed();
    assert!(waited < super::connection::LOCK_LIMIT * 5, "{waited:?}");
    held.rollback().unwrap();
    bench.threads.write(|_, _| Ok(())).await.unwrap();
}

#[tokio::test]
async fn a_command_that_comes_while_the_file_is_closed_is_carried_out() {
    let bench = Bench::new().await;
    let (goes_on, wait) = mpsc::channel::<()>();
    let slow = bench.threads.read(move |_, _| {
        let _told = wait.recv();
        Ok(())
    });
    let mut slow = Box::pin(slow);
    assert!(
        futures_util::future::poll_immediate(&mut slow)
            .await
            .is_none()
    );
    let closing = Arc::clone(&bench.threads);
    let closed = std::thread::spawn(move || closing.close());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(
        !closed.is_finished(),
        "a command that was begun is waited for"
    );
    let began = Instant::now();
    bench.threads.read(|_, _| Ok(())).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5));
    goes_on.send(()).unwrap();
    slow.await.unwrap();
    closed.join().unwrap();
}
