//! The ledger of a run.

use std::path::PathBuf;

/// Where a ledger is.
#[derive(Clone, Debug)]
pub(crate) enum Ledger {
    /// In a file.
    Sqlite(PathBuf),
}

impl Ledger {
    /// The address, as a client is given it.
    pub(crate) fn address(&self) -> String {
        match self {
            Self::Sqlite(file) => format!("sqlite://{}", file.display()),
        }
    }
}
