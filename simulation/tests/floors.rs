//! The floors of the simulation. A file imports from its own floor or from lower ones, no two files import each other in a
//! circle, and every import names the file that defines what is imported. A file and its ancestors may know each other.

#[path = "../../core/tests/floors/source_tree.rs"]
mod source_tree;

use source_tree::SourceTree;

/// From the lowest to the highest; `docs/architecture.md` says what stands on each.
const FLOORS: [&str; 15] = [
    "chance", "time", "plan", "fault", "gateway", "promises", "world", "network", "shop", "events",
    "run", "report", "shrink", "campaign", "main",
];

fn simulation() -> SourceTree {
    SourceTree::read(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn no_file_imports_from_a_higher_floor() {
    simulation().assert_no_upward_import(&FLOORS);
}

#[test]
fn every_import_names_the_file_that_defines_what_it_imports() {
    simulation().assert_no_re_export(&[]);
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    simulation().assert_no_circle();
}
