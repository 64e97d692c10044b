//! The connection of a thread: opened at its first command, and again after a failure.

use super::connection;
use super::failure;
use super::file::LedgerFile;
use crate::error::Error;
use crate::values::clock::{Clock, EatTime};
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;

/// What a thread of a ledger has: its file, its clock, and a connection once there is one.
pub(super) struct Opened {
    file: Arc<LedgerFile>,
    clock: Arc<dyn Clock>,
    connection: Option<Connection>,
}

impl Opened {
    pub(super) fn new(file: Arc<LedgerFile>, clock: Arc<dyn Clock>) -> Self {
        Self {
            file,
            clock,
            connection: None,
        }
    }

    /// The connection, opened where there is none. Who takes it gives it back with [`Opened::keep`]; one that failed is
    /// dropped, so that the next command opens another and finds out what is wrong with the file.
    ///
    /// # Errors
    /// Why the file cannot be used. The next call tries again: the file may have been mended.
    pub(super) fn take(&mut self) -> Result<Connection, Error> {
        self.file.check_identity()?;
        self.connection
            .take()
            .map_or_else(|| connection::open(&self.file), Ok)
    }

    /// Keeps a connection that is in no transaction.
    pub(super) fn keep(&mut self, connection: Connection) {
        self.connection = Some(connection);
    }

    /// Writes down how many payments the file has now.
    pub(super) fn count(&self, payments: i64) {
        self.file.count().write(payments);
    }

    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }

    pub(super) fn now(&self) -> EatTime {
        self.clock.now()
    }

    pub(super) fn error_of(&self, failure: rusqlite::Error) -> Error {
        failure::error_of(self.file.path(), failure)
    }
}
