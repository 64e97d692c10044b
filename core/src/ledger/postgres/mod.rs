//! The store of a ledger in a PostgreSQL database: for the processes of many machines.
//!
//! A process has one thread for a database, from its first command on, and that thread the connections.

mod address;
mod commands;
mod failure;
mod pool;
mod process;
mod record;
mod schema;
mod session;
mod tls;
mod value;
mod wake;

use crate::error::Error;
use crate::error::ids::PaymentId;
use crate::ledger::contract::{
    Claimed, Earlier, LedgerAnswer, LedgerStore, Party, Replaced, TellingEnd, Version,
};
use crate::ledger::report::LedgerReport;
use crate::ledger::row::{Callback, Row, Telling};
use crate::ledger::scope::{Order, Scope};
use crate::ledger::search::Search;
use crate::ledger::state_folder::spool_folder;
use crate::transport::tls::TlsRoots;
use crate::values::note::{Note, NoteWritten};
use commands::{
    callbacks, claims, lookups, names, notes, questions, report, search, tellings, writes,
};
use failure::Failure;
use futures_util::future::BoxFuture;
use process::Connections;
use session::Session;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A ledger's store in a PostgreSQL database (13 or later), which the processes of many machines share: of two that claim an
/// order at the same moment, one gets it. Needs the feature `postgres`.
///
/// Nothing is opened when it is made. The first command connects, makes the tables in a schema of their own where the role may,
/// and logs where they are. A process has at most seven connections: five for commands, and one each to announce changes
/// and to hear of them.
///
/// The address is `postgres://user:password@host:5432/database`, with options behind a `?`:
///
/// - `schema`: the schema of the tables. Default: `lipia`.
/// - `sslmode`: `disable`, `prefer` (the default), `require`, `verify-ca` or `verify-full`, as for libpq. Only the last two confirm
///   who the server is: by the client's own roots, or by the certificates in the file `sslrootcert`.
/// - `pooler`: `none` or `transaction`, where it is not to be found out. Behind a pooler such as PgBouncer in transaction mode
///   nothing is set up in a session, and changes by other processes are polled for. What translates addresses counts as
///   a pooler as well; `none` says that there is none.
/// - What the PostgreSQL library takes, such as `connect_timeout` or `target_session_attrs`. Of several hosts the one that takes
///   writes is used.
///
/// **A role without the right to make tables** gets `ledger_not_migrated` until they are there. Make them with another role by
/// `lipia payments migrate`, and grant this one `USAGE` on the schema and `SELECT, INSERT, UPDATE, DELETE` on its tables.
///
/// **Forks.** A child makes a thread and connections of its own; it neither uses nor closes its parent's.
///
/// **In the shop's own transaction.** Where the shop's tables stand in the same database, its handler of outcomes can
/// acknowledge in the transaction that does its work, so that both are committed or neither: exactly once. The statement is
/// `SELECT lipia.acknowledge($1, $2)` with the payment's id and [`attempt`](crate::client::LedgerPayment::attempt). It fails, and the
/// transaction with it, where another telling has begun since.
///
/// ```no_run
/// # async fn example() -> Result<(), lipia::Error> {
/// use lipia::ledger::PostgresLedger;
/// let store = PostgresLedger::at("postgres://shop:secret@db.internal/shop?sslmode=verify-full")?;
/// store.check().await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct PostgresLedger {
    connections: Arc<Connections>,
}

impl PostgresLedger {
    /// The store in the database of an address. All stores of a process at one address share their connections.
    ///
    /// # Errors
    /// `ledger_address_unknown` for an address that cannot be read.
    pub fn at(address: &str) -> Result<Self, Error> {
        Self::with_roots(address, &TlsRoots::default())
    }

    /// The store in the database of an address, with other certificates to trust than the bundled ones.
    ///
    /// # Errors
    /// `ledger_address_unknown` for an address that cannot be read.
    pub fn with_roots(address: &str, roots: &TlsRoots) -> Result<Self, Error> {
        Ok(Self {
            connections: Connections::shared(address, roots)?,
        })
    }

    /// Connects, makes the tables or what they lack where the role may, and says what keeps the ledger from being used.
    ///
    /// # Errors
    /// `ledger_unreachable`, `ledger_login_refused`, `ledger_database_missing`, `ledger_tls_failed`, `ledger_not_migrated`,
    /// `ledger_read_only`, `ledger_of_later_version`, `ledger_locked` or `ledger_failed`.
    pub async fn check(&self) -> Result<(), Error> {
        // Writes nothing, and asks for every right that the commands need.
        let probe = async |on: &Session| {
            on.query(
                "WITH nothing AS (DELETE FROM {schema}.callbacks WHERE false),
                 no_payment AS (UPDATE {schema}.payments SET version = version WHERE false),
                 no_name AS (INSERT INTO {schema}.names SELECT name, payment FROM {schema}.names WHERE false),
                 no_text AS (DELETE FROM {schema}.shared_notes WHERE false)
                 INSERT INTO {schema}.notes (key, value) SELECT key, value FROM {schema}.notes WHERE false",
                &[],
            )
            .await
            .map(drop)
        };
        self.connections.run(probe, |()| false).await
    }

    /// Ends the commands that were begun and closes the connections; blocks until then. The next command connects again.
    pub fn close(&self) {
        self.connections.close();
    }

    /// A command that leaves nothing for others to see.
    fn quietly<'a, T: Send + 'static>(
        &'a self,
        command: impl AsyncFn(&Session) -> Result<T, Failure> + Send + 'static,
    ) -> LedgerAnswer<'a, T> {
        Box::pin(async move { Ok(self.connections.run(command, |_| false).await?) })
    }

    /// A command after which others are to look.
    fn loudly<'a>(
        &'a self,
        command: impl AsyncFn(&Session) -> Result<Replaced, Failure> + Send + 'static,
    ) -> LedgerAnswer<'a, Replaced> {
        let wakes = |replaced: &Replaced| *replaced == Replaced::Written;
        Box::pin(async move { Ok(self.connections.run(command, wakes).await?) })
    }
}

impl fmt::Debug for PostgresLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresLedger")
            .field("place", &self.connections.address().place())
            .finish_non_exhaustive()
    }
}

impl LedgerStore for PostgresLedger {
    fn earlier<'a>(&'a self, scope: &'a Scope, order: &'a Order) -> LedgerAnswer<'a, Earlier> {
        let (scope, order) = (scope.clone(), order.clone());
        self.quietly(async move |on: &Session| lookups::earlier(on, &scope, &order).await)
    }

    fn load<'a>(&'a self, id: &'a PaymentId) -> LedgerAnswer<'a, Option<Row>> {
        let id = id.clone();
        self.quietly(async move |on: &Session| lookups::load(on, &id).await)
    }

    fn claim<'a>(
        &'a self,
        row: &'a Row,
        over: Option<Version<'a>>,
        lease: Duration,
    ) -> LedgerAnswer<'a, Claimed> {
        let row = row.clone();
        let over = over.map(|over| (over.id.clone(), over.version));
        self.quietly(async move |on: &Session| claims::claim(on, &row, over.as_ref(), lease).await)
    }

    fn replace<'a>(&'a self, row: &'a Row) -> LedgerAnswer<'a, Replaced> {
        let row = row.clone();
        self.loudly(async move |on: &Session| writes::replace(on, &row).await)
    }

    fn keep<'a>(
        &'a self,
        callback: &'a Callback,
        row: Option<&'a Row>,
    ) -> LedgerAnswer<'a, Replaced> {
        let (callback, row) = (callback.clone(), row.cloned());
        self.loudly(async move |on: &Session| callbacks::keep(on, &callback, row.as_ref()).await)
    }

    fn waiting<'a>(&'a self, party: Party<'a>, most: usize) -> LedgerAnswer<'a, Vec<Callback>> {
        let (scope, account) = (party.scope.clone(), party.account.to_owned());
        self.quietly(async move |on: &Session| callbacks::waiting(on, &scope, &account, most).await)
    }

    fn forgotten<'a>(&'a self, scope: &'a Scope, most: usize) -> LedgerAnswer<'a, Vec<Row>> {
        let scope = scope.clone();
        self.quietly(async move |on: &Session| questions::forgotten(on, &scope, most).await)
    }

    fn due<'a>(&'a self, party: Party<'a>, most: usize) -> LedgerAnswer<'a, Vec<Row>> {
        let (scope, account) = (party.scope.clone(), party.account.to_owned());
        self.quietly(async move |on: &Session| questions::due(on, &scope, &account, most).await)
    }

    fn claim_question<'a>(
        &'a self,
        row: Version<'a>,
        lease: Duration,
    ) -> LedgerAnswer<'a, Option<Row>> {
        let (id, version) = (row.id.clone(), row.version);
        self.quietly(async move |on: &Session| {
            questions::claim_question(on, &id, version, lease).await
        })
    }

    fn owed<'a>(
        &'a self,
        scope: &'a Scope,
        lease: Duration,
        most: usize,
    ) -> LedgerAnswer<'a, Vec<Telling>> {
        let scope = scope.clone();
        self.quietly(async move |on: &Session| tellings::owed(on, &scope, lease, most).await)
    }

    fn told<'a>(
        &'a self,
        id: &'a PaymentId,
        attempts: u32,
        end: &'a TellingEnd,
    ) -> LedgerAnswer<'a, bool> {
        let (id, end) = (id.clone(), end.clone());
        self.quietly(async move |on: &Session| tellings::told(on, &id, attempts, &end).await)
    }

    fn versions<'a>(&'a self, ids: &'a [PaymentId]) -> LedgerAnswer<'a, Vec<(PaymentId, u64)>> {
        let ids = ids.to_vec();
        self.quietly(async move |on: &Session| lookups::versions(on, &ids).await)
    }

    fn list<'a>(
        &'a self,
        search: &'a Search,
        before: Option<u64>,
        most: usize,
    ) -> LedgerAnswer<'a, Vec<Row>> {
        let search = search.clone();
        self.quietly(async move |on: &Session| search::list(on, &search, before, most).await)
    }

    fn named<'a>(&'a self, names: &'a [String]) -> LedgerAnswer<'a, Vec<(String, PaymentId)>> {
        let names = names.to_vec();
        self.quietly(async move |on: &Session| names::owners(on, &names).await)
    }

    fn note<'a>(&'a self, key: &'a str) -> LedgerAnswer<'a, Note> {
        let key = key.to_owned();
        self.quietly(async move |on: &Session| notes::note(on, &key).await)
    }

    fn write_note<'a>(
        &'a self,
        key: &'a str,
        version: u64,
        value: &'a str,
        lasts: Duration,
    ) -> LedgerAnswer<'a, NoteWritten> {
        let (key, value) = (key.to_owned(), value.to_owned());
        self.quietly(async move |on: &Session| {
            notes::write(on, (&key, version), &value, lasts).await
        })
    }

    fn callbacks<'a>(&'a self, id: &'a PaymentId) -> LedgerAnswer<'a, Vec<Callback>> {
        let id = id.clone();
        self.quietly(async move |on: &Session| callbacks::of_payment(on, &id).await)
    }

    fn prune<'a>(&'a self, row: &'a Row) -> LedgerAnswer<'a, Replaced> {
        let row = row.clone();
        self.loudly(async move |on: &Session| callbacks::prune(on, &row).await)
    }

    fn report<'a>(&'a self, scope: &'a Scope) -> LedgerAnswer<'a, LedgerReport> {
        let scope = scope.clone();
        let command = async move |on: &Session| report::report(on, &scope).await;
        Box::pin(async move {
            // A role that may only read shows itself to who writes.
            self.check().await?;
            Ok(LedgerReport {
                place: self.connections.address().place(),
                ..self.connections.run(command, |_| false).await?
            })
        })
    }

    /// In the state or home folder of this process's user, with a name of this database's.
    fn spool(&self) -> Option<PathBuf> {
        let place = self.connections.address().place();
        spool_folder(|name| std::env::var_os(name), &place)
    }

    /// Resolves within some milliseconds of a commit by any process; behind a pooler, of a commit by this one.
    fn changed(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.connections.changed())
    }
}
