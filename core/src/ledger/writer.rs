//! The writer of rows: writes what a pure step makes of the newest row, and tries again where another process was quicker.

use crate::callback::received::Verdict;
use crate::error::codes::ErrorCode;
use crate::error::ids::PaymentId;
use crate::error::{Disposition, Error};
use crate::ledger::contract::{LedgerResult, LedgerStore, Replaced};
use crate::ledger::engine::learning;
use crate::ledger::log::log_row;
use crate::ledger::row::{Callback, Row};
use crate::ledger::scope::Scope;
use crate::payment::handle::PaymentStore;
use crate::payment::handle::registry::Registry;
use crate::payment::names::LedgerName;
use crate::payment::{Payment, names};
use futures_util::future::BoxFuture;
use std::sync::{Arc, OnceLock, Weak};

/// How often a row is read anew because others wrote to it first.
const MAX_TRIES: u32 = 200;

/// What a step did to a row.
enum Changed {
    Written(Box<Row>),
    Left(Box<Row>),
    /// It named what another payment has: only a flag was written.
    Refused(Box<Row>),
}

/// A store, and the scope of the client that writes to it.
#[derive(Debug)]
pub(crate) struct LedgerWriter {
    pub(crate) store: Arc<dyn LedgerStore>,
    pub(crate) scope: Scope,
    /// Where the client saves its payments as well.
    pub(crate) beside: Option<Arc<dyn PaymentStore>>,
    /// The live payments of the client.
    pub(crate) live: OnceLock<Weak<Registry>>,
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
        let changed = self.change_with(id, None, step).await?;
        Ok(changed.map(|changed| match changed {
            Changed::Written(row) | Changed::Left(row) | Changed::Refused(row) => *row,
        }))
    }

    /// Writes what a process learnt of a payment.
    ///
    /// # Errors
    /// `ledger_failed`.
    pub(crate) async fn learn(&self, learnt: &Payment) -> Result<Option<Row>, Error> {
        self.change(learnt.id(), |row| learning::learn(row, learnt))
            .await
    }

    /// Saves a payment that the ledger has where the client saves its payments as well.
    ///
    /// # Errors
    /// Whatever kept it from being saved there.
    pub(crate) async fn save_beside(
        &self,
        payment: &Payment,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        match &self.beside {
            Some(store) => store.save(payment).await,
            None => Ok(()),
        }
    }

    /// Keeps a callback and what it taught, in one transaction. Whether the payment took what it taught: not where it names
    /// what another payment has by now.
    ///
    /// # Errors
    /// `ledger_failed`: neither was written.
    pub(crate) async fn keep(&self, callback: &Callback, learnt: &Payment) -> Result<bool, Error> {
        let step = |row: &Row| learning::learn(row, learnt);
        let changed = self.change_with(learnt.id(), Some(callback), step).await?;
        Ok(!matches!(changed, Some(Changed::Refused(_))))
    }

    async fn change_with(
        &self,
        id: &PaymentId,
        callback: Option<&Callback>,
        step: impl Fn(&Row) -> Option<Row>,
    ) -> Result<Option<Changed>, Error> {
        let changed = self.rewrite(id, callback, step).await?;
        if let Some(Changed::Written(row)) = &changed
            && row.payment.is_paid()
        {
            // All is written by now. A telling flags again, and waits where it cannot.
            if let Err(error) = self.flag_paid_twice(row).await {
                log_row!(
                    error,
                    row,
                    code = error.code(),
                    "whether an order was paid twice could not be looked up"
                );
            }
        }
        Ok(changed)
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
            let is_refused = replaced == Replaced::NameTaken;
            if is_refused {
                let refused = self.refuse_names(&row, &next.payment).await?;
                let judged = callback.map(|callback| Callback {
                    verdict: Some(Verdict::Mismatch.as_str().to_owned()),
                    ..callback.clone()
                });
                next = refused;
                replaced = self.write(judged.as_ref(), &next).await?;
            }
            if replaced == Replaced::Written {
                next.version += 1;
                return Ok(Some(if is_refused {
                    Changed::Refused(Box::new(next))
                } else {
                    Changed::Written(Box::new(next))
                }));
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

    /// The row that refuses what was learnt of its payment, since another process wrote one of its names first. This
    /// process forgets what it believed.
    ///
    /// # Errors
    /// `ledger_failed`.
    async fn refuse_names(&self, row: &Row, learnt: &Payment) -> Result<Row, Error> {
        let names = names::of_payment_in_ledger(learnt, row.scope.environment());
        let mut taken = self.owners(names).await?;
        taken.retain(|(_, owner)| owner != row.id());
        let Some((name, _)) = taken.first() else {
            // Its owner gave it up meanwhile.
            return Ok(row.clone());
        };
        log_row!(
            error,
            row,
            what = name.doubt.as_str(),
            "two payments have what names one: let a person look"
        );
        let refused = learning::refuse(row, learnt, name.doubt);
        let registry = self.live.get().and_then(Weak::upgrade);
        if let Some(live) = registry.and_then(|registry| registry.find(row.id())) {
            live.learn_owners(&taken);
            live.give_up_for(&refused.payment);
        }
        Ok(refused)
    }

    /// Those of the names that a payment of the ledger has, each with that payment.
    ///
    /// # Errors
    /// `ledger_failed`.
    pub(crate) async fn owners(
        &self,
        mut names: Vec<LedgerName>,
    ) -> Result<Vec<(LedgerName, PaymentId)>, Error> {
        let digests: Vec<String> = names.iter().map(|name| name.digest.clone()).collect();
        let owners = answered(self.store.named(&digests).await)?;
        let owned = owners.into_iter().filter_map(|(digest, owner)| {
            let at = names.iter().position(|name| name.digest == digest)?;
            Some((names.swap_remove(at), owner))
        });
        Ok(owned.collect())
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
            log_row!(
                error,
                paid,
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
            self.save_beside(payment).await
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

/// The store's own error, where that is one of a ledger; else `ledger_failed`: whoever takes a callback in keeps it elsewhere
/// because of that, and does not take it for one that cannot be read.
fn failed(source: Box<dyn std::error::Error + Send + Sync>) -> Error {
    let source = match source.downcast::<Error>() {
        Ok(error) if error.is_of_the_ledger() => return *error,
        Ok(error) => error as Box<dyn std::error::Error + Send + Sync>,
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

#[cfg(test)]
mod tests {
    use super::failed;
    use crate::error::Error;
    use crate::error::codes::ErrorCode;

    #[test]
    fn whatever_a_store_says_is_an_error_of_the_ledger() {
        let own = Error::configuration(ErrorCode::LedgerCorrupt, "It is damaged.");
        let unreadable = Error::invalid(
            "payment",
            ErrorCode::PaymentFormUnknown,
            "It is a later form.",
        );
        for (source, code) in [
            (own.into(), "ledger_corrupt"),
            (unreadable.into(), "ledger_failed"),
            ("the disk is full".into(), "ledger_failed"),
        ] {
            let error = failed(source);
            assert_eq!(error.code(), code);
            assert!(error.is_of_the_ledger());
        }
    }
}
