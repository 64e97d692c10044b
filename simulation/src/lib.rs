//! Money safety, simulated: the core's own decisions over a network, a gateway and a clock that exist in this process
//! alone, drawn from a seed and repeatable to the last millisecond.
//!
//! - [`plan`]: what will happen in one world, drawn from its seed before anything runs
//! - `world`, `nature`, `network`, `gateway`: what outlives the shop's process, and what happens by itself
//! - `shop`: a shop that uses the client as its documentation says, and dies now and then
//! - [`Promise`]: what is checked after every step
//! - [`FaultKind`]: what went wrong, as the table counts it
//! - [`Campaign`], [`Tally`], [`table()`], [`picture()`]: many worlds, counted and shown

mod campaign;
mod chance;
mod fault;
mod gateway;
mod nature;
mod network;
mod picture;
pub mod plan;
mod promises;
mod run;
mod shop;
mod shrink;
mod story;
mod table;
mod tally;
mod tokens;
mod world;

pub use campaign::{BrokenWorld, Campaign, Ending, Failure};
pub use fault::FaultKind;
pub use picture::picture;
pub use promises::{Broken, Promise};
pub use run::{Report, SaleReport};
pub use shop::End;
pub use shrink::{Shrunk, explain, shrink};
pub use story::story;
pub use table::{grouped, table};
pub use tally::{Counts, Tally};
