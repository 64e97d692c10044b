//! The import: payments that a program kept as JSON become payments of the ledger.

use super::ledger::Ledger;
use super::refusals::{of_another_shop, of_unknown_account};
use crate::client::ledger::payment::LedgerPayment;
use crate::error::Error;
use crate::ledger::contract::Claimed;
use crate::ledger::row::Row;
use crate::ledger::scope::Order;
use crate::ledger::writer::answered;
use crate::payment::{Payment, PaymentState};
use std::time::Duration;

/// Options of an import, beside the payment.
///
/// ```
/// let import = lipia::client::Import::default().told(false);
/// # let _ = import;
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Import {
    /// The account that pushed the payment, as in [`Row::account`](crate::ledger::Row::account). Needed while the payment may
    /// yet be paid: clients of that account ask about it.
    pub account: Option<String>,
    /// The order that the payment is for. It holds the order where it is paid or may yet be, unless another payment does.
    pub order: Option<Order>,
    /// Whether the shop is to be told of an outcome that is known already. Without it, who kept the payment is taken to know.
    pub tell: bool,
}

impl Import {
    /// Names the account.
    #[must_use]
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.account = Some(account.into());
        self
    }

    /// Names the order.
    #[must_use]
    pub fn order(mut self, order: Order) -> Self {
        self.order = Some(order);
        self
    }

    /// Whether the shop is told of an outcome that is known already.
    #[must_use]
    pub fn told(mut self, tell: bool) -> Self {
        self.tell = tell;
        self
    }
}

/// The result of an import: the payment, and what was done.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Imported {
    /// The payment as the ledger has it now.
    pub payment: LedgerPayment,
    /// What the import did.
    pub change: ImportChange,
    /// Whether another payment holds the order that was named, so that this one does not.
    pub order_is_held: bool,
}

/// The change that an import made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportChange {
    /// The ledger did not have the payment.
    New,
    /// The ledger had the payment, and learnt something of it.
    Merged,
    /// The ledger knew as much already.
    Known,
}

impl ImportChange {
    /// The word, as the command line has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Merged => "merged",
            Self::Known => "known",
        }
    }
}

impl Ledger {
    /// Takes a payment into the ledger that a program kept with [`Payment::to_json`]. One that was being sent is `unknown` from
    /// now on, as after a crash; one that may yet be paid is asked about. May be repeated: a payment that is there learns what
    /// the given one knows beyond it.
    ///
    /// # Errors
    /// `import_needs_credentials` for a payment that may yet be paid, where no account is given; `payment_of_another_shop`;
    /// `ledger_failed`.
    ///
    /// ```no_run
    /// # async fn example(ledger: lipia::client::Ledger, saved: String) -> Result<(), lipia::Error> {
    /// use lipia::{Payment, client::Import};
    /// let import = Import::default().account("daraja:174379");
    /// let imported = ledger.import(Payment::from_json(&saved)?, &import).await?;
    /// println!("{}: {}", imported.payment.id(), imported.change.as_str());
    /// # Ok(()) }
    /// ```
    pub async fn import(&self, mut payment: Payment, import: &Import) -> Result<Imported, Error> {
        payment.after_restart();
        if let Some(known) = self.writer.load(payment.id()).await? {
            return self.merge(&known, &payment).await;
        }
        let row = self.imported_row(payment, import)?;
        let (claimed, order_is_held) = match self.claim(&row).await? {
            Claimed::Taken(claimed) => (claimed, false),
            Claimed::Held(_) => {
                // A payment that was prompted is always written, with or without its order.
                let row = Row {
                    holds_order: false,
                    ..row
                };
                match self.claim(&row).await? {
                    Claimed::Taken(claimed) | Claimed::Held(claimed) => (claimed, true),
                }
            }
        };
        if claimed.scope != *self.scope() {
            return Err(of_another_shop(claimed.id()));
        }
        // No sender lives: the lease that comes with a claim is over.
        let written = self.writer.change(claimed.id(), |row| {
            row.lease_until.map(|_| Row {
                lease_until: None,
                ..row.clone()
            })
        });
        let written = written.await?.unwrap_or(*claimed);
        if written.payment.is_paid() {
            self.writer.flag_paid_twice(&written).await?;
        }
        Ok(Imported {
            payment: self.get(written.id().as_str()).await?,
            change: ImportChange::New,
            order_is_held,
        })
    }

    async fn merge(&self, known: &Row, payment: &Payment) -> Result<Imported, Error> {
        let learnt = self.writer.learn(payment).await?;
        let learnt = learnt.unwrap_or_else(|| known.clone());
        Ok(Imported {
            payment: LedgerPayment::of_row(&learnt),
            change: if learnt.version == known.version {
                ImportChange::Known
            } else {
                ImportChange::Merged
            },
            order_is_held: false,
        })
    }

    /// The row of a payment that the ledger does not have.
    fn imported_row(&self, payment: Payment, import: &Import) -> Result<Row, Error> {
        let may_be_paid = matches!(
            payment.state(),
            PaymentState::Unknown | PaymentState::Accepted
        );
        let account = match &import.account {
            Some(account) => account.clone(),
            None if may_be_paid => return Err(of_unknown_account(payment.id())),
            None => payment.gateway().to_string(),
        };
        let past = payment.reserved_at();
        let holds_order = import.order.is_some() && !payment.lets_its_order_go();
        let is_news = import.tell && payment.state() == PaymentState::Settled;
        let ask_after = if may_be_paid {
            Some(past)
        } else {
            payment.look_again_at().filter(|_| import.account.is_some())
        };
        let scope = self.scope().clone();
        Ok(Row {
            holds_order,
            ask_after,
            news: u64::from(is_news),
            ..Row::new(payment, scope, account, import.order.clone(), past)
        })
    }

    async fn claim(&self, row: &Row) -> Result<Claimed, Error> {
        answered(self.writer.store.claim(row, None, Duration::ZERO).await)
    }
}
