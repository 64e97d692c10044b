//! Names of payments that other processes have written: a receipt of another payment is not believed, whoever heard it first.

use crate::client::Client;
use crate::error::Error;
use crate::ledger::search::Search;
use crate::ledger::writer::answered;
use crate::meaning::status::Status;
use crate::payment::handle::PaymentHandle;
use crate::payment::names::{ARRIVES_WITHIN, CLOCKS_DIFFER_BY, Name, of_status};
use crate::values::clock::EatTime;

/// How many payments for one sale are compared with what a search found.
const MAX_OF_A_SALE: usize = 64;

impl Client {
    /// Learns from the ledger which payments have the names that are stated about this one.
    ///
    /// # Errors
    /// `ledger_failed`.
    pub(crate) async fn learn_owners(
        &self,
        payment: &PaymentHandle,
        stated: &[Name<'_>],
    ) -> Result<(), Error> {
        if !payment.is_in_ledger() {
            return Ok(());
        }
        let writer = &self.shared.ledger.writer;
        let names = payment.names_to_look_up(stated, writer.scope.environment());
        if names.is_empty() {
            return Ok(());
        }
        payment.learn_owners(&writer.owners(names).await?);
        Ok(())
    }

    /// Learns from the ledger what could be confused with the answer to a question about a payment. Where the ledger fails,
    /// the commit that writes the answer refuses it still.
    pub(crate) async fn learn_owners_of_status(&self, payment: &PaymentHandle, status: &Status) {
        let learnt = async {
            self.learn_owners(payment, &of_status(status)).await?;
            match status.searched {
                Some(made) if payment.is_in_ledger() => self.learn_sale(payment, made).await,
                _ => Ok(()),
            }
        };
        log_failed(payment, learnt.await);
    }

    /// Learns from the ledger which names stand in the answer to a push, as [`Client::learn_owners_of_status`] does.
    pub(crate) async fn learn_owners_where_possible(
        &self,
        payment: &PaymentHandle,
        stated: &[Name<'_>],
    ) {
        log_failed(payment, self.learn_owners(payment, stated).await);
    }

    /// Learns from the ledger which other payments a transaction could belong to that was found by phone, amount and
    /// reference alone.
    async fn learn_sale(&self, payment: &PaymentHandle, made: EatTime) -> Result<(), Error> {
        let ledger = &self.shared.ledger;
        let push = payment.read(|payment| payment.push().clone());
        let since = made.unix_millis().saturating_sub(earlier_millis());
        let search = Search {
            phone_number: Some(push.phone_number),
            reference: Some(push.account_reference.to_string()),
            since: Some(EatTime::from_unix_millis(since)),
            ..Search::of(ledger.writer.scope.clone())
        };
        let rows = answered(ledger.store().list(&search, None, MAX_OF_A_SALE).await)?;
        let others = rows.iter().filter(|row| self.find(row.id()).is_none());
        payment.learn_others(others.map(|row| &row.payment));
        Ok(())
    }
}

/// How long before a transaction its push may have been reserved, in milliseconds.
fn earlier_millis() -> i64 {
    let earlier = ARRIVES_WITHIN + CLOCKS_DIFFER_BY;
    i64::try_from(earlier.as_millis()).unwrap_or(i64::MAX)
}

fn log_failed(payment: &PaymentHandle, looked_up: Result<(), Error>) {
    if let Err(error) = looked_up {
        tracing::warn!(target: "lipia", payment_id = %payment.id(), code = error.code(), "whose a receipt or a prompt is could not be looked up in the ledger");
    }
}
