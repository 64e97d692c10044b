//! Rows of a ledger as plain data: what a store in another language keeps, and what it hands back. Times are milliseconds since
//! 1970 in UTC, texts and numbers are what they are everywhere.

use crate::error::Error;
use crate::ledger::row::Row;
use crate::ledger::scope::{Order, Scope};
use crate::ledger::search::Search;
use crate::ledger::unreadable::log_unreadable;
use crate::payment::Payment;
use crate::values::clock::EatTime;
use crate::values::environment::Environment;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A row on its way to a store: every field of [`Row`], and what a store looks rows up by.
#[derive(Clone, Serialize)]
#[non_exhaustive]
#[allow(
    clippy::struct_excessive_bools,
    reason = "they are columns of a table, each of which says one thing"
)]
pub struct PlainRow {
    /// See [`Row::seq`]; 0 where the row was not written yet.
    pub seq: u64,
    /// The version with which the row was read; 0 where it was not written yet.
    pub version: u64,
    /// The payment's id.
    pub id: String,
    /// `sandbox` or `production`.
    pub environment: &'static str,
    /// The shop.
    pub shop: String,
    /// See [`Row::account`].
    pub account: String,
    /// The shop's name for the sale.
    pub order: Option<String>,
    /// See [`Row::holds_order`].
    pub holds_order: bool,
    /// Who was asked to prompt the phone.
    pub gateway: &'static str,
    /// How far the payment has come.
    pub state: &'static str,
    /// What became of it.
    pub outcome: &'static str,
    /// Whether the money was received.
    pub is_paid: bool,
    /// Whether it may yet be paid.
    pub is_open: bool,
    /// Whole KES.
    pub amount: u32,
    /// Who was asked to pay: `2547…`.
    pub phone_number: String,
    /// The account reference.
    pub reference: String,
    /// The prompt's id.
    pub checkout_request_id: Option<String>,
    /// M-Pesa's receipt.
    pub receipt: Option<String>,
    /// See [`Row::names`].
    pub names: Vec<String>,
    /// When the payment was reserved.
    pub reserved_at: i64,
    /// When its outcome was first known.
    pub settled_at: Option<i64>,
    /// See [`Row::lease_until`].
    pub lease_until: Option<i64>,
    /// See [`Row::ask_after`].
    pub ask_after: Option<i64>,
    /// See [`Row::asked_at`].
    pub asked_at: Option<i64>,
    /// See [`Row::asks`].
    pub asks: u32,
    /// See [`Row::news`].
    pub news: u64,
    /// See [`Row::told`].
    pub told: u64,
    /// See [`Row::owed_after`].
    pub owed_after: i64,
    /// See [`Row::attempts`].
    pub attempts: u32,
    /// See [`Row::trouble`].
    pub trouble: Option<String>,
    /// See [`Row::released_at`].
    pub released_at: Option<i64>,
    /// The payment as JSON.
    pub payment: String,
    /// See [`Row::read_at`].
    pub read_at: i64,
}

impl PlainRow {
    /// The plain data of a row.
    #[must_use]
    pub fn of(row: &Row) -> Self {
        let payment = &row.payment;
        let push = payment.push();
        let millis = |time: Option<EatTime>| time.map(EatTime::unix_millis);
        Self {
            seq: row.seq,
            version: row.version,
            id: row.id().as_str().to_owned(),
            environment: row.scope.environment(),
            shop: row.scope.shop().to_owned(),
            account: row.account.clone(),
            order: row.order.as_ref().map(|order| order.as_str().to_owned()),
            holds_order: row.holds_order,
            gateway: payment.gateway().as_str(),
            state: payment.state().as_str(),
            outcome: payment.outcome().as_str(),
            is_paid: payment.is_paid(),
            is_open: row.is_open(),
            amount: push.amount.get(),
            phone_number: push.phone_number.as_str().to_owned(),
            reference: push.account_reference.as_str().to_owned(),
            checkout_request_id: payment.checkout_request_id().cloned().map(String::from),
            receipt: payment.receipt().cloned().map(String::from),
            names: row.names(),
            reserved_at: payment.reserved_at().unix_millis(),
            settled_at: millis(payment.settled_at()),
            lease_until: millis(row.lease_until),
            ask_after: millis(row.ask_after),
            asked_at: millis(row.asked_at),
            asks: row.asks,
            news: row.news,
            told: row.told,
            owed_after: row.owed_after.unix_millis(),
            attempts: row.attempts,
            trouble: row.trouble.clone(),
            released_at: millis(row.released_at),
            payment: payment.to_json(),
            read_at: row.read_at.unix_millis(),
        }
    }
}

impl fmt::Debug for PlainRow {
    /// Most of it is the customer's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlainRow")
            .field("id", &self.id)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// A row as a store hands it back. What else [`PlainRow`] has is read from the payment, and may be there or not.
#[derive(Clone, Deserialize)]
pub struct KeptRow {
    seq: u64,
    version: u64,
    environment: String,
    shop: String,
    account: String,
    order: Option<String>,
    holds_order: bool,
    lease_until: Option<i64>,
    ask_after: Option<i64>,
    asked_at: Option<i64>,
    asks: u32,
    news: u64,
    told: u64,
    owed_after: i64,
    attempts: u32,
    trouble: Option<String>,
    released_at: Option<i64>,
    payment: String,
    read_at: i64,
}

impl KeptRow {
    /// The row.
    ///
    /// # Errors
    /// What of it this version cannot read.
    pub fn read(self) -> Result<Row, Error> {
        let environment: Environment = self.environment.parse()?;
        let time = |millis: Option<i64>| millis.map(EatTime::from_unix_millis);
        Ok(Row {
            seq: self.seq,
            version: self.version,
            payment: Payment::from_json(&self.payment)?,
            scope: Scope::new(environment, &self.shop)?,
            account: self.account,
            order: self.order.as_deref().map(Order::parse).transpose()?,
            holds_order: self.holds_order,
            lease_until: time(self.lease_until),
            ask_after: time(self.ask_after),
            asked_at: time(self.asked_at),
            asks: self.asks,
            news: self.news,
            told: self.told,
            owed_after: EatTime::from_unix_millis(self.owed_after),
            attempts: self.attempts,
            trouble: self.trouble,
            released_at: time(self.released_at),
            read_at: EatTime::from_unix_millis(self.read_at),
        })
    }

    /// The row; `None` where this version cannot read it, which is logged. For lists: one row that cannot be read must not keep
    /// the others from being asked about and told.
    #[must_use]
    pub fn read_or_skip(self) -> Option<Row> {
        let (seq, version) = (self.seq, self.version);
        match self.read() {
            Ok(row) => Some(row),
            Err(failure) => {
                log_unreadable(seq, version, &failure);
                None
            }
        }
    }
}

impl fmt::Debug for KeptRow {
    /// Most of it is the customer's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptRow")
            .field("seq", &self.seq)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// A search as plain data: see [`Search`]. Filters that are not set are `None` and `false`.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct PlainSearch {
    /// `sandbox` or `production`.
    pub environment: &'static str,
    /// The shop.
    pub shop: String,
    /// See [`Search::state`].
    pub state: Option<&'static str>,
    /// See [`Search::receipt`].
    pub receipt: Option<String>,
    /// See [`Search::phone_number`].
    pub phone_number: Option<String>,
    /// See [`Search::reference`].
    pub reference: Option<String>,
    /// See [`Search::since`].
    pub since: Option<i64>,
    /// See [`Search::id_prefix`].
    pub id_prefix: Option<String>,
    /// See [`Search::order`].
    pub order: Option<String>,
    /// See [`Search::only_open`].
    pub only_open: bool,
    /// See [`Search::only_owed`].
    pub only_owed: bool,
}

impl PlainSearch {
    /// The plain data of a search.
    #[must_use]
    pub fn of(search: &Search) -> Self {
        Self {
            environment: search.scope.environment(),
            shop: search.scope.shop().to_owned(),
            state: search.state.map(crate::payment::PaymentState::as_str),
            receipt: search.receipt.clone(),
            phone_number: search
                .phone_number
                .as_ref()
                .map(|it| it.as_str().to_owned()),
            reference: search.reference.clone(),
            since: search.since.map(EatTime::unix_millis),
            id_prefix: search.id_prefix.clone(),
            order: search.order.as_ref().map(|it| it.as_str().to_owned()),
            only_open: search.only_open,
            only_owed: search.only_owed,
        }
    }
}

impl fmt::Debug for PlainSearch {
    /// It may name a customer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlainSearch")
            .field("shop", &self.shop)
            .finish_non_exhaustive()
    }
}
