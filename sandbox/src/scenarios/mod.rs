//! Scenarios: what a customer does with a prompt, and how it ends.

pub(crate) mod endings;
pub(crate) mod table;
pub(crate) mod timeline;

use serde::{Deserialize, Serialize};

/// How a prompt ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Ending {
    /// The customer pays.
    Pay,
    /// The customer cancels the prompt.
    Cancel,
    /// The customer cancels, reported with the older code.
    CancelOldCode,
    /// The customer has not enough money.
    NoMoney,
    /// The customer enters a wrong PIN.
    WrongPin,
    /// Nobody answers the prompt.
    TimeOut,
    /// The handset does not acknowledge the prompt, reported with the older code.
    Unreachable,
    /// The prompt expires.
    Expire,
    /// The customer is busy with another M-Pesa session.
    Busy,
    /// The amount is below what the product allows.
    AmountLimit,
    /// The customer would pass the daily limit.
    DailyLimit,
    /// A rule about repeated payments stops it.
    RuleLimit,
    /// The prompt cannot be sent.
    NotDelivered,
    /// The prompt cannot be sent, for no stated reason.
    NotDeliveredNoReason,
    /// The customer's PIN is locked.
    PinLocked,
    /// The customer's account is in a state that does not allow payments.
    AccountState,
    /// The merchant's product does not allow this kind of payment.
    NotAllowed,
    /// The merchant's till and store number do not belong together.
    TillMismatch,
    /// A till was pushed as a pay bill, or M-Pesa knows no reason.
    UnresolvedReason,
    /// The prompt's text is too long.
    PromptTooLong,
    /// The receiving party does not exist; its code is text, not a number.
    NoReceiver,
    /// M-Pesa is too busy.
    SystemBusy,
    /// A code that is in no list.
    UnknownCode,
}

/// What happens after a push is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scenario {
    /// The prompt ends this way, at a realistic time, with one callback that says so.
    Ends(Ending),
    /// The prompt stays open until [`Sandbox::act`](crate::Sandbox::act) says what the customer does.
    Manual,
    /// A person holds the phone: the prompt waits for [`Sandbox::act`](crate::Sandbox::act), and ends as unanswered after
    /// [`SandboxOptions::held_prompt_seconds`](crate::SandboxOptions::held_prompt_seconds).
    Held,
    /// Nothing ever happens: no callback, and queries say that it is being processed.
    Silent,
    /// Pays after 90 seconds.
    PayLate,
    /// Pays; no callback is sent.
    PayWithoutCallback,
    /// Cancels; no callback is sent.
    CancelWithoutCallback,
    /// Pays; the same callback is sent twice.
    PayCallbackTwice,
    /// Pays at once; the callback arrives before the answer to the push is sent.
    PayCallbackFirst,
    /// Pays; a second callback claims that nobody answered. Queries stay with success.
    PayThenLateFailure,
    /// Nobody answers, and a callback says so; then it turns out to be paid.
    TimeOutThenPay,
    /// Pays after 120 seconds; until then queries say `4999`, under processing.
    PayUnderProcessing,
    /// Pays; some of the queries afterwards draw an error without a message.
    PayFlakyQuery,
    /// Pays; the success callback has no metadata.
    PayWithoutMetadata,
    /// Pays; the callback names another amount, as a forger would.
    PayWrongAmount,
    /// Pays; the callback masks the phone number.
    PayMaskedPhone,
    /// Pays; the callback shows the amount with decimals, as it was in 2019.
    PayDecimalAmount,
    /// Cancels, but a forged success callback arrives before. Queries tell the truth.
    ForgedSuccess,
    /// No prompt, because the phone is busy: Daraja refuses the push, a gateway takes it and reports that it failed.
    RefuseBusy,
    /// The phone is off: the prompt times out after 3 seconds.
    PhoneOff,
    /// Cancels at once; the callback arrives before the answer to the push is sent.
    CancelCallbackFirst,
    /// Pays after a second.
    PaySoon,
    /// Cancels after a second.
    CancelSoon,
    /// Nobody answers, and a callback says so; then it turns out to be paid, and only queries say that.
    TimeOutThenPayWithoutCallback,
    /// Pays; until then queries say 2029, a failure that is none.
    PayUnresolvedQuery,
}
