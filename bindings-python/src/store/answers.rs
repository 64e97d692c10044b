//! The answers of a store in Python, as plain data.

use super::Failure;
use lipia::ledger::plain::KeptRow;
use lipia::ledger::{Claimed, Earlier, LedgerReport, Note, NoteWritten, Replaced, Row, Telling};
use lipia::values::EatTime;
use serde::Deserialize;

/// A row that has to be read: it may be the one that holds an order.
pub(super) fn one(row: KeptRow) -> Result<Row, Failure> {
    Ok(row.read()?)
}

/// Those of some rows that can be read.
pub(super) fn some(rows: Vec<KeptRow>) -> Result<Vec<Row>, Failure> {
    Ok(rows.into_iter().filter_map(KeptRow::read_or_skip).collect())
}

#[derive(Deserialize)]
pub(super) struct PlainEarlier {
    rows: Vec<KeptRow>,
    now: i64,
}

impl PlainEarlier {
    pub(super) fn read(self) -> Result<Earlier, Failure> {
        let rows = self.rows.into_iter().map(one);
        Ok(Earlier {
            rows: rows.collect::<Result<_, _>>()?,
            now: EatTime::from_unix_millis(self.now),
        })
    }
}

#[derive(Deserialize)]
pub(super) struct PlainClaimed {
    is_taken: bool,
    row: KeptRow,
}

impl PlainClaimed {
    pub(super) fn read(self) -> Result<Claimed, Failure> {
        let row = Box::new(one(self.row)?);
        Ok(if self.is_taken {
            Claimed::Taken(row)
        } else {
            Claimed::Held(row)
        })
    }
}

/// What came of a write.
pub(super) fn word(word: String) -> Result<Replaced, Failure> {
    match word.as_str() {
        "written" => Ok(Replaced::Written),
        "stale" => Ok(Replaced::Stale),
        "order_held" => Ok(Replaced::OrderHeld),
        "name_taken" => Ok(Replaced::NameTaken),
        _ => Err(format!("a write cannot end in {word:?}").into()),
    }
}

#[derive(Deserialize)]
pub(super) struct PlainTelling {
    row: KeptRow,
    order_is_paid: bool,
    order_is_held_by_another: bool,
}

impl PlainTelling {
    pub(super) fn read(self) -> Option<Telling> {
        Some(Telling {
            row: self.row.read_or_skip()?,
            order_is_paid: self.order_is_paid,
            order_is_held_by_another: self.order_is_held_by_another,
        })
    }
}

#[derive(Deserialize)]
pub(super) struct PlainNote {
    version: u64,
    value: Option<String>,
    read_at: i64,
}

impl PlainNote {
    pub(super) fn read(self) -> Note {
        Note {
            version: self.version,
            value: self.value,
            read_at: EatTime::from_unix_millis(self.read_at),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct PlainNoteWritten {
    is_written: bool,
    note: PlainNote,
}

impl PlainNoteWritten {
    pub(super) fn read(self) -> Result<NoteWritten, Failure> {
        let note = self.note.read();
        Ok(if self.is_written {
            NoteWritten::Written(note)
        } else {
            NoteWritten::Stale(note)
        })
    }
}

#[derive(Deserialize)]
pub(super) struct PlainReport {
    place: String,
    payments: u64,
    open: u64,
    owed: u64,
    #[serde(default)]
    version: Option<u32>,
    #[serde(default)]
    bytes: Option<u64>,
    #[serde(default)]
    warnings: Vec<String>,
}

impl PlainReport {
    pub(super) fn read(self) -> LedgerReport {
        let mut report = LedgerReport::default();
        report.place = self.place;
        report.version = self.version;
        report.bytes = self.bytes;
        report.warnings = self.warnings;
        report.payments = self.payments;
        report.open = self.open;
        report.owed = self.owed;
        report
    }
}
