//! README.md's program is `src/bin/first.rs`, word for word, and sells against the sandbox.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use lipia_sandbox::{CONSUMER_KEY, CONSUMER_SECRET, PASS_KEY, SHORT_CODE, Sandbox, SandboxOptions};
use std::process::Command;

#[test]
fn the_readme_shows_this_program() {
    let readme = include_str!("../../../README.md");
    let shown = readme.split("```rust\n").nth(1).unwrap();
    let shown = shown.split("```").next().unwrap();
    let program = include_str!("../src/bin/first.rs");
    assert!(program.ends_with(&format!("\n\n{shown}")), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_sells() {
    let options = SandboxOptions::default()
        .time_scale(200.0)
        .token_lifetime_seconds(3_000_000);
    let sandbox = Sandbox::start(options).await.unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_first"));
    command
        .env("MPESA_BASE_URL", sandbox.base_url())
        .env("MPESA_CALLBACK_URL", "http://127.0.0.1:9/pay")
        .env("MPESA_CONSUMER_KEY", CONSUMER_KEY)
        .env("MPESA_CONSUMER_SECRET", CONSUMER_SECRET)
        .env("MPESA_SHORTCODE", SHORT_CODE)
        .env("MPESA_PASSKEY", PASS_KEY)
        .env("MPESA_ENVIRONMENT", "sandbox");
    let told = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&told.stdout), "success\n");
    assert_eq!(sandbox.counters().prompts, 1);
}
