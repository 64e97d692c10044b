//! Lipia for Kotlin and Swift: the types and functions from which uniffi makes both.
//!
//! Data, errors and objects cross the border here. Names that begin with `Native` are for the shells in `kotlin/` and
//! `swift/`; all others are part of the public interface of both.

#![allow(
    clippy::result_large_err,
    reason = "an error crosses the border by value, and few calls end in one"
)]

mod app_error;
mod callback;
mod callback_secret;
mod cancellation;
mod client;
mod credentials;
mod error;
mod integers;
mod ledger;
mod log;
mod payment;
mod payments;
mod result_code;
mod settings;
mod status;
mod telemetry;
mod unclaimed_payment;
mod values;
mod wait;
mod words;

uniffi::setup_scaffolding!("lipia_mobile");

/// The version of this library.
#[uniffi::export]
#[must_use]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
