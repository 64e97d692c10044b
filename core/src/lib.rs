//! M-Pesa STK Push done right: **never prompt a customer twice for one sale, never lose a payment, never believe a
//! forged one.**
//!
//! ```no_run
//! # async fn example() -> Result<(), lipia::Error> {
//! use lipia::{Daraja, StkPush, WaitOptions};
//!
//! let client = Daraja::from_env()?;
//! let push = StkPush::new("0712 345 678", 150, "INV-001").transaction_desc("Two coffees");
//! let payment = client.collect(push, WaitOptions::default()).await?;
//! println!("{}: {:?}", payment.outcome(), payment.receipt());
//! # Ok(()) }
//! ```
//!
//! Where to look:
//!
//! - what you ask with: [`StkPush`]; the values that it is made of are in [`values`]
//! - whom you ask: [`Daraja`], [`PalPluss`], [`UpesiPay`] or [`PayHero`], each of which makes a [`Client`]; its verbs are `stk_push`,
//!   `stk_query`, `wait`, `collect` and `receive_callback`. Builders, settings and credentials providers are in [`client`]
//! - what came of it: [`Payment`], [`Outcome`], [`Event`], [`Status`], [`result_codes`]; what a payment is made of is in [`payment`],
//!   what a callback is checked by in [`callback`] and [`event`]
//! - what went wrong, and what that means for the money: [`Error`], [`Disposition`], [`error`]
//! - how often a phone and an account may be asked: [`guard`]
//!
//! Nothing starts when a client is made: no thread, no connection. Its calls need a Tokio runtime.

// Before the modules that declare their lists with its macro.
#[macro_use]
mod word_list;

pub mod callback;
pub mod client;
pub mod error;
pub mod gateway;
pub mod guard;
#[doc(hidden)]
pub mod json;
pub mod ledger;
mod meaning;
pub mod payment;
pub mod telemetry;
mod transport;
pub mod values;

pub use callback::received::{IncomingCallback, Verdict};
pub use client::Client;
pub use client::daraja::Daraja;
pub use client::palpluss::PalPluss;
pub use client::payhero::PayHero;
pub use client::upesipay::UpesiPay;
pub use client::words;
pub use error::{Disposition, Error, ErrorKind, Remedy};
pub use gateway::parse_callback;
pub use meaning::event;
pub use meaning::event::Event;
pub use meaning::outcome::Outcome;
pub use meaning::result_codes;
pub use meaning::status::Status;
pub use payment::Payment;
pub use payment::acceptance::Acceptance;
pub use payment::handle::PaymentHandle;
pub use payment::schedule::{Progress, WaitOptions};
#[cfg(fuzzing)]
pub use transport::fuzzing;
#[cfg(feature = "simulation")]
#[doc(hidden)]
pub use transport::simulation;
pub use values::amount::Amount;
pub use values::credentials::Credentials;
pub use values::daraja_credentials::Secret;
pub use values::gateway_name::GatewayName;
pub use values::phone::PhoneNumber;
pub use values::push::StkPush;

/// The blocks of Rust in the documents, compiled and run with the other examples.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../../docs/rust.md")]
    struct Guide;
    #[doc = include_str!("../../docs/callbacks.md")]
    struct Callbacks;
    #[doc = include_str!("../../docs/observability.md")]
    struct Observability;
}
