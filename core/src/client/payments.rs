//! The payments of a ledger: looking them up, and what a person does about them.

use crate::client::Client;
use crate::client::ledger::pass::Reconciled;
use crate::client::ledger::payment::LedgerPayment;
use crate::error::codes::ErrorCode;
use crate::error::ids::PaymentId;
use crate::error::{Disposition, Error};
use crate::ledger::engine::learning;
use crate::ledger::row::Row;
use crate::ledger::scope::{Order, Scope};
use crate::ledger::search::Search;
use crate::ledger::writer::answered;
use crate::payment::names::Name;
use crate::payment::{PaymentState, names};

/// The shortest beginning of an id that [`Payments::get`] takes.
const MIN_ID_DIGITS: usize = 8;

/// The payments of a client's ledger. Made by [`Client::payments`].
///
/// ```no_run
/// # async fn example(client: lipia::Client) -> Result<(), lipia::Error> {
/// for payment in client.payments().of_order("order-17").await? {
///     println!("{} {}", payment.id(), payment.outcome());
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Payments {
    client: Client,
}

/// What a person has seen on the merchant's statement.
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

/// A page of payments, the newest first.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PaymentPage {
    /// The payments.
    pub payments: Vec<LedgerPayment>,
    /// What to give to the next search for the page after this one; `None` after the last.
    pub next: Option<u64>,
}

impl Client {
    /// The payments of this client's ledger.
    #[must_use]
    pub fn payments(&self) -> Payments {
        Payments {
            client: self.clone(),
        }
    }
}

impl Payments {
    /// Environment and shop of the client, for a [`Search`].
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.client.shared.ledger.writer.scope
    }

    /// The payment with this id, or the only one whose id begins so; a beginning has at least 8 digits.
    ///
    /// # Errors
    /// `payment_not_in_ledger` where there is none, or more than one. `ledger_failed`.
    pub async fn get(&self, id: &str) -> Result<LedgerPayment, Error> {
        let row = self.row(id).await?;
        Ok(LedgerPayment::of_row(&row))
    }

    /// The payments of an order, the newest first.
    ///
    /// # Errors
    /// `order_unreadable`, `ledger_failed`.
    pub async fn of_order(&self, order: &str) -> Result<Vec<LedgerPayment>, Error> {
        let rows = self.rows_of(order).await?;
        Ok(rows.iter().map(LedgerPayment::of_row).collect())
    }

    /// A page of at most `most` payments that fit every filter, the newest first. `page`: [`PaymentPage::next`] of the page
    /// before.
    ///
    /// # Errors
    /// `ledger_failed`.
    ///
    /// ```no_run
    /// # async fn example(client: lipia::Client) -> Result<(), lipia::Error> {
    /// use lipia::{ledger::Search, payment::PaymentState};
    /// let payments = client.payments();
    /// let mut search = Search::of(payments.scope().clone());
    /// search.state = Some(PaymentState::Unknown);
    /// let first = payments.search(&search, None, 50).await?;
    /// println!("{} unknown", first.payments.len());
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
        let store = self.client.shared.ledger.store();
        let rows = answered(store.list(&search, page, most).await)?;
        let is_full = rows.len() == most;
        Ok(PaymentPage {
            payments: rows.iter().map(LedgerPayment::of_row).collect(),
            next: rows.last().map(|row| row.seq).filter(|_| is_full),
        })
    }

    /// Asks the gateway about a payment now, and writes what is learnt.
    ///
    /// # Errors
    /// `order_of_another_account` where the payment was pushed with another account: this client's gateway would answer about
    /// another prompt, or about none. Else as [`Payments::get`] and [`Client::ask`].
    pub async fn ask(&self, id: &str) -> Result<LedgerPayment, Error> {
        let row = self.row(id).await?;
        if self.client.own_account().await? != row.account {
            return Err(of_another_account(&row));
        }
        // A person asks whether or not somebody else does.
        let _right = self.client.take_question(&row).await?;
        let payment = self.client.live(&row);
        self.client.ask(&payment).await?;
        self.get(row.id().as_str()).await
    }

    /// Gives up an order, so that it can be requested again although its payment may still be paid: the customer may be
    /// prompted twice. A success that is learnt later is still written and told. Returns the payment that held the order.
    ///
    /// # Errors
    /// `order_not_held` where no payment holds it, `order_in_flight` while a push is being sent, `ledger_failed`.
    pub async fn release(&self, order: &str) -> Result<LedgerPayment, Error> {
        let rows = self.rows_of(order).await?;
        let holder = rows.iter().find(|row| row.holds_order);
        let Some(holder) = holder else {
            return Err(not_held());
        };
        if holder.is_leased() {
            return Err(in_flight(holder));
        }
        let read = holder.version;
        let writer = &self.client.shared.ledger.writer;
        // A payment that moved since it was read is another decision.
        let released = writer.change(holder.id(), |row| {
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
    /// is written in capitals, as M-Pesa writes it.
    ///
    /// # Errors
    /// `payment_not_open` where it is settled or being sent, `receipt_taken` where another payment has the receipt,
    /// `receipt_unreadable` where the text has other characters than letters and digits, or none; else as [`Payments::get`].
    pub async fn resolve(&self, id: &str, resolution: &Resolution) -> Result<LedgerPayment, Error> {
        let row = self.row(id).await?;
        let receipt = match resolution {
            Resolution::Paid { receipt } => Some(readable(receipt)?),
            Resolution::NotPaid => None,
        };
        let receipt = receipt.as_deref();
        if let Some(receipt) = receipt {
            self.must_be_free(receipt, &row).await?;
        }
        let writer = &self.client.shared.ledger.writer;
        let is_open = |row: &Row| {
            matches!(
                row.payment.state(),
                PaymentState::Unknown | PaymentState::Accepted
            )
        };
        if !is_open(&row) {
            return Err(not_open(&row));
        }
        let resolved = writer.change(row.id(), |row| learning::resolve(row, receipt));
        match resolved.await? {
            Some(row) if !is_open(&row) => {
                self.client.live(&row);
                Ok(LedgerPayment::of_row(&row))
            }
            _ => Err(not_open(&row)),
        }
    }

    /// One pass over the ledger: payments whose sender died become `unknown`, callbacks that were kept are judged, the
    /// gateway is asked what is due, and the handler of [`Client::on_outcome`] is told what is owed. A serverless shop calls
    /// it from a route that a timer calls; where a client with a handler lives on, it happens by itself.
    ///
    /// # Errors
    /// `ledger_failed`.
    pub async fn reconcile(&self) -> Result<Reconciled, Error> {
        self.client.reconcile().await
    }

    async fn rows_of(&self, order: &str) -> Result<Vec<Row>, Error> {
        let order = Order::parse(order)?;
        let store = self.client.shared.ledger.store();
        Ok(answered(store.earlier(self.scope(), &order).await)?.rows)
    }

    async fn row(&self, id: &str) -> Result<Row, Error> {
        let writer = &self.client.shared.ledger.writer;
        if let Ok(whole) = id.parse::<PaymentId>() {
            return writer.load(&whole).await?.ok_or_else(not_in_ledger);
        }
        if id.len() < MIN_ID_DIGITS {
            return Err(not_in_ledger());
        }
        let search = Search {
            id_prefix: Some(id.to_owned()),
            ..Search::of(self.scope().clone())
        };
        let mut rows = answered(writer.store.list(&search, None, 2).await)?;
        match (rows.pop(), rows.pop()) {
            (Some(row), None) => Ok(row),
            _ => Err(not_in_ledger()),
        }
    }

    async fn must_be_free(&self, receipt: &str, row: &Row) -> Result<(), Error> {
        let stated = [Name::Receipt(receipt)];
        let names = names::in_ledger(&row.payment, &stated, self.scope().environment());
        let names: Vec<String> = names.into_iter().map(|name| name.digest).collect();
        let store = self.client.shared.ledger.store();
        let owners = answered(store.named(&names).await)?;
        match owners.iter().find(|(_, owner)| owner != row.id()) {
            Some((_, owner)) => Err(receipt_taken(owner)),
            None => Ok(()),
        }
    }
}

fn not_in_ledger() -> Error {
    Error::invalid(
        "payment_id",
        ErrorCode::PaymentNotInLedger,
        "The ledger has no such payment, or more than one whose id begins so.",
    )
    .with_hint(format!(
        "Give the whole id, or a beginning of at least {MIN_ID_DIGITS} digits that one payment has."
    ))
}

fn not_held() -> Error {
    Error::new(
        ErrorCode::OrderNotHeld,
        Disposition::NotSent,
        "No payment holds this order, so there is nothing to release.",
    )
    .with_hint("Request it: it is free.")
}

fn in_flight(row: &Row) -> Error {
    Error::new(
        ErrorCode::OrderInFlight,
        Disposition::NotSent,
        "The payment of this order is being sent, or has moved just now, so the order was not released.",
    )
    .with_hint("Look at the payment, then decide again.")
    .of_payment(row.id())
}

fn not_open(row: &Row) -> Error {
    Error::new(
        ErrorCode::PaymentNotOpen,
        Disposition::NotSent,
        format!(
            "The payment is {}, so there is nothing to resolve.",
            row.payment.state().as_str()
        ),
    )
    .with_hint("Look at the payment.")
    .of_payment(row.id())
}

/// A receipt as M-Pesa writes it, from what a person typed.
fn readable(receipt: &str) -> Result<String, Error> {
    let receipt = receipt.trim();
    if receipt.is_empty() || !receipt.chars().all(|it| it.is_ascii_alphanumeric()) {
        return Err(Error::invalid(
            "receipt",
            ErrorCode::ReceiptUnreadable,
            "This is not a receipt of M-Pesa's.",
        )
        .with_hint("Give the letters and digits that the statement shows, such as `SKL1234567`."));
    }
    Ok(receipt.to_ascii_uppercase())
}

fn of_another_account(row: &Row) -> Error {
    Error::new(
        ErrorCode::OrderOfAnotherAccount,
        Disposition::NotSent,
        "The payment was pushed with another account, whose gateway alone knows of it. Nobody was asked.",
    )
    .with_hint("Ask with a client that has the credentials of that account.")
    .of_payment(row.id())
}

fn receipt_taken(other: &PaymentId) -> Error {
    Error::invalid(
        "receipt",
        ErrorCode::ReceiptTaken,
        "Another payment has this receipt.",
    )
    .with_hint("Compare both payments with the merchant's statement.")
    .of_payment(other)
}
