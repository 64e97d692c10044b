//! What a customer does with a prompt, and which phone number does what.

use serde::{Deserialize, Serialize};

use crate::scenario_table::SCENARIOS;

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
}

/// The public test number of Safaricom's sandbox, which never answers.
const PUBLIC_TEST_PHONE: &str = "254708374149";

/// What a phone number does when no script says otherwise.
#[must_use]
pub fn scenario_for_phone(phone: &str) -> Scenario {
    if phone == PUBLIC_TEST_PHONE {
        return Scenario::Ends(Ending::TimeOut);
    }
    SCENARIOS
        .iter()
        .find(|row| !row.phone_ending.is_empty() && phone.ends_with(row.phone_ending))
        .map_or(Scenario::Ends(Ending::Pay), |row| row.scenario)
}

impl Scenario {
    /// Its name in the control API.
    #[must_use]
    pub fn name(self) -> &'static str {
        SCENARIOS
            .iter()
            .find(|row| row.scenario == self)
            .map_or("", |row| row.name)
    }

    /// The scenario of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        SCENARIOS
            .iter()
            .find(|row| row.name == name)
            .map(|row| row.scenario)
    }
}

impl Ending {
    /// Its name in the control API.
    #[must_use]
    pub fn name(self) -> &'static str {
        Scenario::Ends(self).name()
    }

    /// The ending of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match Scenario::from_name(name)? {
            Scenario::Ends(ending) => Some(ending),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_phone_endings_are_unlike_each_other() {
        for (place, row) in SCENARIOS.iter().enumerate() {
            for other in SCENARIOS.iter().skip(place + 1) {
                assert_ne!(row.name, other.name);
                assert_ne!(row.scenario, other.scenario);
                assert!(
                    row.phone_ending.is_empty() || row.phone_ending != other.phone_ending,
                    "{}",
                    row.name
                );
            }
            assert_eq!(Scenario::from_name(row.name), Some(row.scenario));
            if let Scenario::Ends(ending) = row.scenario {
                let written = serde_json::to_string(&ending).unwrap();
                assert_eq!(
                    written,
                    format!("\"{}\"", ending.name()),
                    "one name everywhere"
                );
            }
        }
    }

    #[test]
    fn phones_choose_their_scenario() {
        assert_eq!(
            scenario_for_phone("254712345678"),
            Scenario::Ends(Ending::Pay)
        );
        assert_eq!(
            scenario_for_phone("254708374149"),
            Scenario::Ends(Ending::TimeOut)
        );
        assert_eq!(
            scenario_for_phone("254712001032"),
            Scenario::Ends(Ending::Cancel)
        );
        assert_eq!(
            scenario_for_phone("254112009005"),
            Scenario::PayCallbackFirst
        );
    }
}
