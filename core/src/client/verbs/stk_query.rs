//! `stk_query`: asks the gateway what became of a push.

use crate::client::Client;
use crate::error::codes::ErrorCode;
use crate::error::{Disposition, Error};
use crate::gateway::contract::QueryAddress;
use crate::gateway::named::is_an_id;
use crate::gateway::query_target::QueryTarget;
use crate::guard::pace::Asker;
use crate::meaning::event::Event;
use crate::meaning::status::Status;
use crate::payment::Payment;
use crate::payment::handle::PaymentHandle;
use crate::transport::retry::Call;
use crate::transport::send::{Exchanged, exchange};
use crate::transport::send_context::deadline_in;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use tokio::time::Instant;

impl Client {
    /// Asks what became of a prompt, by its `CheckoutRequestID` or by the gateway's own id for it. Prompts nobody, and is safe to repeat; gateways
    /// dislike more than one question in about ten seconds.
    ///
    /// "Still processing" and "no information" are answers, not errors: `pending` and `unknown`.
    ///
    /// # Errors
    /// Where the question could not be asked or the answer not be understood; `question_paced` where others of this
    /// account asked so much that no question may leave within the call's time (see [`QuestionPace`](crate::guard::QuestionPace)).
    pub async fn stk_query(&self, checkout_request_id: &str) -> Result<Status, Error> {
        self.query_prompt(checkout_request_id, Asker::Person).await
    }

    pub(super) async fn query_prompt(
        &self,
        checkout_request_id: &str,
        asker: Asker,
    ) -> Result<Status, Error> {
        let id = checkout_request_id.trim();
        if !is_an_id(id) {
            return Err(Error::invalid(
                "checkout_request_id",
                ErrorCode::CheckoutRequestIdUnreadable,
                "This is not a CheckoutRequestID.",
            )
            .with_hint(
                "It is the id that the push's acceptance carries, like ws_CO_191220191020363925.",
            ));
        }
        let told = self.question(&QueryTarget::prompt(id), asker).await;
        told.map(Exchanged::own)
    }

    /// Asks about a payment by whatever is known of it, and moves it forward.
    pub(crate) async fn ask_about(
        &self,
        payment: &PaymentHandle,
        asker: Asker,
    ) -> Result<Status, Error> {
        let snapshot = payment.snapshot();
        payment.note_asked(payment.now());
        let asked = self
            .question(&QueryTarget::payment(&snapshot, None), asker)
            .await;
        let told = asked
            .inspect_err(|error| payment.change(|payment| payment.on_question_failed(error)))?;
        self.learn_owners_of_status(payment, told.value()).await;
        let now = payment.now();
        payment.learn_status(told.value(), now, |payment| {
            payment.on_status(told.value(), now)
        })?;
        Ok(told.own())
    }

    /// Asks whether an event about a payment is true. Moves nothing: that is for whoever weighs both.
    pub(crate) async fn ask_to_confirm(
        &self,
        payment: &PaymentHandle,
        event: &Event,
    ) -> Result<Exchanged<Status>, Error> {
        let snapshot = payment.snapshot();
        self.question(&QueryTarget::payment(&snapshot, Some(event)), Asker::Person)
            .await
    }

    /// Whether enough is known of a payment to ask about it.
    pub(crate) fn can_ask(&self, payment: &PaymentHandle) -> bool {
        payment.read(|payment| {
            let target = QueryTarget::payment(payment, None);
            self.shared.gateway.can_ask(&target)
        })
    }

    async fn question(
        &self,
        target: &QueryTarget<'_>,
        asker: Asker,
    ) -> Result<Exchanged<Status>, Error> {
        let asking = pin!(self.put_question(target, asker));
        let asked = self.question_in_span(target.payment, asking).await;
        asked.map_err(Error::of_a_question)
    }

    async fn put_question(
        &self,
        target: &QueryTarget<'_>,
        asker: Asker,
    ) -> Result<Exchanged<Status>, Error> {
        let shared = &self.shared;
        // Before the keys: what cannot be asked needs none.
        if !shared.gateway.can_ask(target) {
            return Err(nothing_to_ask_by());
        }
        let call = self.authorize().await?;
        let account = shared.account.account();
        let shared_pace = shared.account.shared_pace();
        let shared_pace = shared_pace.as_ref();
        let (pace, deadline) = (shared.pace, deadline_in(call.left));
        let next_turn = async |until| {
            let turn = account.pace.turn(pace, shared_pace, asker);
            let turn = tokio::time::timeout_at(until, turn).await;
            turn.map_err(|_| paced(account.pace.next_slot(pace)))
        };
        // A wait has its own end, and its place in the line is not lost with each call's time.
        let first_turn = match asker {
            Asker::Wait => account.pace.turn(pace, shared_pace, asker).await,
            Asker::Person | Asker::Look => next_turn(deadline).await?,
        };
        let deadline = match asker {
            Asker::Wait => deadline_in(call.left),
            Asker::Person | Asker::Look => deadline,
        };
        let mut turn = Mutex::new(first_turn);
        let mut address = if shared.newer_query_is_missing.load(Ordering::Relaxed) {
            QueryAddress::Usual
        } else {
            shared.gateway.query_address()
        };
        let result = loop {
            let now = shared.context.clock.now();
            let Some(first) = call.merchant.access.query_request(target, address, now) else {
                return Err(nothing_to_ask_by());
            };
            let is_missing = AtomicBool::new(false);
            let result = exchange(
                &shared.context,
                Call::Query,
                call.merchant.sender(target.payment.map(Payment::push)),
                deadline,
                |now| {
                    call.merchant
                        .access
                        .query_request(target, address, now)
                        .unwrap_or_else(|| first.clone())
                },
                |answer| {
                    if address == QueryAddress::Newer && shared.gateway.says_no_such_address(answer)
                    {
                        is_missing.store(true, Ordering::Relaxed);
                    }
                    let reading = shared.gateway.read_query_answer(target, answer);
                    account.pace.heard(pace, shared_pace, reading)
                },
                |again| {
                    let (next_turn, turn) = (&next_turn, &turn);
                    async move {
                        if again {
                            let next = next_turn(deadline).await?;
                            *turn.lock().unwrap_or_else(PoisonError::into_inner) = next;
                        }
                        Ok(())
                    }
                },
            )
            .await;
            if !is_missing.into_inner() {
                break result;
            }
            shared.newer_query_is_missing.store(true, Ordering::Relaxed);
            tracing::warn!(target: "lipia", gateway = %shared.gateway.name(), "the newer query is not at this address; the usual one is asked from now on");
            address = QueryAddress::Usual;
            *turn.get_mut().unwrap_or_else(PoisonError::into_inner) = next_turn(deadline).await?;
        };
        drop(turn);
        let result = shared.credentials.learn(&call, result);
        // What is learnt of a payment, the payment tells.
        if let (None, Some(prompt), Ok(told)) =
            (target.payment, target.checkout_request_id, &result)
            && let Some(guard) = self.guard()
        {
            let now = shared.context.clock.now();
            guard
                .learn_of_prompt(prompt, told.value().outcome, now)
                .await;
        }
        result
    }
}

fn nothing_to_ask_by() -> Error {
    Error::new(
        ErrorCode::NothingToAskBy,
        Disposition::Unknown,
        "The answer to the push was lost, and with it the id to ask by.",
    )
    .with_hint("Wait for the callback: it finds the payment by the token in its URL.")
}

/// No question may leave within the call's time.
fn paced(free_at: Option<Instant>) -> Error {
    let wait = free_at.map(|then| then.saturating_duration_since(Instant::now()));
    Error::new(ErrorCode::QuestionPaced, Disposition::NotSent,
        "The gateway takes only so many questions at a time, and this account has asked as many. Nothing was sent.",
    )
    .with_hint("Ask again later, allow the call more time, or set another pace for questions.")
    .with_retry_after(wait)
    .of_a_reading_call()
}
