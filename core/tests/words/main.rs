//! The lists of words of the other languages are what the core's lists make: `LIPIA_WRITE=1 cargo test -p lipia --test words`
//! writes them. A word of a list is added in the core alone.

#![allow(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod made;
mod parameters;

use lipia::words::{self, Word, WordList};
use made::{camel_spans, compare, has_word, joined, spans, wrapped};
use std::fmt::Write as _;

/// A list in another language: its name there, the plural that names its array in Node, and what it has of its own.
struct Made {
    core: &'static str,
    name: &'static str,
    plural: &'static str,
    /// Python: methods after the words.
    methods: &'static str,
    /// Node: a word that the core does not have, and what it means.
    own_word: Option<(&'static str, &'static str)>,
}

const fn made(core: &'static str, plural: &'static str) -> Made {
    Made {
        core,
        name: core,
        plural,
        methods: "",
        own_word: None,
    }
}

/// The lists of Python and Node.
const LISTS: [Made; 12] = [
    Made {
        name: "Gateway",
        ..made("GatewayName", "GATEWAYS")
    },
    Made {
        methods: "
    @property
    def is_paid(self) -> bool:
        \"\"\"Whether the money was received.\"\"\"
        return self is Outcome.SUCCESS
",
        ..made("Outcome", "OUTCOMES")
    },
    made("Disposition", "DISPOSITIONS"),
    Made {
        own_word: Some((
            "aborted",
            "Your signal was aborted. This language alone has it: elsewhere a cancelled call is not an error of Lipia's.",
        )),
        ..made("ErrorKind", "ERROR_KINDS")
    },
    made("PaymentState", "PAYMENT_STATES"),
    made("Change", "CHANGES"),
    made("Verdict", "VERDICTS"),
    made("FieldCheck", "FIELD_CHECKS"),
    made("EventWarning", "EVENT_WARNINGS"),
    made("Fault", "FAULTS"),
    made("Confidence", "CONFIDENCES"),
    made("Network", "NETWORKS"),
];

/// The lists of Kotlin and Swift by their paths in the core, with their names there and, for a list that the core may extend, the
/// word that stands for one that is not known.
const MOBILE_LISTS: [(&str, &str, Option<&str>); 15] = [
    ("Outcome", "Outcome", None),
    ("Disposition", "Disposition", None),
    ("ErrorKind", "ErrorKind", None),
    ("Remedy", "Remedy", None),
    ("GatewayName", "GatewayName", Some("Daraja")),
    ("payment::PaymentState", "PaymentState", None),
    ("Verdict", "Verdict", None),
    ("payment::Change", "Change", None),
    ("event::FieldCheck", "FieldComparison", None),
    ("result_codes::Fault", "Fault", None),
    ("result_codes::Confidence", "Confidence", None),
    ("gateway::TransactionType", "TransactionType", None),
    ("gateway::QueryVersion", "QueryVersion", None),
    ("gateway::UpesiPayGeneration", "UpesiPayGeneration", None),
    ("values::Environment", "GatewayEnvironment", None),
];

/// Lists whose words the other languages take as text: what a later version saved or found out may have a word that is not known
/// here.
const TEXTS: [&str; 4] = ["CheckPart", "CheckState", "FlagReason", "WarningCode"];

/// Variants that have another name on phones: Kotlin's and Swift's `None` means something else.
const MOBILE_VARIANTS: [(&str, &str, &str); 1] = [("Fault", "None", "Nobody")];

#[test]
fn the_words_of_python_are_the_cores() {
    compare("bindings-python/python/lipia/_words.py", &python());
}

#[test]
fn the_words_of_node_are_the_cores() {
    compare("bindings-node/ts/words.ts", &node());
}

#[test]
fn the_words_of_kotlin_and_swift_are_the_cores() {
    compare("bindings-mobile/src/words/lists.rs", &mobile());
}

#[test]
fn every_list_of_the_core_is_made_for_a_language() {
    for list in words::closed_lists() {
        let name = list.name;
        let is_made = LISTS.iter().any(|made| made.core == name)
            || MOBILE_LISTS.iter().any(|(core, ..)| last_of(core) == name)
            || TEXTS.contains(&name);
        assert!(is_made, "{name} has no line in the tables above");
    }
}

fn list_of(core: &str) -> &'static WordList {
    words::closed_lists()
        .iter()
        .find(|list| list.name == core)
        .unwrap()
}

fn python() -> String {
    let mut text = "\
\"\"\"The closed lists of words that every language shares. Made from the core's lists by `make documents`: do not edit.\"\"\"

from __future__ import annotations

from enum import Enum


class Word(str, Enum):
    \"\"\"A word of a closed list. It equals its text, and prints as it.\"\"\"

    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, format_spec: str) -> str:
        return format(str(self.value), format_spec)
"
    .to_owned();
    for made in &LISTS {
        let list = list_of(made.core);
        writeln!(text, "\n\nclass {}(Word):", made.name).unwrap();
        let doc = paragraphs(list.doc)
            .iter()
            .map(|paragraph| {
                wrapped(
                    &spans(paragraph, |span| {
                        if has_word(list, span) {
                            format!("``{}``", span.to_uppercase())
                        } else {
                            format!("``{span}``")
                        }
                    }),
                    "    ",
                )
            })
            .collect::<Vec<_>>()
            .join("\n");
        let is_one_line = doc.lines().count() == 1;
        let end = if is_one_line {
            "\"\"\""
        } else {
            "\n    \"\"\""
        };
        writeln!(text, "    \"\"\"{}{end}\n", doc.trim()).unwrap();
        for word in list.words {
            text.push_str(&wrapped(&meaning(word), "    #: "));
            writeln!(text, "    {} = \"{}\"", word.word.to_uppercase(), word.word).unwrap();
        }
        text.push_str(made.methods);
    }
    text
}

fn node() -> String {
    let mut text = "\
/** The closed lists of words that every language shares. Made from the core's lists by `make documents`: do not edit. */
"
    .to_owned();
    for made in &LISTS {
        let list = list_of(made.core);
        writeln!(text, "\n/** Every {{@link {}}}. */", made.name).unwrap();
        writeln!(text, "export const {} = [", made.plural).unwrap();
        for word in list.words {
            text.push_str(&wrapped(&camel_spans(&meaning(word)), "  // "));
            writeln!(text, "  '{}',", word.word).unwrap();
        }
        if let Some((word, meaning)) = made.own_word {
            text.push_str(&wrapped(meaning, "  // "));
            writeln!(text, "  '{word}',").unwrap();
        }
        text.push_str("] as const;\n\n");
        let doc: Vec<String> = paragraphs(list.doc)
            .iter()
            .map(|paragraph| wrapped(paragraph, " * "))
            .collect();
        let doc = doc.join(" *\n");
        if doc.lines().count() == 1 {
            writeln!(text, "/** {} */", doc[3..].trim_end()).unwrap();
        } else {
            writeln!(text, "/**\n{doc} */").unwrap();
        }
        let (name, plural) = (made.name, made.plural);
        writeln!(text, "export type {name} = (typeof {plural})[number];").unwrap();
    }
    text
}

fn last_of(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

fn mobile() -> String {
    let mut text = "\
//! The lists. Made from the core's lists by `make documents`: do not edit.
"
    .to_owned();
    for (path, name, otherwise) in MOBILE_LISTS {
        let core = last_of(path);
        let list = list_of(core);
        text.push_str("\nwords! {\n");
        let doc: Vec<String> = paragraphs(list.doc)
            .iter()
            .map(|paragraph| wrapped(&camel_spans(paragraph), "    /// "))
            .collect();
        text.push_str(&doc.join("    ///\n"));
        let otherwise = otherwise.map_or(String::new(), |word| format!(", otherwise {word}"));
        writeln!(text, "    {name} of lipia::{path}{otherwise};").unwrap();
        for word in list.words {
            text.push_str(&wrapped(&camel_spans(&meaning(word)), "    /// "));
            let variant = MOBILE_VARIANTS
                .iter()
                .find(|(list, variant, _)| *list == core && *variant == word.variant)
                .map_or(word.variant, |(.., other)| *other);
            writeln!(text, "    {variant} = {},", word.variant).unwrap();
        }
        text.push_str("}\n");
    }
    text
}

/// The paragraphs of a documentation, up to the example for Rust.
fn paragraphs(doc: &str) -> Vec<String> {
    let text = doc.split("```").next().unwrap();
    text.split("\n \n")
        .flat_map(|part| part.split("\n\n"))
        .map(joined)
        .filter(|paragraph| !paragraph.is_empty())
        .collect()
}

fn meaning(word: &Word) -> String {
    assert!(
        !word.doc.contains("[`"),
        "a link is Rust's alone: {}",
        word.doc
    );
    joined(word.doc)
}
