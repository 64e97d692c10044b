//! This test program run once more, as another process.

use std::process::{Command, Stdio};

/// Names what a child is to do; not set in the test program itself.
const TASK: &str = "LIPIA_TEST_TASK";
const ADDRESS: &str = "LIPIA_TEST_LEDGER";

/// The command that starts this program again to do a task with a ledger.
pub fn command(task: &str, address: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "--exact",
            "child::carries_out_its_task",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(TASK, task)
        .env(ADDRESS, address)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

/// The lines that a child told its parent.
pub fn told(output: &str) -> Vec<&str> {
    output
        .lines()
        .filter_map(|line| line.split_once("told: "))
        .map(|(_, told)| told)
        .collect()
}

/// Tells the parent a line.
pub fn tell(line: &str) {
    println!("told: {line}");
}

/// What a child does; in the test program itself there is no task, and nothing to do.
#[tokio::test(flavor = "multi_thread")]
async fn carries_out_its_task() {
    let (Ok(task), Ok(address)) = (std::env::var(TASK), std::env::var(ADDRESS)) else {
        return;
    };
    match task.as_str() {
        "claim_300" => super::processes::claim_300(&address).await,
        "claim_on" => super::processes::claim_on(&address).await,
        "write_when_told" => super::processes::write_when_told(&address).await,
        "request" => super::shops::request().await,
        "fork" => super::processes::fork(&address).await,
        "take_callback" => super::spool::take_callback(&address).await,
        other => panic!("no task is named {other}"),
    }
}
