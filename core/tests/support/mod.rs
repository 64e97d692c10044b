//! Support for the tests of the client: a started sandbox with a client for it, a shop that takes callbacks, and a
//! raw server that answers scripted bytes where the sandbox has no fault for it.

#![allow(
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "every test file uses its own part of this, and a broken expectation should stop the test where it stands"
)]

mod by_hand;
mod credentials;
mod gateways;
mod ledger;
mod log;
mod raw;
mod shop;
mod store;

pub(crate) use by_hand::ByHand;
pub(crate) use credentials::{LOCKED, Script};
pub(crate) use gateways::{palpluss_at, upesipay_at};
pub(crate) use ledger::{Trouble, TroubledLedger};
pub(crate) use log::Log;
pub(crate) use raw::{Play, RawServer, Seen, answer, serve};
pub(crate) use shop::Shop;
pub(crate) use store::{FileStore, FullAfter, Memory};

use lipia::client::DarajaBuilder;
use lipia::{Client, Daraja, Error, StkPush, WaitOptions};
use lipia_sandbox::{
    CONSUMER_KEY, CONSUMER_SECRET, Fault, FaultKind, PASS_KEY, SHORT_CODE, Sandbox, SandboxOptions,
    Step,
};
use std::future::Future;
use std::time::Duration;

/// Where callbacks go that nobody takes: the sandbox sends them to loopback addresses only.
pub(crate) const NO_SHOP: &str = "https://shop.example/pay";

/// A phone that pays.
pub(crate) const PAYS: &str = "254712000111";

/// A sandbox whose seconds take two milliseconds and whose tokens outlive every test.
pub(crate) fn fast() -> SandboxOptions {
    SandboxOptions::default()
        .time_scale(500.0)
        .token_lifetime_seconds(10_000_000)
}

/// A builder with the sandbox's keys.
pub(crate) fn builder(base_url: &str) -> DarajaBuilder {
    Daraja::builder()
        .consumer_key(CONSUMER_KEY)
        .consumer_secret(CONSUMER_SECRET)
        .short_code(SHORT_CODE)
        .pass_key(PASS_KEY)
        .callback_url(NO_SHOP)
        .base_url(base_url)
        .timeout(Duration::from_secs(10))
}

/// A sandbox and a client for it, without a shop.
pub(crate) async fn stand() -> (Sandbox, Client) {
    stand_with(fast()).await
}

pub(crate) async fn stand_with(options: SandboxOptions) -> (Sandbox, Client) {
    let sandbox = Sandbox::start(options).await.unwrap();
    let client = builder(&sandbox.base_url()).build().unwrap();
    (sandbox, client)
}

/// A push for 150 shillings.
pub(crate) fn sale(phone: &str) -> StkPush {
    StkPush::new(phone, 150, "INV-001")
}

/// The phone of that number, among phones that all pay.
pub(crate) fn paying_phone(number: usize) -> String {
    format!("25471{:07}", number * 10 + 5)
}

/// A phone with these last four digits, which choose what its customer does.
pub(crate) fn phone_ending(digits: &str) -> String {
    format!("25471200{digits}")
}

/// Asks early and often, for a sandbox in a hurry.
pub(crate) fn hurried() -> WaitOptions {
    let mut options = WaitOptions::default()
        .timeout(Duration::from_secs(5))
        .query(Duration::from_millis(10), Duration::from_millis(10));
    options.longest_pause = Duration::from_millis(40);
    options
}

/// Waits for callbacks alone: the first question would come after the end.
pub(crate) fn without_asking(timeout: Duration) -> WaitOptions {
    WaitOptions::default()
        .timeout(timeout)
        .query(Duration::from_secs(600), Duration::from_secs(600))
}

pub(crate) fn inject(sandbox: &Sandbox, step: Step, kind: FaultKind) {
    sandbox.inject(Fault::new(step, kind)).unwrap();
}

/// What an error says that matters, in one line.
pub(crate) fn in_short(error: &Error) -> String {
    let retryable = if error.retryable() { " retryable" } else { "" };
    format!("{} {}{retryable}", error.disposition(), error.kind())
}

/// A success callback, as Daraja writes it; `receipt` may be left out.
pub(crate) fn success_body(id: &str, amount: &str, phone: &str, receipt: Option<&str>) -> Vec<u8> {
    let receipt = receipt.map_or_else(String::new, |receipt| {
        format!(r#"{{"Name":"MpesaReceiptNumber","Value":"{receipt}"}},"#)
    });
    format!(
        r#"{{"Body":{{"stkCallback":{{"MerchantRequestID":"1-2-3","CheckoutRequestID":"{id}","ResultCode":0,"ResultDesc":"The service request is processed successfully.","CallbackMetadata":{{"Item":[{{"Name":"Amount","Value":{amount}}},{receipt}{{"Name":"TransactionDate","Value":20261121102115}},{{"Name":"PhoneNumber","Value":{phone}}}]}}}}}}}}"#
    )
    .into_bytes()
}

/// A callback that says anything but success.
pub(crate) fn failure_body(id: &str, code: &str) -> Vec<u8> {
    format!(
        r#"{{"Body":{{"stkCallback":{{"MerchantRequestID":"1-2-3","CheckoutRequestID":"{id}","ResultCode":{code},"ResultDesc":"No."}}}}}}"#
    )
    .into_bytes()
}

/// The path of a payment's own callback URL.
pub(crate) fn path_of(payment: &lipia::PaymentHandle) -> String {
    let url = payment.snapshot().push().callback_url.as_str().to_owned();
    let path = url.splitn(4, '/').nth(3).unwrap();
    format!("/{path}")
}

/// Looks again until a condition holds, and gives up after half a minute.
pub(crate) async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..15_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("it never came about that {what}");
}

/// Ends a test that would hang.
pub(crate) async fn bounded<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future)
        .await
        .expect("this ends within a minute")
}

/// Panics with all of the failures at once.
pub(crate) fn none_of(failures: &[String]) {
    assert!(
        failures.is_empty(),
        "{} failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
}
