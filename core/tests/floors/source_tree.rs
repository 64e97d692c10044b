//! The imports between the files of one crate, read from its sources. Every test of floors uses it: the core's, the
//! sandbox's and the simulation's.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a broken expectation should stop the test where it stands"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The files of one crate by module, and which others each imports from.
pub(crate) struct SourceTree {
    /// Without comments and without the tests at their end.
    pub(crate) texts: BTreeMap<String, String>,
    imports: BTreeMap<String, BTreeSet<String>>,
}

impl SourceTree {
    /// Reads `src/` of the crate whose manifest stands in `package`.
    pub(crate) fn read(package: &str) -> Self {
        let mut texts = BTreeMap::new();
        let root = Path::new(package).join("src");
        collect(&root, "", &mut texts);
        texts.remove("");
        let mut tree = Self {
            texts,
            imports: BTreeMap::new(),
        };
        for (module, text) in &tree.texts {
            let targets = paths(text, module)
                .into_iter()
                .map(|path| tree.file_of(&path));
            let targets: BTreeSet<String> = targets.filter(|target| target != module).collect();
            tree.imports.insert(module.clone(), targets);
        }
        tree
    }

    /// Every file stands on a floor, and imports from its own floor or from lower ones. The floors are given from the
    /// lowest to the highest.
    pub(crate) fn assert_no_upward_import(&self, floors: &[&str]) {
        let floor = |module: &str| {
            let name = module.split("::").next().unwrap_or_default();
            floors.iter().position(|floor| *floor == name)
        };
        for module in self.texts.keys() {
            assert!(
                floor(module).is_some(),
                "{module} stands on no floor: add it to the list"
            );
        }
        let upward: Vec<String> = self
            .each_import()
            .filter(|(from, to)| floor(to) > floor(from))
            .map(|(from, to)| format!("{from} imports from {to}"))
            .collect();
        assert!(upward.is_empty(), "from a higher floor: {upward:#?}");
    }

    /// Every import names the file that defines what is imported. `public_modules` are public as they stand, so that
    /// their parts are re-exported there.
    pub(crate) fn assert_no_re_export(&self, public_modules: &[&str]) {
        let flat: Vec<&str> = self
            .each_import()
            .filter(|(_, to)| to.is_empty())
            .map(|(from, _)| from)
            .collect();
        assert!(
            flat.is_empty(),
            "by way of the re-exports in lib.rs: {flat:#?}"
        );
        // A macro reaches other files by a `use` of its bare name.
        let is_re_export = |line: &str| {
            (line.starts_with("pub use ") || line.starts_with("pub(crate) use "))
                && line.contains("::")
        };
        let re_exporting: Vec<&String> = self
            .texts
            .iter()
            .filter(|(module, text)| {
                !public_modules.contains(&module.as_str()) && text.lines().any(is_re_export)
            })
            .map(|(module, _)| module)
            .collect();
        assert!(
            re_exporting.is_empty(),
            "re-exports outside lib.rs: {re_exporting:#?}"
        );
    }

    /// No two files import each other in a circle. A file and its ancestors may know each other.
    pub(crate) fn assert_no_circle(&self) {
        let mut left: BTreeSet<(&str, &str)> = self
            .each_import()
            .filter(|(from, to)| !are_related(from, to))
            .collect();
        // What imports nothing that is left, or is imported by nothing that is left, is in no circle.
        loop {
            let importing: BTreeSet<&str> = left.iter().map(|(from, _)| *from).collect();
            let imported: BTreeSet<&str> = left.iter().map(|(_, to)| *to).collect();
            let before = left.len();
            left.retain(|(from, to)| importing.contains(to) && imported.contains(from));
            if left.len() == before {
                break;
            }
        }
        assert!(left.is_empty(), "in a circle: {left:#?}");
    }

    /// The longest beginning of a path that is a file.
    fn file_of(&self, path: &[String]) -> String {
        let beginnings = (0..=path.len())
            .rev()
            .map(|length| path[..length].join("::"));
        beginnings
            .into_iter()
            .find(|start| self.texts.contains_key(start))
            .unwrap_or_default()
    }

    fn each_import(&self) -> impl Iterator<Item = (&str, &str)> {
        self.imports
            .iter()
            .flat_map(|(from, targets)| targets.iter().map(move |to| (from.as_str(), to.as_str())))
    }
}

fn collect(folder: &Path, module: &str, texts: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let child = [module, &name].into_iter().filter(|part| !part.is_empty());
        let child = child.collect::<Vec<_>>().join("::");
        match name.as_str() {
            "tests" => {}
            _ if path.is_dir() => collect(&path, &child, texts),
            "mod" | "lib" => drop(texts.insert(module.to_owned(), shipped(&path))),
            _ => drop(texts.insert(child, shipped(&path))),
        }
    }
}

/// A file's text without its comments and without the tests at its end.
fn shipped(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let code = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    let code = code.collect::<Vec<_>>().join("\n");
    let tests =
        ["mod tests {", "pub(crate) mod tests {"].map(|start| format!("#[cfg(test)]\n{start}"));
    let end = tests.iter().filter_map(|tests| code.find(tests)).min();
    code[..end.unwrap_or(code.len())].to_owned()
}

/// Every path from `crate` or `super` in a text, in `use` lines and elsewhere, from the root.
fn paths(text: &str, module: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    let starts = ["crate::", "super::"].into_iter();
    for (at, start) in starts.flat_map(|start| text.match_indices(start)) {
        let before = text[..at].chars().next_back().unwrap_or(' ');
        if is_of_a_name(before) || before == ':' {
            continue;
        }
        let mut base: Vec<String> = Vec::new();
        let mut rest = &text[at + start.len()..];
        if start == "super::" {
            base = module.split("::").map(str::to_owned).collect();
            base.pop();
            while let Some(higher) = rest.strip_prefix("super::") {
                base.pop();
                rest = higher;
            }
        }
        expand(rest, &base, &mut paths);
    }
    paths
}

fn is_of_a_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Reads one tree of paths, such as `values::{amount::Amount, money::Money}`, and returns what follows it.
fn expand<'t>(text: &'t str, base: &[String], paths: &mut Vec<Vec<String>>) -> &'t str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = expand(rest, base, paths);
            let (end, after) = rest.split_at(rest.find([',', '}']).map_or(rest.len(), |at| at + 1));
            rest = after.trim_start();
            if !end.ends_with(',') || rest.starts_with('}') {
                return rest.trim_start_matches('}');
            }
        }
    }
    let (name, rest) = text.split_at(text.find(|c| !is_of_a_name(c)).unwrap_or(text.len()));
    let own = (!name.is_empty() && name != "self").then(|| name.to_owned());
    let path: Vec<String> = base.iter().cloned().chain(own).collect();
    match rest.strip_prefix("::") {
        Some(more) if more.starts_with(|c| is_of_a_name(c) || c == '{') => {
            expand(more, &path, paths)
        }
        _ => {
            paths.push(path);
            rest
        }
    }
}

fn are_related(one: &str, other: &str) -> bool {
    let is_below = |child: &str, parent: &str| child.starts_with(&format!("{parent}::"));
    is_below(one, other) || is_below(other, one)
}
