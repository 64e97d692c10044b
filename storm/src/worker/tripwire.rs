//! A store that ends its process before, during or after a command.

use crate::worker::say;

use lipia::ledger::{
    Callback, Claimed, Earlier, LedgerAnswer, LedgerReport, LedgerResult, LedgerStore, Note,
    NoteWritten, Order, Party, Replaced, Row, Scope, Search, Telling, TellingEnd, Version,
};
use lipia::payment::PaymentId;
use lipia_storm::{Chance, Command, End, Moment, Place};
use rustix::process::{Signal, getpid, kill_process};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The place at which the process ends, and how often it came there.
#[derive(Debug)]
pub(crate) struct Wire {
    place: Option<Place>,
    passed: AtomicU64,
    is_cut: AtomicBool,
    chance: Mutex<Chance>,
}

impl Wire {
    pub(crate) fn new(place: Option<Place>, life: u64) -> Self {
        Self {
            place,
            passed: AtomicU64::new(0),
            is_cut: AtomicBool::new(false),
            chance: Mutex::new(Chance::of(life, 78)),
        }
    }

    /// From now on the process ends nowhere.
    pub(crate) fn cut(&self) {
        self.is_cut.store(true, Ordering::Release);
    }

    /// Notes that the process came to a moment of a command, and ends the process where that is its place.
    pub(crate) fn pass(&self, command: Command, moment: Moment) {
        let Some(place) = self.place else {
            return;
        };
        let is_here = place.command == command && place.moment == moment;
        if !is_here || self.is_cut.load(Ordering::Acquire) {
            return;
        }
        if self.passed.fetch_add(1, Ordering::AcqRel) + 1 != place.nth {
            return;
        }
        if moment == Moment::During {
            let pause = self.pause();
            std::thread::spawn(move || {
                std::thread::sleep(pause);
                end(place);
            });
        } else {
            end(place);
        }
    }

    /// Up to two milliseconds: a commit takes about one.
    fn pause(&self) -> Duration {
        let mut chance = self.chance.lock().unwrap_or_else(PoisonError::into_inner);
        Duration::from_micros(chance.below(2_000))
    }
}

fn end(place: Place) {
    say(&format!("at {place}"));
    let signal = match place.end {
        End::Kill => Signal::KILL,
        End::Stop => Signal::STOP,
    };
    let _refused = kill_process(getpid(), signal);
}

/// A store with a wire.
#[derive(Debug)]
pub(crate) struct Tripwire {
    store: Arc<dyn LedgerStore>,
    wire: Arc<Wire>,
}

impl Tripwire {
    pub(crate) fn new(store: Arc<dyn LedgerStore>, wire: Arc<Wire>) -> Self {
        Self { store, wire }
    }

    fn around<'a, T: Send + 'a>(
        &'a self,
        command: Command,
        answer: LedgerAnswer<'a, T>,
    ) -> LedgerAnswer<'a, T> {
        Box::pin(async move {
            let answer = self.begin(command, answer).await;
            self.wire.pass(command, Moment::After);
            answer
        })
    }

    async fn begin<T>(&self, command: Command, answer: LedgerAnswer<'_, T>) -> LedgerResult<T> {
        self.wire.pass(command, Moment::Before);
        self.wire.pass(command, Moment::During);
        answer.await
    }
}

impl LedgerStore for Tripwire {
    fn earlier<'a>(&'a self, scope: &'a Scope, order: &'a Order) -> LedgerAnswer<'a, Earlier> {
        self.store.earlier(scope, order)
    }

    fn load<'a>(&'a self, id: &'a PaymentId) -> LedgerAnswer<'a, Option<Row>> {
        self.store.load(id)
    }

    fn claim<'a>(
        &'a self,
        row: &'a Row,
        over: Option<Version<'a>>,
        lease: Duration,
    ) -> LedgerAnswer<'a, Claimed> {
        Box::pin(async move {
            let claim = self.store.claim(row, over, lease);
            let claimed = self.begin(Command::Claim, claim).await;
            if let Ok(Claimed::Taken(row)) = &claimed {
                let order = row.order.as_ref().map(Order::as_str);
                say(&format!("claimed {}", order.unwrap_or_default()));
                self.wire.pass(Command::Claim, Moment::After);
            }
            claimed
        })
    }

    fn replace<'a>(&'a self, row: &'a Row) -> LedgerAnswer<'a, Replaced> {
        self.around(Command::Replace, self.store.replace(row))
    }

    fn keep<'a>(
        &'a self,
        callback: &'a Callback,
        row: Option<&'a Row>,
    ) -> LedgerAnswer<'a, Replaced> {
        self.around(Command::Keep, self.store.keep(callback, row))
    }

    fn named<'a>(&'a self, names: &'a [String]) -> LedgerAnswer<'a, Vec<(String, PaymentId)>> {
        self.store.named(names)
    }

    fn waiting<'a>(&'a self, party: Party<'a>, most: usize) -> LedgerAnswer<'a, Vec<Callback>> {
        self.store.waiting(party, most)
    }

    fn forgotten<'a>(&'a self, scope: &'a Scope, most: usize) -> LedgerAnswer<'a, Vec<Row>> {
        self.store.forgotten(scope, most)
    }

    fn due<'a>(&'a self, party: Party<'a>, most: usize) -> LedgerAnswer<'a, Vec<Row>> {
        self.store.due(party, most)
    }

    fn claim_question<'a>(
        &'a self,
        row: Version<'a>,
        lease: Duration,
    ) -> LedgerAnswer<'a, Option<Row>> {
        self.around(
            Command::ClaimQuestion,
            self.store.claim_question(row, lease),
        )
    }

    fn owed<'a>(
        &'a self,
        scope: &'a Scope,
        lease: Duration,
        most: usize,
    ) -> LedgerAnswer<'a, Vec<Telling>> {
        Box::pin(async move {
            let owed = self
                .begin(Command::Owed, self.store.owed(scope, lease, most))
                .await;
            if owed.as_ref().is_ok_and(|owed| !owed.is_empty()) {
                self.wire.pass(Command::Owed, Moment::After);
            }
            owed
        })
    }

    fn told<'a>(
        &'a self,
        id: &'a PaymentId,
        attempts: u32,
        end: &'a TellingEnd,
    ) -> LedgerAnswer<'a, bool> {
        self.around(Command::Told, self.store.told(id, attempts, end))
    }

    fn versions<'a>(&'a self, ids: &'a [PaymentId]) -> LedgerAnswer<'a, Vec<(PaymentId, u64)>> {
        self.store.versions(ids)
    }

    fn list<'a>(
        &'a self,
        search: &'a Search,
        before: Option<u64>,
        most: usize,
    ) -> LedgerAnswer<'a, Vec<Row>> {
        self.store.list(search, before, most)
    }

    fn note<'a>(&'a self, key: &'a str) -> LedgerAnswer<'a, Note> {
        self.store.note(key)
    }

    fn write_note<'a>(
        &'a self,
        key: &'a str,
        version: u64,
        value: &'a str,
        lasts: Duration,
    ) -> LedgerAnswer<'a, NoteWritten> {
        let write = self.store.write_note(key, version, value, lasts);
        self.around(Command::WriteNote, write)
    }

    fn is_memory(&self) -> bool {
        self.store.is_memory()
    }

    fn callbacks<'a>(&'a self, id: &'a PaymentId) -> LedgerAnswer<'a, Vec<Callback>> {
        self.store.callbacks(id)
    }

    fn prune<'a>(&'a self, row: &'a Row) -> LedgerAnswer<'a, Replaced> {
        self.store.prune(row)
    }

    fn report<'a>(&'a self, scope: &'a Scope) -> LedgerAnswer<'a, LedgerReport> {
        self.store.report(scope)
    }

    fn spool(&self) -> Option<PathBuf> {
        self.store.spool()
    }

    fn changed(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.store.changed()
    }
}
