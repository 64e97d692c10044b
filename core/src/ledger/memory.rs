//! The store of a ledger in this process's memory.

use crate::error::ids::PaymentId;
use crate::ledger::age::{KEPT_FOR, LOOK_AFTER, is_missed, kept_until};
use crate::ledger::contract::{
    Claimed, Earlier, LedgerAnswer, LedgerStore, MAX_CALLBACKS, Party, Replaced, TellingEnd,
    Version,
};
use crate::ledger::report::LedgerReport;
use crate::ledger::row::{Callback, Row, Telling};
use crate::ledger::scope::{Order, Scope};
use crate::ledger::search::Search;
use crate::values::clock::{Clock, EatTime, SystemClock};
use crate::values::note::{Note, NoteWritten};
use futures_util::future::BoxFuture;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// A ledger's store in memory: one payment for one order within this process. It ends with the process.
/// Clients that are given the same store share its payments.
///
/// A payment takes some 2 KB. It is kept for an hour once it failed and the shop was told; a payment that is paid, open or not
/// told is kept for a week after its last change. So a paid order stays paid for a week.
///
/// ```
/// use lipia::ledger::{LedgerStore, MemoryLedger, Scope, Search};
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// let store = MemoryLedger::default();
/// let all = Search::of(Scope::default_of(lipia::values::Environment::Sandbox));
/// assert!(store.list(&all, None, 10).await.unwrap().is_empty());
/// # });
/// ```
pub struct MemoryLedger {
    clock: Arc<dyn Clock>,
    tables: Mutex<Tables>,
    changes: watch::Sender<u64>,
}

/// The name of an order within its scope.
type Sale = (Scope, Order);

#[derive(Default)]
struct Tables {
    /// By `seq`. Written by [`Tables::put`] alone, which keeps the indexes.
    rows: BTreeMap<u64, Row>,
    ids: HashMap<PaymentId, u64>,
    orders: HashMap<Sale, Vec<u64>>,
    holders: HashMap<Sale, u64>,
    /// Rows by the time at which something is to be done about them.
    leased: BTreeSet<(EatTime, u64)>,
    to_ask: BTreeSet<(EatTime, u64)>,
    owed: BTreeSet<(EatTime, u64)>,
    /// Whose each of [`Row::names`] is.
    names: HashMap<String, PaymentId>,
    callbacks: HashMap<PaymentId, Vec<Callback>>,
    /// Payment and digest of callbacks without a verdict, the oldest first.
    unjudged: Vec<(PaymentId, String)>,
    /// The place of the last row.
    last_seq: u64,
    /// When to look whether a payment can be let go, about in order.
    looks: VecDeque<(EatTime, PaymentId)>,
    notes: HashMap<String, StoredNote>,
}

/// How many payments are looked at with each command. Two would do.
const LOOKS: usize = 8;

/// The text of a key, and until when it is there.
#[derive(Default)]
struct StoredNote {
    version: u64,
    value: String,
    until: Option<EatTime>,
}

impl StoredNote {
    fn read(&self, now: EatTime) -> Note {
        let is_there = self.until.is_some_and(|until| until > now);
        Note {
            version: self.version,
            value: is_there.then(|| self.value.clone()),
            read_at: now,
        }
    }
}

/// How long a note is kept once its time is up: a process that read it may write by its version.
const KEEPS_NOTES: Duration = Duration::from_secs(24 * 3_600);

impl MemoryLedger {
    /// A store that takes its time from another clock than the system's.
    #[must_use]
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            tables: Mutex::default(),
            changes: watch::Sender::new(0),
        }
    }

    /// Reads the tables.
    fn read<'a, T: Send + 'a>(
        &'a self,
        read: impl FnOnce(&Tables, EatTime) -> T + Send + 'a,
    ) -> LedgerAnswer<'a, T> {
        Box::pin(async move {
            // A clock may be the program's own, and nothing is locked while it is asked.
            let now = self.clock.now();
            Ok(read(&self.lock(), now))
        })
    }

    /// Changes the tables in one step, and wakes whoever waits.
    fn write<'a, T: Send + 'a>(
        &'a self,
        write: impl FnOnce(&mut Tables, EatTime) -> T + Send + 'a,
    ) -> LedgerAnswer<'a, T> {
        Box::pin(async move {
            let now = self.clock.now();
            let (result, missed) = {
                let mut tables = self.lock();
                let missed = tables.let_go(now);
                (write(&mut tables, now), missed)
            };
            for payment_id in missed {
                tracing::error!(target: "lipia", %payment_id, "a payment that is open or was not told has not changed for a week, and the ledger in memory lets it go: look at the merchant's statement");
            }
            self.changes
                .send_modify(|count| *count = count.wrapping_add(1));
            Ok(result)
        })
    }

    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryLedger {
    fn default() -> Self {
        Self::with_clock(Arc::new(SystemClock))
    }
}

impl fmt::Debug for MemoryLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryLedger")
            .field("rows", &self.lock().rows.len())
            .finish_non_exhaustive()
    }
}

/// A row as it is handed out.
fn at(row: &Row, now: EatTime) -> Row {
    Row {
        read_at: now,
        ..row.clone()
    }
}

/// The order of a row, where it holds one.
fn held_sale(row: &Row) -> Option<Sale> {
    let order = row.order.clone().filter(|_| row.holds_order)?;
    Some((row.scope.clone(), order))
}

impl Tables {
    fn row(&self, id: &PaymentId) -> Option<&Row> {
        self.rows.get(self.ids.get(id)?)
    }

    /// The row that has this version still.
    fn unchanged(&self, row: Version<'_>) -> Option<&Row> {
        self.row(row.id)
            .filter(|stored| stored.version == row.version)
    }

    fn holder(&self, sale: &Sale) -> Option<&Row> {
        self.rows.get(self.holders.get(sale)?)
    }

    fn of_order(&self, sale: &Sale) -> impl Iterator<Item = &Row> {
        let seqs = self.orders.get(sale).map_or(&[][..], Vec::as_slice);
        seqs.iter().rev().filter_map(|seq| self.rows.get(seq))
    }

    /// Writes a row in the place of its `seq`.
    fn put(&mut self, row: Row) {
        let seq = row.seq;
        if let Some(old) = self.rows.remove(&seq) {
            if let Some(sale) = held_sale(&old) {
                self.holders.remove(&sale);
            }
            for (index, at) in self.indexes(&old) {
                index.remove(&(at, seq));
            }
        }
        if let Some(sale) = held_sale(&row) {
            self.holders.insert(sale, seq);
        }
        for (index, at) in self.indexes(&row) {
            index.insert((at, seq));
        }
        for name in row.names() {
            self.names.entry(name).or_insert_with(|| row.id().clone());
        }
        self.rows.insert(seq, row);
    }

    /// Lets payments go whose time is over, and returns those that somebody would miss.
    fn let_go(&mut self, now: EatTime) -> Vec<PaymentId> {
        let mut missed = Vec::new();
        for _ in 0..LOOKS {
            if self.looks.front().is_none_or(|(due, _)| *due > now) {
                break;
            }
            let Some((_, id)) = self.looks.pop_front() else {
                break;
            };
            let row = self.row(&id);
            let until = match row {
                // The time of its last write, within the time that its writer took since it read the row.
                Some(row) => kept_until(row, row.read_at),
                None => self.callbacks_until(&id, now),
            };
            if until > now {
                let again = now.plus(LOOK_AFTER).min(until);
                self.looks.push_back((again, id));
                continue;
            }
            if row.is_some_and(is_missed) {
                missed.push(id.clone());
            }
            self.remove(&id);
        }
        missed
    }

    /// Until when the callbacks of a payment without a row are kept.
    fn callbacks_until(&self, id: &PaymentId, now: EatTime) -> EatTime {
        let kept = self.callbacks.get(id).map_or(&[][..], Vec::as_slice);
        let last = kept.iter().map(|callback| callback.received_at).max();
        last.map_or(now, |last| last.plus(KEPT_FOR))
    }

    /// Removes everything that is known of a payment.
    fn remove(&mut self, id: &PaymentId) {
        self.callbacks.remove(id);
        self.unjudged.retain(|(payment, _)| payment != id);
        let row = self.ids.remove(id).and_then(|seq| self.rows.remove(&seq));
        let Some(row) = row else {
            return;
        };
        if let Some(sale) = held_sale(&row) {
            self.holders.remove(&sale);
        }
        for (index, at) in self.indexes(&row) {
            index.remove(&(at, row.seq));
        }
        for name in row.names() {
            if self.names.get(&name) == Some(id) {
                self.names.remove(&name);
            }
        }
        if let Some(order) = &row.order {
            let sale = (row.scope.clone(), order.clone());
            if let Some(seqs) = self.orders.get_mut(&sale) {
                seqs.retain(|seq| *seq != row.seq);
                if seqs.is_empty() {
                    self.orders.remove(&sale);
                }
            }
        }
    }

    /// The indexes that a row stands in, and where.
    fn indexes(
        &mut self,
        row: &Row,
    ) -> impl Iterator<Item = (&mut BTreeSet<(EatTime, u64)>, EatTime)> {
        let owed_after = row.is_owed().then_some(row.owed_after);
        [
            (&mut self.leased, row.lease_until),
            (&mut self.to_ask, row.ask_after),
            (&mut self.owed, owed_after),
        ]
        .into_iter()
        .filter_map(|(index, at)| Some((index, at?)))
    }

    /// The rows of an index whose time has come and that fit, the earliest first, at most `most`.
    fn come<'a>(
        &'a self,
        index: &'a BTreeSet<(EatTime, u64)>,
        now: EatTime,
        most: usize,
        fits: impl Fn(&Row) -> bool,
    ) -> Vec<Row> {
        let come = index.range(..=(now, u64::MAX));
        let rows = come.filter_map(|(_, seq)| self.rows.get(seq));
        let rows = rows.filter(|row| fits(row)).take(most);
        rows.map(|row| at(row, now)).collect()
    }

    fn claim(
        &mut self,
        row: &Row,
        over: Option<Version<'_>>,
        lease: Duration,
        now: EatTime,
    ) -> Claimed {
        if let Some(known) = self.row(row.id()) {
            return Claimed::Taken(Box::new(at(known, now)));
        }
        let gives_way = over.and_then(|over| self.unchanged(over)).cloned();
        let holder = held_sale(row).and_then(|sale| self.holder(&sale));
        if let Some(holder) = holder
            && gives_way.as_ref().is_none_or(|it| it.seq != holder.seq)
        {
            return Claimed::Held(Box::new(at(holder, now)));
        }
        if let Some(mut earlier) = gives_way {
            earlier.holds_order = false;
            earlier.version += 1;
            self.put(earlier);
        }
        self.last_seq += 1;
        let seq = self.last_seq;
        self.looks
            .push_back((now.plus(LOOK_AFTER), row.id().clone()));
        let row = Row {
            seq,
            version: 1,
            lease_until: Some(now.plus(lease)),
            ..at(row, now)
        };
        if let Some(order) = &row.order {
            let sale = (row.scope.clone(), order.clone());
            self.orders.entry(sale).or_default().push(seq);
        }
        self.ids.insert(row.id().clone(), seq);
        self.put(row.clone());
        Claimed::Taken(Box::new(row))
    }

    fn replace(&mut self, row: &Row) -> Replaced {
        let Some(seq) = self.unchanged(Version::of(row)).map(|stored| stored.seq) else {
            return Replaced::Stale;
        };
        let holder = held_sale(row).and_then(|sale| self.holder(&sale));
        if holder.is_some_and(|holder| holder.seq != seq) {
            return Replaced::OrderHeld;
        }
        let is_others = |name: &String| self.names.get(name).is_some_and(|it| it != row.id());
        if row.names().iter().any(is_others) {
            return Replaced::NameTaken;
        }
        self.put(Row {
            seq,
            version: row.version + 1,
            ..row.clone()
        });
        Replaced::Written
    }

    fn keep(&mut self, callback: &Callback, row: Option<&Row>, now: EatTime) -> Replaced {
        let replaced = row.map_or(Replaced::Written, |row| self.replace(row));
        if replaced != Replaced::Written {
            return replaced;
        }
        let key = (callback.payment.clone(), callback.digest.clone());
        if !self.ids.contains_key(&callback.payment)
            && !self.callbacks.contains_key(&callback.payment)
        {
            let look_at = now.plus(LOOK_AFTER);
            self.looks.push_back((look_at, callback.payment.clone()));
        }
        let kept = self.callbacks.entry(callback.payment.clone()).or_default();
        let is_full = kept.len() >= MAX_CALLBACKS;
        match kept.iter_mut().find(|kept| kept.digest == callback.digest) {
            Some(kept) if kept.verdict.is_none() => {
                kept.verdict.clone_from(&callback.verdict);
                if kept.verdict.is_some() {
                    self.unjudged.retain(|unjudged| *unjudged != key);
                }
            }
            Some(_) => {}
            None if is_full => {}
            None => {
                kept.push(Callback {
                    received_at: now,
                    ..callback.clone()
                });
                if callback.verdict.is_none() {
                    self.unjudged.push(key);
                }
            }
        }
        Replaced::Written
    }

    fn prune(&mut self, row: &Row) -> Replaced {
        let replaced = self.replace(row);
        if replaced == Replaced::Written {
            self.callbacks.remove(row.id());
            self.unjudged.retain(|(payment, _)| payment != row.id());
        }
        replaced
    }

    fn report(&self, scope: &Scope) -> LedgerReport {
        let mut report = LedgerReport {
            place: "the memory of this process".to_owned(),
            ..LedgerReport::default()
        };
        for row in self.rows.values().filter(|row| row.scope == *scope) {
            report.payments += 1;
            report.open += u64::from(row.is_open());
            report.owed += u64::from(row.is_owed());
        }
        report
    }

    fn waiting(&self, party: Party<'_>, most: usize) -> Vec<Callback> {
        let unjudged = self.unjudged.iter().filter_map(|(payment, digest)| {
            let row = self.row(payment)?;
            let is_ours = row.scope == *party.scope && row.account == party.account;
            let kept = self.callbacks.get(payment).filter(|_| is_ours)?;
            kept.iter().find(|kept| kept.digest == *digest)
        });
        unjudged.take(most).cloned().collect()
    }

    fn owed(&mut self, scope: &Scope, lease: Duration, most: usize, now: EatTime) -> Vec<Telling> {
        let owed = self.come(&self.owed, now, most, |row| row.scope == *scope);
        let leased = owed.into_iter().map(|mut row| {
            row.owed_after = now.plus(lease);
            row.attempts = row.attempts.saturating_add(1);
            row.version += 1;
            self.put(row.clone());
            row
        });
        let leased: Vec<Row> = leased.collect();
        leased.into_iter().map(|row| self.telling(row)).collect()
    }

    fn telling(&self, row: Row) -> Telling {
        let sale = row.order.clone().map(|order| (row.scope.clone(), order));
        let paid = |sale: &Sale| self.of_order(sale).any(|row| row.payment.is_paid());
        let holder = sale.as_ref().and_then(|sale| self.holder(sale));
        Telling {
            order_is_paid: sale.as_ref().map_or(row.payment.is_paid(), paid),
            order_is_held_by_another: holder.is_some_and(|holder| holder.seq != row.seq),
            row,
        }
    }

    fn told(&mut self, id: &PaymentId, attempts: u32, end: &TellingEnd, now: EatTime) -> bool {
        let Some(row) = self.row(id).filter(|row| row.attempts == attempts) else {
            return false;
        };
        let mut row = at(row, now);
        match end {
            TellingEnd::Taken { news } => {
                row.told = row.told.max(*news);
                row.owed_after = now;
                row.trouble = None;
            }
            TellingEnd::Failed { again_in, trouble } => {
                row.owed_after = now.plus(*again_in);
                row.trouble = Some(trouble.clone());
            }
        }
        row.version += 1;
        self.put(row);
        true
    }

    fn note(&self, key: &str, now: EatTime) -> Note {
        let nothing = StoredNote::default();
        self.notes.get(key).unwrap_or(&nothing).read(now)
    }

    fn write_note(
        &mut self,
        key: &str,
        version: u64,
        value: &str,
        lasts: Duration,
        now: EatTime,
    ) -> NoteWritten {
        if !self.notes.contains_key(key) {
            self.notes.retain(|_, note| {
                note.until
                    .is_some_and(|until| until.plus(KEEPS_NOTES) > now)
            });
        }
        let note = self.notes.entry(key.to_owned()).or_default();
        if note.version != version {
            return NoteWritten::Stale(note.read(now));
        }
        *note = StoredNote {
            version: version + 1,
            value: value.to_owned(),
            until: Some(now.plus(lasts)),
        };
        NoteWritten::Written(note.read(now))
    }

    fn claim_question(&mut self, row: Version<'_>, lease: Duration, now: EatTime) -> Option<Row> {
        let mut row = at(self.unchanged(row)?, now);
        row.ask_after = Some(now.plus(lease));
        row.asked_at = Some(now);
        row.asks = row.asks.saturating_add(1);
        row.version += 1;
        self.put(row.clone());
        Some(row)
    }
}

impl LedgerStore for MemoryLedger {
    fn earlier<'a>(&'a self, scope: &'a Scope, order: &'a Order) -> LedgerAnswer<'a, Earlier> {
        self.read(|tables, now| {
            let sale = (scope.clone(), order.clone());
            let rows = tables.of_order(&sale);
            Earlier {
                rows: rows.map(|row| at(row, now)).collect(),
                now,
            }
        })
    }

    fn load<'a>(&'a self, id: &'a PaymentId) -> LedgerAnswer<'a, Option<Row>> {
        self.read(|tables, now| tables.row(id).map(|row| at(row, now)))
    }

    fn claim<'a>(
        &'a self,
        row: &'a Row,
        over: Option<Version<'a>>,
        lease: Duration,
    ) -> LedgerAnswer<'a, Claimed> {
        self.write(move |tables, now| tables.claim(row, over, lease, now))
    }

    fn replace<'a>(&'a self, row: &'a Row) -> LedgerAnswer<'a, Replaced> {
        self.write(|tables, _| tables.replace(row))
    }

    fn keep<'a>(
        &'a self,
        callback: &'a Callback,
        row: Option<&'a Row>,
    ) -> LedgerAnswer<'a, Replaced> {
        self.write(move |tables, now| tables.keep(callback, row, now))
    }

    fn named<'a>(&'a self, names: &'a [String]) -> LedgerAnswer<'a, Vec<(String, PaymentId)>> {
        self.read(|tables, _| {
            let owned = names
                .iter()
                .filter_map(|name| Some((name.clone(), tables.names.get(name)?.clone())));
            owned.collect()
        })
    }

    fn waiting<'a>(&'a self, party: Party<'a>, most: usize) -> LedgerAnswer<'a, Vec<Callback>> {
        self.read(move |tables, _| tables.waiting(party, most))
    }

    fn forgotten<'a>(&'a self, scope: &'a Scope, most: usize) -> LedgerAnswer<'a, Vec<Row>> {
        self.read(move |tables, now| {
            tables.come(&tables.leased, now, most, |row| row.scope == *scope)
        })
    }

    fn due<'a>(&'a self, party: Party<'a>, most: usize) -> LedgerAnswer<'a, Vec<Row>> {
        self.read(move |tables, now| {
            tables.come(&tables.to_ask, now, most, |row| {
                row.scope == *party.scope && row.account == party.account
            })
        })
    }

    fn claim_question<'a>(
        &'a self,
        row: Version<'a>,
        lease: Duration,
    ) -> LedgerAnswer<'a, Option<Row>> {
        self.write(move |tables, now| tables.claim_question(row, lease, now))
    }

    fn owed<'a>(
        &'a self,
        scope: &'a Scope,
        lease: Duration,
        most: usize,
    ) -> LedgerAnswer<'a, Vec<Telling>> {
        Box::pin(async move {
            let now = self.clock.now();
            // Wakes nobody: a lease is nothing to wait for, and the tellers that it woke would lease and wake again.
            Ok(self.lock().owed(scope, lease, most, now))
        })
    }

    fn told<'a>(
        &'a self,
        id: &'a PaymentId,
        attempts: u32,
        end: &'a TellingEnd,
    ) -> LedgerAnswer<'a, bool> {
        self.write(move |tables, now| tables.told(id, attempts, end, now))
    }

    fn versions<'a>(&'a self, ids: &'a [PaymentId]) -> LedgerAnswer<'a, Vec<(PaymentId, u64)>> {
        self.read(|tables, _| {
            let rows = ids.iter().filter_map(|id| tables.row(id));
            rows.map(|row| (row.id().clone(), row.version)).collect()
        })
    }

    fn callbacks<'a>(&'a self, id: &'a PaymentId) -> LedgerAnswer<'a, Vec<Callback>> {
        self.read(|tables, _| tables.callbacks.get(id).cloned().unwrap_or_default())
    }

    fn prune<'a>(&'a self, row: &'a Row) -> LedgerAnswer<'a, Replaced> {
        self.write(|tables, _| tables.prune(row))
    }

    fn report<'a>(&'a self, scope: &'a Scope) -> LedgerAnswer<'a, LedgerReport> {
        self.read(|tables, _| tables.report(scope))
    }

    fn list<'a>(
        &'a self,
        search: &'a Search,
        before: Option<u64>,
        most: usize,
    ) -> LedgerAnswer<'a, Vec<Row>> {
        self.read(move |tables, now| {
            let before = before.unwrap_or(u64::MAX);
            let rows = tables.rows.range(..before).rev().map(|(_, row)| row);
            let found = rows.filter(|row| search.finds(row)).take(most);
            found.map(|row| at(row, now)).collect()
        })
    }

    fn note<'a>(&'a self, key: &'a str) -> LedgerAnswer<'a, Note> {
        self.read(move |tables, now| tables.note(key, now))
    }

    fn write_note<'a>(
        &'a self,
        key: &'a str,
        version: u64,
        value: &'a str,
        lasts: Duration,
    ) -> LedgerAnswer<'a, NoteWritten> {
        Box::pin(async move {
            let mut tables = self.lock();
            // Wakes nobody: who waits for a payment has nothing to see in a note.
            Ok(tables.write_note(key, version, value, lasts, self.clock.now()))
        })
    }

    fn is_memory(&self) -> bool {
        true
    }

    fn changed(&self) -> BoxFuture<'_, ()> {
        let mut changes = self.changes.subscribe();
        Box::pin(async move {
            // The sender lives as long as the store; were it gone, whoever waits polls.
            let _changed = changes.changed().await;
        })
    }
}
