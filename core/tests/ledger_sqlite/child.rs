//! This test program run once more, as another process.

pub use crate::process::{command, command_of, tell, told};

use crate::process;
use std::path::Path;

/// What a child does; in the test program itself there is no task, and nothing to do.
#[tokio::test]
async fn carries_out_its_task() {
    let Some((task, file)) = process::task() else {
        return;
    };
    let file = Path::new(&file);
    match task.as_str() {
        "claim_500" => super::processes::claim_500(file).await,
        "claim_on" => super::processes::claim_on(file).await,
        "check" => super::files::tell_check(file).await,
        "request" => super::shops::request().await,
        "push" => super::tokens::push(file).await,
        "wait" => super::pace::wait(file).await,
        "fork" => super::forks::fork(file).await,
        "fill" => super::files::fill(file).await,
        other => panic!("no task is named {other}"),
    }
}
