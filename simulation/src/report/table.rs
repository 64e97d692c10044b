//! The tally as a table for a terminal.

use crate::promises::Promise;
use crate::report::tally::{Counts, Tally};
use std::fmt::Write as _;

/// A column: the two lines of its heading, and what stands in it.
type Column = ([&'static str; 2], fn(&Counts) -> u64);

const COLUMNS: [Column; 6] = [
    (["", "payments"], |counts| counts.payments),
    (["", "paid"], |counts| counts.paid),
    (["", "not paid"], |counts| counts.not_paid),
    (["nobody", "prompted"], |counts| counts.not_prompted),
    (["unknown,", "still asked"], |counts| counts.open),
    (["of these", "paid"], |counts| counts.open_and_paid),
];

/// The tally as lines of text: a row for each kind of fault, the total, the prompts, and the promises, all of which held. A
/// campaign in which one was broken has no table.
#[must_use]
pub fn table(tally: &Tally) -> String {
    let width_of_names = tally
        .by_fault
        .iter()
        .map(|(name, _)| name.len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for (line, name) in ["", "what went wrong"].iter().enumerate() {
        let headings = COLUMNS
            .iter()
            .map(|(heading, _)| heading.get(line).copied().unwrap_or("").to_owned());
        row(&mut text, width_of_names, name, headings);
    }
    let rule = "-".repeat(width_of_names + COLUMNS.len() * (WIDTH + GAP.len()));
    let numbers = |counts: &Counts| COLUMNS.map(|(_, count)| grouped(count(counts)));
    let _ = writeln!(text, "{rule}");
    for (name, counts) in &tally.by_fault {
        row(&mut text, width_of_names, name, numbers(counts));
    }
    let _ = writeln!(text, "{rule}");
    row(&mut text, width_of_names, "all", numbers(&tally.total));
    let _ = writeln!(
        text,
        "A payment that met several faults is in the row of each.\n"
    );
    let _ = writeln!(text, "{}\n{}\n", gateways(tally), prompts(tally));
    for promise in Promise::ALL {
        let _ = writeln!(text, "held  {}", promise.text());
    }
    text
}

/// As wide as the widest heading, and as a hundred million.
const WIDTH: usize = 11;
const GAP: &str = " ";

fn row(text: &mut String, width: usize, name: &str, cells: impl IntoIterator<Item = String>) {
    let _ = write!(text, "{name:<width$}");
    for cell in cells {
        let _ = write!(text, "{GAP}{cell:>WIDTH$}");
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
}

fn gateways(tally: &Tally) -> String {
    let used: Vec<String> = tally
        .by_gateway
        .iter()
        .filter(|(_, payments)| *payments > 0)
        .map(|(name, payments)| format!("{name} {}", grouped(*payments)))
        .collect();
    format!(
        "{} payments in {} worlds, seeds {} to {}; through {}",
        grouped(tally.total.payments),
        grouped(tally.worlds),
        tally.first_seed,
        tally.last_seed().unwrap_or(tally.first_seed),
        used.join(", ")
    )
}

fn prompts(tally: &Tally) -> String {
    format!(
        "{} prompts; {} sales were tried again after they had ended unpaid; most prompts of one payment: {}",
        grouped(tally.prompts),
        grouped(tally.tried_again),
        tally.most_prompts_of_one_payment
    )
}

/// A number with its thousands set apart: `1,000,000`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(123_456), "123,456");
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
    }
}
