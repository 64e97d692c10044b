//! A payment as the ledger hands it out.

use crate::client::ledger::noted::Noted;
use crate::error::Error;
use crate::ledger::row::{Row, Telling};
use crate::payment::Payment;
use crate::values::deadline::Deadline;
use std::ops::Deref;

/// A payment of the ledger, as it was when it was read: the [`Payment`] itself, its order, and what a handler needs to know.
///
/// ```no_run
/// # async fn example(client: lipia::Client) -> Result<(), lipia::Error> {
/// let push = lipia::StkPush::new("0712345678", 150, "INV-017").order("order-17");
/// let payment = client.request(push).await?;
/// println!("{}: {}", payment.order().unwrap_or_default(), payment.outcome());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct LedgerPayment {
    payment: Payment,
    order: Option<String>,
    order_is_paid: bool,
    attempt: u32,
    /// When the lease of the telling ends.
    told_until: Option<Deadline>,
    /// The end of the telling, as the ledger notes it.
    noted: Option<Noted>,
    is_existing: bool,
}

impl LedgerPayment {
    pub(crate) fn of_row(row: &Row) -> Self {
        Self {
            payment: row.payment.clone(),
            order: row.order.as_ref().map(ToString::to_string),
            order_is_paid: row.payment.is_paid(),
            attempt: 0,
            told_until: None,
            noted: None,
            is_existing: false,
        }
    }

    /// The payment that an order had before it was requested.
    pub(crate) fn existing(row: &Row) -> Self {
        Self {
            is_existing: true,
            ..Self::of_row(row)
        }
    }

    pub(crate) fn of_telling(telling: &Telling, until: Deadline, noted: Noted) -> Self {
        Self {
            order_is_paid: telling.order_is_paid,
            attempt: telling.row.attempts,
            told_until: Some(until),
            noted: Some(noted),
            ..Self::of_row(&telling.row)
        }
    }

    /// The payment with what is known of it by now.
    pub(crate) fn with_payment(mut self, payment: Payment) -> Self {
        self.order_is_paid |= payment.is_paid();
        self.payment = payment;
        self
    }

    /// The payment.
    #[must_use]
    pub fn payment(&self) -> &Payment {
        &self.payment
    }

    /// The shop's own name for the sale.
    #[must_use]
    pub fn order(&self) -> Option<&str> {
        self.order.as_deref()
    }

    /// Whether the order is paid: by this payment, or, in a telling, by another one of the same order.
    #[must_use]
    pub fn order_is_paid(&self) -> bool {
        self.order_is_paid
    }

    /// Whether another payment of the same order was paid as well, so that one of them is to be given back.
    #[must_use]
    pub fn is_paid_twice(&self) -> bool {
        self.payment.is_flagged_paid_twice()
    }

    /// Whether the order had this payment already when [`Client::request`](crate::Client::request) returned it: nothing was
    /// sent by that call.
    #[must_use]
    pub fn is_existing(&self) -> bool {
        self.is_existing
    }

    /// How often the payment was told, this telling counted in; 0 outside of a handler. Of two tellings that overlap the
    /// later one has the higher number.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Whether the telling has taken so long that the payment is told again, by this process or another. What waits in a queue
    /// before it reaches the shop is dropped then: the shop may know more by now.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        self.told_until.as_ref().is_some_and(Deadline::is_over)
    }

    /// Waits until the ledger has noted how the handler of this telling ended. For a program that hands tellings on and returns
    /// from its handler when somebody else answers. Whether the note counts: it does not where the payment was told again
    /// since, or where the process has ended the telling without a note. Outside of a telling it is `false` at once.
    ///
    /// # Errors
    /// `ledger_failed`: the payment is told again.
    ///
    /// ```no_run
    /// # async fn example(payment: lipia::client::LedgerPayment) -> Result<(), lipia::Error> {
    /// if !payment.noted().await? {
    ///     println!("{} is told again", payment.id());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn noted(&self) -> impl Future<Output = Result<bool, Error>> + Send + use<> {
        let noted = self.noted.clone();
        async move {
            match noted {
                Some(noted) => noted.wait().await,
                None => Ok(false),
            }
        }
    }
}

impl Deref for LedgerPayment {
    type Target = Payment;

    fn deref(&self) -> &Payment {
        &self.payment
    }
}
