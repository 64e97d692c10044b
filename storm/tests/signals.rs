//! A storm that is told to end leaves no process behind.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test")]

use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longer than a storm takes to start or to end.
const LONGEST: Duration = Duration::from_secs(60);

/// Stops the storm where a test fails.
struct Storm(Child);

impl Drop for Storm {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

/// Numbers of the processes whose command line names one of these.
fn running(names: &[String]) -> BTreeSet<String> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let named = processes.filter_map(|entry| {
        let number = entry.file_name().into_string().ok()?;
        number.parse::<u32>().ok()?;
        let line = std::fs::read(entry.path().join("cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).into_owned();
        names
            .iter()
            .any(|name| line.contains(name))
            .then_some(number)
    });
    named.collect()
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < LONGEST, "not so: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn has_postgres() -> bool {
    Path::new("/usr/lib/postgresql").is_dir()
}

/// Starts a storm, ends it by a signal once it sells, and demands that its processes, its server and the server's folder are
/// gone with it.
fn ends_by(signal: Signal, store: &str) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("storm-{store}-{}", signal.as_raw()));
    // What an earlier run left there says nothing of this one.
    let _left = std::fs::remove_dir_all(&folder);
    let storm = Command::new(env!("CARGO_BIN_EXE_storm"))
        .args(["--store", store, "--orders", "5000", "--calm-orders", "0"])
        .arg("--folder")
        .arg(&folder)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut storm = Storm(storm);
    let server = std::env::temp_dir().join(format!("lipia-server-{}", storm.0.id()));
    let number = storm.0.id().to_string();
    let names = [folder.display().to_string(), server.display().to_string()];
    let mut said = BufReader::new(storm.0.stderr.take().unwrap()).lines();
    // Four processes sell, and others have come in the place of some that were killed.
    let of_the_eighth = folder.join("storm").join("told-8.jsonl");
    wait_until("eight processes have begun", || {
        let has_ended = storm.0.try_wait().unwrap().is_some();
        assert!(!has_ended, "it ended early: {:?}", said.next());
        of_the_eighth.exists()
    });
    let started = running(&names);
    let least = if store == "postgres" { 6 } else { 3 };
    assert!(started.len() >= least, "{started:?}");

    let raw = i32::try_from(storm.0.id()).unwrap();
    kill_process(Pid::from_raw(raw).unwrap(), signal).unwrap();
    let last = said.map(Result::unwrap).last();
    assert!(last.is_some_and(|line| line.starts_with("The storm was ended by SIG")));
    assert_eq!(storm.0.wait().unwrap().code(), Some(2));

    wait_until("all have ended", || {
        running(&names).iter().all(|other| *other == number)
    });
    assert!(!server.exists(), "the server left its folder");
}

#[test]
fn a_storm_on_a_file_ends_with_its_processes() {
    ends_by(Signal::TERM, "sqlite");
}

#[test]
fn a_storm_on_a_server_ends_with_the_server_and_its_processes() {
    if has_postgres() {
        ends_by(Signal::INT, "postgres");
    }
}
