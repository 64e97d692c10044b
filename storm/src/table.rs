//! The table of a storm: a column for a run, a row for what happened or was promised.

use crate::judge::{Finding, Promise};

/// One run as the table shows it.
#[derive(Clone, Debug)]
pub struct Column {
    /// The run's name: its store, and whether anything was made to go wrong.
    pub name: String,
    /// What happened, with the words for it, in the order of the table.
    pub counts: Vec<(&'static str, u64)>,
    /// What was found.
    pub findings: Vec<Finding>,
}

impl Column {
    /// Whether every promise held.
    #[must_use]
    pub fn has_held(&self) -> bool {
        self.findings
            .iter()
            .all(|finding| finding.broken.is_empty())
    }
}

/// How many sentences are printed for a broken promise.
const MAX_SENTENCES: usize = 5;

/// The runs side by side as Markdown, and below it what broke the promises.
#[must_use]
pub fn table(columns: &[Column]) -> String {
    let mut rows = vec![cells("", columns, |column| Some(column.name.clone()))];
    rows.push(cells("---", columns, |_| Some("--:".to_owned())));
    let mut words: Vec<&str> = Vec::new();
    for (word, _) in columns.iter().flat_map(|column| &column.counts) {
        if !words.contains(word) {
            words.push(word);
        }
    }
    for word in words {
        rows.push(cells(word, columns, |column| {
            let count = column.counts.iter().find(|(it, _)| *it == word);
            count.map(|(_, count)| count.to_string())
        }));
    }
    for promise in Promise::ALL {
        rows.push(cells(promise.sentence(), columns, |column| {
            let finding = column.findings.iter().find(|it| it.promise == promise);
            finding.map(|finding| match finding.broken.len() {
                0 => format!("held, {}", finding.checked),
                broken => format!("**BROKEN** {broken} of {}", finding.checked),
            })
        }));
    }
    let mut text = rows.concat();
    for column in columns {
        for finding in &column.findings {
            for sentence in finding.broken.iter().take(MAX_SENTENCES) {
                let promise = finding.promise.sentence();
                text.push_str(&format!("\n{}: not \"{promise}\": {sentence}", column.name));
            }
        }
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn cells(title: &str, columns: &[Column], cell: impl Fn(&Column) -> Option<String>) -> String {
    let cells = columns
        .iter()
        .map(|column| cell(column).unwrap_or_default());
    let cells: Vec<String> = std::iter::once(title.to_owned()).chain(cells).collect();
    format!("| {} |\n", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(broken: &[&str]) -> Column {
        Column {
            name: "sqlite".to_owned(),
            counts: vec![("orders", 30)],
            findings: vec![Finding {
                promise: Promise::OnePrompt,
                checked: 30,
                broken: broken.iter().map(ToString::to_string).collect(),
            }],
        }
    }

    #[test]
    fn a_table_says_what_held_and_what_did_not() {
        let other = Column {
            name: "postgres".to_owned(),
            ..column(&["17 was prompted twice"])
        };
        let text = table(&[column(&[]), other.clone()]);
        let promised = Promise::OnePrompt.sentence();
        assert!(text.contains("| orders | 30 | 30 |"), "{text}");
        let row = format!("| {promised} | held, 30 | **BROKEN** 1 of 30 |");
        assert!(text.contains(&row), "{text}");
        assert!(text.ends_with("17 was prompted twice\n"), "{text}");
        assert!(column(&[]).has_held() && !other.has_held());
    }
}
