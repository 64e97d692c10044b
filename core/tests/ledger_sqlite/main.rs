//! The ledger in a SQLite file: the contract, several processes, forks, and what happens to files.
#![cfg(feature = "sqlite")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    unreachable_pub,
    clippy::print_stdout,
    reason = "a broken expectation should stop the test where it stands; a child tells its parent by what it prints"
)]

mod child;
mod clients;
mod files;
mod folder;
mod forks;
mod lost;
mod pace;
mod processes;
mod store;
mod tokens;

#[path = "../sql_stores/process.rs"]
mod process;
#[path = "../sql_stores/rows.rs"]
mod rows;
#[path = "../sql_stores/shops.rs"]
mod shops;
