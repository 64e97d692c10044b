//! The contract of a store: the commands that a ledger gives it, each of them one statement or one transaction.

use crate::error::ids::PaymentId;
use crate::ledger::report::LedgerReport;
use crate::ledger::row::{Callback, Row, Telling};
use crate::ledger::scope::{Order, Scope};
use crate::ledger::search::Search;
use crate::values::clock::EatTime;
use crate::values::note::{Note, NoteWritten};
use futures_util::future::BoxFuture;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How many bodies of one payment are kept. Somebody who knows its URL could otherwise fill a disk.
pub const MAX_CALLBACKS: usize = 64;

/// The result of a store's command.
pub type LedgerResult<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// The answer of a store, once it is there.
pub type LedgerAnswer<'a, T> = BoxFuture<'a, LedgerResult<T>>;

/// The store of a ledger, which keeps its rows. Implement it to keep payments in a database of your own, and run
/// [`conformance::check`](crate::ledger::conformance::check) on it: a store that does not pass invites the second prompt.
///
/// The rules for every store:
///
/// - **A command is one statement or one transaction.** When its future resolves to `Ok`, what it wrote survives a crash.
///   When it fails, nothing of it was written, or all of it was and the answer was lost.
/// - **A store decides nothing.** It compares versions, times and keys, and keeps what it is given.
/// - **Time is the store's own clock**, in UTC to the millisecond at least: `now` below, and every
///   [`Row::read_at`]. The processes of a ledger compare no clocks of their own.
/// - **Every write to a row makes its version one higher**, a lease too.
/// - A command may be given twice, where the answer to the first was lost.
///
/// Commands that fail are reported to the caller of the verb as `ledger_failed`, with the store's error as their cause.
pub trait LedgerStore: Send + Sync + fmt::Debug {
    /// All payments of an order, the newest first.
    ///
    /// # Errors
    /// Whatever kept the store from answering.
    fn earlier<'a>(&'a self, scope: &'a Scope, order: &'a Order) -> LedgerAnswer<'a, Earlier>;

    /// The row of a payment.
    ///
    /// # Errors
    /// Whatever kept the store from answering.
    fn load<'a>(&'a self, id: &'a PaymentId) -> LedgerAnswer<'a, Option<Row>>;

    /// Writes a new row, with the next `seq`, version 1, and a lease that ends `lease` from now, unless another payment holds
    /// its order. In one transaction:
    ///
    /// 1. Where `over` is given and that row still has that version, it no longer holds its order.
    /// 2. Where the new row holds its order and another row does as well, nothing is written, and that row is the answer.
    /// 3. Otherwise the row is written. A row with this payment's id that is there already is the answer as it is. Of its
    ///    [`Row::names`] those that no payment has become the payment's.
    ///
    /// # Errors
    /// Whatever kept the store from writing. Nothing is sent then.
    fn claim<'a>(
        &'a self,
        row: &'a Row,
        over: Option<Version<'a>>,
        lease: Duration,
    ) -> LedgerAnswer<'a, Claimed>;

    /// Writes a row in place of the stored one with the same payment, where that one still has the version that this one was
    /// read with. `seq` and `read_at` are not written. With it the row's [`Row::names`] become the payment's: where another
    /// payment has one of them, nothing is written.
    ///
    /// # Errors
    /// Whatever kept the store from writing.
    fn replace<'a>(&'a self, row: &'a Row) -> LedgerAnswer<'a, Replaced>;

    /// Keeps a callback, by its payment and its digest, and writes a row as [`LedgerStore::replace`] does, in one
    /// transaction: both or neither. A callback that is kept already gets the verdict where it has none. A callback of a
    /// payment that has [`MAX_CALLBACKS`] others is not kept, and the row is written all the same.
    ///
    /// # Errors
    /// Whatever kept the store from writing. The gateway is then not answered with HTTP 200.
    fn keep<'a>(
        &'a self,
        callback: &'a Callback,
        row: Option<&'a Row>,
    ) -> LedgerAnswer<'a, Replaced>;

    /// Whose these [`Row::names`] are: each that a payment has, in whatever shop, with that payment.
    ///
    /// # Errors
    /// Whatever kept the store from answering.
    fn named<'a>(&'a self, names: &'a [String]) -> LedgerAnswer<'a, Vec<(String, PaymentId)>>;

    /// Callbacks without a verdict whose payments have this scope and account, the oldest first, at most `most`.
    ///
    /// # Errors
    /// Whatever kept the store from answering.
    fn waiting<'a>(&'a self, party: Party<'a>, most: usize) -> LedgerAnswer<'a, Vec<Callback>>;

    /// Rows of this scope whose lease has ended: their senders died, or are too late to conclude. At most `most`.
    ///
    /// # Errors
    /// Whatever kept the store from answering.
    fn forgotten<'a>(&'a self, scope: &'a Scope, most: usize) -> LedgerAnswer<'a, Vec<Row>>;

    /// Rows of this scope and account whose `ask_after` has come, the earliest first, at most `most`. Takes no lock: see
    /// [`LedgerStore::claim_question`].
    ///
    /// # Errors
    /// Whatever kept the store from answering.
    fn due<'a>(&'a self, party: Party<'a>, most: usize) -> LedgerAnswer<'a, Vec<Row>>;

    /// Takes the right to ask about a payment, where its row still has that version: `ask_after` becomes `lease` from now,
    /// `asked_at` becomes now, and `asks` one more. The row as it is then; `None` where somebody else wrote to it.
    ///
    /// # Errors
    /// Whatever kept the store from writing.
    fn claim_question<'a>(
        &'a self,
        row: Version<'a>,
        lease: Duration,
    ) -> LedgerAnswer<'a, Option<Row>>;

    /// Leases rows of this scope that are owed (`news` above `told`) and whose `owed_after` has come, the earliest first, at
    /// most `most`: `owed_after` becomes `lease` from now, and `attempts` one more. Of two callers at the same moment one
    /// gets a row.
    ///
    /// # Errors
    /// Whatever kept the store from writing.
    fn owed<'a>(
        &'a self,
        scope: &'a Scope,
        lease: Duration,
        most: usize,
    ) -> LedgerAnswer<'a, Vec<Telling>>;

    /// Ends the lease of a telling, where the row's `attempts` are still those: nobody else has begun to tell since.
    /// Whether it was so.
    ///
    /// # Errors
    /// Whatever kept the store from writing.
    fn told<'a>(
        &'a self,
        id: &'a PaymentId,
        attempts: u32,
        end: &'a TellingEnd,
    ) -> LedgerAnswer<'a, bool>;

    /// The versions of those of these payments that have a row.
    ///
    /// # Errors
    /// Whatever kept the store from answering.
    fn versions<'a>(&'a self, ids: &'a [PaymentId]) -> LedgerAnswer<'a, Vec<(PaymentId, u64)>>;

    /// The rows that a search finds, the newest first, at most `most`; with `before` only those with a smaller `seq`.
    ///
    /// # Errors
    /// Whatever kept the store from answering.
    fn list<'a>(
        &'a self,
        search: &'a Search,
        before: Option<u64>,
        most: usize,
    ) -> LedgerAnswer<'a, Vec<Row>>;

    /// The note of a key: what the processes of the ledger share beside payments, such as a sealed token. A key has at most
    /// 200 characters.
    ///
    /// # Errors
    /// Whatever kept the store from answering.
    fn note<'a>(&'a self, key: &'a str) -> LedgerAnswer<'a, Note>;

    /// Writes the text of a key, where its note still has that version (0 where the key was never written): the note's version
    /// becomes one higher, and its text is there until `lasts` from now. A text has at most 256 KB. A note whose time is up has
    /// its version and no text; a store may forget it a day later. Wakes nobody who waits for [`LedgerStore::changed`], where
    /// the store can tell.
    ///
    /// # Errors
    /// Whatever kept the store from writing.
    fn write_note<'a>(
        &'a self,
        key: &'a str,
        version: u64,
        value: &'a str,
        lasts: Duration,
    ) -> LedgerAnswer<'a, NoteWritten>;

    /// Whether the store is this process's memory, and ends with it. A client warns of it where that loses payments.
    fn is_memory(&self) -> bool {
        false
    }

    /// The callbacks of a payment that are kept, in the order in which they came.
    ///
    /// # Errors
    /// Whatever kept the store from answering.
    fn callbacks<'a>(&'a self, id: &'a PaymentId) -> LedgerAnswer<'a, Vec<Callback>>;

    /// Writes a row as [`LedgerStore::replace`] does, and deletes every callback of its payment, in one transaction: both or
    /// neither. What is deleted or overwritten here is personal data: a store leaves no copy of it where it can help it.
    ///
    /// # Errors
    /// Whatever kept the store from writing.
    fn prune<'a>(&'a self, row: &'a Row) -> LedgerAnswer<'a, Replaced>;

    /// Where the payments are kept, in which state, and how many of this scope there are. Reads all of it where that shows
    /// damage, so that it may take seconds.
    ///
    /// # Errors
    /// What keeps the ledger from being used.
    fn report<'a>(&'a self, scope: &'a Scope) -> LedgerAnswer<'a, LedgerReport>;

    /// The folder beside this store where callbacks are kept while it fails; `None`, which is the default, where no folder of
    /// this machine belongs to it.
    fn spool(&self) -> Option<PathBuf> {
        None
    }

    /// Resolves when something may have changed in the ledger, in whatever process. It may resolve for nothing, late, or
    /// never, which is the default: whoever waits polls beside it.
    fn changed(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }
}

/// A row as it was read: its payment, and its version then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version<'a> {
    /// The payment.
    pub id: &'a PaymentId,
    /// The row's version.
    pub version: u64,
}

impl<'a> Version<'a> {
    /// The version with which a row was read.
    #[must_use]
    pub fn of(row: &'a Row) -> Self {
        Self {
            id: row.id(),
            version: row.version,
        }
    }
}

/// The party that asks about payments: a scope, and the account whose keys the client has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party<'a> {
    /// Environment and shop.
    pub scope: &'a Scope,
    /// [`Row::account`].
    pub account: &'a str,
}

/// The payments of one order.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// The payments, the newest first.
    pub rows: Vec<Row>,
    /// The store's clock: there may be no row that tells it.
    pub now: EatTime,
}

/// The answer to a claim.
#[derive(Clone, Debug)]
pub enum Claimed {
    /// The row was written, and is this one now.
    Taken(Box<Row>),
    /// Another payment holds the order. Nothing was written.
    Held(Box<Row>),
}

/// The answer to the write of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaced {
    /// The row was written, or there was none to write.
    Written,
    /// Somebody else has written to the row since it was read, or there is no such row. Nothing was written.
    Stale,
    /// The row would hold its order, and another one does. Nothing was written.
    OrderHeld,
    /// Another payment has one of the row's [`Row::names`]. Nothing was written.
    NameTaken,
}

/// The end of a telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TellingEnd {
    /// The shop took the news up to this count: `told` becomes it, `owed_after` now,
    /// and `trouble` is cleared.
    Taken {
        /// [`Row::news`] as it was told.
        news: u64,
    },
    /// The shop did not take it: `owed_after` becomes `again_in` from now, and `trouble` is kept.
    Failed {
        /// The pause before the next telling.
        again_in: Duration,
        /// Why, in a sentence.
        trouble: String,
    },
}
