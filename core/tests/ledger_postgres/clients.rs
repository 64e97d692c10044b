//! Clients of several processes that share a ledger's database.

use crate::server::{new_name, shared};
use crate::{child, shops};

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_that_request_the_same_orders_prompt_once_for_each() {
    let address = shared().address(&new_name("shop"));
    shops::prompt_once_for_each(|| child::command("request", &address), &address).await;
}
