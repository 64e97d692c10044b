//! The versions of the libraries in this program, without which a figure means little.

fn main() {
    println!("cargo::rerun-if-changed=Cargo.lock");
    let lock = std::fs::read_to_string("Cargo.lock").unwrap_or_default();
    for name in ["lipia", "reqwest", "serde_json"] {
        let version = version_of(&lock, name).unwrap_or("of unknown version");
        println!(
            "cargo::rustc-env=VERSION_OF_{}={version}",
            name.to_uppercase()
        );
    }
}

/// The line after the name, in quotes.
fn version_of<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let wanted = format!("name = \"{name}\"");
    let mut lines = lock.lines().skip_while(|line| *line != wanted).skip(1);
    lines
        .next()?
        .strip_prefix("version = \"")?
        .strip_suffix('"')
}
