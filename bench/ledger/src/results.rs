//! The part of `bench/RESULTS.md` that this program writes: its figures, and the machine.

use crate::Trouble;
use std::process::Command;

const BEGIN: &str = "<!-- ledger:begin -->";
const END: &str = "<!-- ledger:end -->";

/// Date, machine and load, in a sentence.
#[must_use]
pub fn about() -> String {
    let read = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
    let processors = read("/proc/cpuinfo");
    let model = processors
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    let load = read("/proc/loadavg");
    let date = Command::new("date")
        .args(["-u", "+%Y-%m-%d %H:%M UTC"])
        .output();
    let date = date.map(|date| String::from_utf8_lossy(&date.stdout).trim().to_owned());
    format!(
        "Printed by `make bench-ledger`, {}, on {} {}, {count} x {}, load {} at the beginning.",
        date.unwrap_or_default(),
        std::env::consts::OS,
        std::env::consts::ARCH,
        model.map_or("of unknown make", |(_, model)| model),
        load.split(' ').next().unwrap_or_default(),
    )
}

/// Writes the figures between the two markers of `bench/RESULTS.md`.
///
/// # Errors
/// Where the file or its markers are not there.
pub fn write_results(figures: &str) -> Result<(), Trouble> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../RESULTS.md");
    let text = std::fs::read_to_string(file)?;
    let written = with_figures(&text, figures).ok_or("RESULTS.md lacks a marker")?;
    Ok(std::fs::write(file, written)?)
}

fn with_figures(text: &str, figures: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{figures}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_go_between_the_markers() {
        let text = format!("a\n{BEGIN}\nold\n{END}\nb");
        let found = with_figures(&text, "new");
        assert_eq!(found, Some(format!("a\n{BEGIN}\nnew\n{END}\nb")));
        assert_eq!(with_figures("a", "new"), None);
    }
}
