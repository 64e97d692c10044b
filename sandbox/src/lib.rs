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
//! The folders, from the lowest floor to the highest: `values`, `wire` (messages as data), `local_page` (who may read a
//! page for this machine), `scenarios` (what customers do), `faults`, `records` (what a test reads), `engine` (how a payment is played, and the contract of a gateway), `gateways`
//! (one folder each: routes, validation, bodies), `options`, `callback`, `server`, `sandbox`. The engine and the server name no
//! gateway.

mod callback;
mod engine;
mod faults;
mod gateways;
pub mod local_page;
mod options;
mod records;
mod sandbox;
mod scenarios;
mod server;
mod values;
mod wire;

pub use callback::{CallbackFacts, WrittenCallback, write_callback};
pub use faults::Fault;
pub use faults::kind::FaultKind;
pub use faults::row::FaultRow;
pub use faults::table::FAULTS;
pub use gateways::palpluss::options::{PalPlussOptions, ReadCasing};
pub use gateways::upesipay::options::{ReceiptField, UpesiPayOptions};
pub use options::SandboxOptions;
pub use records::counters::{Counters, GatewayCounters};
pub use records::news::News;
pub use records::payment::{PaymentState, PaymentView};
pub use records::request_log::RecordedRequest;
pub use sandbox::{Refused, Sandbox};
pub use scenarios::table::{SCENARIOS, ScenarioRow, scenario_for_phone};
pub use scenarios::{Ending, Scenario};
pub use values::credentials::{
    CONSUMER_KEY, CONSUMER_SECRET, PALPLUSS_API_KEY, PALPLUSS_CHANNEL_ID, PALPLUSS_CREDENTIAL_ID,
    PASS_KEY, PAYHERO_CHANNEL_ID, PAYHERO_TOKEN, SHORT_CODE, UPESIPAY_CHANNEL_ID,
    UPESIPAY_PASSWORD, UPESIPAY_TOKEN, UPESIPAY_USERNAME,
};
pub use values::gateway::{Gateway, Step};

/// Compiles and runs what the README shows.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
