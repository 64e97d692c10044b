//! What a person decides about a payment: give up its order, settle it, tell it once more.

use super::ledger::Ledger;
use super::refusals::{in_flight, not_held, not_open, nothing_to_tell, receipt_taken};
use crate::client::ledger::payment::LedgerPayment;
use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::error::ids::Receipt;
use crate::ledger::engine::learning;
use crate::ledger::row::Row;
use crate::ledger::scope::Order;
use crate::payment::names::Name;
use crate::payment::{PaymentState, names};

/// A person's decision about a payment, by what the merchant's statement shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// The money came, with this receipt.
    Paid {
        /// M-Pesa's receipt.
        receipt: String,
    },
    /// The money did not come.
    NotPaid,
}

impl Ledger {
    /// Gives up an order, so that it can be requested again although its payment may still be paid: the customer may be
    /// prompted twice. A success that is learnt later is still written and told. Returns the payment that held the order.
    ///
    /// # Errors
    /// `order_not_held` where no payment holds it, `order_in_flight` while a push is being sent, `ledger_failed`.
    pub async fn release(&self, order: &str) -> Result<LedgerPayment, Error> {
        let rows = self.rows_of(&Order::parse(order)?).await?;
        let holder = rows.iter().find(|row| row.holds_order);
        let Some(holder) = holder else {
            return Err(not_held());
        };
        if holder.is_leased() {
            return Err(in_flight(holder));
        }
        let read = holder.version;
        // A payment that moved since it was read is another decision.
        let released = self.writer.change(holder.id(), |row| {
            (row.version == read)
                .then(|| learning::release(row))
                .flatten()
        });
        match released.await? {
            Some(row) if !row.holds_order => Ok(LedgerPayment::of_row(&row)),
            _ => Err(in_flight(holder)),
        }
    }

    /// Settles a payment that is open as a person decided who has seen the merchant's statement. The shop is told. A receipt
    /// is written in capitals, as M-Pesa writes it. A payment whose process died while it sent the push can be settled once its
    /// lease has ended.
    ///
    /// [`Resolution::NotPaid`] within 90 seconds of the push holds the order, because the customer's prompt may be open: until
    /// [`order_free_at`](crate::Payment::order_free_at), and until the gateway has said the same then, where it can be asked.
    /// Later the order is free at once, unless a callback claims that the payment was paid. The gateway is asked again either
    /// way: a success that it tells is written, told, and flagged where the order was paid twice.
    ///
    /// # Errors
    /// `payment_not_open` where it is settled or being sent, `receipt_taken` where another payment has the receipt,
    /// `receipt_unreadable` where the text has other characters than letters and digits, or none; else as [`Ledger::get`].
    pub async fn resolve(&self, id: &str, resolution: &Resolution) -> Result<LedgerPayment, Error> {
        let row = self.resolved(id, resolution).await?;
        Ok(LedgerPayment::of_row(&row))
    }

    pub(super) async fn resolved(&self, id: &str, resolution: &Resolution) -> Result<Row, Error> {
        let row = self.row(id).await?;
        let receipt = match resolution {
            Resolution::Paid { receipt } => Some(readable(receipt)?),
            Resolution::NotPaid => None,
        };
        let receipt = receipt.as_ref();
        if let Some(receipt) = receipt {
            self.must_be_free(receipt, &row).await?;
        }
        let is_open = |row: &Row| match row.payment.state() {
            PaymentState::Unknown | PaymentState::Accepted => true,
            PaymentState::Sending => row.was_cut_off(),
            PaymentState::Reserved | PaymentState::Settled => false,
        };
        if !is_open(&row) {
            return Err(not_open(&row));
        }
        let resolved = self
            .writer
            .change(row.id(), |row| learning::resolve(row, receipt));
        match resolved.await? {
            Some(row) if !is_open(&row) => Ok(row),
            _ => Err(not_open(&row)),
        }
    }

    /// Has the shop told once more of a payment whose outcome is known: after a handler took the news and lost it, say. A
    /// client with a handler of [`Client::on_outcome`](crate::Client::on_outcome) tells it, in whatever process.
    ///
    /// # Errors
    /// `nothing_to_tell` while the payment is open or was not sent; else as [`Ledger::get`].
    ///
    /// ```no_run
    /// # async fn example(ledger: lipia::client::Ledger) -> Result<(), lipia::Error> {
    /// ledger.retell("0c51c758").await?;
    /// # Ok(()) }
    /// ```
    pub async fn retell(&self, id: &str) -> Result<LedgerPayment, Error> {
        let row = self.row(id).await?;
        match self.writer.change(row.id(), learning::retell).await? {
            Some(row) if row.is_owed() => Ok(LedgerPayment::of_row(&row)),
            _ => Err(nothing_to_tell(&row)),
        }
    }

    /// The row once what its sender left behind is taken as cut off, where the sender's lease has ended.
    pub(super) async fn taken_up(&self, row: Row) -> Result<Row, Error> {
        if !row.was_cut_off() {
            return Ok(row);
        }
        let changed = self.writer.change(row.id(), learning::forget_sender);
        Ok(changed.await?.unwrap_or(row))
    }

    async fn must_be_free(&self, receipt: &Receipt, row: &Row) -> Result<(), Error> {
        let stated = [Name::Receipt(receipt)];
        let names = names::in_ledger(&row.payment, &stated, self.scope().environment());
        let owners = self.writer.owners(names).await?;
        match owners.iter().find(|(_, owner)| owner != row.id()) {
            Some((_, owner)) => Err(receipt_taken(owner)),
            None => Ok(()),
        }
    }
}

/// A receipt as M-Pesa writes it, from what a person typed.
fn readable(receipt: &str) -> Result<Receipt, Error> {
    let receipt = receipt.trim();
    if receipt.is_empty() || !receipt.chars().all(|it| it.is_ascii_alphanumeric()) {
        return Err(Error::invalid(
            "receipt",
            ErrorCode::ReceiptUnreadable,
            "This is not a receipt of M-Pesa's.",
        )
        .with_hint("Give the letters and digits that the statement shows, such as `SKL1234567`."));
    }
    Ok(Receipt::as_stated(receipt.to_ascii_uppercase()))
}
