//! Writes rows: what a pure step makes of the newest row, as often as others were quicker.

use crate::error::codes::ErrorCode;
use crate::error::ids::PaymentId;
use crate::error::{Disposition, Error};
use crate::ledger::contract::{LedgerResult, LedgerStore, Replaced};
use crate::ledger::engine::learning;
use crate::ledger::row::{Callback, Row};
use crate::ledger::scope::Scope;
use crate::payment::Payment;
use crate::payment::handle::PaymentStore;
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// How often a row is read anew because others wrote to it first.
const MAX_TRIES: u32 = 200;

/// What a step did to a row.
enum Changed {
    Written(Box<Row>),
    Left(Box<Row>),
}

/// A store, and the scope of the client that writes to it.
#[derive(Debug)]
pub(crate) struct LedgerWriter {
    pub(crate) store: Arc<dyn LedgerStore>,
    pub(crate) scope: Scope,
    /// Where the client saves its payments as well.
    pub(crate) beside: Option<Arc<dyn PaymentStore>>,
}

impl LedgerWriter {
    /// The row of a payment; `None` where there is none in the client's scope.
    ///
    /// # Errors
    /// `ledger_failed`.
    pub(crate) async fn load(&self, id: &PaymentId) -> Result<Option<Row>, Error> {
        let row = answered(self.store.load(id).await)?;
        Ok(row.filter(|row| row.scope == self.scope))
    }

    /// Writes what a step makes of the newest row, and returns the row as it is then; `None` where there is none.
    ///
    /// # Errors
    /// `ledger_failed`.
    pub(crate) async fn change(
        &self,
        id: &PaymentId,
        step: impl Fn(&Row) -> Option<Row>,
    ) -> Result<Option<Row>, Error> {
        self.change_with(id, None, step).await
    }

    /// Writes what a process learnt of a payment.
    ///
    /// # Errors
    /// `ledger_failed`.
    pub(crate) async fn learn(&self, learnt: &Payment) -> Result<Option<Row>, Error> {
        self.change(learnt.id(), |row| learning::learn(row, learnt))
            .await
    }

    /// Keeps a callback and what it taught, in one transaction.
    ///
    /// # Errors
    /// `ledger_failed`: neither was written.
    pub(crate) async fn keep(
        &self,
        callback: &Callback,
        learnt: &Payment,
    ) -> Result<Option<Row>, Error> {
        let step = |row: &Row| learning::learn(row, learnt);
        self.change_with(learnt.id(), Some(callback), step).await
    }

    async fn change_with(
        &self,
        id: &PaymentId,
        callback: Option<&Callback>,
        step: impl Fn(&Row) -> Option<Row>,
    ) -> Result<Option<Row>, Error> {
        let changed = self.rewrite(id, callback, step).await?;
        if let Some(Changed::Written(row)) = &changed
            && row.payment.is_paid()
        {
            // All is written by now. A telling flags again, and waits where it cannot.
            if let Err(error) = self.flag_paid_twice(row).await {
                tracing::error!(target: "lipia", payment_id = %row.id(), code = error.code(), "whether an order was paid twice could not be looked up");
            }
        }
        Ok(changed.map(|changed| match changed {
            Changed::Written(row) | Changed::Left(row) => *row,
        }))
    }

    async fn rewrite(
        &self,
        id: &PaymentId,
        callback: Option<&Callback>,
        step: impl Fn(&Row) -> Option<Row>,
    ) -> Result<Option<Changed>, Error> {
        for _ in 0..MAX_TRIES {
            let Some(row) = self.load(id).await? else {
                return Ok(None);
            };
            let Some(mut next) = step(&row) else {
                if let Some(callback) = callback {
                    answered(self.store.keep(callback, None).await)?;
                }
                return Ok(Some(Changed::Left(Box::new(row))));
            };
            let mut replaced = self.write(callback, &next).await?;
            if replaced == Replaced::OrderHeld {
                // A success is always written, with or without its order.
                next.holds_order = false;
                replaced = self.write(callback, &next).await?;
            }
            if replaced == Replaced::Written {
                next.version += 1;
                return Ok(Some(Changed::Written(Box::new(next))));
            }
        }
        Err(failed(
            "other processes wrote to the payment all the time".into(),
        ))
    }

    async fn write(&self, callback: Option<&Callback>, next: &Row) -> Result<Replaced, Error> {
        answered(match callback {
            Some(callback) => self.store.keep(callback, Some(next)).await,
            None => self.store.replace(next).await,
        })
    }

    /// Flags all payments of an order that was paid more than once.
    ///
    /// # Errors
    /// `ledger_failed`.
    pub(crate) async fn flag_paid_twice(&self, row: &Row) -> Result<(), Error> {
        let Some(order) = &row.order else {
            return Ok(());
        };
        let earlier = answered(self.store.earlier(&row.scope, order).await)?;
        for paid in learning::paid_twice(&earlier.rows) {
            tracing::error!(
                target: "lipia",
                payment_id = %paid.id(),
                "an order was paid twice: give one of the payments back"
            );
            self.rewrite(paid.id(), None, learning::flag_paid_twice)
                .await?;
        }
        Ok(())
    }
}

impl PaymentStore for LedgerWriter {
    fn save<'a>(
        &'a self,
        payment: &'a Payment,
    ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(async move {
            self.learn(payment).await?;
            match &self.beside {
                Some(store) => store.save(payment).await,
                None => Ok(()),
            }
        })
    }
}

/// The answer of a store's command.
///
/// # Errors
/// `ledger_failed`.
pub(crate) fn answered<T>(answer: LedgerResult<T>) -> Result<T, Error> {
    answer.map_err(failed)
}

/// The store's own error, where that is one of this library's; else `ledger_failed`.
fn failed(source: Box<dyn std::error::Error + Send + Sync>) -> Error {
    let source = match source.downcast::<Error>() {
        Ok(error) => return *error,
        Err(source) => source,
    };
    Error::new(
        ErrorCode::LedgerFailed,
        Disposition::NotSent,
        format!("The ledger's store failed: {source}."),
    )
    .with_hint("Nothing was sent without a claim. Mend the store, then try again.")
    .with_boxed_source(source)
}
