//! The commands of the contract in SQL. Each is one statement, which the server commits by itself: a process that is stopped in
//! the middle of a command holds no lock. Where a second statement follows, it only reads.
//!
//! `now()` is the start of the statement, by the server's clock.

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

use crate::ledger::postgres::value::Value;
use crate::ledger::scope::Scope;

/// A limit as PostgreSQL takes it.
fn limit(most: usize) -> Value {
    Value::Number(i64::try_from(most).unwrap_or(i64::MAX))
}

/// Environment and shop as the first two values of a statement, and those that follow.
fn scoped<const N: usize>(scope: &Scope, others: [Value; N]) -> Vec<Value> {
    let scope = [Value::text(scope.environment()), Value::text(scope.shop())];
    scope.into_iter().chain(others).collect()
}
