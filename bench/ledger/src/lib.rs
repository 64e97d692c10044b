//! The bench of the ledger, compared with the same work by hand: one INSERT and two UPDATEs, by `rusqlite` and by
//! `tokio-postgres`.
//!
//! Both sides take turns within one run, on the same disk and the same server, so that their ratio says more than either
//! figure. Nothing here is a test, and nothing fails because it is slow.

mod by_hand;
mod claims;
mod cpu;
mod figures;
mod gateway;
mod lives;
mod million;
mod place;
mod results;
mod shop;
mod wake;

use figures::Line;
use std::path::Path;

pub use figures::table;
pub use place::Place;
pub use results::{about, write_results};
pub use wake::wait_for_lines;

/// The amounts of work in a run.
#[derive(Clone, Debug)]
pub struct Amounts {
    /// Claims, one after the other.
    pub claims: usize,
    /// Rounds of whole lives, in which both sides take turns.
    pub rounds: usize,
    /// Payments of one side in a round.
    pub lives: usize,
    /// Waits that another process ends.
    pub wakes: usize,
    /// Rows of the large table.
    pub rows: u64,
    /// Look-ups of each kind in the large table.
    pub look_ups: usize,
}

impl Amounts {
    /// The amounts that the figures in `RESULTS.md` are taken with.
    #[must_use]
    pub fn whole() -> Self {
        Self {
            claims: 2_000,
            rounds: 5,
            lives: 2_000,
            wakes: 50,
            rows: 1_000_000,
            look_ups: 1_000,
        }
    }

    /// Enough to see that everything runs.
    #[must_use]
    pub fn few() -> Self {
        Self {
            claims: 10,
            rounds: 2,
            lives: 20,
            wakes: 3,
            rows: 500,
            look_ups: 10,
        }
    }
}

/// Why a run ended early.
pub type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// The figures of one store.
#[derive(Debug)]
pub struct Column {
    /// The store's name.
    pub store: &'static str,
    pub(crate) lines: Vec<Line>,
}

impl Column {
    /// What was measured, each with Lipia's figure and that of the work by hand.
    pub fn figures(&self) -> impl Iterator<Item = (&'static str, f64, f64)> {
        self.lines
            .iter()
            .map(|line| (line.what, line.lipia, line.by_hand))
    }
}

/// Measures the ledger in a place. `program` is this program, which is started once more as another process.
///
/// # Errors
/// Whatever kept it from being measured.
pub async fn measure(
    place: &Place,
    amounts: &Amounts,
    program: &Path,
    tell: fn(&str),
) -> Result<Column, Trouble> {
    let mut lines = Vec::new();
    tell("claims");
    lines.extend(claims::measure(place, amounts).await?);
    tell("whole lives of payments");
    lines.extend(lives::measure(place, amounts).await?);
    tell("wakes from another process");
    lines.extend(wake::measure(place, amounts, program).await?);
    tell("a large table");
    lines.extend(million::measure(place, amounts, tell).await?);
    Ok(Column {
        store: place.name(),
        lines,
    })
}
