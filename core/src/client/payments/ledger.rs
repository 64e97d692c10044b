//! A ledger without a gateway: what can be looked up, decided and kept in order without credentials.

use super::refusals::{MIN_ID_DIGITS, not_in_ledger};
use crate::client::ledger::payment::LedgerPayment;
use crate::error::Error;
use crate::error::ids::PaymentId;
use crate::ledger::address::LedgerChoice;
use crate::ledger::contract::LedgerStore;
use crate::ledger::report::LedgerReport;
use crate::ledger::row::{Callback, Row};
use crate::ledger::scope::{Order, Scope};
use crate::ledger::search::Search;
use crate::ledger::writer::{LedgerWriter, answered};
use crate::transport::tls::TlsRoots;
use std::sync::{Arc, OnceLock};

/// The payments of one shop in a ledger, for a program that has no credentials of a gateway: a back office, a job that prunes.
/// Needs a Tokio runtime where its store does.
///
/// ```
/// use lipia::client::Ledger;
/// use lipia::ledger::{MemoryLedger, Scope};
/// use std::sync::Arc;
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// let scope = Scope::default_of(lipia::values::Environment::Production);
/// let ledger = Ledger::over(Arc::new(MemoryLedger::default()), scope);
/// assert!(ledger.of_order("order-17").await?.is_empty());
/// # Ok::<(), lipia::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Ledger {
    pub(super) writer: Arc<LedgerWriter>,
}

/// A page of payments, the newest first.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PaymentPage {
    /// The payments.
    pub payments: Vec<LedgerPayment>,
    /// What to give to the next search for the page after this one; `None` after the last.
    pub next: Option<u64>,
}

/// Everything that a ledger has of one payment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PaymentStory {
    /// The payment, with what was asked and told of it.
    pub row: Row,
    /// Its callbacks, in the order in which they came.
    pub callbacks: Vec<Callback>,
    /// The other payments of its order, the newest first.
    pub others: Vec<LedgerPayment>,
}

impl PaymentStory {
    /// The payment by itself.
    ///
    /// ```no_run
    /// # async fn example(ledger: lipia::client::Ledger) -> Result<(), lipia::Error> {
    /// println!("{}", ledger.story("0c51c758").await?.payment().outcome());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn payment(&self) -> LedgerPayment {
        LedgerPayment::of_row(&self.row)
    }
}

impl Ledger {
    /// The ledger at an address such as `sqlite:///var/lib/shop/payments.db`. Nothing is opened yet.
    ///
    /// # Errors
    /// `ledger_address_unknown`, `ledger_path_refused`.
    pub fn at(address: &str, scope: Scope) -> Result<Self, Error> {
        let store = LedgerChoice::At(address.to_owned()).store(&TlsRoots::default())?;
        Ok(Self::over(store, scope))
    }

    /// The ledger in a store.
    #[must_use]
    pub fn over(store: Arc<dyn LedgerStore>, scope: Scope) -> Self {
        Self {
            writer: Arc::new(LedgerWriter {
                store,
                scope,
                beside: None,
                live: OnceLock::new(),
            }),
        }
    }

    /// Environment and shop, for a [`Search`].
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.writer.scope
    }

    /// The payment with this id, or the only one whose id begins so; a beginning has at least 8 digits.
    ///
    /// # Errors
    /// `payment_not_in_ledger` where there is none, or more than one. `ledger_failed`.
    pub async fn get(&self, id: &str) -> Result<LedgerPayment, Error> {
        Ok(LedgerPayment::of_row(&self.row(id).await?))
    }

    /// The payments of an order, the newest first.
    ///
    /// # Errors
    /// `order_unreadable`, `ledger_failed`.
    pub async fn of_order(&self, order: &str) -> Result<Vec<LedgerPayment>, Error> {
        let rows = self.rows_of(&Order::parse(order)?).await?;
        Ok(rows.iter().map(LedgerPayment::of_row).collect())
    }

    /// A page of at most `most` payments that fit every filter, the newest first. `page`: [`PaymentPage::next`] of the page
    /// before.
    ///
    /// # Errors
    /// `ledger_failed`.
    ///
    /// ```no_run
    /// # async fn example(ledger: lipia::client::Ledger) -> Result<(), lipia::Error> {
    /// let mut search = lipia::ledger::Search::of(ledger.scope().clone());
    /// search.only_owed = true;
    /// let mut page = ledger.search(&search, None, 50).await?;
    /// println!("{} owed, and {} pages more at least", page.payments.len(), u8::from(page.next.is_some()));
    /// # Ok(()) }
    /// ```
    pub async fn search(
        &self,
        search: &Search,
        page: Option<u64>,
        most: usize,
    ) -> Result<PaymentPage, Error> {
        let search = Search {
            scope: self.scope().clone(),
            ..search.clone()
        };
        let rows = self.page(&search, page, most).await?;
        let is_full = rows.len() == most;
        Ok(PaymentPage {
            payments: rows.iter().map(LedgerPayment::of_row).collect(),
            next: rows.last().map(|row| row.seq).filter(|_| is_full),
        })
    }

    /// Everything that the ledger has of a payment. It holds the customer's phone number, in the callbacks too.
    ///
    /// # Errors
    /// As [`Ledger::get`].
    ///
    /// ```no_run
    /// # async fn example(ledger: lipia::client::Ledger) -> Result<(), lipia::Error> {
    /// let story = ledger.story("0c51c758").await?;
    /// println!("asked {} times, {} callbacks", story.row.asks, story.callbacks.len());
    /// # Ok(()) }
    /// ```
    pub async fn story(&self, id: &str) -> Result<PaymentStory, Error> {
        let row = self.row(id).await?;
        let callbacks = answered(self.writer.store.callbacks(row.id()).await)?;
        let of_order = match &row.order {
            Some(order) => self.rows_of(order).await?,
            None => Vec::new(),
        };
        let others = of_order.iter().filter(|other| other.id() != row.id());
        Ok(PaymentStory {
            others: others.map(LedgerPayment::of_row).collect(),
            callbacks,
            row,
        })
    }

    /// The ledger's report on itself: where it is, in which version, whether it is damaged, and how many payments this shop
    /// has in it. A SQLite file is read whole, which takes some seconds for a million payments.
    ///
    /// # Errors
    /// Why the ledger cannot be used, as `ledger_…`.
    pub async fn report(&self) -> Result<LedgerReport, Error> {
        answered(self.writer.store.report(self.scope()).await)
    }

    pub(super) async fn row(&self, id: &str) -> Result<Row, Error> {
        if let Ok(whole) = id.parse::<PaymentId>() {
            return self.writer.load(&whole).await?.ok_or_else(not_in_ledger);
        }
        if id.len() < MIN_ID_DIGITS {
            return Err(not_in_ledger());
        }
        let search = Search {
            id_prefix: Some(id.to_owned()),
            ..Search::of(self.scope().clone())
        };
        let mut rows = self.page(&search, None, 2).await?;
        match (rows.pop(), rows.pop()) {
            (Some(row), None) => Ok(row),
            _ => Err(not_in_ledger()),
        }
    }

    pub(super) async fn rows_of(&self, order: &Order) -> Result<Vec<Row>, Error> {
        Ok(answered(self.writer.store.earlier(self.scope(), order).await)?.rows)
    }

    pub(super) async fn page(
        &self,
        search: &Search,
        page: Option<u64>,
        most: usize,
    ) -> Result<Vec<Row>, Error> {
        answered(self.writer.store.list(search, page, most).await)
    }
}
