//! The generator of the Kotlin and Swift bindings to lipia-mobile: `lipia-bindgen generate --library … --language kotlin
//! --out-dir …`. `lipia-bindgen hide-kotlin FILE` and `hide-swift FILE` hide the plumbing in what was generated from apps.

mod kotlin;
mod swift;

use std::io;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        [_, "hide-kotlin", file] => rewrite(file, kotlin::hidden),
        [_, "hide-swift", file] => rewrite(file, swift::hidden),
        _ => {
            uniffi::uniffi_bindgen_main();
            Ok(())
        }
    }
}

/// A line of generated code with the default that a table has for what it declares: what is declared, and the same with its default.
fn with_default(line: String, defaults: &[(&str, &str)]) -> String {
    let found = defaults.iter().find(|(bare, _)| *bare == line.trim());
    match found {
        Some((bare, whole)) => line.replacen(bare, whole, 1),
        None => line,
    }
}

/// Rewrites a generated file in its place.
fn rewrite(file: &str, hidden: fn(&str) -> Result<String, String>) -> io::Result<()> {
    let generated = std::fs::read_to_string(file)?;
    let written = hidden(&generated).map_err(io::Error::other)?;
    std::fs::write(file, written)
}
