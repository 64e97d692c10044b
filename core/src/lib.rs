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
//! - what you ask with: [`StkPush`], and the values it is made of: [`PhoneNumber`], [`Amount`] …
//! - whom you ask: [`Daraja`], [`PalPluss`] or [`UpesiPay`], each of which makes a [`Client`]; its verbs are `stk_push`, `stk_query`, `wait`, `collect` and
//!   `receive_callback`
//! - what came of it: [`Payment`], [`Outcome`], [`Event`], [`Status`], [`result_codes`]
//! - what went wrong, and what that means for the money: [`Error`], [`Disposition`]
//!
//! Nothing starts when a client is made: no thread, no connection. Its calls need a Tokio runtime.

mod amount;
mod authenticity;
mod callback_url;
mod client;
mod client_builder;
mod client_settings;
mod clock;
mod credentials;
mod entropy;
mod environment;
mod error;
mod event;
mod gateway;
mod gateway_name;
mod guard;
mod http;
mod json;
mod keys;
mod log_lines;
mod mask;
mod money;
mod outcome;
mod payment;
mod phone;
mod push;
mod reference;
pub mod result_codes;
mod send;
#[cfg(feature = "simulation")]
#[doc(hidden)]
pub mod simulation;
mod status;
mod tls;
mod token;
mod under_way;
mod verbs;
mod wait;
mod warning;
mod wiped;

pub use amount::{Amount, AmountRules};
pub use authenticity::{
    CallbackSecrets, Confirm, IncomingCallback, ReceivedCallback, SourceAddresses, Verdict,
};
pub use callback_url::CallbackUrl;
pub use client::{CallOptions, Client, UntilClaimed};
pub use client_builder::ClientBuilder;
pub use client_settings::ClientSettings;
pub use clock::{Clock, EatTime, ManualClock, SystemClock};
pub use credentials::{
    ConsumerKey, ConsumerSecret, Credentials, PassKey, Secret, ShortCode, password,
};
pub(crate) use entropy::Entropy;
pub use environment::Environment;
pub use error::{Disposition, Error, ErrorKind, Remedy};
pub use event::{Event, EventCheck, EventWarning, Expected, FieldCheck, accepted_reply};
#[cfg(fuzzing)]
pub use gateway::daraja::fuzzing;
pub use gateway::daraja::{Daraja, DarajaBuilder, DarajaKeys, TransactionType};
pub use gateway::palpluss::{PalPluss, PalPlussBuilder, PalPlussKeys, PalPlussTransaction};
pub use gateway::upesipay::{
    UpesiPay, UpesiPayBuilder, UpesiPayGeneration, UpesiPayKeys, UpesiPayTransaction,
};
pub use gateway::{Acceptance, client_from_env, parse_callback};
pub use gateway_name::GatewayName;
pub use guard::{
    AccountRung, ClosedBy, Guard, GuardAdmission, GuardClosing, GuardCount, GuardCounted, GuardKey,
    GuardLimits, GuardRule, GuardStanding, GuardStore, GuardStoreResult, GuardTally,
    MemoryGuardStore, PhoneRun, RuleTally,
};
#[doc(hidden)]
pub use json::{Json, JsonError, read as read_json};
pub use keys::{Keys, KeysProvider};
pub use log_lines::tell_log_lines;
pub use money::Money;
pub use outcome::Outcome;
pub use payment::{
    Change, Flag, Payment, PaymentHandle, PaymentId, PaymentState, PaymentStore, Step,
};
pub use phone::{Network, PhoneNumber};
pub use push::{Push, StkPush};
pub use reference::{AccountReference, Fit, TransactionDesc};
pub use result_codes::{Confidence, CustomerMessage, Fault, ResultCode};
pub use status::Status;
pub use tls::TlsRoots;
pub use verbs::Watch;
pub use wait::{Progress, WaitOptions, WaitSeconds};
pub use warning::Warning;
