//! `receive_callback`: takes a callback in, with every check that it must pass.

use crate::callback::received::{Confirm, IncomingCallback, ReceivedCallback, Verdict, admit};
use crate::client::Client;
use crate::client::checkup::probe::is_probe;
use crate::error::Error;
use crate::error::ids::PaymentId;
use crate::guard::pace::Asker;
use crate::ledger::writer::answered;
use crate::meaning::event::Event;
use crate::meaning::outcome::Outcome;
use crate::meaning::redaction::{Redaction, Worded};
use crate::payment::handle::PaymentHandle;
use crate::payment::names::of_event;
use crate::payment::{Change, Payment, PaymentState};
use std::pin::pin;

impl Client {
    /// Takes in what was posted to a callback URL: checks the sender's address (where a list is set), the token
    /// in the URL, the body, and whether it fits the payment that the token names; asks the gateway too where
    /// `confirm` says so. A wait for that payment ends at once.
    ///
    /// Answer the gateway with HTTP 200 and [`accepted_reply`](crate::meaning::event::accepted_reply) whatever this
    /// returns, but for the codes that begin with `ledger_`, and before you do anything slow.
    ///
    /// Where the ledger has the payment, the callback is kept in it before this returns. The verdict is `None` where another
    /// client has to judge it: one of the payment's environment, shop and gateway, and with its credentials where the gateway
    /// is to be asked first. That client judges it with its next pass ([`Payments::reconcile`](crate::client::Payments::reconcile)).
    ///
    /// Where the ledger fails, the callback is kept in the spool ([`ClientBuilder::spool`](crate::client::ClientBuilder::spool)), the
    /// verdict is `None`, and some process of this machine takes it in once the ledger is back. Only where there is no spool,
    /// or it cannot be written to, is that an error.
    ///
    /// Where neither the ledger nor this process has the payment the verdict is `None` too: load it from your store by
    /// [`ReceivedCallback::payment_id`], [`Client::resume`] it, and call [`Client::believe`]. Without a store of your own
    /// ([`IncomingCallback::with_store`]) the body is kept in the ledger that the client was given, for a person to find.
    ///
    /// # Errors
    /// `InvalidCallback`: it is not one, or not for us. Nothing was believed; a body that came on a payment's own URL and
    /// cannot be read is kept where the ledger has the payment. A code that begins with `ledger_`: it could not be kept.
    /// Answer the gateway with HTTP 503 then.
    pub async fn receive_callback(
        &self,
        incoming: IncomingCallback<'_>,
        confirm: Confirm,
    ) -> Result<ReceivedCallback, Error> {
        let receiving = pin!(self.receive_now(incoming, confirm));
        self.callback_in_span(receiving).await
    }

    async fn receive_now(
        &self,
        incoming: IncomingCallback<'_>,
        confirm: Confirm,
    ) -> Result<ReceivedCallback, Error> {
        let payment_id = admit(
            &incoming,
            self.callback_secrets(),
            self.shared.addresses.as_ref(),
        )?;
        if is_probe(&payment_id) {
            return Ok(self.answer_probe(payment_id, incoming.body));
        }
        self.start();
        self.look_into_spool();
        let (body, has_store) = (incoming.body, incoming.has_store);
        match self.take_in(&payment_id, body, confirm, has_store).await {
            Err(error) if error.is_of_the_ledger() => {
                self.spool(payment_id, body, confirm, error).await
            }
            taken => taken,
        }
    }

    /// The answer to a request of [`Client::check`], with whose token nobody else comes: nothing is kept, and nobody is told.
    fn answer_probe(&self, payment_id: PaymentId, body: &[u8]) -> ReceivedCallback {
        let gateway = self.shared.gateway.name();
        ReceivedCallback {
            payment_id,
            event: Event::new(gateway, Outcome::Unknown, body, |_, _| None),
            verdict: None,
            is_kept: true,
        }
    }

    /// Takes in a callback whose URL was verified.
    ///
    /// # Errors
    /// As [`Client::receive_callback`].
    pub(crate) async fn take_in(
        &self,
        payment_id: &PaymentId,
        body: &[u8],
        confirm: Confirm,
        has_store: bool,
    ) -> Result<ReceivedCallback, Error> {
        let row = answered(self.shared.ledger.store().load(payment_id).await)?;
        let held = self.find(payment_id);
        let is_orphan = row.is_none() && held.is_none() && !has_store;
        let is_kept = row.is_some() || held.is_some() || (is_orphan && self.shared.ledger.is_given);
        let mut event = match self.parse_callback(body) {
            Ok(event) => event,
            Err(error) => {
                // Another client or a later version may understand it.
                if row.is_some() || (is_orphan && self.shared.ledger.is_given) {
                    self.keep_unjudged(payment_id, body).await?;
                }
                return Err(error);
            }
        };
        let verdict = match (&row, held) {
            (Some(row), _) => self.receive_for_row(row, body, &mut event, confirm).await?,
            (None, Some(payment)) => {
                let push = payment.read(|payment| payment.push().clone());
                event.redact(&Redaction::default().with_push(&push));
                Some(self.believe(&payment, &event, confirm).await)
            }
            (None, None) => {
                if is_orphan {
                    self.shared.tell_of_orphan(payment_id);
                }
                if is_orphan && self.shared.ledger.is_given {
                    self.keep_unjudged(payment_id, body).await?;
                }
                None
            }
        };
        Ok(ReceivedCallback {
            payment_id: payment_id.clone(),
            event,
            verdict,
            is_kept,
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
        self.learn_owners_where_possible(payment, &of_event(event))
            .await;
        let verdict = self.judge(payment, event, confirm).await;
        self.save_and_go_on(payment).await;
        verdict
    }

    /// Whether an event is believed only once the gateway was asked.
    pub(crate) fn must_ask(
        &self,
        payment: &PaymentHandle,
        event: &Event,
        confirm: Confirm,
    ) -> bool {
        let claims_money = event.is_success() && !payment.read(Payment::is_paid);
        claims_money
            && (confirm == Confirm::Successes
                || self.shared.gateway.success_needs_query()
                || !event.complete)
    }

    /// Hands an event to its payment, and saves nothing.
    pub(crate) async fn judge(
        &self,
        payment: &PaymentHandle,
        event: &Event,
        confirm: Confirm,
    ) -> Verdict {
        let must_ask = self.must_ask(payment, event, confirm);
        let fits = event
            .check(&payment.read(Payment::expected))
            .mismatches()
            .is_empty()
            && !payment.is_doubted(event);
        if must_ask && fits {
            self.believe_if_confirmed(payment, event).await
        } else if event.outcome == Outcome::Unknown && fits {
            self.keep_not_understood(payment, event).await
        } else {
            payment.notify(event).into()
        }
    }

    /// Keeps an event that is neither a success nor a failure, once. One that contradicts itself is asked about.
    async fn keep_not_understood(&self, payment: &PaymentHandle, event: &Event) -> Verdict {
        if payment.read(Payment::state) == PaymentState::Reserved {
            return payment.notify(event).into();
        }
        if payment.notify(event) == Change::Unchanged {
            return Verdict::Duplicate;
        }
        tracing::warn!(
            target: "lipia",
            payment_id = %payment.id(),
            code = event.result_code,
            "a callback is neither a success nor a failure: it is kept with the payment, for a person to look at"
        );
        let is_open = payment.read(Payment::state) != PaymentState::Settled;
        if event.contradicts_itself() && is_open && self.can_ask(payment) {
            // What cannot be asked now is asked by a wait, or by whoever looks at the payment.
            let _asked = self.ask_about(payment, Asker::Person).await;
        }
        Verdict::NotUnderstood
    }

    /// Asks the gateway about the payment and the prompt that the event names, and believes the event as far as it is confirmed.
    async fn believe_if_confirmed(&self, payment: &PaymentHandle, event: &Event) -> Verdict {
        let confirmed = self
            .ask_to_confirm(payment, event)
            .await
            .ok()
            .filter(|told| told.value().outcome.is_paid());
        let now = payment.now();
        let Some(told) = confirmed else {
            tracing::warn!(target: "lipia", payment_id = %payment.id(), "the gateway did not confirm a success");
            payment.change(|payment| payment.on_unconfirmed(event, now));
            return Verdict::NotConfirmed;
        };
        self.learn_owners_of_status(payment, told.value()).await;
        // The query tells that it was paid; the event alone has the receipt.
        // One change: a wait that ended between the two would return a payment without its receipt.
        let learnt = payment.learn_status(told.value(), now, |payment| {
            let settled = payment.on_status(told.value(), now);
            let completed = if event.complete {
                payment.on_event(event, now)
            } else {
                Change::Unchanged
            };
            (settled, completed)
        });
        let Ok((settled, completed)) = learnt else {
            // The answer is about another payment's prompt, so it tells nothing of this one: the claim is asked about again.
            payment.change(|payment| payment.on_unconfirmed(event, now));
            return Verdict::NotConfirmed;
        };
        if settled != Change::Suspicious {
            told.own();
        }
        match (settled, completed) {
            (Change::Suspicious, _) | (_, Change::Suspicious) => Verdict::Mismatch,
            (Change::Unchanged, Change::Unchanged) => Verdict::Duplicate,
            _ => Verdict::Believed,
        }
    }
}
