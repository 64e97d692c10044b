//! The floors of the core. A file imports from its own floor or from lower ones, no two files import each other in a circle,
//! and every import names the file that defines what is imported. A file and its ancestors may know each other.

mod source_tree;

use source_tree::SourceTree;

/// From the lowest to the highest; `docs/architecture.md` says what stands on each.
const FLOORS: [&str; 13] = [
    "word_list",
    "json",
    "error",
    "telemetry",
    "values",
    "meaning",
    "payment",
    "callback",
    "gateway",
    "guard",
    "transport",
    "ledger",
    "client",
];

/// Modules that are public as they stand, so that their parts are re-exported there.
const PUBLIC_MODULES: [&str; 12] = [
    "callback",
    "client",
    "client::words",
    "error",
    "gateway",
    "guard",
    "ledger",
    "meaning::event",
    "meaning::result_codes",
    "payment",
    "telemetry",
    "values",
];

/// The most names at the root of the crate. More would be a list that nobody reads.
const MAX_ROOT_NAMES: usize = 30;

fn core() -> SourceTree {
    SourceTree::read(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn no_file_imports_from_a_higher_floor() {
    core().assert_no_upward_import(&FLOORS);
}

#[test]
fn every_import_names_the_file_that_defines_what_it_imports() {
    core().assert_no_re_export(&PUBLIC_MODULES);
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    core().assert_no_circle();
}

/// The names that `lib.rs` re-exports, but for those that the documentation hides.
fn root_names(lib: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for item in lib.split_inclusive(";\n") {
        let Some(at) = item.find("pub use ") else {
            continue;
        };
        let (before, path) = item.split_at(at);
        if before.contains("doc(hidden)") || before.contains("cfg(fuzzing)") {
            continue;
        }
        let path = path.trim_end().trim_end_matches([';', '}']);
        let last = path.rsplit(['{', ':']).next().unwrap_or_default();
        names.extend(
            last.split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty()),
        );
    }
    names
}

#[test]
fn the_root_has_few_names_and_the_rest_stands_in_modules() {
    let names = root_names(include_str!("../../src/lib.rs"));
    for known in ["Client", "IncomingCallback", "Verdict", "StkPush"] {
        assert!(names.contains(&known), "{known} is at the root: {names:?}");
    }
    assert!(
        names.len() <= MAX_ROOT_NAMES,
        "{} names at the root, at most {MAX_ROOT_NAMES}: {names:?}",
        names.len()
    );
}
