//! The conformance suite of stores: what every [`LedgerStore`] must do, run against one.

mod bench;
mod callbacks;
mod claims;
mod lists;
mod names;
mod notes;
mod questions;
mod tellings;
mod writes;

use crate::ledger::contract::LedgerStore;
use bench::{Bench, Rule};

/// Runs every rule of the contract on a store, and returns the rules that it broke; none for a store that conforms.
///
/// The suite writes some 200 rows in shops with names of their own, and leaves them there: give it a store for tests. It
/// needs a Tokio runtime where the store does, changes no clock and takes a second or two.
///
/// ```
/// use lipia::ledger::{MemoryLedger, conformance};
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// let broken = conformance::check(&MemoryLedger::default()).await;
/// assert!(broken.is_empty(), "{broken:#?}");
/// # });
/// ```
pub async fn check(store: &dyn LedgerStore) -> Vec<String> {
    let mut broken = Vec::new();
    for Rule { name, run } in rules() {
        if let Err(what) = run(Bench::new(store)).await {
            broken.push(format!("{name}: {what}"));
        }
    }
    broken
}

fn rules() -> Vec<Rule> {
    [
        claims::rules(),
        writes::rules(),
        callbacks::rules(),
        questions::rules(),
        tellings::rules(),
        lists::rules(),
        names::rules(),
        notes::rules(),
    ]
    .concat()
}
