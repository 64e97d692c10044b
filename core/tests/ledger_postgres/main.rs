//! The ledger in a PostgreSQL database: the contract, poolers, crashes, rights, and several processes. Each program has a server of
//! its own; `.ci/postgresql` sees to PostgreSQL's programs.
#![cfg(feature = "postgres")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a broken expectation should stop the test where it stands; a child tells its parent by what it prints"
)]

mod child;
mod clients;
mod pooler;
mod processes;
mod server;
mod spool;
mod store;
mod trouble;

#[path = "../sql_stores/process.rs"]
mod process;
#[path = "../sql_stores/rows.rs"]
mod rows;
#[path = "../sql_stores/shops.rs"]
mod shops;
