//! Runs the built command as a user does, beside a sandbox in this process.

#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(
    unreachable_pub,
    reason = "a module that every test file compiles for itself"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where it fails"
)]
#![allow(
    clippy::indexing_slicing,
    reason = "a missing member fails the test, as it should"
)]

pub mod app;

use lipia_sandbox::{Gateway, Sandbox, SandboxOptions};
use serde_json::Value;
use std::ffi::OsStr;
use std::process::{Command, Output, Stdio};

/// The command, with an environment that holds nothing of the machine's own settings.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lipia"));
    for (name, _) in std::env::vars_os() {
        let ours = [
            "MPESA_",
            "DARAJA_",
            "PALPLUSS_",
            "UPESIPAY_",
            "PAYHERO_",
            "LIPIA_",
        ];
        let ours = ours
            .iter()
            .any(|start| name.to_string_lossy().starts_with(start));
        if ours {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// What a run printed, and how it ended.
#[derive(Debug)]
pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    pub fn of(output: Output) -> Self {
        Self {
            status: output.status.code().expect("ended by itself"),
            stdout: String::from_utf8(output.stdout).expect("UTF-8 on stdout"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8 on stderr"),
        }
    }

    /// The lines of stdout, each a JSON object.
    pub fn json(&self) -> Vec<Value> {
        let read = |line| {
            serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("{error} in {line}\n{}", self.stderr))
        };
        self.stdout.lines().map(read).collect()
    }

    /// The last line of stdout.
    pub fn last(&self) -> Value {
        self.json()
            .pop()
            .unwrap_or_else(|| panic!("nothing on stdout; stderr: {}", self.stderr))
    }

    /// The error that the last line of stdout reports.
    pub fn error(&self) -> Value {
        self.last()["error"].clone()
    }
}

/// Runs the command to its end.
pub async fn run<I, S>(arguments: I) -> Run
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    run_with(command().args(arguments)).await
}

/// Runs a prepared command to its end, on a thread of its own: the sandbox needs this one.
pub async fn run_with(command: &mut Command) -> Run {
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let output = tokio::task::spawn_blocking(move || child.wait_with_output())
        .await
        .unwrap()
        .unwrap();
    Run::of(output)
}

/// A folder of its own, gone when it is dropped.
pub struct Folder(pub std::path::PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lipia-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    /// The names of what is in it.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            entry.unwrap().file_name().to_string_lossy().into_owned()
        };
        let mut names: Vec<_> = entries.map(name).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// Waits until something holds, for at most half a minute.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..6_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("it never happened: {what}");
}

/// A sandbox in which a customer pays within a tenth of a second.
pub async fn sandbox() -> Sandbox {
    Sandbox::start(
        SandboxOptions::default()
            .time_scale(200.0)
            .token_lifetime_seconds(3_000_000),
    )
    .await
    .unwrap()
}

/// The base URL at a sandbox for a gateway, by its name.
pub fn url_of(sandbox: &Sandbox, gateway: &str) -> String {
    sandbox.base_url_of(Gateway::from_name(gateway).unwrap())
}

/// The arguments of a push to a sandbox.
pub fn push<'a>(base_url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec![
        "push",
        "--phone",
        "0712345678",
        "--amount",
        "10",
        "--reference",
        "INV-1",
        "--base-url",
        base_url,
        "--json",
    ];
    arguments.extend_from_slice(more);
    arguments
}

/// A ledger of its own in a file.
pub struct Books {
    pub folder: Folder,
    pub url: String,
}

impl Books {
    pub fn new(name: &str) -> Self {
        let folder = Folder::new(name);
        let url = format!("sqlite://{}", folder.file("payments.db"));
        Self { folder, url }
    }
}
