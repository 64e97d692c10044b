//! A local stand-in for the systems behind M-Pesa's STK Push: it prompts no phone and moves no money, but answers,
//! calls back and fails the way they do.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use lipia_sandbox::{Sandbox, SandboxOptions};
//!
//! let sandbox = Sandbox::start(SandboxOptions::default().time_scale(1000.0)).await?;
//! println!("point your client at {}", sandbox.base_url());
//! // … push, wait for the callback, query …
//! assert_eq!(sandbox.counters().prompts, 0);
//! sandbox.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! What a customer does is chosen by the phone number ([`scenario_for_phone`], [`SCENARIOS`]) or by
//! [`Sandbox::script_phone`]; what goes wrong on the way is chosen by [`Sandbox::inject`] ([`FAULTS`]).
//!
//! The rooms: everything in this folder is shared by all gateways; one folder per gateway ([`Gateway`]) holds its
//! routes, its validation and its bodies.

mod acceptance;
mod answer;
mod background;
mod clock;
mod connection;
mod control;
mod counters;
mod daraja;
mod delivery;
mod dice;
mod engine;
mod faults;
mod gateway;
mod options;
mod palpluss;
mod payment;
mod payment_run;
mod request;
mod request_log;
mod results;
mod sandbox;
mod scenario;
mod scenario_table;
mod server;
mod step;
mod timeline;
mod upesipay;
mod world;

pub use counters::{Counters, GatewayCounters};
pub use faults::{FAULTS, Fault, FaultKind, FaultRow};
pub use gateway::{Gateway, Step};
pub use options::{CONSUMER_KEY, CONSUMER_SECRET, PASS_KEY, SHORT_CODE, SandboxOptions};
pub use palpluss::{
    PALPLUSS_API_KEY, PALPLUSS_CHANNEL_ID, PALPLUSS_CREDENTIAL_ID, PalPlussOptions, ReadCasing,
};
pub use payment::{PaymentState, PaymentView};
pub use request_log::RecordedRequest;
pub use sandbox::{Refused, Sandbox};
pub use scenario::{Ending, Scenario, scenario_for_phone};
pub use scenario_table::{SCENARIOS, ScenarioRow};
pub use upesipay::{
    ReceiptField, UPESIPAY_CHANNEL_ID, UPESIPAY_PASSWORD, UPESIPAY_TOKEN, UPESIPAY_USERNAME,
    UpesiPayOptions,
};

/// Compiles and runs what the README shows.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
