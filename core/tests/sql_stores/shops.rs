//! Shops of several processes that share a ledger.

#![allow(
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

use crate::child;
use lipia::{Daraja, StkPush};
use lipia_sandbox::{CONSUMER_KEY, CONSUMER_SECRET, PASS_KEY, SHORT_CODE, Sandbox, SandboxOptions};
use std::process::Command;

const ORDERS: usize = 20;

/// Requests orders as a shop's process does, with settings from the environment, and tells each order's payment.
pub async fn request() {
    let client = Daraja::from_env().unwrap();
    for number in 0..ORDERS {
        let phone = format!("25471{:07}", number * 10 + 5);
        let push = StkPush::new(phone, 150, "INV-001").order(format!("order {number}"));
        let payment = client.request(push).await.unwrap();
        child::tell(payment.id().as_str());
    }
}

/// Demands that two processes that [`request`] the same orders of a ledger prompt once for each.
pub async fn prompt_once_for_each(process: impl Fn() -> Command, ledger: &str) {
    let options = SandboxOptions::default().time_scale(500.0);
    let sandbox = Sandbox::start(options).await.unwrap();
    let processes: Vec<_> = (0..2)
        .map(|_| {
            process()
                .env("LIPIA_LEDGER", ledger)
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
    assert_eq!(payments[0].len(), ORDERS);
    assert_eq!(payments[0], payments[1], "two payments of one order");
    assert_eq!(sandbox.counters().prompts, u64::try_from(ORDERS).unwrap());
}
