//! The store of a ledger that a program brings: an object of Python behind the core's contract.
//!
//! Rows and answers cross the border as plain data. The commands run in [`workers`]: whoever waits for an answer has neither
//! the GIL nor a thread of the runtime occupied.

mod answers;
mod body;
mod workers;

use crate::blocking::block_on;
use crate::per_process::PerProcess;
use answers::{
    PlainClaimed, PlainEarlier, PlainNote, PlainNoteWritten, PlainReport, PlainTelling, one, some,
    word,
};
use body::PlainCallback;
use futures_util::future::BoxFuture;
use lipia::ledger::plain::{KeptRow, PlainRow, PlainSearch};
use lipia::ledger::{
    Callback, Claimed, Earlier, LedgerAnswer, LedgerReport, LedgerStore, Note, NoteWritten, Order,
    Party, Replaced, Row, Scope, Search, Telling, TellingEnd, Version, conformance,
};
use lipia::payment::PaymentId;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use workers::Workers;

/// How long one command may take. A database that answers nothing must be an error: a callback is kept elsewhere then.
const COMMAND_LIMIT: Duration = Duration::from_secs(8);

/// What keeps a command from being answered.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A store that is written in Python.
pub(crate) struct PythonStore {
    object: Arc<Py<PyAny>>,
    /// The name of its class.
    name: String,
    /// The name of the account whose payments its client asks about, where the store says it.
    account: Option<String>,
    spool: Option<PathBuf>,
    process: PerProcess<OfProcess>,
}

/// What a store has in one process.
struct OfProcess {
    workers: Arc<Workers>,
    /// Counts the writes of this process.
    changes: watch::Sender<u64>,
}

impl Default for OfProcess {
    fn default() -> Self {
        Self {
            workers: Arc::default(),
            changes: watch::Sender::new(0),
        }
    }
}

impl PythonStore {
    pub(crate) fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let spool: Option<PathBuf> = object.getattr("spool")?.extract()?;
        let account = object.getattr_opt("_account")?;
        Ok(Self {
            object: Arc::new(object.clone().unbind()),
            account: account.map(|account| account.extract()).transpose()?,
            name: object.get_type().name()?.to_string(),
            spool,
            process: PerProcess::empty(),
        })
    }

    /// The name of the account whose payments its client asks about, where the store says it.
    pub(crate) fn account(&self) -> Option<String> {
        self.account.clone()
    }

    /// Gives the store a command, and reads its answer.
    fn command<'a, A, P, T>(
        &'a self,
        name: &'static str,
        arguments: A,
        read: impl FnOnce(P) -> Result<T, Failure> + Send + 'a,
    ) -> LedgerAnswer<'a, T>
    where
        A: Serialize + Send + 'static,
        P: DeserializeOwned + Send + 'static,
        T: Send + 'a,
    {
        let (answers, answer) = oneshot::channel();
        let object = Arc::clone(&self.object);
        let workers = Arc::clone(&self.process.get_or_default().workers);
        // Begun only when somebody waits for it.
        Box::pin(async move {
            workers.run(Box::new(move |py| {
                let answered = answered(py, object.bind(py), name, &arguments);
                // Nobody waits where the call was left.
                let _ = answers.send(answered);
            }))?;
            let answered: Result<P, Failure> = tokio::time::timeout(COMMAND_LIMIT, answer)
                .await
                .map_err(|_| Failure::from(format!("`{name}` brought no answer in time")))?
                .map_err(|_| Failure::from("the interpreter is ending"))?;
            read(answered?)
        })
    }

    /// The same for a command that changes what others may wait for.
    fn change<'a, A, P, T>(
        &'a self,
        name: &'static str,
        arguments: A,
        read: impl FnOnce(P) -> Result<T, Failure> + Send + 'a,
    ) -> LedgerAnswer<'a, T>
    where
        A: Serialize + Send + 'static,
        P: DeserializeOwned + Send + 'static,
        T: Send + 'a,
    {
        let answer = self.command(name, arguments, read);
        Box::pin(async move {
            let answer = answer.await?;
            let process = self.process.get_or_default();
            process
                .changes
                .send_modify(|count| *count = count.wrapping_add(1));
            Ok(answer)
        })
    }
}

/// Calls a method of the store. What it raises is said with its class, and without its frames: these hold callback URLs.
fn answered<P: DeserializeOwned>(
    py: Python<'_>,
    object: &Bound<'_, PyAny>,
    name: &str,
    arguments: &impl Serialize,
) -> Result<P, Failure> {
    let called = pythonize::pythonize(py, arguments)
        .map_err(PyErr::from)
        .and_then(|arguments| Ok(arguments.cast_into::<PyTuple>()?))
        .and_then(|arguments| object.call_method1(name, arguments));
    let answer = called.map_err(|error| said(py, &error))?;
    pythonize::depythonize(&answer)
        .map_err(|error| format!("what `{name}` of the store returned is not understood: {error}"))
        .map_err(Failure::from)
}

fn said(py: Python<'_>, error: &PyErr) -> Failure {
    let class = error.get_type(py).name().map(|name| name.to_string());
    let class = class.unwrap_or_else(|_| "an exception".to_owned());
    let words = error.value(py).to_string();
    if words.is_empty() {
        return Failure::from(class);
    }
    Failure::from(format!("{class}: {words}"))
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// A scope as plain data.
#[derive(Serialize)]
struct PlainScope {
    environment: &'static str,
    shop: String,
}

fn scope_of(scope: &Scope) -> PlainScope {
    PlainScope {
        environment: scope.environment(),
        shop: scope.shop().to_owned(),
    }
}

/// A party as plain data.
#[derive(Serialize)]
struct PlainParty {
    environment: &'static str,
    shop: String,
    account: String,
}

fn party_of(party: Party<'_>) -> PlainParty {
    PlainParty {
        environment: party.scope.environment(),
        shop: party.scope.shop().to_owned(),
        account: party.account.to_owned(),
    }
}

/// A version as plain data.
#[derive(Serialize)]
struct PlainVersion {
    payment_id: String,
    version: u64,
}

fn version_of(version: Version<'_>) -> PlainVersion {
    PlainVersion {
        payment_id: version.id.as_str().to_owned(),
        version: version.version,
    }
}

/// The end of a telling as plain data.
#[derive(Serialize)]
#[serde(untagged)]
enum PlainEnd {
    Taken { news: u64 },
    Failed { again_in: i64, trouble: String },
}

fn end_of(end: &TellingEnd) -> PlainEnd {
    match end {
        TellingEnd::Taken { news } => PlainEnd::Taken { news: *news },
        TellingEnd::Failed { again_in, trouble } => PlainEnd::Failed {
            again_in: millis(*again_in),
            trouble: trouble.clone(),
        },
    }
}

fn text_of(id: &PaymentId) -> String {
    id.as_str().to_owned()
}

impl fmt::Debug for PythonStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PythonStore").field(&self.name).finish()
    }
}

impl LedgerStore for PythonStore {
    fn earlier<'a>(&'a self, scope: &'a Scope, order: &'a Order) -> LedgerAnswer<'a, Earlier> {
        let arguments = (scope_of(scope), order.as_str().to_owned());
        self.command("earlier", arguments, PlainEarlier::read)
    }

    fn load<'a>(&'a self, id: &'a PaymentId) -> LedgerAnswer<'a, Option<Row>> {
        self.command("load", (text_of(id),), |row: Option<KeptRow>| {
            row.map(one).transpose()
        })
    }

    fn claim<'a>(
        &'a self,
        row: &'a Row,
        over: Option<Version<'a>>,
        lease: Duration,
    ) -> LedgerAnswer<'a, Claimed> {
        let arguments = (PlainRow::of(row), over.map(version_of), millis(lease));
        self.change("claim", arguments, PlainClaimed::read)
    }

    fn replace<'a>(&'a self, row: &'a Row) -> LedgerAnswer<'a, Replaced> {
        self.change("replace", (PlainRow::of(row),), word)
    }

    fn keep<'a>(
        &'a self,
        callback: &'a Callback,
        row: Option<&'a Row>,
    ) -> LedgerAnswer<'a, Replaced> {
        let arguments = (PlainCallback::of(callback), row.map(PlainRow::of));
        self.change("keep", arguments, word)
    }

    fn named<'a>(&'a self, names: &'a [String]) -> LedgerAnswer<'a, Vec<(String, PaymentId)>> {
        let read = |owners: BTreeMap<String, String>| {
            let owners = owners.into_iter();
            owners.map(|(name, id)| Ok((name, id.parse()?))).collect()
        };
        self.command("named", (names.to_vec(),), read)
    }

    fn waiting<'a>(&'a self, party: Party<'a>, most: usize) -> LedgerAnswer<'a, Vec<Callback>> {
        self.command("waiting", (party_of(party), most), callbacks)
    }

    fn forgotten<'a>(&'a self, scope: &'a Scope, most: usize) -> LedgerAnswer<'a, Vec<Row>> {
        self.command("forgotten", (scope_of(scope), most), some)
    }

    fn due<'a>(&'a self, party: Party<'a>, most: usize) -> LedgerAnswer<'a, Vec<Row>> {
        self.command("due", (party_of(party), most), some)
    }

    fn claim_question<'a>(
        &'a self,
        row: Version<'a>,
        lease: Duration,
    ) -> LedgerAnswer<'a, Option<Row>> {
        let arguments = (version_of(row), millis(lease));
        self.change("claim_question", arguments, |row: Option<KeptRow>| {
            row.map(one).transpose()
        })
    }

    fn owed<'a>(
        &'a self,
        scope: &'a Scope,
        lease: Duration,
        most: usize,
    ) -> LedgerAnswer<'a, Vec<Telling>> {
        let arguments = (scope_of(scope), millis(lease), most);
        self.command("owed", arguments, |tellings: Vec<PlainTelling>| {
            Ok(tellings
                .into_iter()
                .filter_map(PlainTelling::read)
                .collect())
        })
    }

    fn told<'a>(
        &'a self,
        id: &'a PaymentId,
        attempts: u32,
        end: &'a TellingEnd,
    ) -> LedgerAnswer<'a, bool> {
        self.change("told", (text_of(id), attempts, end_of(end)), Ok)
    }

    fn versions<'a>(&'a self, ids: &'a [PaymentId]) -> LedgerAnswer<'a, Vec<(PaymentId, u64)>> {
        let ids: Vec<String> = ids.iter().map(text_of).collect();
        let read = |versions: BTreeMap<String, u64>| {
            let versions = versions.into_iter();
            versions
                .map(|(id, version)| Ok((id.parse()?, version)))
                .collect()
        };
        self.command("versions", (ids,), read)
    }

    fn list<'a>(
        &'a self,
        search: &'a Search,
        before: Option<u64>,
        most: usize,
    ) -> LedgerAnswer<'a, Vec<Row>> {
        self.command("search", (PlainSearch::of(search), before, most), some)
    }

    fn note<'a>(&'a self, key: &'a str) -> LedgerAnswer<'a, Note> {
        self.command("note", (key.to_owned(),), |note: PlainNote| Ok(note.read()))
    }

    fn write_note<'a>(
        &'a self,
        key: &'a str,
        version: u64,
        value: &'a str,
        lasts: Duration,
    ) -> LedgerAnswer<'a, NoteWritten> {
        let arguments = (key.to_owned(), version, value.to_owned(), millis(lasts));
        self.command("write_note", arguments, PlainNoteWritten::read)
    }

    fn callbacks<'a>(&'a self, id: &'a PaymentId) -> LedgerAnswer<'a, Vec<Callback>> {
        self.command("callbacks", (text_of(id),), callbacks)
    }

    fn prune<'a>(&'a self, row: &'a Row) -> LedgerAnswer<'a, Replaced> {
        self.change("prune", (PlainRow::of(row),), word)
    }

    fn report<'a>(&'a self, scope: &'a Scope) -> LedgerAnswer<'a, LedgerReport> {
        self.command("report", (scope_of(scope),), |report: PlainReport| {
            Ok(report.read())
        })
    }

    fn spool(&self) -> Option<PathBuf> {
        self.spool.clone()
    }

    /// Hears of the writes of this process. Those of others are found by whoever polls.
    fn changed(&self) -> BoxFuture<'_, ()> {
        let mut changes = self.process.get_or_default().changes.subscribe();
        Box::pin(async move {
            if changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}

fn callbacks(callbacks: Vec<PlainCallback>) -> Result<Vec<Callback>, Failure> {
    let callbacks = callbacks.into_iter();
    callbacks
        .map(|callback| Ok(callback.read()?))
        .collect::<Result<Vec<_>, Failure>>()
}

/// Runs the contract's rules on a store, and returns those that it breaks.
#[pyfunction]
pub(crate) fn check_ledger_store(
    py: Python<'_>,
    store: &Bound<'_, PyAny>,
) -> PyResult<Vec<String>> {
    let store = PythonStore::new(store)?;
    block_on(py, None, conformance::check(&store))
}
