//! The memory of ten thousand waits in flight, in a process that does nothing else.

use crate::peers::lipia::client;
use lipia::{StkPush, WaitOptions};
use lipia_bench_worker::{Where, kib_of_this_process};
use std::time::Duration;

const WAITS: usize = 10_000;

/// Prints what it found as one line of JSON.
pub fn measure(base_url: &str) {
    crate::end_with_parent();
    let place = Where {
        base_url: base_url.to_owned(),
        consumer_key: "sandbox-key".to_owned(),
        consumer_secret: "sandbox-secret".to_owned(),
        short_code: lipia_sandbox::SHORT_CODE.to_owned(),
        pass_key: lipia_sandbox::PASS_KEY.to_owned(),
        callback_url: "https://shop.example.com/pay".to_owned(),
        timeout_seconds: 30,
    };
    let client = client(&place).expect("a client");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut waits = Vec::with_capacity(WAITS);
        let options = WaitOptions::default()
            .timeout(Duration::from_secs(300))
            .query(Duration::from_secs(5), Duration::from_secs(60));
        for number in 0..WAITS {
            let ask = StkPush::new("0712345678", 150, format!("INV-{number}"));
            let payment = client.reserve(ask).expect("reserved");
            client.push(&payment).await.expect("accepted");
            let client = client.clone();
            waits.push(tokio::spawn(
                async move { client.wait(&payment, options).await },
            ));
        }
        let begun = kib_of_this_process("VmRSS:");
        // Every wait asks once meanwhile.
        tokio::time::sleep(Duration::from_secs(12)).await;
        assert!(
            waits.iter().all(|wait| !wait.is_finished()),
            "a wait ended early"
        );
        let found = serde_json::json!({
            "waits": WAITS,
            "begun_bytes": begun * 1024,
            "asked_once_bytes": kib_of_this_process("VmRSS:") * 1024,
            "peak_bytes": kib_of_this_process("VmHWM:") * 1024,
        });
        println!("{found}");
        for wait in waits {
            wait.abort();
        }
    });
}
