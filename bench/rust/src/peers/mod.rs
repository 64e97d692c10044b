//! The peers in Rust; `bench/driver/peers.py` has their titles.

pub mod by_hand_reqwest;
pub mod lipia;
mod serde_json_plain;

use lipia_bench_worker::{NoPusher, fail, run as run_worker};

/// Answers the driver's commands as one of them.
pub fn run(peer: &str) {
    match peer {
        "lipia" => run_worker::<lipia::Lipia>(
            concat!("lipia ", env!("VERSION_OF_LIPIA")),
            Some(lipia::parse),
        ),
        "by_hand_reqwest" => run_worker::<by_hand_reqwest::ByHand>(
            concat!("reqwest ", env!("VERSION_OF_REQWEST")),
            None,
        ),
        "serde_json" => run_worker::<NoPusher>(
            concat!("serde_json ", env!("VERSION_OF_SERDE_JSON")),
            Some(serde_json_plain::parse),
        ),
        other => fail(&format!("there is no peer {other}")),
    }
}
