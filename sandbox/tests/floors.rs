//! The floors of the sandbox. A file imports from its own floor or from lower ones, no two files import each other in a circle,
//! and every import names the file that defines what is imported. A file and its ancestors may know each other.

#[path = "../../core/tests/floors/source_tree.rs"]
mod source_tree;

use source_tree::SourceTree;

/// From the lowest to the highest; `docs/architecture.md` says what stands on each.
const FLOORS: [&str; 12] = [
    "values",
    "wire",
    "local_page",
    "scenarios",
    "faults",
    "records",
    "engine",
    "gateways",
    "options",
    "callback",
    "server",
    "sandbox",
];

fn sandbox() -> SourceTree {
    SourceTree::read(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn no_file_imports_from_a_higher_floor() {
    sandbox().assert_no_upward_import(&FLOORS);
}

#[test]
fn every_import_names_the_file_that_defines_what_it_imports() {
    sandbox().assert_no_re_export(&[]);
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    sandbox().assert_no_circle();
}

#[test]
fn the_engine_and_the_server_name_no_gateway() {
    let sandbox = sandbox();
    for (module, text) in &sandbox.texts {
        let text = text.to_lowercase();
        let names = ["daraja", "palpluss", "upesipay", "payhero"];
        let named: Vec<&str> = names
            .into_iter()
            .filter(|name| text.contains(name))
            .collect();
        let is_shared = module.starts_with("engine") || module.starts_with("server");
        assert!(!is_shared || named.is_empty(), "{module} names {named:?}");
    }
}
