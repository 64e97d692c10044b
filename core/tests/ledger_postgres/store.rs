//! The store by itself: the contract, and what a database keeps.

use crate::server::shared;
use lipia::ledger::conformance;

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds() {
    let broken = conformance::check(&shared().store()).await;
    assert!(broken.is_empty(), "{broken:#?}");
}
