//! The places in which both sides keep their payments: files on one disk, or schemas of one server.

use crate::Trouble;
use lipia::ledger::{LedgerStore, PostgresLedger, SqliteLedger};
use lipia_storm::PostgresServer;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A place.
#[derive(Clone, Debug)]
pub enum Place {
    /// A folder for files.
    Sqlite(PathBuf),
    /// A server.
    Postgres(Arc<PostgresServer>),
}

impl Place {
    /// An empty folder for files.
    ///
    /// # Errors
    /// Why it cannot be made.
    pub fn sqlite(folder: &Path) -> Result<Self, Trouble> {
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        std::fs::create_dir_all(folder)?;
        Ok(Self::Sqlite(folder.canonicalize()?))
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// The address of the ledger with that name.
    pub(crate) fn ledger(&self, name: &str) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite://{}", folder.join(name).display()),
            Self::Postgres(server) => format!("{}?schema={name}", server.address()),
        }
    }

    /// The database of the work by hand.
    pub(crate) fn by_hand(&self) -> String {
        match self {
            Self::Sqlite(folder) => folder.join("by-hand.db").display().to_string(),
            Self::Postgres(server) => server.address(),
        }
    }
}

/// The store at the address of a ledger.
pub(crate) fn open(address: &str) -> Result<Arc<dyn LedgerStore>, Trouble> {
    Ok(if address.starts_with("sqlite:") {
        Arc::new(SqliteLedger::from_address(address)?)
    } else {
        Arc::new(PostgresLedger::at(address)?)
    })
}
