//! The ledger: payments, callbacks and what is owed to the shop, in a store that several processes share. One order has one
//! open or paid payment, whichever process asked for it.
//!
//! Two layers. [`LedgerStore`] is the contract of a store: commands that decide nothing. [`MemoryLedger`] is one,
//! `SqliteLedger` (feature `sqlite`, or `sqlite-system` with the system's own SQLite) and `PostgresLedger` (feature `postgres`) others; write your own for another database, and run [`conformance::check`] on it. Above it stand pure functions that decide what
//! is written, when the gateway is asked and whom to tell.

pub(crate) mod address;
mod age;
#[cfg(any(feature = "sqlite-system", feature = "postgres"))]
pub(crate) mod columns;
#[cfg(any(feature = "sqlite-system", feature = "postgres"))]
pub(crate) mod conditions;
pub mod conformance;
pub(crate) mod contract;
pub(crate) mod engine;
pub(crate) mod log;
pub(crate) mod memory;
pub(crate) mod notes;
pub mod plain;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
pub(crate) mod report;
pub(crate) mod row;
pub(crate) mod scope;
pub(crate) mod search;
pub(crate) mod spool;
#[cfg(feature = "sqlite-system")]
pub(crate) mod sqlite;
#[cfg(feature = "postgres")]
pub(crate) mod state_folder;
mod unreadable;
pub(crate) mod writer;

pub use crate::values::note::{Note, NoteWritten};
pub use contract::{
    Claimed, Earlier, LedgerAnswer, LedgerResult, LedgerStore, MAX_CALLBACKS, Party, Replaced,
    TellingEnd, Version,
};
pub use memory::MemoryLedger;
#[cfg(feature = "postgres")]
pub use postgres::PostgresLedger;
pub use report::LedgerReport;
pub use row::{Callback, Row, Telling};
pub use scope::{Order, Scope};
pub use search::Search;
#[cfg(feature = "sqlite-system")]
pub use sqlite::SqliteLedger;
#[cfg(feature = "postgres")]
#[doc(hidden)]
pub use state_folder::state_path;
