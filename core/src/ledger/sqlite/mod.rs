//! The store of a ledger in a SQLite file: for all processes of one machine.
//!
//! A process has two threads for a file, from its first command on: one writes, one reads. Each has a connection of its own.

mod address;
mod commands;
mod connection;
mod disk;
mod failure;
mod file;
mod fork_gate;
mod inherited;
mod job;
mod opened;
mod payment_count;
mod reader;
mod record;
mod schema;
mod threads;
mod writer;

use crate::error::Error;
use crate::error::ids::PaymentId;
use crate::ledger::contract::{
    Claimed, Earlier, LedgerAnswer, LedgerStore, Party, Replaced, TellingEnd, Version,
};
use crate::ledger::report::LedgerReport;
use crate::ledger::row::{Callback, Row, Telling};
use crate::ledger::scope::{Order, Scope};
use crate::ledger::search::Search;
use crate::values::clock::{Clock, EatTime};
use crate::values::note::{Note, NoteWritten};
use commands::{
    callbacks, claims, lookups, names, notes, questions, report, search, tellings, writes,
};
use futures_util::future::BoxFuture;
use record::Record;
use rusqlite::Connection;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use threads::Threads;

/// A ledger's store in a SQLite file, which all processes of a machine share: of two processes that claim an order at the same
/// moment, one gets it. Needs the feature `sqlite`.
///
/// Nothing starts when it is made. The first command opens the file, makes it where there is none (readable by its owner
/// alone, since it holds the customers' phone numbers), and logs where it is. Three more files stand beside it, with `-wal`,
/// `-shm` (SQLite's) and `-count` at the end of their names: they belong to it.
///
/// - **One machine.** A file on a network disk, or in a folder that a virtual machine shares with its host, is refused with
///   `ledger_disk_refused`. Only Linux and Android tell what a disk is; elsewhere that is yours to see to.
/// - **On the disk before it is answered.** A command that was answered survives a crash, of the machine too.
/// - **Nothing lost in silence.** The newest payments may be in the file with `-wal` alone. A ledger that has fewer payments than
///   its `-count` says, because that file was deleted or damaged or an older copy was put back, is refused with `ledger_corrupt`,
///   and so is one of up to 16 MB with a damaged page.
/// - **Forks.** Call [`SqliteLedger::before_fork`] right before a process forks, and [`SqliteLedger::after_fork`] in the parent. A child whose parent had a file open gets
///   `ledger_open_before_fork` for every command.
/// - **Versions side by side.** A later version of Lipia adds columns, and members of a payment's JSON. This version keeps new columns, and
///   new members of the outermost object, as they are; a new member inside another one is lost where this version writes the
///   payment.
///
/// ```no_run
/// # async fn example() -> Result<(), lipia::Error> {
/// use lipia::ledger::SqliteLedger;
/// let store = SqliteLedger::from_address("sqlite:///var/lib/shop/payments.db")?;
/// store.check().await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct SqliteLedger {
    threads: Arc<Threads>,
}

impl SqliteLedger {
    /// The store in the file at a path. All stores of a process at one path share their threads.
    ///
    /// # Errors
    /// `ledger_path_refused` for a path that is relative or names no file.
    pub fn at(path: impl AsRef<Path>) -> Result<Self, Error> {
        Ok(Self {
            threads: Threads::shared(address::checked(path.as_ref())?)?,
        })
    }

    /// The store that an address such as `sqlite:///var/lib/shop/payments.db` names. What follows `sqlite://` is the path, as
    /// it is.
    ///
    /// # Errors
    /// `ledger_path_refused` for every other address.
    pub fn from_address(address: &str) -> Result<Self, Error> {
        Self::at(address::path_of(address)?)
    }

    /// A store that takes its time from another clock than the system's, and shares its threads with no other: for tests.
    ///
    /// # Errors
    /// `ledger_path_refused` for a path that is relative or names no file.
    pub fn with_clock(path: impl AsRef<Path>, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let path = address::checked(path.as_ref())?;
        Ok(Self {
            threads: Arc::new(Threads::new(path, clock)),
        })
    }

    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.threads.path()
    }

    /// Opens the file for reading and writing, as the first commands do, and says what keeps it from being used.
    ///
    /// # Errors
    /// Why the file cannot be used: `ledger_path_refused`, `ledger_disk_refused`, `ledger_read_only`, `ledger_full`,
    /// `ledger_locked`, `ledger_corrupt`, `ledger_of_later_version`, `ledger_open_before_fork` or `ledger_failed`.
    pub async fn check(&self) -> Result<(), Error> {
        self.threads.write(|_, _| Ok(())).await?;
        self.threads.read(|_, _| Ok(())).await
    }

    /// Ends the commands that were begun and closes the file; blocks until then. The next command opens the file again.
    pub fn close(&self) {
        self.threads.close();
    }

    /// Closes the files of all stores of the process, as [`SqliteLedger::close`] does. A command of another thread after that
    /// opens its file again: before a fork, call [`SqliteLedger::before_fork`].
    pub fn close_all() {
        threads::close_all();
    }

    /// Closes the files of all stores of the process, and lets the commands of other threads wait: what a program calls right
    /// before it forks. Call [`SqliteLedger::after_fork`] in the parent then; a child needs nothing.
    pub fn before_fork() {
        fork_gate::close();
        threads::close_all();
    }

    /// Lets the commands go on that waited for a fork.
    pub fn after_fork() {
        fork_gate::open();
    }

    fn read<'a, T: Send + 'static>(
        &'a self,
        work: impl FnOnce(&Connection, EatTime) -> Result<T, rusqlite::Error> + Send + 'static,
    ) -> LedgerAnswer<'a, T> {
        Box::pin(async move { Ok(self.threads.read(work).await?) })
    }

    fn write<'a, T: Send + 'static>(
        &'a self,
        work: impl FnOnce(&Connection, EatTime) -> Result<T, rusqlite::Error> + Send + 'static,
    ) -> LedgerAnswer<'a, T> {
        Box::pin(async move { Ok(self.threads.write(work).await?) })
    }
}

impl fmt::Debug for SqliteLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteLedger")
            .field("path", &self.path())
            .finish_non_exhaustive()
    }
}

/// A limit as SQLite takes it.
fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

/// A party that a thread can take along: environment, shop and account.
fn owned(party: Party<'_>) -> (&'static str, String, String) {
    let Party { scope, account } = party;
    (
        scope.environment(),
        scope.shop().to_owned(),
        account.to_owned(),
    )
}

impl LedgerStore for SqliteLedger {
    fn earlier<'a>(&'a self, scope: &'a Scope, order: &'a Order) -> LedgerAnswer<'a, Earlier> {
        let (scope, order) = (scope.clone(), order.clone());
        self.read(move |connection, now| lookups::earlier(connection, &scope, &order, now))
    }

    fn load<'a>(&'a self, id: &'a PaymentId) -> LedgerAnswer<'a, Option<Row>> {
        let id = id.clone();
        self.read(move |connection, now| lookups::load(connection, &id, now))
    }

    fn claim<'a>(
        &'a self,
        row: &'a Row,
        over: Option<Version<'a>>,
        lease: Duration,
    ) -> LedgerAnswer<'a, Claimed> {
        let record = Record::of(row);
        let over = over.map(|over| (over.id.clone(), over.version));
        self.write(move |connection, now| claims::claim(connection, record, over, lease, now))
    }

    fn replace<'a>(&'a self, row: &'a Row) -> LedgerAnswer<'a, Replaced> {
        let record = Record::of(row);
        self.write(move |connection, _| writes::replace(connection, record))
    }

    fn keep<'a>(
        &'a self,
        callback: &'a Callback,
        row: Option<&'a Row>,
    ) -> LedgerAnswer<'a, Replaced> {
        let (callback, record) = (callback.clone(), row.map(Record::of));
        self.write(move |connection, now| callbacks::keep(connection, &callback, record, now))
    }

    fn named<'a>(&'a self, names: &'a [String]) -> LedgerAnswer<'a, Vec<(String, PaymentId)>> {
        let names = names.to_vec();
        self.read(move |connection, _| names::owners(connection, names))
    }

    fn waiting<'a>(&'a self, party: Party<'a>, most: usize) -> LedgerAnswer<'a, Vec<Callback>> {
        let (environment, shop, account) = owned(party);
        self.read(move |connection, _| {
            callbacks::waiting(connection, (environment, &shop, &account), limit(most))
        })
    }

    fn forgotten<'a>(&'a self, scope: &'a Scope, most: usize) -> LedgerAnswer<'a, Vec<Row>> {
        let scope = scope.clone();
        self.read(move |connection, now| questions::forgotten(connection, &scope, most, now))
    }

    fn due<'a>(&'a self, party: Party<'a>, most: usize) -> LedgerAnswer<'a, Vec<Row>> {
        let (environment, shop, account) = owned(party);
        self.read(move |connection, now| {
            questions::due(connection, (environment, &shop, &account), most, now)
        })
    }

    fn claim_question<'a>(
        &'a self,
        row: Version<'a>,
        lease: Duration,
    ) -> LedgerAnswer<'a, Option<Row>> {
        let (id, version) = (row.id.clone(), row.version);
        self.write(move |connection, now| {
            questions::claim_question(connection, &id, version, lease, now)
        })
    }

    fn owed<'a>(
        &'a self,
        scope: &'a Scope,
        lease: Duration,
        most: usize,
    ) -> LedgerAnswer<'a, Vec<Telling>> {
        let scope = scope.clone();
        self.write(move |connection, now| tellings::owed(connection, &scope, lease, most, now))
    }

    fn told<'a>(
        &'a self,
        id: &'a PaymentId,
        attempts: u32,
        end: &'a TellingEnd,
    ) -> LedgerAnswer<'a, bool> {
        let (id, end) = (id.clone(), end.clone());
        self.write(move |connection, now| tellings::told(connection, &id, attempts, &end, now))
    }

    fn versions<'a>(&'a self, ids: &'a [PaymentId]) -> LedgerAnswer<'a, Vec<(PaymentId, u64)>> {
        let ids = ids.to_vec();
        self.read(move |connection, _| lookups::versions(connection, &ids))
    }

    fn list<'a>(
        &'a self,
        search: &'a Search,
        before: Option<u64>,
        most: usize,
    ) -> LedgerAnswer<'a, Vec<Row>> {
        let search = search.clone();
        self.read(move |connection, now| search::list(connection, &search, before, most, now))
    }

    fn note<'a>(&'a self, key: &'a str) -> LedgerAnswer<'a, Note> {
        let key = key.to_owned();
        self.read(move |connection, now| notes::note(connection, &key, now))
    }

    fn write_note<'a>(
        &'a self,
        key: &'a str,
        version: u64,
        value: &'a str,
        lasts: Duration,
    ) -> LedgerAnswer<'a, NoteWritten> {
        let (key, value) = (key.to_owned(), value.to_owned());
        self.write(move |connection, now| {
            notes::write(connection, (&key, version), value, lasts, now)
        })
    }

    fn callbacks<'a>(&'a self, id: &'a PaymentId) -> LedgerAnswer<'a, Vec<Callback>> {
        let id = id.clone();
        self.read(move |connection, _| callbacks::of_payment(connection, &id))
    }

    fn prune<'a>(&'a self, row: &'a Row) -> LedgerAnswer<'a, Replaced> {
        let record = Record::of(row);
        self.write(move |connection, _| callbacks::prune(connection, record))
    }

    fn report<'a>(&'a self, scope: &'a Scope) -> LedgerAnswer<'a, LedgerReport> {
        let scope = scope.clone();
        Box::pin(async move {
            // A disk that is full, or a file that is write-protected, shows itself to who writes.
            self.check().await?;
            let report = self.threads.read(move |connection, _| {
                report::check_pages(connection)?;
                report::report(connection, &scope)
            });
            Ok(LedgerReport {
                warnings: self.threads.warnings(),
                place: self.path().display().to_string(),
                ..report.await?
            })
        })
    }

    fn spool(&self) -> Option<PathBuf> {
        let mut name = self.path().as_os_str().to_owned();
        name.push("-spool");
        Some(name.into())
    }

    /// Resolves within some 20 ms of a commit by any process.
    fn changed(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.threads.changed())
    }
}

#[cfg(test)]
mod tests;
