//! Taking a callback in: everything it must pass, in one call.

use crate::authenticity::admit;
use crate::guard::GuardedPush;
use crate::{
    Change, Client, Confirm, Error, Event, IncomingCallback, Payment, PaymentHandle, PaymentState,
    ReceivedCallback, Verdict,
};

impl Client {
    /// Takes in what was posted to a callback URL: checks the sender's address (where a list is set), the token
    /// in the URL, the body, and whether it fits the payment that the token names; asks the gateway too where
    /// `confirm` says so. A wait for that payment ends at once.
    ///
    /// Answer the gateway with HTTP 200 and [`accepted_reply`](crate::accepted_reply) whatever this
    /// returns, and before you do anything slow.
    ///
    /// Where this process does not hold the payment the verdict is `None`: load it from your store by
    /// [`ReceivedCallback::payment_id`], [`Client::resume`] it, and call [`Client::believe`].
    ///
    /// # Errors
    /// `InvalidCallback`: it is not one, or not for us. Nothing was believed.
    pub async fn receive_callback(
        &self,
        incoming: IncomingCallback<'_>,
        confirm: Confirm,
    ) -> Result<ReceivedCallback, Error> {
        let payment_id = admit(
            &incoming,
            self.callback_secrets(),
            self.shared.addresses.as_ref(),
        )?;
        let event = self.parse_callback(incoming.body)?;
        let verdict = match self.find(&payment_id) {
            Some(payment) => Some(self.believe(&payment, &event, confirm).await),
            None => None,
        };
        Ok(ReceivedCallback {
            payment_id,
            event,
            verdict,
        })
    }

    /// Hands an event that came in on a payment's own URL to that payment, asking the gateway first where
    /// `confirm` says so.
    pub async fn believe(
        &self,
        payment: &PaymentHandle,
        event: &Event,
        confirm: Confirm,
    ) -> Verdict {
        let claims_money = event.is_success() && !payment.read(Payment::is_paid);
        let must_ask = claims_money
            && (confirm == Confirm::Successes
                || self.shared.gateway.success_needs_query()
                || !event.complete);
        let fits = event
            .check(&payment.read(Payment::expected))
            .mismatches()
            .is_empty();
        let verdict = if must_ask && fits {
            self.believe_if_confirmed(payment, event).await
        } else {
            payment.notify(event).into()
        };
        if payment.read(Payment::state) == PaymentState::Settled {
            self.tell_guard(payment).await;
        }
        self.save_and_go_on(payment).await;
        verdict
    }

    /// Asks the gateway about the payment and the prompt that the event names, and believes the event as far as it is confirmed.
    async fn believe_if_confirmed(&self, payment: &PaymentHandle, event: &Event) -> Verdict {
        let confirmed = self
            .ask_to_confirm(payment, event)
            .await
            .ok()
            .filter(|status| status.outcome.is_paid());
        let now = self.shared.line.clock.now();
        let Some(status) = confirmed else {
            tracing::warn!(target: "lipia", payment_id = %payment.id(), "the gateway did not confirm a success");
            payment.change(|payment| payment.on_unconfirmed(event, now));
            return Verdict::NotConfirmed;
        };
        // The query tells that it was paid; the event alone has the receipt.
        // One change: a wait that ended between the two would return a payment without its receipt.
        let (settled, completed) = payment.change(|payment| {
            let settled = payment.on_status(&status, now);
            let completed = if event.complete {
                payment.on_event(event, now)
            } else {
                Change::Nothing
            };
            (settled, completed)
        });
        match (settled, completed) {
            (Change::Flagged, _) | (_, Change::Flagged) => Verdict::Mismatch,
            (Change::Nothing, Change::Nothing) => Verdict::Duplicate,
            _ => Verdict::Believed,
        }
    }

    /// Tells the guard what became of a payment, once for each outcome that it is settled with.
    pub(crate) async fn tell_guard(&self, payment: &PaymentHandle) {
        let Some(guard) = self.shared.guard.as_ref() else {
            return;
        };
        if let Some(outcome) = payment.outcome_to_tell() {
            let (phone, sent_at) = payment.read(|payment| {
                let sent_at = payment.sent_at().unwrap_or(payment.reserved_at());
                (payment.push().phone_number.clone(), sent_at)
            });
            let push = GuardedPush {
                payment: payment.id(),
                phone: &phone,
                sent_at,
            };
            guard
                .settled(push, outcome, self.shared.line.clock.now())
                .await;
        }
    }
}
