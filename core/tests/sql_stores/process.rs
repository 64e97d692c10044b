//! A test program run once more, as another process that uses the same ledger.

use std::path::Path;
use std::process::{Command, Stdio};

/// Names what a child is to do, and with which ledger; not set in the test program itself.
const TASK: &str = "LIPIA_TEST_TASK";
const PLACE: &str = "LIPIA_TEST_LEDGER";

/// The command that starts this program again to do a task with the ledger at a place.
pub fn command(task: &str, place: impl AsRef<std::ffi::OsStr>) -> Command {
    command_of(&std::env::current_exe().unwrap(), task, place)
}

/// The command that starts a copy of this program, or what starts this program.
pub fn command_of(program: &Path, task: &str, place: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command
        .args([
            "--exact",
            "child::carries_out_its_task",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(TASK, task)
        .env(PLACE, place)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

/// What this process is to do, and the place of its ledger; `None` in the test program itself.
pub fn task() -> Option<(String, String)> {
    Some((std::env::var(TASK).ok()?, std::env::var(PLACE).ok()?))
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
