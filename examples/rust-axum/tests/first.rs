//! README.md's program is `src/bin/first.rs`, word for word, and sells against the sandbox: again for the same order it prompts
//! nobody, and is told what became of it.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use lipia_sandbox::{CONSUMER_KEY, CONSUMER_SECRET, PASS_KEY, SHORT_CODE, Sandbox, SandboxOptions};
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

/// How long the program may take. Nobody takes callbacks, and the first question is asked after ten seconds.
const LONGEST: Duration = Duration::from_secs(60);

#[test]
fn the_readme_shows_this_program() {
    let readme = include_str!("../../../README.md");
    let shown = readme.split("```rust\n").nth(1).unwrap();
    let shown = shown.split("```").next().unwrap();
    let program = include_str!("../src/bin/first.rs");
    assert!(program.ends_with(&format!("\n\n{shown}")), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_sells_once_however_often_it_is_started() {
    let options = SandboxOptions::default()
        .time_scale(200.0)
        .token_lifetime_seconds(3_000_000);
    let sandbox = Sandbox::start(options).await.unwrap();
    let folder = std::env::temp_dir().join(format!("lipia-first-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_first"));
        command
            .env("MPESA_BASE_URL", sandbox.base_url())
            .env("MPESA_CALLBACK_URL", "http://127.0.0.1:9/pay")
            .env("MPESA_CONSUMER_KEY", CONSUMER_KEY)
            .env("MPESA_CONSUMER_SECRET", CONSUMER_SECRET)
            .env("MPESA_SHORTCODE", SHORT_CODE)
            .env("MPESA_PASSKEY", PASS_KEY)
            .env("MPESA_ENVIRONMENT", "sandbox")
            .env(
                "LIPIA_LEDGER",
                format!("sqlite://{}/payments.db", folder.display()),
            )
            .stdout(Stdio::piped());
        command.spawn().unwrap()
    };
    let mut both = [start(), start()];
    let outputs: Vec<_> = both
        .iter_mut()
        .map(|program| program.stdout.take().unwrap())
        .collect();
    // One of the two is told.
    let (told, hears) = std::sync::mpsc::channel();
    for output in outputs {
        let told = told.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = told.send(line);
            }
        });
    }
    let told = tokio::task::spawn_blocking(move || hears.recv_timeout(LONGEST))
        .await
        .unwrap();
    for program in &mut both {
        program.kill().unwrap();
        program.wait().unwrap();
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(told.as_deref(), Ok("order-17 success"));
    assert_eq!(sandbox.counters().prompts, 1);
}
