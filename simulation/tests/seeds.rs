//! The promises hold in a fixed set of worlds and in every world that ever broke one, and a seed is always the same world.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use lipia_simulation::plan::Plan;
use lipia_simulation::{Report, explain};
use serde::Deserialize;
use std::fs;
use std::path::PathBuf;

/// How many worlds are run, from the seed 0.
const WORLDS: u64 = 500;

/// A world that once broke a promise, in `failed/`: `explain` prints one ready to be kept.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// What was wrong.
    found: String,
    /// Which promise it broke; the mutations say so again.
    #[serde(rename = "promise")]
    _promise: lipia_simulation::Promise,
    plan: Plan,
}

/// Fails with the story of a world that breaks a promise.
fn holds(name: &str, plan: &Plan) -> usize {
    let report = plan.run(false).unwrap();
    if let Some(broken) = report.broken {
        panic!("{name}\n{}", explain(plan, &broken).unwrap());
    }
    report.sales.len()
}

#[test]
fn every_promise_holds_in_a_fixed_set_of_worlds() {
    let payments: usize = (0..WORLDS)
        .map(|seed| holds(&format!("seed {seed}"), &Plan::of(seed)))
        .sum();
    assert!(payments > 4_000, "{payments}");
}

#[test]
fn every_promise_holds_in_every_world_that_ever_broke_one() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("failed");
    let mut kept = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let world: Kept = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = format!("{}: {}", path.display(), world.found);
        assert!(
            holds(&name, &world.plan) > 0,
            "{name}: a world without a sale"
        );
        kept += 1;
    }
    assert!(kept > 0, "there is one at least");
}

/// Fails with the first line that differs.
fn same(seed: u64, one: &Report, other: &Report) {
    let mut lines = one.trace.iter().zip(&other.trace);
    if let Some((one, other)) = lines.find(|(one, other)| one != other) {
        panic!("seed {seed} is two worlds:\n{one}\n{other}");
    }
    assert!(one == other, "seed {seed} is two worlds");
}

#[test]
fn a_seed_is_always_the_same_world() {
    for seed in 0..60 {
        let first = Plan::of(seed).run(true).unwrap();
        assert!(!first.trace.is_empty());
        same(seed, &first, &Plan::of(seed).run(true).unwrap());
        let elsewhere = std::thread::spawn(move || Plan::of(seed).run(true).unwrap());
        same(seed, &first, &elsewhere.join().unwrap());
        let untold = Plan::of(seed).run(false).unwrap();
        assert_eq!(
            (first.sales, first.broken),
            (untold.sales, untold.broken),
            "seed {seed}, with nobody listening"
        );
    }
}
