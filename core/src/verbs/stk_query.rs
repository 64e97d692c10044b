//! Asking what became of a push.

use crate::gateway::Subject;
use crate::send::{Call, always, deadline_in, exchange};
use crate::{Client, Disposition, Error, ErrorKind, Event, Payment, PaymentHandle, Status};

impl Client {
    /// Asks what became of a prompt, by its `CheckoutRequestID` or by the gateway's own id for it. Prompts nobody, and is safe to repeat; gateways
    /// dislike more than one question in about ten seconds.
    ///
    /// "Still processing" and "no information" are answers, not errors: `pending` and `unknown`.
    ///
    /// # Errors
    /// Where the question could not be asked or the answer not be understood.
    pub async fn stk_query(&self, checkout_request_id: &str) -> Result<Status, Error> {
        let id = checkout_request_id.trim();
        let fits = (1..=128).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        if !fits {
            return Err(Error::invalid(
                "checkout_request_id",
                "checkout_request_id_unreadable",
                "This is no CheckoutRequestID.",
            )
            .with_hint(
                "It is the id that the push's acceptance carries, like ws_CO_191220191020363925.",
            ));
        }
        self.ask(&Subject::prompt(id)).await
    }

    /// Asks about a payment by whatever is known of it, and moves it forward.
    pub(crate) async fn ask_about(&self, payment: &PaymentHandle) -> Result<Status, Error> {
        let snapshot = payment.snapshot();
        let asked = self.ask(&Subject::payment(&snapshot, None)).await;
        let status = asked.inspect_err(|_| payment.change(Payment::on_not_told))?;
        let now = self.shared.line.clock.now();
        payment.change(|payment| payment.on_status(&status, now));
        Ok(status)
    }

    /// Asks whether an event about a payment is true. Moves nothing: that is for whoever weighs both.
    pub(crate) async fn ask_to_confirm(
        &self,
        payment: &PaymentHandle,
        event: &Event,
    ) -> Result<Status, Error> {
        self.ask(&Subject::payment(&payment.snapshot(), Some(event)))
            .await
    }

    /// Whether enough is known of a payment to ask about it.
    pub(crate) fn can_ask(&self, payment: &PaymentHandle) -> bool {
        payment.read(|payment| {
            let subject = Subject::payment(payment, None);
            self.shared.gateway.can_ask(&subject)
        })
    }

    async fn ask(&self, subject: &Subject<'_>) -> Result<Status, Error> {
        let shared = &self.shared;
        // Before the keys: what cannot be asked needs none.
        if !shared.gateway.can_ask(subject) {
            return Err(nothing_to_ask_by());
        }
        let ready = self.ready().await?;
        let now = shared.line.clock.now();
        let Some(first) = ready.access.query_request(subject, now) else {
            return Err(nothing_to_ask_by());
        };
        let result = exchange(
            &shared.line,
            Call::Query,
            ready.access.authorization(),
            deadline_in(ready.left),
            |now| {
                ready
                    .access
                    .query_request(subject, now)
                    .unwrap_or_else(|| first.clone())
            },
            |answer| shared.gateway.read_query_answer(subject, answer),
            always,
        )
        .await;
        shared.keys.learn(&ready, result)
    }
}

fn nothing_to_ask_by() -> Error {
    Error::new(
        ErrorKind::PaymentState,
        Disposition::Unknown,
        "nothing_to_ask_by",
        "The answer to the push was lost, and with it the id to ask by.",
    )
    .with_hint("Wait for the callback: it finds the payment by the token in its URL.")
}
