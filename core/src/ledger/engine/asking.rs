//! When the gateway is asked about a payment.

use crate::ledger::row::Row;
use crate::payment::PaymentState;
use crate::values::clock::EatTime;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// The pauses between questions about an open payment, by its age. A customer takes about 20 seconds, and a prompt lives for
/// about 60; what is open after a day, a person has to look up.
const PAUSES: [(Duration, Duration); 5] = [
    (SECOND, SECOND.saturating_mul(10)),
    (SECOND.saturating_mul(20), SECOND.saturating_mul(15)),
    (SECOND.saturating_mul(120), SECOND.saturating_mul(30)),
    (SECOND.saturating_mul(3_600), SECOND.saturating_mul(300)),
    (
        SECOND.saturating_mul(24 * 3_600),
        SECOND.saturating_mul(3_600),
    ),
];

/// For how long after a settled failure was to be looked at it is asked about again, where the questions bring no answer. A
/// request for its order asks later than that as well.
const LOOKS_END: Duration = SECOND.saturating_mul(2 * 3_600);

/// How long a question may take before another process asks. Longer than a call's usual timeout.
pub(crate) const QUESTION_LEASE: Duration = SECOND.saturating_mul(45);

/// When to ask next about a payment, once it was asked about, or was written for the first time after its push.
pub(crate) fn ask_next(row: &Row) -> Option<EatTime> {
    let now = row.read_at;
    match row.payment.state() {
        PaymentState::Reserved | PaymentState::Sending => None,
        PaymentState::Settled => match row.payment.look_again_at()? {
            due if due > now => Some(due),
            // The last look brought no answer.
            due if now.since(due) < LOOKS_END => after_pause(row),
            _ => None,
        },
        PaymentState::Unknown | PaymentState::Accepted => after_pause(row),
    }
}

/// The time of the next question, by the payment's age, or by that of the latest callback which waits for the gateway's word:
/// it may be confirmed at any moment. `None` where both are too old.
fn after_pause(row: &Row) -> Option<EatTime> {
    let now = row.read_at;
    let doubted = row.payment.flags().iter().map(|flag| flag.at);
    let news = doubted.chain(row.payment.sent_at()).max();
    let age = now.since(news.unwrap_or(now));
    let pause = PAUSES.iter().find(|(until, _)| age <= *until);
    pause.map(|(_, pause)| now.plus(*pause))
}

/// Whether a process has the right to ask about a row now. It had 45 seconds from its question, and where it is done, it has
/// noted another time for the next one.
pub(crate) fn is_being_asked(row: &Row) -> bool {
    let lease_ends = row.asked_at.map(|asked| asked.plus(QUESTION_LEASE));
    row.ask_after == lease_ends && lease_ends.is_some_and(|ends| ends > row.read_at)
}

/// Whether a wait may ask now: nobody asked within `rest`, in whatever process.
pub(crate) fn may_ask(row: &Row, rest: Duration) -> bool {
    row.asked_at
        .is_none_or(|asked| row.read_at.since(asked) >= rest)
}
