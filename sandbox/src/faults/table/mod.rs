//! The table of faults: one row each, by gateway. To add one, add a variant of `FaultKind` and a row.

pub(crate) mod daraja;
mod general;
mod palpluss;
mod upesipay;

use super::kind::FaultKind;
use super::row::{FaultRow, NO_ROW};

const TABLES: [&[FaultRow]; 4] = [
    general::GENERAL,
    daraja::DARAJA,
    palpluss::PALPLUSS,
    upesipay::UPESIPAY,
];

const COUNT: usize = general::GENERAL.len()
    + daraja::DARAJA.len()
    + palpluss::PALPLUSS.len()
    + upesipay::UPESIPAY.len();

/// Every fault.
pub const FAULTS: &[FaultRow] = &JOINED;

const JOINED: [FaultRow; COUNT] = joined();

#[expect(
    clippy::indexing_slicing,
    reason = "runs in the compiler, where an index out of bounds is an error"
)]
const fn joined() -> [FaultRow; COUNT] {
    let mut rows = [NO_ROW; COUNT];
    let (mut table, mut place) = (0, 0);
    while table < TABLES.len() {
        let mut row = 0;
        while row < TABLES[table].len() {
            rows[place] = TABLES[table][row];
            place += 1;
            row += 1;
        }
        table += 1;
    }
    rows
}

impl FaultKind {
    /// Its row.
    #[must_use]
    pub fn row(self) -> &'static FaultRow {
        FAULTS
            .iter()
            .find(|row| row.kind == self)
            .unwrap_or(&NO_ROW)
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        FAULTS
            .iter()
            .find(|row| row.name == name)
            .map(|row| row.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_one_row_under_its_own_name() {
        // The error of a name that is unknown lists the names that are known: serde's own list of the variants.
        let known = serde_json::from_str::<FaultKind>("\"?\"")
            .unwrap_err()
            .to_string();
        for row in FAULTS {
            assert_eq!(
                FAULTS.iter().filter(|other| other.kind == row.kind).count(),
                1,
                "{}",
                row.name
            );
            assert_eq!(
                serde_json::to_string(&row.kind).unwrap(),
                format!("\"{}\"", row.name)
            );
            assert!(known.contains(&format!("`{}`", row.name)));
        }
        let variants = known.matches('`').count() / 2 - 1;
        assert_eq!(variants, FAULTS.len(), "{known}");
    }
}
