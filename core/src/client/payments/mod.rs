//! The payments of a client's ledger: looking them up, and what a person does about them.

pub(crate) mod decisions;
pub(crate) mod importing;
pub(crate) mod ledger;
pub(crate) mod pruning;
mod refusals;

use crate::client::Client;
use crate::client::ledger::pass::Reconciled;
use crate::client::ledger::payment::LedgerPayment;
use crate::client::verbs::on_outcome::{Heard, handler_of};
use crate::error::Error;
use crate::ledger::report::LedgerReport;
use crate::ledger::scope::Scope;
use crate::ledger::search::Search;
use crate::payment::Payment;
use decisions::Resolution;
use importing::{Import, Imported};
use ledger::{Ledger, PaymentPage, PaymentStory};
use pruning::Pruned;
use std::sync::Arc;
use std::time::Duration;

/// The payments of a client's ledger. Made by [`Client::payments`]. What needs no gateway is also done by a [`Ledger`], which
/// needs no credentials.
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
    /// The client's ledger, without the gateway.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        Ledger {
            writer: Arc::clone(&self.client.shared.ledger.writer),
        }
    }

    /// Environment and shop of the client, for a [`Search`].
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.client.shared.ledger.writer.scope
    }

    /// As [`Ledger::get`].
    ///
    /// # Errors
    /// As [`Ledger::get`].
    pub async fn get(&self, id: &str) -> Result<LedgerPayment, Error> {
        self.ledger().get(id).await
    }

    /// The ledger's payment for what [`Client::collect`], [`Client::wait`] or the end of a [`Watch`](crate::client::Watch)
    /// returned: with its order, and whether that is paid. A callback ends a wait before the ledger has noted it: then with the
    /// outcome that was returned. `None` where the ledger is away, or does not have the payment.
    ///
    /// ```no_run
    /// # async fn example(client: lipia::Client, push: lipia::StkPush) -> Result<(), lipia::Error> {
    /// let payment = client.collect(push, lipia::WaitOptions::default()).await?;
    /// if let Some(payment) = client.payments().of_collected(&payment).await {
    ///     println!("{:?} is paid: {}", payment.order(), payment.order_is_paid());
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn of_collected(&self, collected: &Payment) -> Option<LedgerPayment> {
        let of_ledger = self.get(collected.id().as_str()).await.ok()?;
        let is_behind = of_ledger.settled_at().is_none() && collected.settled_at().is_some();
        Some(if is_behind {
            of_ledger.with_payment(collected.clone())
        } else {
            of_ledger
        })
    }

    /// As [`Ledger::of_order`].
    ///
    /// # Errors
    /// As [`Ledger::of_order`].
    pub async fn of_order(&self, order: &str) -> Result<Vec<LedgerPayment>, Error> {
        self.ledger().of_order(order).await
    }

    /// As [`Ledger::search`].
    ///
    /// # Errors
    /// As [`Ledger::search`].
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
        self.ledger().search(search, page, most).await
    }

    /// As [`Ledger::story`].
    ///
    /// # Errors
    /// As [`Ledger::story`].
    pub async fn story(&self, id: &str) -> Result<PaymentStory, Error> {
        self.ledger().story(id).await
    }

    /// Asks the gateway about a payment now, and writes what is learnt.
    ///
    /// # Errors
    /// `order_of_another_account` where the payment was pushed with another account: this client's gateway would answer about
    /// another prompt, or about none. `nothing_to_ask_by` while its push is being sent: the hint says when to try again. Else
    /// as [`Payments::get`] and [`Client::ask`].
    pub async fn ask(&self, id: &str) -> Result<LedgerPayment, Error> {
        let row = self.ledger().row(id).await?;
        if self.client.own_account().await? != row.account {
            return Err(refusals::of_another_account(&row));
        }
        let row = self.ledger().taken_up(row).await?;
        if row.is_leased() && row.payment.has_nothing_to_ask_by() {
            return Err(refusals::being_sent(&row));
        }
        // A person asks whether or not somebody else does.
        let _right = self.client.take_question(&row).await?;
        let payment = self.client.live(&row);
        self.client.ask(&payment).await?;
        self.get(row.id().as_str()).await
    }

    /// As [`Ledger::release`].
    ///
    /// # Errors
    /// As [`Ledger::release`].
    pub async fn release(&self, order: &str) -> Result<LedgerPayment, Error> {
        self.ledger().release(order).await
    }

    /// As [`Ledger::resolve`]. A wait for the payment in this client ends.
    ///
    /// # Errors
    /// As [`Ledger::resolve`].
    pub async fn resolve(&self, id: &str, resolution: &Resolution) -> Result<LedgerPayment, Error> {
        let row = self.ledger().resolved(id, resolution).await?;
        self.client.live(&row);
        Ok(LedgerPayment::of_row(&row))
    }

    /// As [`Ledger::retell`].
    ///
    /// # Errors
    /// As [`Ledger::retell`].
    pub async fn retell(&self, id: &str) -> Result<LedgerPayment, Error> {
        self.ledger().retell(id).await
    }

    /// As [`Ledger::prune`].
    ///
    /// # Errors
    /// As [`Ledger::prune`].
    pub async fn prune(&self, older_than: Duration) -> Result<Pruned, Error> {
        self.ledger().prune(older_than).await
    }

    /// As [`Ledger::prunable`].
    ///
    /// # Errors
    /// As [`Ledger::prunable`].
    pub async fn prunable(&self, older_than: Duration) -> Result<Pruned, Error> {
        self.ledger().prunable(older_than).await
    }

    /// As [`Ledger::import`], for a payment that this client's account pushed.
    ///
    /// # Errors
    /// `payment_of_another_gateway` where another gateway was asked to prompt; why there are no credentials; else as
    /// [`Ledger::import`].
    pub async fn import(&self, payment: Payment, import: &Import) -> Result<Imported, Error> {
        if payment.gateway() != self.client.gateway() {
            return Err(refusals::of_another_gateway(
                &payment,
                self.client.gateway(),
            ));
        }
        let import = Import {
            account: Some(self.client.own_account().await?),
            ..import.clone()
        };
        self.ledger().import(payment, &import).await
    }

    /// As [`Ledger::report`].
    ///
    /// # Errors
    /// As [`Ledger::report`].
    pub async fn report(&self) -> Result<LedgerReport, Error> {
        self.ledger().report().await
    }

    /// One pass over the ledger: payments whose sender died become `unknown`, callbacks that were kept are judged, the
    /// gateway is asked what is due, and the handler of [`Client::on_outcome`] is told what is owed. A serverless shop calls
    /// it from a route that a timer calls; where a client with a handler lives on, it happens by itself.
    ///
    /// # Errors
    /// `ledger_failed`.
    pub async fn reconcile(&self) -> Result<Reconciled, Error> {
        self.client.reconcile(None).await
    }

    /// [`Payments::reconcile`] with a handler of this pass alone: no background work is started for it, and one that is set
    /// with [`Client::on_outcome`] is not told in this pass.
    ///
    /// # Errors
    /// `ledger_failed`.
    ///
    /// ```no_run
    /// # async fn example(client: lipia::Client) -> Result<(), lipia::Error> {
    /// let payments = client.payments();
    /// let pass = payments.reconcile_with(|payment| async move {
    ///     println!("{}: {}", payment.id(), payment.outcome());
    /// });
    /// println!("{} told", pass.await?.told);
    /// # Ok(()) }
    /// ```
    pub async fn reconcile_with<F, Future_>(&self, handler: F) -> Result<Reconciled, Error>
    where
        F: Fn(LedgerPayment) -> Future_ + Send + Sync + 'static,
        Future_: Future<Output: Heard> + Send + 'static,
    {
        self.client.reconcile(Some(handler_of(handler))).await
    }

    /// Tells a handler what is owed, and nothing else: neither is the gateway asked, nor is a callback judged. For a server
    /// without background work, which has just taken a callback in.
    ///
    /// # Errors
    /// `ledger_failed`.
    ///
    /// ```no_run
    /// # async fn example(client: lipia::Client) -> Result<(), lipia::Error> {
    /// let payments = client.payments();
    /// let told = payments.tell(|payment| async move {
    ///     println!("{}: {}", payment.id(), payment.outcome());
    /// });
    /// told.await?;
    /// # Ok(()) }
    /// ```
    pub async fn tell<F, Future_>(&self, handler: F) -> Result<Reconciled, Error>
    where
        F: Fn(LedgerPayment) -> Future_ + Send + Sync + 'static,
        Future_: Future<Output: Heard> + Send + 'static,
    {
        self.client.tell(handler_of(handler)).await
    }
}
