//! The commands of the contract in SQL. Each runs in a transaction that its thread has begun.

pub(super) mod callbacks;
pub(super) mod claims;
pub(super) mod lookups;
pub(super) mod names;
pub(super) mod notes;
pub(super) mod questions;
pub(super) mod report;
pub(super) mod search;
pub(super) mod tellings;
pub(super) mod writes;
