//! The ledger of a run: a file, or a server of the storm's own.

use crate::driver::counts::Counts;
use lipia_storm::PostgresServer;
use std::path::PathBuf;
use std::sync::Arc;

/// Where a ledger is.
#[derive(Clone, Debug)]
pub(crate) enum Ledger {
    /// In a file.
    Sqlite(PathBuf),
    /// In a schema of a server's database.
    Postgres(Arc<PostgresServer>, &'static str),
}

impl Ledger {
    /// The address, as a client is given it.
    pub(crate) fn address(&self) -> String {
        match self {
            Self::Sqlite(file) => format!("sqlite://{}", file.display()),
            Self::Postgres(server, schema) => format!("{}?schema={schema}", server.address()),
        }
    }

    /// Crashes what runs beside the shop's processes: one connection of a server at the first time, all of it at the second.
    ///
    /// # Errors
    /// Why it could not be crashed, or does not start again.
    pub(crate) fn crash(&self, counts: &Counts) -> Result<(), String> {
        let Self::Postgres(server, _) = self else {
            return Ok(());
        };
        if counts.backends_killed.value() <= counts.servers_killed.value() {
            counts.backends_killed.raise();
            server.crash_backend()
        } else {
            counts.servers_killed.raise();
            server.crash()
        }
    }
}
