//! Spans around what a client does, with the attributes of its payments.

use crate::callback::received::ReceivedCallback;
use crate::client::Client;
use crate::error::Error;
use crate::ledger::row::Row;
use crate::ledger::scope::Order;
use crate::meaning::status::Status;
use crate::payment::Payment;
use crate::payment::acceptance::Acceptance;
use crate::payment::handle::PaymentHandle;
use crate::telemetry::names::{Attribute, SpanName};
use crate::telemetry::span::Span;
use crate::transport::send::Exchanged;
use std::pin::Pin;

/// A future that is polled within a span.
type Work<'a, T> = Pin<&'a mut (dyn Future<Output = Result<T, Error>> + Send + 'a)>;

impl Client {
    /// A span of this client.
    pub(crate) fn span(&self, name: SpanName, describe: impl FnOnce(&mut Span)) -> Span {
        Span::begin(name, |span| {
            span.set(Attribute::Gateway, self.shared.gateway.name().as_str());
            span.set(Attribute::Environment, self.shared.environment.as_str());
            describe(span);
        })
    }

    /// Sends a push within its span.
    pub(super) async fn push_in_span(
        &self,
        payment: &PaymentHandle,
        order: Option<&Order>,
        sending: Work<'_, Acceptance>,
    ) -> Result<Acceptance, Error> {
        let mut span = self.span(SpanName::Push, |span| {
            payment.read(|payment| describe(span, payment, order));
        });
        let sent = span.within(sending).await;
        match &sent {
            Ok(_) => span.set(Attribute::Result, "accepted"),
            Err(error) => span.fail(error.disposition().as_str(), error),
        }
        sent
    }

    /// Puts a question within its span.
    pub(super) async fn question_in_span(
        &self,
        payment: Option<&Payment>,
        asking: Work<'_, Exchanged<Status>>,
    ) -> Result<Exchanged<Status>, Error> {
        let mut span = self.span(SpanName::Query, |span| {
            if let Some(payment) = payment {
                describe(span, payment, None);
            }
        });
        let asked = span.within(asking).await;
        match &asked {
            Ok(told) => {
                span.set(Attribute::Result, "answered");
                span.set(Attribute::Outcome, told.value().outcome.as_str());
            }
            Err(error) => span.fail("failed", error),
        }
        asked
    }

    /// Takes a callback in within its span.
    pub(super) async fn callback_in_span(
        &self,
        receiving: Work<'_, ReceivedCallback>,
    ) -> Result<ReceivedCallback, Error> {
        let mut span = self.span(SpanName::Callback, |_| {});
        let received = span.within(receiving).await;
        match &received {
            Ok(received) => {
                span.set(Attribute::PaymentId, received.payment_id.as_str());
                span.set(Attribute::Outcome, received.event.outcome.as_str());
                let result = match received.verdict {
                    Some(verdict) => verdict.as_str(),
                    None if received.is_kept => "kept",
                    None => "not_held",
                };
                span.set(Attribute::Result, result);
            }
            Err(error) => span.fail("refused", error),
        }
        received
    }

    /// A span about a row of the ledger.
    pub(super) fn span_of_row(&self, name: SpanName, row: &Row) -> Span {
        self.span(name, |span| {
            describe(span, &row.payment, row.order.as_ref());
            if name == SpanName::Telling {
                span.set(Attribute::Attempt, row.attempts);
                span.set(Attribute::Outcome, row.payment.outcome().as_str());
            }
        })
    }
}

/// Notes how reconciling ended.
pub(super) fn end_reconciling(span: &mut Span, trouble: Option<&Error>) {
    match trouble {
        None => span.set(Attribute::Result, "done"),
        Some(error) => span.fail("failed", error),
    }
}

/// Sets the payment, its customer and its order.
fn describe(span: &mut Span, payment: &Payment, order: Option<&Order>) {
    let phone = &payment.push().phone_number;
    span.set(Attribute::PaymentId, payment.id().as_str());
    span.set(Attribute::PhoneNumber, phone.masked());
    if let Some(order) = order {
        span.set(Attribute::Order, order.masked(phone));
    }
}
