//! The decisions of a ledger, as pure functions: what is claimed, what is written, when the gateway is asked and whom to tell.
//! They do no IO and read no clock; times are the store's.

pub(crate) mod asking;
pub(crate) mod claiming;
pub(crate) mod learning;
pub(crate) mod pruning;
pub(crate) mod secrets;
pub(crate) mod telling;

#[cfg(test)]
mod tests;
