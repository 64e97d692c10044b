//! Tests of the ledger's bench: every figure is there on both stores. They look at no times.

use lipia_bench_ledger::{Amounts, Place, measure, table};
use lipia_storm::PostgresServer;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is measured on a file. A server has its own CPU time besides.
const FIGURES: usize = 2 + 2 + 2 + 2 + 8 + 1;

async fn measured(place: Place, figures: usize) {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_lipia-bench-ledger"));
    let amounts = Amounts::few();
    let column = measure(&place, &amounts, &program, |_| {}).await.unwrap();
    let found: Vec<_> = column.figures().collect();
    assert_eq!(found.len(), figures, "{found:?}");
    for (what, lipia, by_hand) in found {
        assert!(lipia.is_finite() && by_hand.is_finite(), "{what}");
        // CPU time of a server is counted in ticks, and a short run may take none.
        assert!(lipia > 0.0 || what.contains("in the server"), "{what}");
    }
    assert_eq!(table(&[column], &amounts).lines().count(), figures + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_is_there_on_a_file() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-ledger");
    measured(Place::sqlite(&folder).unwrap(), FIGURES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_is_there_on_a_server() {
    let programs = PostgresServer::programs().expect("run .ci/postgresql first");
    let server = PostgresServer::start(programs).unwrap();
    measured(Place::Postgres(Arc::new(server)), FIGURES + 1).await;
}
