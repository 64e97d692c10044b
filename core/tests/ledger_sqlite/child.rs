//! This test program run once more, as another process.

use std::path::Path;
use std::process::{Command, Stdio};

/// Names what a child is to do; not set in the test program itself.
const TASK: &str = "LIPIA_TEST_TASK";
const FILE: &str = "LIPIA_TEST_FILE";

/// The command that starts this program again to do a task with a ledger's file.
pub fn command(task: &str, file: &Path) -> Command {
    command_of(&std::env::current_exe().unwrap(), task, file)
}

/// The command that starts a copy of this program, or what starts this program.
pub fn command_of(program: &Path, task: &str, file: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args([
            "--exact",
            "child::carries_out_its_task",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(TASK, task)
        .env(FILE, file)
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
#[tokio::test]
async fn carries_out_its_task() {
    let (Ok(task), Ok(file)) = (std::env::var(TASK), std::env::var(FILE)) else {
        return;
    };
    let file = Path::new(&file);
    match task.as_str() {
        "claim_500" => super::processes::claim_500(file).await,
        "claim_on" => super::processes::claim_on(file).await,
        "check" => super::files::tell_check(file).await,
        "request" => super::shops::request().await,
        "push" => super::tokens::push(file).await,
        "wait" => super::pace::wait(file).await,
        "fork" => super::forks::fork(file).await,
        "fill" => super::files::fill(file).await,
        other => panic!("no task is named {other}"),
    }
}
