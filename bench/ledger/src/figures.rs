//! The figures of a measurement: the time of both sides, and their ratio.

use crate::{Amounts, Column};
use std::fmt::Write as _;
use std::time::Duration;

/// The unit of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Microseconds,
    Milliseconds,
    PerSecond,
    Megabytes,
}

/// One figure of both sides.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) what: &'static str,
    pub(crate) unit: Unit,
    pub(crate) lipia: f64,
    pub(crate) by_hand: f64,
    /// The ratios of the rounds, where there were rounds.
    pub(crate) rounds: Vec<f64>,
}

impl Line {
    pub(crate) fn new(what: &'static str, unit: Unit, lipia: f64, by_hand: f64) -> Self {
        Self {
            what,
            unit,
            lipia,
            by_hand,
            rounds: Vec::new(),
        }
    }

    /// The line of what was measured in rounds, in which both sides took turns.
    pub(crate) fn of_rounds(what: &'static str, unit: Unit, rounds: &[(f64, f64)]) -> Self {
        let side = |of: fn(&(f64, f64)) -> f64| middle(rounds.iter().map(of).collect());
        Self {
            rounds: rounds.iter().map(|(one, other)| one / other).collect(),
            ..Self::new(what, unit, side(|round| round.0), side(|round| round.1))
        }
    }

    fn ratio(&self) -> String {
        let mut rounds = self.rounds.clone();
        rounds.sort_by(f64::total_cmp);
        match (rounds.first(), rounds.last()) {
            (Some(least), Some(most)) if rounds.len() > 1 => {
                let (least, most) = (short(*least), short(*most));
                format!("{} ({least} to {most})", short(middle(rounds)))
            }
            _ => short(self.lipia / self.by_hand),
        }
    }
}

/// Times of the same work, done many times.
#[derive(Debug, Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// The time that so many of a hundred did not exceed.
    fn percentile(&self, of_a_hundred: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let last = sorted.len().saturating_sub(1);
        sorted
            .get(last * of_a_hundred / 100)
            .copied()
            .unwrap_or_default()
    }

    /// Two lines: the time that half of them did not exceed, and that 99 of a hundred did not.
    pub(crate) fn lines(
        lipia: &Self,
        by_hand: &Self,
        names: [&'static str; 2],
        unit: Unit,
    ) -> [Line; 2] {
        let line = |what, of_a_hundred| {
            let figure = |times: &Self| in_unit(times.percentile(of_a_hundred), unit);
            Line::new(what, unit, figure(lipia), figure(by_hand))
        };
        let [half, most] = names;
        [line(half, 50), line(most, 99)]
    }
}

fn in_unit(time: Duration, unit: Unit) -> f64 {
    match unit {
        Unit::Milliseconds => time.as_secs_f64() * 1e3,
        _ => time.as_secs_f64() * 1e6,
    }
}

/// The middle one; the higher of the two in the middle.
fn middle(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Two figures that count.
fn short(ratio: f64) -> String {
    if ratio < 10.0 {
        format!("{ratio:.2}")
    } else {
        format!("{ratio:.0}")
    }
}

fn figure(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Microseconds => format!("{value:.0} us"),
        Unit::Milliseconds => format!("{value:.1} ms"),
        Unit::PerSecond => format!("{value:.0}"),
        Unit::Megabytes => format!("{value:.0} MB"),
    }
}

/// The figures of all stores as a table of Markdown: of each store Lipia's, those of the work by hand, and their ratio.
#[must_use]
pub fn table(columns: &[Column], amounts: &Amounts) -> String {
    let mut whats: Vec<&str> = Vec::new();
    for line in columns.iter().flat_map(|column| &column.lines) {
        if !whats.contains(&line.what) {
            whats.push(line.what);
        }
    }
    let mut text = String::from("|");
    for column in columns {
        let _ = write!(text, " | {} | by hand | ratio", column.store);
    }
    text.push_str(" |\n|---|");
    text.push_str(&"--:|--:|--:|".repeat(columns.len()));
    for what in whats {
        let _ = write!(text, "\n| {}", what.replace("ROWS", &grouped(amounts.rows)));
        for column in columns {
            match column.lines.iter().find(|line| line.what == what) {
                Some(line) => {
                    let (lipia, by_hand) = (
                        figure(line.lipia, line.unit),
                        figure(line.by_hand, line.unit),
                    );
                    let _ = write!(text, " | {lipia} | {by_hand} | {}", line.ratio());
                }
                None => text.push_str(" | | |"),
            }
        }
        text.push_str(" |");
    }
    text
}

/// A number with commas between its thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
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
    use super::*;

    #[test]
    fn a_table_has_both_sides_and_their_ratio() {
        let rounds = [(300.0, 100.0), (100.0, 100.0), (200.0, 100.0)];
        let column = |store| Column {
            store,
            lines: vec![
                Line::new("claim in ROWS rows", Unit::Microseconds, 150.0, 100.0),
                Line::of_rounds("payments a second", Unit::PerSecond, &rounds),
            ],
        };
        let mut other = column("B");
        other.lines.pop();
        let found = table(&[column("A"), other], &Amounts::whole());
        assert_eq!(
            found,
            "| | A | by hand | ratio | B | by hand | ratio |\n\
             |---|--:|--:|--:|--:|--:|--:|\n\
             | claim in 1,000,000 rows | 150 us | 100 us | 1.50 | 150 us | 100 us | 1.50 |\n\
             | payments a second | 200 | 100 | 2.00 (1.00 to 3.00) | | | |"
        );
    }

    #[test]
    fn percentiles_are_times_that_were_taken() {
        let mut times = Times::default();
        for number in 1..=200 {
            times.push(Duration::from_micros(number));
        }
        assert_eq!(times.percentile(50), Duration::from_micros(100));
        assert_eq!(times.percentile(99), Duration::from_micros(198));
        assert_eq!(Times::default().percentile(99), Duration::ZERO);
    }
}
