//! The retry rule: a pure decision from "how far did it get, and what came back" to "again, renew the
//! token, or give up and say what that means for the money".

use crate::error::Disposition;
use crate::gateway::refusal::{Meaning, Reading, Refusal};
use std::time::Duration;

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
    /// Whether another token would not help: the call may not renew it, or the keys' fresh tokens are all refused.
    pub(crate) tokens_spent: bool,
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
            Meaning::TokenRefused if !spent.tokens_spent => Decision::RenewToken,
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

/// Whether the connection on which an answer came may carry another request. HTTP/1.1 does not number answers: what comes
/// late on a connection is taken for the answer to whatever is asked on it next. So it goes on only after a whole answer
/// of the gateway's own form, and after a push only where the push was accepted: what was refused, by whomever, may yet be
/// accepted late.
pub(crate) fn may_carry_another<T>(call: Call, status: u16, reading: &Reading<T>) -> bool {
    // A proxy gave up waiting: whatever it says, the gateway's own answer may still come.
    let is_proxys = matches!(status, 502..=504);
    match (call, reading) {
        _ if is_proxys => false,
        (_, Reading::Done(_)) => true,
        (Call::Push, Reading::Refused(_)) => false,
        (Call::Query | Call::Token, Reading::Refused(refusal)) => refusal.is_own_form,
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
