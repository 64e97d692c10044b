//! The simulation of money safety: the core's own decisions over a simulated network, gateway and clock, drawn from a seed and
//! repeatable to the last millisecond.
//!
//! - [`plan`]: what will happen in one world, drawn from its seed before anything runs
//! - `world`, `events`, `network`, `gateway`: what outlives the shop's process, and what happens without it
//! - `shop`: a shop that uses the client as its documentation says, and dies now and then
//! - [`Promise`]: what is checked after every step
//! - [`FaultKind`]: what went wrong, as the table counts it
//! - [`Campaign`], [`Tally`], [`table()`], [`picture()`]: many worlds, counted and shown

mod campaign;
mod chance;
mod events;
mod fault;
mod gateway;
mod network;
pub mod plan;
mod promises;
mod report;
mod run;
mod shop;
mod shrink;
mod time;
mod world;

pub use campaign::{BrokenWorld, Campaign, Ending, Failure};
pub use fault::FaultKind;
pub use promises::{Broken, Promise};
pub use report::picture::picture;
pub use report::story::story;
pub use report::table::{grouped, table};
pub use report::tally::{Counts, Tally};
pub use run::{Report, SaleReport};
pub use shrink::{Shrunk, explain, shrink};
pub use world::order::End;
