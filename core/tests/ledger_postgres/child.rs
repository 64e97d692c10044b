//! This test program run once more, as another process.

pub use crate::process::{command, tell, told};

use crate::process;

/// What a child does; in the test program itself there is no task, and nothing to do.
#[tokio::test(flavor = "multi_thread")]
async fn carries_out_its_task() {
    let Some((task, address)) = process::task() else {
        return;
    };
    match task.as_str() {
        "claim_300" => super::processes::claim_300(&address).await,
        "claim_on" => super::processes::claim_on(&address).await,
        "write_when_told" => super::processes::write_when_told(&address).await,
        "request" => super::shops::request().await,
        "fork" => super::processes::fork(&address).await,
        "take_callback" => super::spool::take_callback(&address).await,
        other => panic!("no task is named {other}"),
    }
}
