//! Ten thousand waits in flight: how much memory they hold.

use crate::server::Server;
use lipia::{StkPush, WaitOptions};
use std::time::Duration;

const WAITS: usize = 10_000;

pub fn measure() {
    let server = Server::start();
    let client = crate::push::client(&server.base_url);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut waits = Vec::with_capacity(WAITS);
        let options =
            WaitOptions::default().timeout(Duration::from_secs(300)).query(Duration::from_secs(5), Duration::from_secs(60));
        for number in 0..WAITS {
            let ask = StkPush::new("0712345678", 150, format!("INV-{number}"));
            let payment = client.reserve(ask).expect("reserved");
            client.push(&payment).await.expect("accepted");
            let client = client.clone();
            waits.push(tokio::spawn(async move { client.wait(&payment, options).await }));
        }
        let begun = resident_kib("VmRSS:");
        // Every wait asks once meanwhile.
        tokio::time::sleep(Duration::from_secs(12)).await;
        assert!(waits.iter().all(|wait| !wait.is_finished()), "a wait ended early");
        println!(
            "{WAITS} waits in flight{:36} {:.0} MiB resident ({:.0} after the first question of each, {:.0} at most)  asked: at most 64",
            "",
            begun / 1024.0,
            resident_kib("VmRSS:") / 1024.0,
            resident_kib("VmHWM:") / 1024.0,
        );
        for wait in waits {
            wait.abort();
        }
    });
}

/// A line of what Linux tells of this process, in KiB; not a number elsewhere.
fn resident_kib(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(f64::NAN)
}
