//! Clients of several processes that share a ledger's file.

use crate::child;
use crate::rows::Folder;
use lipia::{Daraja, StkPush};
use lipia_sandbox::{CONSUMER_KEY, CONSUMER_SECRET, PASS_KEY, SHORT_CODE, Sandbox, SandboxOptions};
use std::path::Path;

const ORDERS: usize = 20;

/// Requests orders as a shop's process does, with settings from the environment, and tells each order's payment.
pub async fn request(_: &Path) {
    let client = Daraja::from_env().unwrap();
    for number in 0..ORDERS {
        let phone = format!("25471{:07}", number * 10 + 5);
        let push = StkPush::new(phone, 150, "INV-001").order(format!("order {number}"));
        let payment = client.request(push).await.unwrap();
        child::tell(payment.id().as_str());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_that_request_the_same_orders_prompt_once_for_each() {
    let folder = Folder::new();
    let options = SandboxOptions::default().time_scale(500.0);
    let sandbox = Sandbox::start(options).await.unwrap();
    let processes: Vec<_> = (0..2)
        .map(|_| {
            child::command("request", &folder.file())
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
    let outputs: Vec<String> = processes
        .into_iter()
        .map(|process| {
            let output = process.wait_with_output().unwrap();
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).unwrap()
        })
        .collect();
    let payments: Vec<Vec<&str>> = outputs.iter().map(|output| child::told(output)).collect();
    assert_eq!(
        payments.first(),
        payments.last(),
        "two payments of one order"
    );
    assert_eq!(sandbox.counters().prompts, u64::try_from(ORDERS).unwrap());
}
