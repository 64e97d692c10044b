//! The edge where requests leave the machine: HTTP, TLS, tokens, and the rule about sending again.

pub(crate) mod authorized;
pub(crate) mod authorizer;
#[cfg(fuzzing)]
pub mod fuzzing;
pub(crate) mod gateway_clock;
pub(crate) mod http;
pub(crate) mod in_flight;
pub(crate) mod retry;
pub(crate) mod send;
pub(crate) mod send_context;
#[cfg(feature = "simulation")]
pub mod simulation;
pub(crate) mod tls;
pub(crate) mod token;
