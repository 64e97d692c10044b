//! The one place that sends, and the one rule about sending again.
//!
//! [`decide`] is a pure function from "how far did it get, and what came back" to "again, renew the token, or
//! give up and say what that means for the money". [`exchange`] carries its decisions out. Nothing else in Lipia
//! sends a request a second time.

use crate::gateway::{Answer, Authorization, Meaning, Reading, Refusal, Request};
use crate::http::{Origin, Outgoing, Transport, TransportCause, TransportFailure};
use crate::under_way::UnderWay;
use crate::{Clock, Disposition, EatTime, Entropy, Error, ErrorKind};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// Prompts a phone: the one thing that must never happen twice.
    Push,
    /// Asks what became of a push. Prompts nobody; its caller asks again by its own schedule.
    Query,
    /// Fetches a token. Prompts nobody, and nobody else asks again.
    Token,
}

/// How far a request got.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reached<'a> {
    /// No byte of it can have reached the gateway: name, connection or TLS failed.
    NotConnected,
    /// Some of it may have, and no whole answer came back.
    BytesLeft,
    /// A whole answer came back, with this meaning.
    Answered(&'a Refusal),
}

/// What the call has used up so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spent {
    /// Whether the token was renewed inside this call, or is one that nobody here can renew.
    pub(crate) token_renewed: bool,
    /// How often the request was sent again for other reasons.
    pub(crate) resends: u32,
    /// The time until the caller's deadline.
    pub(crate) remaining: Duration,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Decision {
    /// Send the same request again after a pause.
    Resend {
        /// The pause.
        after: Duration,
    },
    /// Renew the token and send the same request once more.
    RenewToken,
    /// Stop.
    Fail {
        /// What that means for the money.
        disposition: Disposition,
    },
}

const RESENDS_WHEN_NOT_CONNECTED: u32 = 2;
const RESENDS_WHEN_BUSY: u32 = 4;
const FIRST_PAUSE_WHEN_NOT_CONNECTED: Duration = Duration::from_millis(200);
const FIRST_PAUSE_WHEN_BUSY: Duration = Duration::from_secs(1);

/// Decides what follows from an attempt. `jitter` is in `0.0..1.0`.
///
/// A push is sent again only when no byte left, or when the answer says that the gateway refused before acting
/// (`docs/decisions/0002-resend-only-what-was-refused.md`).
pub(crate) fn decide(call: Call, reached: Reached<'_>, spent: Spent, jitter: f64) -> Decision {
    match reached {
        Reached::NotConnected => again_or(
            Disposition::NotSent,
            spent,
            RESENDS_WHEN_NOT_CONNECTED,
            pause(FIRST_PAUSE_WHEN_NOT_CONNECTED, spent.resends, jitter),
        ),
        Reached::Answered(refusal) => match refusal.meaning {
            Meaning::TokenRefused if !spent.token_renewed => Decision::RenewToken,
            Meaning::TokenRefused | Meaning::SaidNo => Decision::Fail {
                disposition: Disposition::Rejected,
            },
            Meaning::Busy => {
                let pause = pause(FIRST_PAUSE_WHEN_BUSY, spent.resends, jitter);
                let asked_for = refusal.retry_after.unwrap_or_default();
                again_or(
                    Disposition::NotSent,
                    spent,
                    RESENDS_WHEN_BUSY,
                    pause.max(asked_for),
                )
            }
            Meaning::Unclear => unclear(call, spent, jitter),
        },
        Reached::BytesLeft => unclear(call, spent, jitter),
    }
}

fn unclear(call: Call, spent: Spent, jitter: f64) -> Decision {
    match call {
        Call::Push | Call::Query => Decision::Fail {
            disposition: Disposition::Unknown,
        },
        Call::Token => again_or(
            Disposition::NotSent,
            spent,
            RESENDS_WHEN_NOT_CONNECTED,
            pause(FIRST_PAUSE_WHEN_NOT_CONNECTED, spent.resends, jitter),
        ),
    }
}

fn again_or(disposition: Disposition, spent: Spent, most: u32, after: Duration) -> Decision {
    // A pause that would outlast the caller's deadline is not begun: the caller learns now, with time to act.
    if spent.resends < most && after < spent.remaining {
        Decision::Resend { after }
    } else {
        Decision::Fail { disposition }
    }
}

/// Doubles with every resend; half of it is random, so that many callers do not come back together.
fn pause(first: Duration, resends: u32, jitter: f64) -> Duration {
    let whole = first.saturating_mul(2_u32.saturating_pow(resends));
    whole.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
}

/// What sending needs: who carries the bytes, where to, and what time it is.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) origin: Origin,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) under_way: UnderWay,
}

/// The longest that anything waits: "for ever" in practice, and far from where instants overflow.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3_600);

/// The instant that is `time` from now.
pub(crate) fn deadline_in(time: Duration) -> Instant {
    Instant::now() + time.min(LONGEST)
}

/// Sends a request until it is answered, refused for good, or out of time; tells in the error what that means
/// for the money. `build` is asked anew for every attempt, so that a password is never older than its request, and
/// `may_resend` after every pause: what was learnt meanwhile may forbid it.
pub(crate) async fn exchange<T, Allowed: Future<Output = Result<(), Error>>>(
    line: &Arc<Line>,
    call: Call,
    authorization: &Authorization,
    deadline: Instant,
    build: impl Fn(EatTime) -> Request,
    read: impl Fn(&Answer) -> Reading<T>,
    may_resend: impl Fn() -> Allowed,
) -> Result<T, Error> {
    // The same header once more would only be refused once more.
    let mut token_renewed = matches!(authorization, Authorization::Fixed(_));
    let mut resends = 0;
    loop {
        let request = build(line.clock.now());
        let token = match (&request.authorization, authorization) {
            (Some(_), _) | (None, Authorization::Fixed(_)) => None,
            (None, Authorization::Token(exchange)) => {
                Some(exchange.tokens.get(line, exchange, deadline).await?)
            }
        };
        let header = match (&request.authorization, authorization, &token) {
            (Some(header), _, _) | (None, Authorization::Fixed(header), _) => Some(header.clone()),
            (None, _, token) => token.as_ref().map(|token| token.header.clone()),
        };
        let attempt = line
            .transport
            .send(Outgoing {
                method: request.method,
                uri: line.origin.uri(request.path),
                authorization: header,
                body: request.body,
                prompts: call == Call::Push,
                timeout: deadline.saturating_duration_since(Instant::now()),
            })
            .await;
        let failure = match attempt {
            Ok(answer) => match read(&answer) {
                Reading::Done(value) => return Ok(value),
                Reading::Refused(refusal) => Failure::Answered(refusal),
            },
            Err(failure) => Failure::Unanswered(failure),
        };
        let remaining = deadline.saturating_duration_since(Instant::now());
        let spent = Spent {
            token_renewed,
            resends,
            remaining,
        };
        let decision = decide(call, failure.reached(), spent, line.entropy.fraction());
        tracing::debug!(target: "lipia", ?call, failure = failure.code(), ?decision, "the request was not carried out");
        match decision {
            Decision::Resend { after } => {
                resends += 1;
                tokio::time::sleep(after).await;
                may_resend().await?;
            }
            Decision::RenewToken => {
                token_renewed = true;
                if let (Some(token), Authorization::Token(exchange)) = (token, authorization) {
                    exchange.tokens.refuse(token.generation);
                }
            }
            Decision::Fail { disposition } => return Err(failure.into_error(call, disposition)),
        }
    }
}

/// Nothing forbids it.
pub(crate) fn always() -> std::future::Ready<Result<(), Error>> {
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

    fn code(&self) -> &str {
        match self {
            Self::Answered(refusal) => &refusal.code,
            Self::Unanswered(failure) => failure.code,
        }
    }

    fn into_error(self, call: Call, disposition: Disposition) -> Error {
        let error = match self {
            Self::Answered(refusal) => {
                let mut error =
                    Error::new(refusal.kind, disposition, refusal.code, refusal.message)
                        .with_http_status(refusal.http_status)
                        .with_request_id(refusal.request_id)
                        .with_retry_after(refusal.retry_after);
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
                let kind = if failure.bytes_left {
                    ErrorKind::NoAnswer
                } else {
                    ErrorKind::Connection
                };
                Error::new(kind, disposition, failure.code, failure.message)
                    .with_source(failure.source)
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
