//! `stk_push` and `push`: prompt a phone once.

use crate::client::Client;
use crate::client::credentials::source::AuthorizedCall;
use crate::client::until_claimed::UntilClaimed;
use crate::error::codes::ErrorCode;
use crate::error::{Disposition, Error};
use crate::gateway::named::read_push_answer;
use crate::guard::GuardedPush;
use crate::ledger::scope::Order;
use crate::payment::acceptance::Acceptance;
use crate::payment::answer::Heard;
use crate::payment::handle::PaymentHandle;
use crate::payment::{Payment, names};
use crate::telemetry::scope::spawn;
use crate::transport::http::connection::Lent;
use crate::transport::retry::Call;
use crate::transport::send::{Exchanged, exchange};
use crate::transport::send_context::deadline_in;
use crate::values::clock::EatTime;
use crate::values::push::{Push, StkPush};
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use tokio::sync::oneshot;
use tokio::time::Instant;

impl Client {
    /// Prompts a phone and returns the gateway's acceptance, which is **not** a payment.
    ///
    /// At most one prompt, whatever happens: see [`Error::disposition`] for what is known when this fails. Where
    /// the future is dropped the send goes on, and [`Client::unclaimed`] has the payment. Where the answer was lost,
    /// [`Client::find`] has it by [`Error::payment_id`].
    ///
    /// A ledger does not have this payment, and [`Client::on_outcome`] is not told of it: with a ledger use
    /// [`Client::request`], which takes a push without an order too. The log says so once, as an error.
    ///
    /// # Errors
    /// `not_sent` and `rejected`: no phone was prompted. `unknown`: one may have been; wait for the payment that
    /// [`Error::payment_id`] names.
    ///
    /// ```no_run
    /// # async fn example(client: lipia::Client) -> Result<(), lipia::Error> {
    /// let acceptance = client.stk_push(lipia::StkPush::new("0712345678", 150, "INV-001")).await?;
    /// let status = client.stk_query(acceptance.id()).await?;
    /// # let _ = status; Ok(()) }
    /// ```
    pub async fn stk_push(&self, push: StkPush) -> Result<Acceptance, Error> {
        let payment = self.reserve(push)?;
        let until_claimed = UntilClaimed::new(self, payment.clone());
        let result = self.push(&payment).await;
        until_claimed.claimed();
        result
    }

    /// Pushes a reserved payment. What comes of it is written into the payment, even where this future is
    /// dropped.
    ///
    /// # Errors
    /// As [`Client::stk_push`]; `PaymentState` where it was pushed before.
    pub async fn push(&self, payment: &PaymentHandle) -> Result<Acceptance, Error> {
        let (tells, told) = oneshot::channel();
        self.push_and_tell(payment, |result| {
            // Where the caller went away the payment knows the answer.
            let _ = tells.send(result);
        });
        told.await.unwrap_or_else(|_| {
            Err(Error::new(ErrorCode::RuntimeEnded, Disposition::Unknown,
                "The runtime ended while the push was on its way.",
            )
            .with_hint("The phone may have been prompted. Resume the payment and wait for it; do not push again.")
            .of_payment(payment.id()))
        })
    }

    /// Pushes a reserved payment like [`Client::push`], and hands what came of it to a function: for a binding, whose
    /// caller waits elsewhere than in Rust. Must be called within a Tokio runtime; returns at once.
    pub fn push_and_tell(
        &self,
        payment: &PaymentHandle,
        tell: impl FnOnce(Result<Acceptance, Error>) + Send + 'static,
    ) {
        let (client, payment) = (self.clone(), payment.clone());
        let is_kept = self.shared.store.is_some();
        self.shared.ledger.warn_of_push(&payment, is_kept);
        // Before the task runs: a caller that leaves at once must not find a payment that says it was not sent.
        let sent_at = self.shared.context.clock.now();
        let begun = payment.begin_or_go_on(sent_at);
        let heard = payment.read(Payment::heard);
        // A task of its own: once a byte has left, the answer is owed to the payment, not to whoever waits for it.
        let counted = self.shared.context.in_flight.begin();
        spawn(async move {
            let _counted = counted;
            let result = match begun {
                Ok(()) => {
                    let sending = pin!(client.send_push(&payment, None, sent_at, heard, None));
                    client.push_in_span(&payment, None, sending).await
                }
                Err(error) => Err(error),
            };
            tell(result.map_err(|error| error.of_payment(payment.id())));
        });
    }

    /// Sends a push that was begun. `ready`: the call that has its credentials and its end already.
    pub(super) async fn send_push(
        &self,
        payment: &PaymentHandle,
        order: Option<&Order>,
        sent_at: EatTime,
        heard: Heard,
        ready: Option<(&AuthorizedCall, Instant)>,
    ) -> Result<Acceptance, Error> {
        let shared = &self.shared;
        let clock = &shared.context.clock;
        shared.tell_of_warnings(payment);
        let push = payment.read(|payment| payment.push().clone());
        let guarded = GuardedPush {
            payment: payment.id(),
            phone: &push.phone_number,
            sent_at,
        };
        // Before anybody is told of the push: without keys there will be none.
        let authorized;
        let call = match ready {
            Some(ready) => Ok(ready),
            None => match self.authorize().await {
                Ok(call) => {
                    authorized = call;
                    Ok((&authorized, deadline_in(authorized.left)))
                }
                Err(error) => Err(error),
            },
        };
        let has_keys = call.is_ok();
        let result = match call {
            Ok(call) => self.send_with(call, payment, heard, guarded, &push).await,
            Err(error) => Err(error),
        };
        let (result, connection) = match result.map(Exchanged::into_parts) {
            Ok((acceptance, connection)) => (Ok(acceptance), connection),
            Err(error) => (Err(error), Lent::never()),
        };
        self.learn_owners_where_possible(payment, &names::of_answer(&result))
            .await;
        // In one step: an event that comes between would be forgotten.
        let result = payment.learn_answer(result, heard, payment.now());
        if result.is_ok() {
            connection.give_back();
        }
        let masked_order = || order.map(|order| order.masked(&push.phone_number));
        match &result {
            Ok(acceptance) => tracing::info!(
                target: "lipia",
                payment_id = %payment.id(),
                phone_number = push.phone_number.masked(),
                reference = push.masked_reference(),
                order = masked_order(),
                id = crate::error::mask::checkout_request_id(acceptance.id()),
                "the push was accepted"
            ),
            Err(error) => tracing::warn!(
                target: "lipia",
                payment_id = %payment.id(),
                phone_number = push.phone_number.masked(),
                reference = push.masked_reference(),
                order = masked_order(),
                kind = %error.kind(),
                disposition = %error.disposition(),
                code = error.code(),
                "the push was not accepted"
            ),
        }
        // Without keys the guard was not asked either.
        if let (true, Some(guard)) = (has_keys, self.guard()) {
            match &result {
                Ok(acceptance) => guard.accepted(payment.id(), acceptance),
                Err(error) => guard.refused(guarded, error, clock.now()).await,
            }
        }
        self.save_and_go_on(payment).await;
        result
    }

    /// Sends it, once nothing stands in between.
    async fn send_with(
        &self,
        (call, deadline): (&AuthorizedCall, Instant),
        payment: &PaymentHandle,
        heard: Heard,
        guarded: GuardedPush<'_>,
        push: &Push,
    ) -> Result<Exchanged<Acceptance>, Error> {
        self.let_through(payment, guarded).await?;
        let shared = &self.shared;
        let (account, pace) = (shared.account.account(), shared.pace);
        let shared_pace = shared.account.shared_pace();
        // Questions make room for pushes; a push waits for none of them.
        let counted = Mutex::new(None);
        let result = exchange(
            &shared.context,
            Call::Push,
            call.merchant.sender(Some(push)),
            deadline,
            |now| call.merchant.access.push_request(push, now),
            |answer| {
                let reading = read_push_answer(shared.gateway.as_ref(), push, answer);
                account.pace.heard(pace, shared_pace.as_ref(), reading)
            },
            |again| {
                let may_leave = self.may_leave(payment, heard, guarded, again);
                let (account, counted) = (&account, &counted);
                let shared_pace = shared_pace.as_ref();
                async move {
                    may_leave.await?;
                    let leaves = Some(account.pace.push(pace, shared_pace));
                    *counted.lock().unwrap_or_else(PoisonError::into_inner) = leaves;
                    Ok(())
                }
            },
        )
        .await;
        drop(counted);
        shared.credentials.learn(call, result)
    }

    /// What stands between a valid push and the wire: the guard, and the store that must know of it first.
    async fn let_through(
        &self,
        payment: &PaymentHandle,
        push: GuardedPush<'_>,
    ) -> Result<(), Error> {
        if let Some(guard) = self.guard() {
            self.tell_guard().await;
            guard
                .let_through(push, self.shared.context.clock.now())
                .await?;
        }
        payment.save().await
    }

    /// Asked right before a push leaves. Before it is sent again the guard is asked as well: another push may have met a
    /// ban meanwhile. The payment comes last: what a callback told of it must not be overtaken.
    async fn may_leave(
        &self,
        payment: &PaymentHandle,
        heard: Heard,
        push: GuardedPush<'_>,
        again: bool,
    ) -> Result<(), Error> {
        if let (true, Some(guard)) = (again, self.guard()) {
            guard
                .may_resend(push, self.shared.context.clock.now())
                .await?;
        }
        if again {
            // What another process learnt must not be overtaken either.
            self.catch_up(payment).await?;
        }
        if payment.is_too_late() {
            return Err(too_late());
        }
        payment.read(|payment| {
            if payment.may_leave(heard) {
                Ok(())
            } else {
                // With an acceptance known the push ends with that, see `Payment::conclude_push`.
                Err(payment.not_to_be_sent())
            }
        })?;
        payment.note_leaving();
        Ok(())
    }

    /// Tells the guard what was learnt, and saves it. The money has moved or not whatever the store says, so a store that fails now is a
    /// matter for the log, and the caller still gets the result.
    pub(crate) async fn save_and_go_on(&self, payment: &PaymentHandle) {
        self.tell_guard().await;
        if let Err(error) = payment.save().await {
            tracing::error!(target: "lipia", payment_id = %payment.id(), code = error.code(), "the payment could not be saved");
        }
    }
}

/// The lease of the payment's claim ended before its push left.
fn too_late() -> Error {
    Error::new(
        ErrorCode::SenderTooLate,
        Disposition::NotSent,
        "The process was stopped for longer than the lease of its claim, so the push was not sent.",
    )
    .with_hint("Look at the payment: another process may have taken it up.")
}
