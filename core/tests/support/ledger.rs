//! A ledger's store that several clients share as processes would, and that fails or is stopped at a chosen command.

use futures_util::future::BoxFuture;
use lipia::ledger::{
    Callback, Claimed, Earlier, LedgerAnswer, LedgerReport, LedgerResult, LedgerStore,
    MemoryLedger, Note, NoteWritten, Order, Party, Replaced, Row, Scope, Search, Telling,
    TellingEnd, Version,
};
use lipia::payment::PaymentId;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// What happens at a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The command goes well: a later one of that name meets the next trouble.
    None,
    /// The command fails, and nothing is written.
    Fails,
    /// The command is carried out, and its answer is lost.
    AnswerLost,
    /// The process is stopped for a minute once the command was carried out. Needs a runtime of one thread.
    Stopped,
}

/// A store in memory with trouble at some commands.
#[derive(Debug, Default)]
pub(crate) struct TroubledLedger {
    pub(crate) inner: MemoryLedger,
    troubles: Mutex<Vec<(&'static str, Trouble)>>,
    keys: Mutex<BTreeSet<String>>,
    is_away: AtomicBool,
    pauses: Mutex<Vec<(&'static str, Arc<Gate>)>>,
}

/// Where a command waits before it is carried out.
#[derive(Debug, Default)]
struct Gate {
    reached: Notify,
    opened: Notify,
}

/// A command that waits: for the test that has it go on.
#[derive(Debug)]
pub(crate) struct Paused(Arc<Gate>);

impl Paused {
    /// Ends once the command has come.
    pub(crate) async fn reached(&self) {
        self.0.reached.notified().await;
    }

    pub(crate) fn go_on(&self) {
        self.0.opened.notify_one();
    }
}

impl TroubledLedger {
    pub(crate) fn over(inner: MemoryLedger) -> Self {
        Self {
            inner,
            ..Self::default()
        }
    }

    /// Has one more command of that name meet trouble.
    pub(crate) fn trouble(&self, command: &'static str, trouble: Trouble) {
        self.troubles.lock().unwrap().push((command, trouble));
    }

    /// The keys of all notes that were written.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.keys.lock().unwrap().iter().cloned().collect()
    }

    /// Has every command fail, or none from now on.
    pub(crate) fn is_away(&self, is_away: bool) {
        self.is_away.store(is_away, Ordering::SeqCst);
    }

    /// Has the next command of that name wait before it is carried out.
    pub(crate) fn pause(&self, command: &'static str) -> Paused {
        let gate: Arc<Gate> = Arc::default();
        self.pauses
            .lock()
            .unwrap()
            .push((command, Arc::clone(&gate)));
        Paused(gate)
    }

    fn gate(&self, command: &str) -> Option<Arc<Gate>> {
        let mut pauses = self.pauses.lock().unwrap();
        let at = pauses.iter().position(|(of, _)| *of == command)?;
        Some(pauses.remove(at).1)
    }

    fn meet(&self, command: &str) -> Option<Trouble> {
        let mut troubles = self.troubles.lock().unwrap();
        let at = troubles.iter().position(|(of, _)| *of == command)?;
        Some(troubles.remove(at).1)
    }

    fn run<'a, T: Send + 'a>(
        &'a self,
        command: &'static str,
        answer: LedgerAnswer<'a, T>,
    ) -> LedgerAnswer<'a, T> {
        Box::pin(async move {
            let trouble = self.meet(command);
            if let Some(gate) = self.gate(command) {
                gate.reached.notify_one();
                gate.opened.notified().await;
            }
            if self.is_away.load(Ordering::SeqCst) {
                return Err("the database is away".into());
            }
            if trouble == Some(Trouble::Fails) {
                return Err("the disk is full".into());
            }
            let answer: LedgerResult<T> = answer.await;
            match trouble {
                Some(Trouble::AnswerLost) => Err("the database closed the connection".into()),
                Some(Trouble::Stopped) => {
                    tokio::time::pause();
                    tokio::time::advance(Duration::from_secs(60)).await;
                    tokio::time::resume();
                    answer
                }
                _ => answer,
            }
        })
    }
}

impl LedgerStore for TroubledLedger {
    fn earlier<'a>(&'a self, scope: &'a Scope, order: &'a Order) -> LedgerAnswer<'a, Earlier> {
        self.run("earlier", self.inner.earlier(scope, order))
    }

    fn load<'a>(&'a self, id: &'a PaymentId) -> LedgerAnswer<'a, Option<Row>> {
        self.run("load", self.inner.load(id))
    }

    fn claim<'a>(
        &'a self,
        row: &'a Row,
        over: Option<Version<'a>>,
        lease: Duration,
    ) -> LedgerAnswer<'a, Claimed> {
        self.run("claim", self.inner.claim(row, over, lease))
    }

    fn replace<'a>(&'a self, row: &'a Row) -> LedgerAnswer<'a, Replaced> {
        self.run("replace", self.inner.replace(row))
    }

    fn keep<'a>(
        &'a self,
        callback: &'a Callback,
        row: Option<&'a Row>,
    ) -> LedgerAnswer<'a, Replaced> {
        self.run("keep", self.inner.keep(callback, row))
    }

    fn named<'a>(&'a self, names: &'a [String]) -> LedgerAnswer<'a, Vec<(String, PaymentId)>> {
        self.run("named", self.inner.named(names))
    }

    fn waiting<'a>(&'a self, party: Party<'a>, most: usize) -> LedgerAnswer<'a, Vec<Callback>> {
        self.run("waiting", self.inner.waiting(party, most))
    }

    fn forgotten<'a>(&'a self, scope: &'a Scope, most: usize) -> LedgerAnswer<'a, Vec<Row>> {
        self.run("forgotten", self.inner.forgotten(scope, most))
    }

    fn due<'a>(&'a self, party: Party<'a>, most: usize) -> LedgerAnswer<'a, Vec<Row>> {
        self.run("due", self.inner.due(party, most))
    }

    fn claim_question<'a>(
        &'a self,
        row: Version<'a>,
        lease: Duration,
    ) -> LedgerAnswer<'a, Option<Row>> {
        self.run("claim_question", self.inner.claim_question(row, lease))
    }

    fn owed<'a>(
        &'a self,
        scope: &'a Scope,
        lease: Duration,
        most: usize,
    ) -> LedgerAnswer<'a, Vec<Telling>> {
        self.run("owed", self.inner.owed(scope, lease, most))
    }

    fn told<'a>(
        &'a self,
        id: &'a PaymentId,
        attempts: u32,
        end: &'a TellingEnd,
    ) -> LedgerAnswer<'a, bool> {
        self.run("told", self.inner.told(id, attempts, end))
    }

    fn versions<'a>(&'a self, ids: &'a [PaymentId]) -> LedgerAnswer<'a, Vec<(PaymentId, u64)>> {
        self.run("versions", self.inner.versions(ids))
    }

    fn callbacks<'a>(&'a self, id: &'a PaymentId) -> LedgerAnswer<'a, Vec<Callback>> {
        self.run("callbacks", self.inner.callbacks(id))
    }

    fn prune<'a>(&'a self, row: &'a Row) -> LedgerAnswer<'a, Replaced> {
        self.run("prune", self.inner.prune(row))
    }

    fn report<'a>(&'a self, scope: &'a Scope) -> LedgerAnswer<'a, LedgerReport> {
        self.run("report", self.inner.report(scope))
    }

    fn list<'a>(
        &'a self,
        search: &'a Search,
        before: Option<u64>,
        most: usize,
    ) -> LedgerAnswer<'a, Vec<Row>> {
        self.run("list", self.inner.list(search, before, most))
    }

    fn note<'a>(&'a self, key: &'a str) -> LedgerAnswer<'a, Note> {
        self.run("note", self.inner.note(key))
    }

    fn write_note<'a>(
        &'a self,
        key: &'a str,
        version: u64,
        value: &'a str,
        lasts: Duration,
    ) -> LedgerAnswer<'a, NoteWritten> {
        self.keys.lock().unwrap().insert(key.to_owned());
        self.run(
            "write_note",
            self.inner.write_note(key, version, value, lasts),
        )
    }

    fn changed(&self) -> BoxFuture<'_, ()> {
        self.inner.changed()
    }
}
