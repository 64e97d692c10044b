//! The sandbox, over real HTTP on loopback.

// The lints that spare tests know them by this mark, and helpers outside of test functions have no other.
#[cfg(test)]
mod control;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod life;
#[cfg(test)]
mod oauth;
#[cfg(test)]
mod push;
#[cfg(test)]
mod query;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod support;
