//! `request`: asks for the payment of an order: one prompt for one order, whichever process asks.

use crate::client::Client;
use crate::client::credentials::source::AuthorizedCall;
use crate::client::ledger::payment::LedgerPayment;
use crate::client::ledger::unwritten::{Missing, Unwritten, insist};
use crate::error::codes::ErrorCode;
use crate::error::{Disposition, Error};
use crate::guard::pace::Asker;
use crate::ledger::contract::{Claimed, Version};
use crate::ledger::engine::claiming::{Decision, Looked, decide};
use crate::ledger::engine::learning;
use crate::ledger::row::Row;
use crate::ledger::scope::Order;
use crate::ledger::writer::answered;
use crate::payment::schedule::WaitOptions;
use crate::payment::{Payment, PaymentState};
use crate::telemetry::scope::spawn;
use crate::transport::authorizer::Authorizer as _;
use crate::transport::send_context::deadline_in;
use crate::values::deadline::Deadline;
use crate::values::push::StkPush;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// How much longer than the call a claim's lease lasts.
const LEASE_BEYOND_CALL: Duration = Duration::from_secs(15);

/// How often a request looks at its order anew.
const MAX_ROUNDS: u32 = 32;

impl Client {
    /// Requests the payment of an [order](StkPush::order): claims the order in the ledger, then prompts the phone. Where the
    /// order has a payment that is open or paid, nobody is prompted, and that payment is returned: the second click, the
    /// retried task and the other process get the payment that exists.
    ///
    /// The payment that is returned was accepted, is `unknown` (the answer to its push was lost: it is asked about), or is
    /// what the order had already. [`Client::on_outcome`] tells what becomes of it. A paid order stays claimed. A payment
    /// that failed frees its order: at once, or, where it only says that nobody answered in time, after a grace
    /// ([`Payment::order_free_at`]); until then it is what is returned. A push without an order is kept and told the same
    /// way, and each call prompts.
    ///
    /// Without [`ClientBuilder::ledger`](crate::client::ClientBuilder::ledger) the ledger is in memory, and of this client
    /// and its clones alone: another client of the process may prompt for the same order, and after a restart nobody knows
    /// of it. Dropping the future does not stop the push.
    ///
    /// # Errors
    /// `not_sent` and `rejected`: no phone was prompted, and the order is free, unless the store failed for as long as the
    /// claim's lease: then the payment becomes `unknown` and holds it. Of these, `order_paid_differently`,
    /// `order_asked_differently` and `order_of_another_account` name the payment that the order has, and change nothing.
    /// `ledger_failed` where the store failed: nothing is sent without a claim.
    ///
    /// ```no_run
    /// # async fn example(client: lipia::Client) -> Result<(), lipia::Error> {
    /// let push = lipia::StkPush::new("0712345678", 150, "INV-017").order("order-17");
    /// let first = client.request(push.clone()).await?;
    /// let second = client.request(push).await?;
    /// assert_eq!(first.id(), second.id());
    /// # Ok(()) }
    /// ```
    pub async fn request(&self, push: StkPush) -> Result<LedgerPayment, Error> {
        let order = push.order.as_deref().map(Order::parse).transpose()?;
        let wanted = self.draft(push)?;
        let id = wanted.id().clone();
        self.start();
        self.look_into_spool();
        let (tells, told) = oneshot::channel();
        let client = self.clone();
        let counted = self.shared.context.in_flight.begin();
        // A task of its own: a claim whose caller goes away would hold its order, and nobody would send.
        spawn(async move {
            let _counted = counted;
            let _caller_left = tells.send(client.request_now(&wanted, order).await);
        });
        told.await.unwrap_or_else(|_| {
            Err(Error::new(
                ErrorCode::RuntimeEnded,
                Disposition::Unknown,
                "The runtime ended while the push was on its way.",
            )
            .with_hint("The phone may have been prompted. Request the order again: the ledger has its payment.")
            .of_payment(&id))
        })
    }

    async fn request_now(
        &self,
        wanted: &Payment,
        order: Option<Order>,
    ) -> Result<LedgerPayment, Error> {
        let writer = &self.shared.ledger.writer;
        let call = self.authorize().await?;
        let account = self.account_of(&call);
        self.show_secrets(&account).await?;
        if order.is_some() {
            self.shared.ledger.warn_of_memory(self.shared.environment);
        }
        let mut looked = Looked::NotYet;
        for _ in 0..MAX_ROUNDS {
            let (rows, now) = match &order {
                Some(order) => {
                    let earlier = writer.store.earlier(&writer.scope, order).await;
                    let earlier = answered(earlier)?;
                    (earlier.rows, earlier.now)
                }
                None => (Vec::new(), self.shared.context.clock.now()),
            };
            match decide(&rows, wanted, &account, looked, now) {
                Decision::Existing(row) => return Ok(LedgerPayment::existing(&row)),
                Decision::Refused(error) => return Err(*error),
                Decision::SenderDied(row) => {
                    writer.change(row.id(), learning::forget_sender).await?;
                }
                Decision::LookFirst(row) => looked = self.look_first(&row).await?,
                Decision::Claim { over } => {
                    // Before the claim, so that only milliseconds pass between the claim and the first byte.
                    let deadline = deadline_in(call.left);
                    let admitted = call.merchant.admit(&self.shared.context, deadline).await;
                    self.shared.credentials.learn(&call, admitted)?;
                    let mut payment = wanted.clone();
                    payment.begin_sending(now)?;
                    let scope = writer.scope.clone();
                    let row = Row::new(payment, scope, account.clone(), order.clone(), now);
                    let over = over.as_ref().map(|(id, version)| Version {
                        id,
                        version: *version,
                    });
                    if let Some(sent) = self.claim_and_send(&row, over, (&call, deadline)).await? {
                        return Ok(sent);
                    }
                }
            }
        }
        Err(Error::new(
            ErrorCode::OrderBusy,
            Disposition::NotSent,
            "Other processes claimed and freed the order all the time. Nothing was sent.",
        )
        .with_hint("Ask for it again."))
    }

    /// Asks about the payment that holds an order, so that a success that nobody has heard of keeps the order claimed.
    async fn look_first(&self, row: &Row) -> Result<Looked, Error> {
        Ok(if self.ask_row(row, Asker::Person).await? {
            Looked::Answered
        } else {
            Looked::InVain
        })
    }

    /// Claims the row's order and sends its push; `None` where another payment holds the order.
    async fn claim_and_send(
        &self,
        row: &Row,
        over: Option<Version<'_>>,
        call: (&AuthorizedCall, Instant),
    ) -> Result<Option<LedgerPayment>, Error> {
        let writer = &self.shared.ledger.writer;
        let clock = &self.shared.context.clock;
        // The call ends before the lease does, so that a living sender never finds that others took it for dead.
        let lease = call.1.saturating_duration_since(Instant::now()) + LEASE_BEYOND_CALL;
        let lease_ends = Instant::now() + lease;
        let may_leave_until = Deadline::at(lease_ends, clock);
        let payment = self.ledger_handle(row.payment.clone());
        let unwritten = Unwritten::new(self, &payment, lease_ends);
        match writer.store.claim(row, over, lease).await {
            Ok(Claimed::Taken(taken)) => payment.learn_clock(taken.read_at),
            Ok(Claimed::Held(_)) => {
                unwritten.held_by_another();
                return Ok(None);
            }
            Err(source) => {
                // The claim may have been written, and its answer lost. Nothing is sent for it.
                let error = answered::<Claimed>(Err(source)).err();
                let error = self.abandon(&payment, lease_ends, error).await;
                unwritten.written();
                return Err(error);
            }
        }
        payment.hold_until(may_leave_until);
        let sent_at = clock.now();
        let heard = payment.read(Payment::heard);
        let order = row.order.as_ref();
        let sending = pin!(self.send_push(&payment, order, sent_at, heard, Some(call)));
        let sent = self.push_in_span(&payment, order, sending).await;
        match sent {
            Err(error) if error.disposition() != Disposition::Unknown => {
                let learnt = payment.snapshot();
                insist(writer, &learnt, lease_ends, Missing::IsTheEnd).await;
                unwritten.written();
                Err(error.of_payment(payment.id()))
            }
            _ => {
                if payment.is_unsaved() {
                    // Without the prompt's id in the ledger no other process can ask about it.
                    self.insist_in_background(&payment, lease_ends, Missing::IsTheEnd);
                }
                unwritten.written();
                Ok(Some(
                    LedgerPayment::of_row(row).with_payment(payment.snapshot()),
                ))
            }
        }
    }

    /// Requests an order, and waits for what becomes of its payment, wherever its callback arrives.
    pub(super) async fn collect_order(
        &self,
        push: StkPush,
        options: WaitOptions,
    ) -> Result<Payment, Error> {
        let requested = self.request(push).await?;
        let payment = match self.shared.ledger.writer.load(requested.id()).await {
            Ok(Some(row)) => self.live(&row),
            // The phone may have been prompted, so this waits whatever the store does.
            Ok(None) | Err(_) => self
                .find(requested.id())
                .unwrap_or_else(|| self.ledger_handle(requested.payment().clone())),
        };
        if payment.read(Payment::state) == PaymentState::Reserved {
            return refused(payment.snapshot());
        }
        let (waits, follows) = (self.wait(&payment, options), self.follow(&payment));
        tokio::select! {
            biased;
            waited = waits => Ok(self.as_written(waited?).await),
            row = follows => refused(row.payment),
        }
    }

    /// A payment whose wait has ended, once the ledger has it as well. A callback ends a wait before it is kept, and whoever
    /// requests the order next reads the ledger.
    async fn as_written(&self, payment: Payment) -> Payment {
        if let Err(error) = self.shared.ledger.writer.learn(&payment).await {
            tracing::error!(target: "lipia", payment_id = %payment.id(), code = error.code(), "the ledger could not note what a wait has learnt");
        }
        payment
    }
}

/// What a collect ends in where the payment was sent by another call, and was refused: its order is free.
fn refused(payment: Payment) -> Result<Payment, Error> {
    match payment.last_error() {
        Some(error) => Err(error.clone().of_payment(payment.id())),
        None => Ok(payment),
    }
}
