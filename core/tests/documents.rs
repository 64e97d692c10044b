//! The documents that are made from the tables are what the tables make: `LIPIA_WRITE=1 cargo test -p lipia --test documents`
//! writes them. The error codes of the other languages are in the list.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

use lipia::GatewayName;
use lipia::error::ErrorCode;
use lipia::words::{self, Explanation, WordOf};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn the_page_of_errors_is_made_from_the_list() {
    let path = repository().join("docs/errors.md");
    let page = page();
    if std::env::var_os("LIPIA_WRITE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap();
    assert!(
        found == page,
        "docs/errors.md is not what the list makes: run `make documents`"
    );
}

#[test]
fn the_readme_is_read_in_two_minutes() {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    assert!(readme.lines().count() <= 120, "README.md is longer");
    for line in readme.lines() {
        assert!(line.chars().count() < 110, "{line}");
    }
}

fn page() -> String {
    let mut page = "\
# Errors and codes

Made from the tables of the core by `make documents`; the same as `lipia explain CODE` tells. Do not edit it by hand.

An error says three things: what it means for the customer's money (`disposition`), what kind of trouble it is (`kind`), and what happened (`code`). \
A customer who cancels is an outcome, not an error.
"
    .to_owned();
    for (title, is) in [
        ("## What an error means for the money", WordOf::Disposition),
        ("## What to do about an error", WordOf::Remedy),
        ("## What kind of trouble an error is", WordOf::ErrorKind),
        ("## What came of a push", WordOf::Outcome),
        ("## What was made of a callback", WordOf::Verdict),
        ("## Why a payment has a flag", WordOf::PaymentFlag),
        ("## Warnings about a callback", WordOf::EventWarning),
        ("## Warnings about a push", WordOf::PushWarning),
    ] {
        heading(&mut page, title, &["word", "meaning", "what to do"]);
        for row in words::all().filter(|row| row.is == is) {
            line(&mut page, row.word, &[row.meaning, row.advice]);
        }
    }
    page.push_str("\n## Lipia's error codes\n");
    let mut section = "";
    for code in ErrorCode::ALL {
        if code.section() != section {
            section = code.section();
            let columns = ["code", "kind", "meaning", "what to do"];
            heading(&mut page, &format!("### {section}"), &columns);
        }
        let cells = [code.kind().as_str(), code.meaning(), code.advice()];
        line(&mut page, code.as_str(), &cells);
    }
    heading(
        &mut page,
        "## M-Pesa's result codes",
        &["code", "outcome", "meaning", "what to do", "how sure"],
    );
    for row in words::all().filter(|row| row.is == WordOf::ResultCode) {
        let outcome = row.outcome.map_or("", |outcome| outcome.as_str());
        let confidence = row.confidence.map_or("", |confidence| confidence.as_str());
        line(
            &mut page,
            row.word,
            &[outcome, row.meaning, row.advice, confidence],
        );
    }
    page.push_str("\nEvery other result code is `unknown`: neither a success nor a failure.\n");
    page.push_str("\n## Error codes of the gateways\n");
    page.push_str(
        "\nThe first row that fits decides. `http_5xx` and the like are Lipia's words for answers without a code, `4xx` and `5xx` for codes that are not \
known.\n",
    );
    for gateway in GatewayName::ALL {
        if gateway == GatewayName::PayHero {
            page.push_str("\n### payhero\n\nAs at `upesipay`, whose interface it speaks.\n");
            continue;
        }
        heading(
            &mut page,
            &format!("### {gateway}"),
            &["code", "kind", "disposition", "meaning", "what to do"],
        );
        for row in words::all().filter(|row| row.gateway == Some(gateway)) {
            let (kind, disposition) = (row.kind.unwrap(), row.disposition.unwrap());
            let meaning = format!("{}{}", condition(&row), row.meaning);
            line(
                &mut page,
                row.word,
                &[kind.as_str(), disposition.as_str(), &meaning, row.advice],
            );
        }
    }
    page
}

/// When a row holds: `At the step token: `.
fn condition(row: &Explanation) -> String {
    match (row.step, row.says) {
        (Some(step), Some(says)) => format!("At the step {step}, with \"{says}\": "),
        (Some(step), None) => format!("At the step {step}: "),
        (None, Some(says)) => format!("With \"{says}\": "),
        (None, None) => String::new(),
    }
}

fn heading(page: &mut String, title: &str, columns: &[&str]) {
    let rule = "---|".repeat(columns.len());
    writeln!(page, "\n{title}\n\n| {} |\n|{rule}", columns.join(" | ")).unwrap();
}

fn line(page: &mut String, word: &str, cells: &[&str]) {
    writeln!(page, "| `{word}` | {} |", cells.join(" | ")).unwrap();
}

#[test]
fn the_documents_link_to_files_that_exist() {
    let mut looked_at = 0;
    for folder in [
        "",
        "docs",
        "docs/decisions",
        "docs/wire",
        "bench",
        "sandbox",
        "simulation",
    ] {
        let folder = repository().join(folder);
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "md") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for link in text.split("](").skip(1) {
                let target = link.split([')', '#']).next().unwrap();
                let is_file = !target.is_empty() && !target.contains("://");
                assert!(
                    !is_file || folder.join(target).exists(),
                    "{} links to {target}",
                    path.display()
                );
                looked_at += usize::from(is_file);
            }
        }
    }
    assert!(looked_at > 100, "{looked_at} links");
}

#[test]
fn the_error_codes_of_every_language_are_in_the_list() {
    let mut looked_at = 0;
    for folder in [
        "bindings-node/ts",
        "bindings-python/python",
        "bindings-mobile/kotlin/src/main",
        "bindings-mobile/swift/Sources/Lipia",
    ] {
        for file in files_below(&repository().join(folder)) {
            let text = std::fs::read_to_string(&file).unwrap();
            for code in codes_raised_in(&text) {
                assert!(
                    ErrorCode::from_word(code).is_some(),
                    "{code} of {} is not in the list",
                    file.display()
                );
                looked_at += 1;
            }
        }
    }
    assert!(looked_at >= 20, "{looked_at} codes were found");
}

/// The codes that a source raises: a word in quotes after `code:` or `code=`, or the first one that stands alone in the arguments
/// of what makes an error.
fn codes_raised_in(text: &str) -> Vec<&str> {
    const MAKERS: [&str; 4] = [
        "refusedInput(",
        "refused_input(",
        "detailsOf(",
        "LipiaError.here(",
    ];
    let named = ["code: ", "code="].iter().flat_map(|name| {
        text.match_indices(name)
            .filter_map(|(at, name)| quoted(&text[at + name.len()..]))
    });
    let made = MAKERS.iter().flat_map(|maker| {
        text.match_indices(maker).filter_map(|(at, maker)| {
            let arguments = &text[at + maker.len()..];
            let end = arguments
                .char_indices()
                .scan(1_i32, |depth, (at, character)| {
                    *depth += i32::from(character == '(') - i32::from(character == ')');
                    Some((at, *depth))
                })
                .find(|(_, depth)| *depth == 0)
                .map_or(arguments.len(), |(at, _)| at);
            arguments[..end]
                .split(',')
                .filter_map(|argument| quoted(argument.trim_start()))
                .find(|word| word.contains('_'))
        })
    });
    named.chain(made).collect()
}

/// A word in quotes at the beginning of a text, if it is a lower-case one.
fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|mark| "'\"".contains(*mark))?;
    let word = text[1..].split(quote).next()?;
    let is_word = !word.is_empty()
        && word
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    is_word.then_some(word)
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if ["ts", "py", "kt", "swift"]
            .iter()
            .any(|extension| path.extension().is_some_and(|found| found == *extension))
        {
            files.push(path);
        }
    }
    files
}

#[test]
fn every_span_attribute_and_counter_stands_in_its_page() {
    use lipia::telemetry::{Attribute, SpanName};
    let page = std::fs::read_to_string(repository().join("docs/observability.md")).unwrap();
    let spans = SpanName::ALL.iter().map(|name| name.as_str());
    let counters = SpanName::ALL.iter().filter_map(|name| name.counter());
    let attributes = Attribute::ALL.iter().map(|name| name.as_str());
    for name in spans.chain(counters).chain(attributes) {
        assert!(
            page.contains(&format!("`{name}`")),
            "{name} is not in docs/observability.md"
        );
    }
}
