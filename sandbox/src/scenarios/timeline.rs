//! The timeline of a scenario: what happens how long after the acceptance. A pure function.

use crate::scenarios::{Ending, Scenario};

/// How long a prompt that nobody answers keeps its phone busy.
const PROMPT_SECONDS: f64 = 60.0;

/// How long the prompt of a phone that a person holds waits for that person, unless the options say otherwise. These seconds are
/// real ones: a person is not sped up with the sandbox.
pub(crate) const HELD_PROMPT_SECONDS: f64 = 60.0;

/// What happens after a push is accepted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Timeline {
    /// In order of time.
    pub(crate) events: Vec<Event>,
    /// After how long the phone is free again even if nothing was decided; None: only once it is.
    pub(crate) prompt_seconds: Option<f64>,
    /// Whether all of it happens before the push is answered.
    pub(crate) before_answer: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Event {
    pub(crate) after_seconds: f64,
    pub(crate) happening: Happening,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happening {
    /// From now on this is the truth about the payment.
    Settle(Ending),
    /// A callback is sent.
    Callback(CallbackShape),
}

/// What a callback says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallbackShape {
    /// The truth, in the form of today.
    Truth,
    /// Something else than the truth.
    Says(Ending),
    /// A success without its metadata.
    WithoutMetadata,
    /// A success with another amount.
    WrongAmount,
    /// A success with a masked phone number.
    MaskedPhone,
    /// A success in the form of 2019.
    DecimalAmount,
}

/// How a query answers while nothing is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InFlight {
    /// As an error: the transaction is being processed.
    BeingProcessed,
    /// As an answer with the code 4999.
    UnderProcessing,
    /// As an answer with the code 2029, which looks like a failure.
    Unresolved,
}

/// How a query answers once it is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FinishedPoll {
    /// With the result.
    Result,
    /// With an error that has no message, as HTTP 500.
    EmptyError,
    /// With an error that has no message, as HTTP 200.
    EmptyErrorUnder200,
}

fn settle(after_seconds: f64, ending: Ending) -> Event {
    Event {
        after_seconds,
        happening: Happening::Settle(ending),
    }
}

fn callback(after_seconds: f64, shape: CallbackShape) -> Event {
    Event {
        after_seconds,
        happening: Happening::Callback(shape),
    }
}

/// How long each ending takes, in sandbox seconds; paying, cancelling and not answering are as measured.
pub(crate) fn seconds_until(ending: Ending) -> f64 {
    match ending {
        Ending::Pay => 17.0,
        Ending::Cancel | Ending::CancelOldCode => 27.0,
        Ending::TimeOut | Ending::Unreachable => 26.0,
        Ending::Expire => 60.0,
        Ending::NoMoney | Ending::WrongPin | Ending::PinLocked | Ending::DailyLimit => 15.0,
        Ending::AmountLimit | Ending::RuleLimit | Ending::AccountState | Ending::UnknownCode => 5.0,
        Ending::Busy
        | Ending::NotDelivered
        | Ending::NotDeliveredNoReason
        | Ending::NotAllowed
        | Ending::TillMismatch
        | Ending::UnresolvedReason
        | Ending::PromptTooLong
        | Ending::NoReceiver
        | Ending::SystemBusy => 3.0,
    }
}

/// What happens when.
pub(crate) fn timeline(scenario: Scenario) -> Timeline {
    let pay = seconds_until(Ending::Pay);
    let once = |after: f64, ending, shape| vec![settle(after, ending), callback(after, shape)];
    let events = match scenario {
        Scenario::Ends(ending) => once(seconds_until(ending), ending, CallbackShape::Truth),
        Scenario::Manual | Scenario::Silent => Vec::new(),
        // When is the engine's business: it knows how real seconds pass here.
        Scenario::Held => once(0.0, Ending::TimeOut, CallbackShape::Truth),
        // Only gateways get here: Daraja refuses the push itself.
        Scenario::RefuseBusy => once(
            seconds_until(Ending::Busy),
            Ending::Busy,
            CallbackShape::Truth,
        ),
        Scenario::PayLate => once(90.0, Ending::Pay, CallbackShape::Truth),
        Scenario::PayWithoutCallback => vec![settle(pay, Ending::Pay)],
        Scenario::CancelWithoutCallback => {
            vec![settle(seconds_until(Ending::Cancel), Ending::Cancel)]
        }
        Scenario::PayCallbackTwice => vec![
            settle(pay, Ending::Pay),
            callback(pay, CallbackShape::Truth),
            callback(pay + 2.0, CallbackShape::Truth),
        ],
        Scenario::PayCallbackFirst => once(0.0, Ending::Pay, CallbackShape::Truth),
        Scenario::PayThenLateFailure => vec![
            settle(pay, Ending::Pay),
            callback(pay, CallbackShape::Truth),
            callback(30.0, CallbackShape::Says(Ending::TimeOut)),
        ],
        Scenario::TimeOutThenPay => vec![
            settle(26.0, Ending::TimeOut),
            callback(26.0, CallbackShape::Truth),
            settle(40.0, Ending::Pay),
            callback(40.0, CallbackShape::Truth),
        ],
        Scenario::TimeOutThenPayWithoutCallback => vec![
            settle(26.0, Ending::TimeOut),
            callback(26.0, CallbackShape::Truth),
            settle(40.0, Ending::Pay),
        ],
        Scenario::CancelCallbackFirst => once(0.0, Ending::Cancel, CallbackShape::Truth),
        Scenario::PaySoon => once(1.0, Ending::Pay, CallbackShape::Truth),
        Scenario::CancelSoon => once(1.0, Ending::Cancel, CallbackShape::Truth),
        Scenario::PayUnderProcessing => once(120.0, Ending::Pay, CallbackShape::Truth),
        Scenario::PayUnresolvedQuery => once(pay, Ending::Pay, CallbackShape::Truth),
        Scenario::PayFlakyQuery => once(pay, Ending::Pay, CallbackShape::Truth),
        Scenario::PayWithoutMetadata => once(pay, Ending::Pay, CallbackShape::WithoutMetadata),
        Scenario::PayWrongAmount => once(pay, Ending::Pay, CallbackShape::WrongAmount),
        Scenario::PayMaskedPhone => once(pay, Ending::Pay, CallbackShape::MaskedPhone),
        Scenario::PayDecimalAmount => once(pay, Ending::Pay, CallbackShape::DecimalAmount),
        Scenario::ForgedSuccess => vec![
            callback(5.0, CallbackShape::Says(Ending::Pay)),
            settle(27.0, Ending::Cancel),
            callback(27.0, CallbackShape::Truth),
        ],
        Scenario::PhoneOff => once(3.0, Ending::TimeOut, CallbackShape::Truth),
    };
    Timeline {
        events,
        prompt_seconds: (scenario == Scenario::Silent).then_some(PROMPT_SECONDS),
        before_answer: matches!(
            scenario,
            Scenario::PayCallbackFirst | Scenario::CancelCallbackFirst
        ),
    }
}

/// How a query answers while nothing is decided.
pub(crate) fn in_flight(scenario: Scenario) -> InFlight {
    match scenario {
        Scenario::PayUnderProcessing => InFlight::UnderProcessing,
        Scenario::PayUnresolvedQuery => InFlight::Unresolved,
        _ => InFlight::BeingProcessed,
    }
}

/// How the `number`th query (from 1) after the decision answers.
pub(crate) fn finished_poll(scenario: Scenario, number: u32) -> FinishedPoll {
    match (scenario, number) {
        (Scenario::PayFlakyQuery, 1 | 4) => FinishedPoll::EmptyError,
        (Scenario::PayFlakyQuery, 2) => FinishedPoll::EmptyErrorUnder200,
        _ => FinishedPoll::Result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenarios::table::SCENARIOS;

    #[test]
    fn events_are_in_order_and_few_scenarios_have_no_callback() {
        let mut without_callback = Vec::new();
        for row in SCENARIOS {
            let events = timeline(row.scenario).events;
            assert!(
                events.is_sorted_by_key(|event| event.after_seconds),
                "{}",
                row.name
            );
            if !events
                .iter()
                .any(|event| matches!(event.happening, Happening::Callback(_)))
            {
                without_callback.push(row.name);
            }
        }
        let expected = [
            "manual",
            "silent",
            "pay_without_callback",
            "cancel_without_callback",
        ];
        assert_eq!(without_callback, expected);
    }
}
