//! The token of a merchant, shared by processes through a ledger's file.

use crate::child;
use crate::folder::Folder;
use lipia::{Daraja, StkPush};
use lipia_sandbox::{CONSUMER_KEY, CONSUMER_SECRET, PASS_KEY, SHORT_CODE, Sandbox, SandboxOptions};
use std::path::Path;
use std::time::{Duration, Instant};

/// How many pushes a child makes, and which number its first phone has.
const PUSHES: &str = "LIPIA_TEST_PUSHES";
const FIRST: &str = "LIPIA_TEST_FIRST";

fn number_in(variable: &str) -> usize {
    std::env::var(variable).unwrap().parse().unwrap()
}

/// Pushes as a shop's process does, four at once, and tells each push that failed.
pub async fn push(_: &Path) {
    let client = Daraja::from_env().unwrap();
    let (pushes, first) = (number_in(PUSHES), number_in(FIRST));
    let lanes = (0..4).map(|lane| {
        let client = client.clone();
        async move {
            for number in (lane..pushes).step_by(4) {
                let phone = format!("25471{:07}", (first + number) * 10 + 5);
                if let Err(error) = client.stk_push(StkPush::new(phone, 150, "INV-001")).await {
                    child::tell(&format!("{} {error}", error.code()));
                }
            }
        }
    });
    futures_util::future::join_all(lanes).await;
}

/// Has processes push over one file, at a gateway where a new token kills the old and no token lives for longer than `life`,
/// whatever it says. Demands that no push fails, and that no more tokens are fetched than there were lives.
async fn processes_push(processes: usize, pushes: usize, life: Duration) {
    let folder = Folder::new();
    let scale = 500;
    let lifetime = u32::try_from(life.as_millis() * scale / 1_000).unwrap();
    let options = SandboxOptions::default()
        .time_scale(500.0)
        .token_lifetime_seconds(lifetime)
        .new_token_kills_old(true);
    let sandbox = Sandbox::start(options).await.unwrap();
    let began = Instant::now();
    let children: Vec<_> = (0..processes)
        .map(|place| {
            child::command("push", folder.file())
                .env(PUSHES, pushes.to_string())
                .env(FIRST, (place * pushes).to_string())
                .env(
                    "LIPIA_LEDGER",
                    format!("sqlite://{}", folder.file().display()),
                )
                .env("MPESA_CONSUMER_KEY", CONSUMER_KEY)
                .env("MPESA_CONSUMER_SECRET", CONSUMER_SECRET)
                .env("MPESA_SHORTCODE", SHORT_CODE)
                .env("MPESA_PASSKEY", PASS_KEY)
                .env("MPESA_ENVIRONMENT", "sandbox")
                .env("MPESA_CALLBACK_URL", "https://shop.example/pay")
                .env("MPESA_BASE_URL", sandbox.base_url())
                .spawn()
                .unwrap()
        })
        .collect();
    let outputs = tokio::task::spawn_blocking(move || {
        let outputs = children
            .into_iter()
            .map(|child| child.wait_with_output().unwrap());
        outputs.collect::<Vec<_>>()
    });
    for output in outputs.await.unwrap() {
        assert!(output.status.success(), "{output:?}");
        let output = String::from_utf8(output.stdout).unwrap();
        let failed = child::told(&output);
        assert!(failed.is_empty(), "{} failed: {failed:?}", failed.len());
    }
    let lives = began.elapsed().div_duration_f64(life).ceil();
    let counters = sandbox.counters();
    let calls = f64::from(u32::try_from(counters.oauth_calls).unwrap());
    assert!(
        calls <= lives + 1.0,
        "{calls} OAuth calls for {lives} lives"
    );
    assert_eq!(counters.prompts, u64::try_from(processes * pushes).unwrap());
    println!(
        "{} pushes, {calls} OAuth calls, {lives} lives",
        processes * pushes
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_four_processes_whose_tokens_die_early_no_push_fails() {
    processes_push(4, 40, Duration::from_millis(500)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: run it after a change of how tokens are shared"]
async fn of_eight_processes_and_ten_thousand_pushes_none_fails() {
    processes_push(8, 1_250, Duration::from_secs(5)).await;
}
