//! The native half of the Node package `lipia`: thin, and without decisions of its own.
//!
//! Values and errors cross the border as plain data, in JSON text; the package in `ts/` makes its classes of them. What
//! is here is what JavaScript cannot do by itself: run the core beside the event loop and bring its results back
//! ([`calls`]), and pass the log on ([`log`]).

mod answer;
mod calls;
mod client;
mod command_line;
mod ledger;
mod log;
mod payment;
mod payments;
mod runtime;
mod sandbox;
mod telemetry;
mod telling;
mod values;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
