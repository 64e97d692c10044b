//! The program, run as a user runs it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where it fails"
)]

use lipia_simulation::Promise;
use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Far more than any run here takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

/// An empty folder for one test, and the program as it runs in it.
fn command(test: &str) -> (Command, PathBuf) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lipia-simulation"));
    command
        .current_dir(&folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    (command, folder)
}

struct Run {
    status: i32,
    stdout: String,
    stderr: String,
}

fn run(command: &mut Command) -> Run {
    let mut child = command.spawn().expect("the program starts");
    let stdout = reader(child.stdout.take());
    let stderr = reader(child.stderr.take());
    let (stdout, stderr) = (received(&mut child, &stdout), received(&mut child, &stderr));
    let status = child.wait().expect("a status");
    Run {
        status: status.code().expect("ended by itself"),
        stdout,
        stderr,
    }
}

/// All that comes from it; an empty text where nobody listens.
fn reader(source: Option<impl Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut text = String::new();
        if let Some(mut source) = source {
            source.read_to_string(&mut text).expect("UTF-8");
        }
        sender.send(text)
    });
    receiver
}

fn received(child: &mut Child, receiver: &mpsc::Receiver<String>) -> String {
    receiver.recv_timeout(LIMIT).unwrap_or_else(|_| {
        let _ = child.kill();
        panic!("still running after {LIMIT:?}")
    })
}

#[test]
fn it_prints_the_table_and_draws_the_picture() {
    let (mut command, folder) = command("table");
    let run = run(command.args(["--payments", "200"]));
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(run.stderr, "");
    assert!(
        run.stdout.contains("callback: none comes"),
        "{}",
        run.stdout
    );
    let held = run.stdout.matches("\nheld  ").count();
    assert_eq!(held, Promise::ALL.len(), "{}", run.stdout);
    assert!(run.stdout.contains(" payments a second."));
    assert!(run.stdout.ends_with("target/simulation.svg\n"));
    let svg = fs::read_to_string(folder.join("target/simulation.svg")).expect("a picture");
    assert!(svg.contains("What became of 2"), "{svg}");
}

#[test]
fn the_same_seeds_print_the_same() {
    let result = |threads: &str| {
        let (mut command, _) = command(&format!("same-{threads}"));
        let arguments = ["--payments", "150", "--seed", "900", "--threads", threads];
        let run = run(command.args(arguments).arg("--quiet"));
        assert_eq!(run.status, 0, "{}", run.stderr);
        let (table, _time) = run.stdout.split_once("\n\n").expect("a table");
        assert!(run.stdout.contains("seeds 900 to 9"), "{}", run.stdout);
        table.to_owned()
    };
    assert_eq!(result("1"), result("3"));
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (arguments, named) in [
        (&["--payments", "0"][..], "--payments"),
        (&["--payments", "-1"], "--payments"),
        (&["--payments", "many"], "--payments"),
        (&["--threads", "0"], "--threads"),
        (&["--seed", "18446744073709551616"], "--seed"),
        (&["--world", "x"], "--world"),
        (&["--world", "1", "--svg", "x.svg"], "--world"),
        (&["--nothing"], "--nothing"),
        (&["1000"], "1000"),
    ] {
        let (mut command, folder) = command("refused");
        let run = run(command.args(arguments));
        assert_eq!(run.status, 2, "{arguments:?}");
        assert_eq!(run.stdout, "", "{arguments:?}");
        assert!(run.stderr.contains(named), "{arguments:?}: {}", run.stderr);
        assert_eq!(fs::read_dir(folder).expect("a folder").count(), 0);
    }
}

#[test]
fn a_picture_that_cannot_be_written_is_told_before_anything_runs() {
    for path in ["missing/simulation.svg", "."] {
        let (mut command, folder) = command("unwritable");
        // As many payments as nobody would wait for.
        let run = run(command.args(["--payments", "1000000000000", "--svg", path]));
        assert_eq!(run.status, 2, "{path}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{path}");
        assert!(run.stderr.contains(path), "{path}: {}", run.stderr);
        assert!(!run.stderr.contains("panicked"), "{path}: {}", run.stderr);
        assert_eq!(fs::read_dir(folder).expect("a folder").count(), 0);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_reason_to_fail() {
    let (mut command, folder) = command("closed");
    let mut child = command
        .args(["--payments", "50"])
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let stderr = reader(child.stderr.take());
    assert_eq!(received(&mut child, &stderr), "");
    assert_eq!(child.wait().expect("a status").code(), Some(0));
    assert!(folder.join("target/simulation.svg").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_printed_is_a_failure() {
    let (mut command, _) = command("full");
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("/dev/full");
    let run = run(command.args(["--payments", "50"]).stdout(full));
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("cannot be printed"), "{}", run.stderr);
}

#[test]
fn one_world_is_told_as_a_story() {
    let told = || {
        let (mut command, _) = command("world");
        run(command.args(["--world", "3"]))
    };
    let run = told();
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.stdout.starts_with("World 3: "), "{}", run.stdout);
    assert!(run.stdout.contains(" s  the shop "), "{}", run.stdout);
    assert!(run.stdout.contains("\nsale 0: "), "{}", run.stdout);
    assert!(run.stdout.ends_with("Every promise held.\n"));
    assert_eq!(run.stdout, told().stdout, "and the same each time");
}
