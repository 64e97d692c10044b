//! Clients of several processes that share a ledger's file.

use crate::folder::Folder;
use crate::{child, shops};

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_that_request_the_same_orders_prompt_once_for_each() {
    let folder = Folder::new();
    let ledger = format!("sqlite://{}", folder.file().display());
    let process = || child::command("request", folder.file());
    shops::prompt_once_for_each(process, &ledger).await;
}
