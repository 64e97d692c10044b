//! The ledger's store in virtual time. Its tables are the core's own memory store, which the conformance suite checks; around
//! each command a process can die, others can run, the command can fail, and its answer can be lost.

use super::super::look;
use crate::plan::ledger::StoreTrouble;
use crate::plan::sale_of;
use crate::world::World;
use crate::world::delivered::{Process, Server};
use crate::world::ledger::{Kept, Learnt, Leased, News};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use lipia::ledger::{
    Callback, Claimed, Earlier, LedgerAnswer, LedgerReport, LedgerResult, LedgerStore,
    MemoryLedger, Note, NoteWritten, Order, Party, Replaced, Row, Scope, Search, Telling,
    TellingEnd, Version,
};
use lipia::payment::PaymentId;
use std::sync::Arc;
use std::time::Duration;

/// One process's way to the ledger.
#[derive(Debug)]
pub(super) struct SimulatedLedger {
    world: World,
    server: Server,
    tables: Arc<MemoryLedger>,
}

/// How a command ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Answers,
    Fails,
    AnswerLost,
}

impl SimulatedLedger {
    pub(super) fn new(world: World, server: Server, tables: Arc<MemoryLedger>) -> Self {
        Self {
            world,
            server,
            tables,
        }
    }

    /// A command that may change something, or on which something depends. `note` sees its answer in the moment in which it is
    /// carried out.
    async fn carry_out<T>(
        &self,
        what: &str,
        command: impl Future<Output = LedgerResult<T>>,
        note: impl FnOnce(&T),
    ) -> LedgerResult<T> {
        self.step(&format!("about to {what}")).await;
        self.pause().await;
        let fate = self.meet(what);
        if fate == Fate::Fails {
            return Err("the ledger's store is not there".into());
        }
        let answer = command.await?;
        note(&answer);
        self.pause().await;
        self.step(&format!("the ledger was asked to {what}")).await;
        if fate == Fate::AnswerLost {
            return Err("the ledger's answer is lost".into());
        }
        Ok(answer)
    }

    /// A command of the many that look whether there is something to do: one that finds nothing is no step.
    async fn look_for<T>(
        &self,
        what: &str,
        command: impl Future<Output = LedgerResult<Vec<T>>>,
        note: impl FnOnce(&Vec<T>),
    ) -> LedgerResult<Vec<T>> {
        self.world.alive(self.server).await;
        if self.is_away() {
            return Err("the ledger's store is not there".into());
        }
        let found = command.await?;
        if found.is_empty() {
            return Ok(found);
        }
        note(&found);
        let fate = self.meet(what);
        self.pause().await;
        self.step(&format!("the ledger was asked to {what}")).await;
        if fate != Fate::Answers {
            return Err("the ledger's answer is lost".into());
        }
        Ok(found)
    }

    async fn step(&self, what: &str) {
        let process = Process::Server(self.server);
        self.world.step_of(process, what).await;
    }

    /// The time that a command takes, in which others run: not always as long.
    async fn pause(&self) {
        let most_ms = self.world.plan().store_ms;
        if most_ms == 0 {
            return;
        }
        let ms = {
            let state = self.world.lock();
            let seed = state.now_ms() * 37 + u64::from(state.ledger.commands) * 53;
            (seed + u64::from(self.server.number) * 11) % (most_ms + 1)
        };
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }

    fn is_away(&self) -> bool {
        let state = self.world.lock();
        state.now_ms() < state.ledger.away_until_ms
    }

    /// What the plan has for this command.
    fn meet(&self, what: &str) -> Fate {
        let mut state = self.world.lock();
        let now_ms = state.now_ms();
        let place = state.ledger.commands;
        state.ledger.commands += 1;
        let faults = &self.world.plan().store_faults;
        let fault = faults.iter().find(|fault| fault.at_command == place);
        let fate = match fault.map(|fault| fault.trouble) {
            Some(StoreTrouble::Away { for_ms }) => {
                state.ledger.away_until_ms = now_ms + for_ms;
                Fate::Fails
            }
            Some(StoreTrouble::Fails) => Fate::Fails,
            Some(StoreTrouble::AnswerLost) => Fate::AnswerLost,
            None if now_ms < state.ledger.away_until_ms => Fate::Fails,
            None => Fate::Answers,
        };
        if fate != Fate::Answers {
            let until_ms = state.ledger.away_until_ms.max(now_ms);
            state.ledger.trouble(until_ms);
            let how = match fate {
                Fate::AnswerLost => "is carried out, and its answer is lost",
                _ => "fails",
            };
            state.tell(|| {
                format!(
                    "the command of process {} to {what} {how}",
                    self.server.number
                )
            });
        }
        fate
    }

    /// Looks at a row that was written, and notes what is news to the shop.
    fn note_row(&self, id: &PaymentId) {
        self.world.ledger_is_written();
        let Some(Ok(Some(row))) = self.tables.load(id).now_or_never() else {
            return;
        };
        let payment = &row.payment;
        look(&self.world, payment);
        let mut state = self.world.lock();
        let now_ms = state.now_ms();
        let news = News::of(payment);
        let known = state.ledger.learnt.get(id.as_str());
        if known.map(|known| &known.news) == news.as_ref() {
            return;
        }
        let sale = state.sale_of(payment).unwrap_or_default();
        state.tell(|| {
            format!(
                "the ledger has the payment of sale {sale}: {}, {}",
                payment.state().as_str(),
                payment.outcome()
            )
        });
        match news {
            Some(news) => {
                let learnt = Learnt {
                    news,
                    at_ms: now_ms,
                };
                state.ledger.learnt.insert(id.to_string(), learnt);
            }
            None => {
                state.ledger.learnt.remove(id.as_str());
            }
        }
    }

    /// What is true of a leased row's order: by the rows, not by what the store says of the telling.
    fn note_lease(&self, telling: &Telling) {
        let row = &telling.row;
        let rows = row.order.as_ref().and_then(|order| {
            let earlier = self.tables.earlier(&row.scope, order).now_or_never()?;
            Some(earlier.ok()?.rows)
        });
        let rows: Vec<Row> = rows.unwrap_or_default();
        let is_other = |other: &&Row| other.id() != row.id();
        let leased = Leased {
            at_ms: self.world.now_ms(),
            order_is_paid: rows.iter().any(|row| row.payment.is_paid()),
            is_held_by_another: rows.iter().filter(is_other).any(|row| row.holds_order),
        };
        let key = (row.id().to_string(), row.attempts);
        self.world.lock().ledger.leased.insert(key, leased);
    }

    fn note_kept(&self, callback: &Callback) {
        let key = (callback.payment.to_string(), callback.body.clone());
        let mut state = self.world.lock();
        let at_ms = state.now_ms();
        let kept = state.ledger.kept.entry(key).or_insert(Kept {
            at_ms,
            is_judged: false,
        });
        kept.is_judged |= callback.verdict.is_some();
    }
}

impl LedgerStore for SimulatedLedger {
    fn earlier<'a>(&'a self, scope: &'a Scope, order: &'a Order) -> LedgerAnswer<'a, Earlier> {
        let command = self.tables.earlier(scope, order);
        Box::pin(self.carry_out("find an order's payments", command, |_| {}))
    }

    fn load<'a>(&'a self, id: &'a PaymentId) -> LedgerAnswer<'a, Option<Row>> {
        Box::pin(self.carry_out("load a payment", self.tables.load(id), |_| {}))
    }

    fn claim<'a>(
        &'a self,
        row: &'a Row,
        over: Option<Version<'a>>,
        lease: Duration,
    ) -> LedgerAnswer<'a, Claimed> {
        let command = self.tables.claim(row, over, lease);
        Box::pin(self.carry_out("claim an order", command, move |claimed| {
            if matches!(claimed, Claimed::Taken(_)) {
                let order = row.order.as_ref().map(Order::as_str);
                let sale = order.and_then(sale_of).unwrap_or_default();
                self.world.claims(row.id().as_str(), sale);
                self.world.tell(|| {
                    let number = self.server.number;
                    format!("process {number} claims the order of sale {sale}")
                });
            }
            self.note_row(row.id());
        }))
    }

    fn replace<'a>(&'a self, row: &'a Row) -> LedgerAnswer<'a, Replaced> {
        let command = self.tables.replace(row);
        Box::pin(self.carry_out("write a payment", command, |_| self.note_row(row.id())))
    }

    fn keep<'a>(
        &'a self,
        callback: &'a Callback,
        row: Option<&'a Row>,
    ) -> LedgerAnswer<'a, Replaced> {
        let command = self.tables.keep(callback, row);
        Box::pin(self.carry_out("keep a callback", command, |replaced| {
            if *replaced == Replaced::Written {
                self.note_kept(callback);
                self.note_row(&callback.payment);
            }
        }))
    }

    fn waiting<'a>(&'a self, party: Party<'a>, most: usize) -> LedgerAnswer<'a, Vec<Callback>> {
        let command = self.tables.waiting(party, most);
        Box::pin(self.look_for("find callbacks that were not judged", command, |_| {}))
    }

    fn forgotten<'a>(&'a self, scope: &'a Scope, most: usize) -> LedgerAnswer<'a, Vec<Row>> {
        let command = self.tables.forgotten(scope, most);
        Box::pin(self.look_for("find senders that died", command, |_| {}))
    }

    fn due<'a>(&'a self, party: Party<'a>, most: usize) -> LedgerAnswer<'a, Vec<Row>> {
        let command = self.tables.due(party, most);
        Box::pin(self.look_for("find payments to ask about", command, |_| {}))
    }

    fn claim_question<'a>(
        &'a self,
        row: Version<'a>,
        lease: Duration,
    ) -> LedgerAnswer<'a, Option<Row>> {
        let command = self.tables.claim_question(row, lease);
        Box::pin(self.carry_out("claim a question", command, |_| self.note_row(row.id)))
    }

    fn owed<'a>(
        &'a self,
        scope: &'a Scope,
        lease: Duration,
        most: usize,
    ) -> LedgerAnswer<'a, Vec<Telling>> {
        let command = self.tables.owed(scope, lease, most);
        Box::pin(self.look_for("lease what is owed", command, |tellings| {
            for telling in tellings {
                self.note_lease(telling);
            }
        }))
    }

    fn told<'a>(
        &'a self,
        id: &'a PaymentId,
        attempts: u32,
        end: &'a TellingEnd,
    ) -> LedgerAnswer<'a, bool> {
        Box::pin(async move {
            let command = self.tables.told(id, attempts, end);
            let told = self
                .carry_out("note a telling", command, |_| self.note_row(id))
                .await;
            if told.is_err() {
                self.world.lock().ledger.excuse(id.as_str());
            }
            told
        })
    }

    fn versions<'a>(&'a self, ids: &'a [PaymentId]) -> LedgerAnswer<'a, Vec<(PaymentId, u64)>> {
        Box::pin(async move {
            self.world.alive(self.server).await;
            if self.is_away() {
                return Err("the ledger's store is not there".into());
            }
            self.tables.versions(ids).await
        })
    }

    fn list<'a>(
        &'a self,
        search: &'a Search,
        before: Option<u64>,
        most: usize,
    ) -> LedgerAnswer<'a, Vec<Row>> {
        let command = self.tables.list(search, before, most);
        Box::pin(self.look_for("list payments", command, |_| {}))
    }

    fn named<'a>(&'a self, names: &'a [String]) -> LedgerAnswer<'a, Vec<(String, PaymentId)>> {
        let command = self.tables.named(names);
        Box::pin(self.look_for("find whose a name is", command, |_| {}))
    }

    fn note<'a>(&'a self, key: &'a str) -> LedgerAnswer<'a, Note> {
        Box::pin(self.carry_out("read a note", self.tables.note(key), |_| {}))
    }

    fn write_note<'a>(
        &'a self,
        key: &'a str,
        version: u64,
        value: &'a str,
        lasts: Duration,
    ) -> LedgerAnswer<'a, NoteWritten> {
        let command = self.tables.write_note(key, version, value, lasts);
        Box::pin(self.carry_out("write a note", command, |_| {}))
    }

    fn callbacks<'a>(&'a self, id: &'a PaymentId) -> LedgerAnswer<'a, Vec<Callback>> {
        let command = self.tables.callbacks(id);
        Box::pin(self.look_for("list callbacks", command, |_| {}))
    }

    fn prune<'a>(&'a self, row: &'a Row) -> LedgerAnswer<'a, Replaced> {
        Box::pin(self.carry_out("prune a payment", self.tables.prune(row), |_| {}))
    }

    fn report<'a>(&'a self, scope: &'a Scope) -> LedgerAnswer<'a, LedgerReport> {
        let command = self.tables.report(scope);
        Box::pin(self.carry_out("count payments", command, |_| {}))
    }

    fn changed(&self) -> BoxFuture<'_, ()> {
        if self.world.plan().drops_wakes {
            return Box::pin(std::future::pending());
        }
        // The tables wake their waiters in an order of chance.
        Box::pin(self.world.ledger_written())
    }
}
