//! Sending: [`exchange`] carries out what [`decide`] says. It is the only place in Lipia that sends a request again.

use crate::error::codes::ErrorCode;
use crate::error::{Disposition, Error, ErrorKind};
use crate::gateway::message::{Answer, Request};
use crate::gateway::refusal::{Meaning, Reading, Refusal};
use crate::meaning::redaction::{Redaction, Worded};
use crate::telemetry::names::{Attribute, SpanName};
use crate::telemetry::span::Span;
use crate::transport::authorizer::Authorizer;
use crate::transport::http::connection::Lent;
use crate::transport::http::{Answered, Outgoing, TransportCause, TransportFailure};
use crate::transport::retry::{Call, Decision, Reached, Spent, decide, may_carry_another};
use crate::transport::send_context::SendContext;
use crate::values::clock::EatTime;
use crate::values::daraja_credentials::Secret;
use crate::values::deadline::Deadline;
use crate::values::push::Push;
use http::{HeaderValue, Method};
use std::sync::Arc;
use tokio::time::Instant;

/// The sender of a request: what lets it in, and what else the gateway gets that its words must not repeat.
#[derive(Debug)]
pub(crate) struct Sender<'a, A> {
    pub(crate) authorizer: &'a A,
    pub(crate) pass_key: Option<&'a Secret>,
    pub(crate) push: Option<&'a Push>,
}

impl<A: Authorizer> Sender<'_, A> {
    /// The redaction of an answer to a request with this `Authorization` header.
    fn redaction(&self, header: &HeaderValue) -> Redaction {
        let redaction = Redaction::default()
            .with_header(self.authorizer.own_header())
            .with_header(header)
            .with_secrets(self.pass_key);
        match self.push {
            Some(push) => redaction.with_push(push),
            None => redaction,
        }
    }
}

/// An answer that was understood, with the connection on which it came. Only its caller can tell whether the answer is about
/// what was asked: it may name what another payment has.
#[derive(Debug)]
pub(crate) struct Exchanged<T> {
    value: T,
    connection: Lent,
}

impl<T> Exchanged<T> {
    pub(crate) fn value(&self) -> &T {
        &self.value
    }

    /// The answer, and the connection. Dropping the connection closes it; [`Lent::give_back`] lets it carry another request.
    pub(crate) fn into_parts(self) -> (T, Lent) {
        (self.value, self.connection)
    }

    /// The answer, which is about what was asked: its connection may carry another request.
    pub(crate) fn own(self) -> T {
        self.connection.give_back();
        self.value
    }
}

/// Sends a request until it is answered, refused for good, or out of time; tells in the error what that means
/// for the money. `build` is asked anew for every attempt, so that a password is never older than its request.
///
/// `may_send` is asked right before every attempt, after every pause and every token, whether it is an attempt after the
/// first: what was learnt meanwhile may forbid it.
pub(crate) async fn exchange<
    A: Authorizer,
    T: Worded,
    Allowed: Future<Output = Result<(), Error>>,
>(
    context: &Arc<SendContext>,
    call: Call,
    sender: Sender<'_, A>,
    deadline: Instant,
    build: impl Fn(EatTime) -> Request,
    read: impl Fn(&Answer) -> Reading<T>,
    may_send: impl Fn(bool) -> Allowed,
) -> Result<Exchanged<T>, Error> {
    let authorizer = sender.authorizer;
    let ends = Deadline::at(deadline, &context.clock);
    let mut renewals = 0;
    let mut resends = 0;
    let mut was_sent = false;
    loop {
        let began = Instant::now();
        let request = build(context.clock.now());
        let pass = authorizer.admit(context, deadline).await?;
        let header = authorizer.header(&pass);
        may_send(std::mem::replace(&mut was_sent, true)).await?;
        let attempt = send_in_span(
            context,
            Outgoing {
                method: request.method,
                url: context.origin.url(request.path),
                authorization: Some(header.clone()),
                body: request.body,
                timeout: ends.left(),
            },
            resends + renewals,
        )
        .await;
        let failure = match attempt {
            Ok(Answered { answer, connection }) => {
                let now = context.clock.now();
                context.gateway_clock.learn(&answer.headers, now);
                let reading = read(&answer);
                authorizer.learn(&pass, &reading);
                let connection = if may_carry_another(call, answer.status, &reading) {
                    connection
                } else {
                    Lent::never()
                };
                match reading {
                    Reading::Done(mut value) => {
                        value.redact(&sender.redaction(header));
                        return Ok(Exchanged { value, connection });
                    }
                    Reading::Refused(mut refusal) => {
                        connection.give_back();
                        refusal.redact(&sender.redaction(header));
                        Failure::Answered(refusal)
                    }
                }
            }
            Err(failure) => Failure::Unanswered(failure),
        };
        let remaining = ends.left();
        let renewal = authorizer.renewal(&pass, renewals, began.elapsed());
        let spent = Spent {
            tokens_spent: renewal.is_none_or(|renewal| renewal.longest_pause >= remaining),
            resends,
            remaining,
        };
        let decision = decide(call, failure.reached(), spent, context.entropy.fraction());
        tracing::debug!(target: "lipia", ?call, failure = failure.code(), ?decision, "the request was not carried out");
        match decision {
            Decision::Resend { after } => {
                resends += 1;
                tokio::time::sleep(after).await;
            }
            Decision::RenewToken => {
                renewals += 1;
                if let Some(renewal) = renewal.filter(|renewal| !renewal.longest_pause.is_zero()) {
                    // A random part of it: programs that share the keys must not all come back together.
                    let pause = renewal.longest_pause.mul_f64(context.entropy.fraction());
                    tokio::time::sleep(pause).await;
                }
            }
            Decision::Fail { disposition } => {
                let was_refused = failure.is_token_refused();
                let error = failure.into_error(call, disposition);
                // Another token would have helped, and only the time is over.
                let keys_may_be_right = was_refused && renewal.is_some();
                return Err(if keys_may_be_right {
                    tokens_killed(call, error)
                } else {
                    error
                });
            }
        }
    }
}

/// Sends a request within a span of OpenTelemetry's HTTP conventions. Path and query are not among its attributes: an id in them
/// may embed the customer's number.
async fn send_in_span(
    context: &SendContext,
    outgoing: Outgoing,
    sent_before: u32,
) -> Result<Answered, TransportFailure> {
    let name = if outgoing.method == Method::GET {
        SpanName::Get
    } else {
        SpanName::Post
    };
    let mut span = Span::begin(name, |span| {
        span.set(Attribute::HttpRequestMethod, name.as_str());
        span.set(Attribute::ServerAddress, context.origin.host());
        span.set(Attribute::ServerPort, context.origin.port());
        if sent_before > 0 {
            span.set(Attribute::HttpRequestResendCount, sent_before);
        }
    });
    let attempt = context.transport.send(outgoing).await;
    match &attempt {
        Ok(Answered { answer, .. }) => {
            span.set(Attribute::HttpResponseStatusCode, answer.status);
            if answer.status >= 400 {
                span.fail_with(&answer.status.to_string());
            }
        }
        Err(failure) => span.fail_with(failure.code.as_str()),
    }
    attempt
}

/// The error for a call that ran out of time while its tokens were refused although the keys are right.
fn tokens_killed(call: Call, refused: Error) -> Error {
    let error = Error::new(ErrorCode::TokenReplaced, Disposition::NotSent,
        "The gateway refused every token in the time that there was, though the keys are right. Nothing was sent.",
    )
    .with_hint("Another program with the same keys keeps renewing the token: let both share one client, or try again.")
    .with_source(refused);
    match call {
        Call::Push => error,
        Call::Query | Call::Token => error.of_a_reading_call(),
    }
}

/// A condition for sending that always allows.
pub(crate) fn always(_: bool) -> std::future::Ready<Result<(), Error>> {
    std::future::ready(Ok(()))
}

enum Failure {
    Answered(Refusal),
    Unanswered(TransportFailure),
}

impl Failure {
    fn reached(&self) -> Reached<'_> {
        match self {
            Self::Answered(refusal) => Reached::Answered(refusal),
            Self::Unanswered(failure) if failure.bytes_left => Reached::BytesLeft,
            Self::Unanswered(_) => Reached::NotConnected,
        }
    }

    fn is_token_refused(&self) -> bool {
        matches!(self, Self::Answered(refusal) if refusal.meaning == Meaning::TokenRefused)
    }

    fn code(&self) -> &str {
        match self {
            Self::Answered(refusal) => &refusal.code,
            Self::Unanswered(failure) => failure.code.as_str(),
        }
    }

    fn into_error(self, call: Call, disposition: Disposition) -> Error {
        let error = match self {
            Self::Answered(refusal) => {
                let mut error =
                    Error::of_gateway(refusal.kind, disposition, refusal.code, refusal.message)
                        .with_http_status(refusal.http_status)
                        .with_request_id(refusal.request_id)
                        .with_retry_after(refusal.retry_after)
                        .with_named(refusal.named.map(|named| *named))
                        .with_block(refusal.block);
                if let Some(field) = refusal.field {
                    error = error.with_field(field);
                }
                if let Some(hint) = refusal.hint {
                    error = error.with_hint(hint);
                }
                error
            }
            Self::Unanswered(TransportFailure {
                bytes_left: false,
                source: TransportCause::Client(error),
                ..
            }) if error.kind() == ErrorKind::Configuration => return error,
            Self::Unanswered(failure) => {
                let error = Error::new(failure.code, disposition, failure.message)
                    .with_source(failure.source);
                match failure.hint {
                    Some(hint) => error.with_hint(hint),
                    None => error,
                }
            }
        };
        match (call, disposition) {
            (Call::Push, Disposition::Unknown) => add_hint(
                error,
                "The phone may have been prompted. Do not push again: wait for the callback, or query.",
            ),
            (Call::Push, _) => error,
            (Call::Query | Call::Token, _) => error.of_a_reading_call(),
        }
    }
}

fn add_hint(error: Error, hint: &str) -> Error {
    let whole = match error.hint() {
        Some(first) => format!("{hint} {first}"),
        None => hint.to_owned(),
    };
    error.with_hint(whole)
}

#[cfg(test)]
mod tests;
