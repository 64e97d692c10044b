//! Prompting a phone, once.

use crate::client::UntilClaimed;
use crate::guard::GuardedPush;
use crate::keys::Ready;
use crate::send::{Call, deadline_in, exchange};
use crate::{
    Acceptance, Client, Disposition, EatTime, Error, ErrorKind, PaymentHandle, Push, StkPush,
};
use tokio::sync::oneshot;

impl Client {
    /// Prompts a phone and returns the gateway's acceptance, which is **not** a payment.
    ///
    /// At most one prompt, whatever happens: see [`Error::disposition`] for what is known when this fails. Where
    /// the future is dropped the send goes on; then, and where the answer was lost, [`Client::unclaimed`] has the
    /// payment.
    ///
    /// # Errors
    /// `not_sent` and `rejected`: no phone was prompted. `unknown`: one may have been; wait for the callback.
    ///
    /// ```no_run
    /// # async fn example(client: lipia::Client) -> Result<(), lipia::Error> {
    /// let acceptance = client.stk_push(lipia::StkPush::new("0712345678", 150, "INV-001")).await?;
    /// let status = client.stk_query(&acceptance.checkout_request_id).await?;
    /// # let _ = status; Ok(()) }
    /// ```
    pub async fn stk_push(&self, push: StkPush) -> Result<Acceptance, Error> {
        let payment = self.reserve(push)?;
        let until_claimed = UntilClaimed::new(self, payment.clone());
        let result = self.push(&payment).await;
        until_claimed.unless_unknown(&result);
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
            Err(Error::new(
                ErrorKind::NoAnswer,
                Disposition::Unknown,
                "runtime_ended",
                "The runtime ended while the push was on its way.",
            )
            .with_hint("The phone may have been prompted. Resume the payment and wait for it; do not push again."))
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
        // Before the task runs: a caller that leaves at once must not find a payment that says it was not sent.
        let sent_at = self.shared.line.clock.now();
        let begun = payment.begin_or_go_on(sent_at);
        // A task of its own: once a byte has left, the answer is owed to the payment, not to whoever waits for it.
        let counted = self.shared.line.under_way.begin();
        tokio::spawn(async move {
            let _counted = counted;
            tell(match begun {
                Ok(()) => client.send_push(&payment, sent_at).await,
                Err(error) => Err(error),
            });
        });
    }

    async fn send_push(
        &self,
        payment: &PaymentHandle,
        sent_at: EatTime,
    ) -> Result<Acceptance, Error> {
        let shared = &self.shared;
        let clock = &shared.line.clock;
        let push = payment.read(|payment| payment.push().clone());
        let guarded = GuardedPush {
            payment: payment.id(),
            phone: &push.phone_number,
            sent_at,
        };
        // Before anybody is told of the push: without keys there will be none.
        let ready = self.ready().await;
        let has_keys = ready.is_ok();
        let result = match ready {
            Ok(ready) => self.send_with(&ready, payment, guarded, &push).await,
            Err(error) => Err(error),
        };
        match &result {
            Ok(acceptance) => tracing::info!(
                target: "lipia",
                payment_id = %payment.id(),
                phone_number = push.phone_number.masked(),
                checkout_request_id = crate::mask::checkout_request_id(&acceptance.checkout_request_id),
                "the push was accepted"
            ),
            Err(error) => tracing::warn!(
                target: "lipia",
                payment_id = %payment.id(),
                phone_number = push.phone_number.masked(),
                kind = %error.kind(),
                disposition = %error.disposition(),
                code = error.code(),
                "the push was not accepted"
            ),
        }
        payment.change(|payment| payment.on_push_answer(result.clone(), clock.now()));
        // Without keys the guard was not asked either.
        if let (true, Err(error), Some(guard)) = (has_keys, &result, shared.guard.as_ref()) {
            guard.refused(guarded, error, clock.now()).await;
        }
        self.save_and_go_on(payment).await;
        result
    }

    /// Sends it, once nothing stands in between.
    async fn send_with(
        &self,
        ready: &Ready,
        payment: &PaymentHandle,
        guarded: GuardedPush<'_>,
        push: &Push,
    ) -> Result<Acceptance, Error> {
        self.let_through(payment, guarded).await?;
        let shared = &self.shared;
        let result = exchange(
            &shared.line,
            Call::Push,
            ready.access.authorization(),
            deadline_in(ready.left),
            |now| ready.access.push_request(push, now),
            |answer| shared.gateway.read_push_answer(answer),
            || self.is_still_let_through(guarded),
        )
        .await;
        shared.keys.learn(ready, result)
    }

    /// What stands between a valid push and the wire: the guard, and the store that must know of it first.
    async fn let_through(
        &self,
        payment: &PaymentHandle,
        push: GuardedPush<'_>,
    ) -> Result<(), Error> {
        if let Some(guard) = self.shared.guard.as_ref() {
            guard
                .let_through(push, self.shared.line.clock.now())
                .await?;
        }
        payment.save().await
    }

    /// Asked before the same push is sent again: another one may have met a ban meanwhile.
    async fn is_still_let_through(&self, push: GuardedPush<'_>) -> Result<(), Error> {
        match self.shared.guard.as_ref() {
            Some(guard) => guard.may_resend(push, self.shared.line.clock.now()).await,
            None => Ok(()),
        }
    }

    /// Saves what was learnt. The money has moved or not whatever the store says, so a store that fails now is a
    /// matter for the log, and the caller still gets the result.
    pub(crate) async fn save_and_go_on(&self, payment: &PaymentHandle) {
        if let Err(error) = payment.save().await {
            tracing::error!(target: "lipia", payment_id = %payment.id(), code = error.code(), "the payment could not be saved");
        }
    }
}
