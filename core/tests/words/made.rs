//! Files of other languages that are made from the core's tables: `make documents` writes them, and the tests compare.

use lipia::words::{self, WordList};
use std::fmt::Write as _;
use std::path::Path;

/// Compares a file with what the tables make; with `LIPIA_WRITE` set, writes it first.
pub(crate) fn compare(path: &str, made: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    if std::env::var_os("LIPIA_WRITE").is_some() {
        std::fs::write(&file, made).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap();
    assert!(
        found == made,
        "{path} is not what the tables make: run `make documents`"
    );
}

/// The words of some lines, with one space between each.
pub(crate) fn joined(lines: &str) -> String {
    let words: Vec<&str> = lines.split_whitespace().collect();
    words.join(" ")
}

/// Whether a list has a word.
pub(crate) fn has_word(list: &WordList, text: &str) -> bool {
    list.words.iter().any(|word| word.word == text)
}

/// A text with each of its spans of code as another language writes it.
pub(crate) fn spans(text: &str, spelled: impl Fn(&str) -> String) -> String {
    text.split('`')
        .enumerate()
        .map(|(at, part)| {
            if at % 2 == 1 {
                spelled(part)
            } else {
                part.to_owned()
            }
        })
        .collect()
}

/// A name in camel case: `party_b` is `partyB`.
pub(crate) fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let mut camel = parts.next().unwrap().to_owned();
    for part in parts {
        camel.push_str(&part[..1].to_uppercase());
        camel.push_str(&part[1..]);
    }
    camel
}

/// A text whose names of fields are in camel case: `party_b` is `partyB`.
pub(crate) fn camel_spans(text: &str) -> String {
    spans(text, |span| {
        let is_name = !words::closed_lists()
            .iter()
            .any(|list| has_word(list, span))
            && span.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        if is_name {
            format!("`{}`", camel(span))
        } else {
            format!("`{span}`")
        }
    })
}

/// Lines of at most 120 characters, each with this beginning.
pub(crate) fn wrapped(text: &str, beginning: &str) -> String {
    let beginning = beginning.strip_suffix(' ').unwrap_or(beginning);
    hanging(text, beginning, beginning, 120)
}

/// Lines of at most so many characters. The first line and the others have beginnings of their own, and a space after those.
pub(crate) fn hanging(text: &str, first: &str, beginning: &str, most: usize) -> String {
    let mut lines = String::new();
    let mut line = first.to_owned();
    let mut has_word = false;
    for word in text.split(' ') {
        let is_full = line.chars().count() + 1 + word.chars().count() > most;
        if is_full && has_word {
            writeln!(lines, "{line}").unwrap();
            beginning.clone_into(&mut line);
        }
        line.push(' ');
        line.push_str(word);
        has_word = true;
    }
    writeln!(lines, "{}", line.trim_end()).unwrap();
    lines
}
