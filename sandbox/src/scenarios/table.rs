//! The table of scenarios: which phone number does what. To add one, add a variant, a timeline and a row.

use super::Ending as E;
use super::Scenario as S;
use super::{Ending, Scenario};

/// A row of [`SCENARIOS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScenarioRow {
    /// What happens.
    pub scenario: Scenario,
    /// Its name in the control API.
    pub name: &'static str,
    /// The last four digits of the phone numbers that do this; empty when only a script can ask for it.
    pub phone_ending: &'static str,
    /// For people.
    pub about: &'static str,
}

const fn row(
    scenario: Scenario,
    name: &'static str,
    phone_ending: &'static str,
    about: &'static str,
) -> ScenarioRow {
    ScenarioRow {
        scenario,
        name,
        phone_ending,
        about,
    }
}

/// Every scenario. The endings are the result codes where there is one of four digits, `80` and the code
/// where it is shorter, and `90` with a number for what has no code.
pub const SCENARIOS: &[ScenarioRow] = &[
    row(
        S::Ends(E::Pay),
        "pay",
        "",
        "pays after 17 s; what every number without a row does",
    ),
    row(
        S::Ends(E::Cancel),
        "cancel",
        "1032",
        "cancels after 27 s: 1032",
    ),
    row(
        S::Ends(E::CancelOldCode),
        "cancel_old_code",
        "1031",
        "cancels after 27 s: 1031",
    ),
    row(
        S::Ends(E::NoMoney),
        "no_money",
        "8001",
        "not enough money, after 15 s: 1",
    ),
    row(
        S::Ends(E::WrongPin),
        "wrong_pin",
        "2001",
        "wrong PIN, after 15 s: 2001",
    ),
    row(
        S::Ends(E::TimeOut),
        "time_out",
        "1037",
        "nobody answers, 26 s: 1037; also 254708374149",
    ),
    row(
        S::Ends(E::Unreachable),
        "unreachable",
        "1036",
        "handset not reached, 26 s: 1036",
    ),
    row(
        S::Ends(E::Expire),
        "expire",
        "1019",
        "expires after 60 s: 1019",
    ),
    row(
        S::Ends(E::Busy),
        "busy",
        "1001",
        "busy with another session, 3 s: 1001",
    ),
    row(
        S::Ends(E::AmountLimit),
        "amount_limit",
        "8002",
        "amount below the product's limit, 5 s: 2",
    ),
    row(
        S::Ends(E::DailyLimit),
        "daily_limit",
        "8004",
        "daily limit passed, 15 s: 4",
    ),
    row(
        S::Ends(E::RuleLimit),
        "rule_limit",
        "8017",
        "rule about repeated payments, 5 s: 17",
    ),
    row(
        S::Ends(E::NotDelivered),
        "not_delivered",
        "1025",
        "prompt not sent, 3 s: 1025",
    ),
    row(
        S::Ends(E::NotDeliveredNoReason),
        "not_delivered_no_reason",
        "9999",
        "prompt not sent, 3 s: 9999",
    ),
    row(
        S::Ends(E::PinLocked),
        "pin_locked",
        "8006",
        "PIN locked, 15 s: 8006",
    ),
    row(
        S::Ends(E::AccountState),
        "account_state",
        "8011",
        "customer's account not in order, 5 s: 11",
    ),
    row(
        S::Ends(E::NotAllowed),
        "not_allowed",
        "2028",
        "merchant's product does not allow it, 3 s: 2028",
    ),
    row(
        S::Ends(E::TillMismatch),
        "till_mismatch",
        "2002",
        "till and store number do not belong together, 3 s: 2002",
    ),
    row(
        S::Ends(E::UnresolvedReason),
        "unresolved_reason",
        "2029",
        "a till pushed as a pay bill, 3 s: 2029",
    ),
    row(
        S::Ends(E::PromptTooLong),
        "prompt_too_long",
        "1101",
        "name, reference and description too long together, 3 s: 1101",
    ),
    row(
        S::Ends(E::NoReceiver),
        "no_receiver",
        "8003",
        "receiver does not exist, 3 s: SFC_IC0003 (text)",
    ),
    row(
        S::Ends(E::SystemBusy),
        "system_busy",
        "8026",
        "M-Pesa too busy, 3 s: 26",
    ),
    row(
        S::Ends(E::UnknownCode),
        "unknown_code",
        "7777",
        "a code in no list, 5 s: 7777",
    ),
    row(S::Manual, "manual", "9000", "waits for `act`"),
    row(
        S::Held,
        "held",
        "",
        "waits for the person who holds the phone; after a minute nobody answered: 1037",
    ),
    row(S::Silent, "silent", "9001", "nothing ever happens"),
    row(S::PayLate, "pay_late", "9002", "pays after 90 s"),
    row(
        S::PayWithoutCallback,
        "pay_without_callback",
        "9003",
        "pays after 17 s, no callback",
    ),
    row(
        S::PayCallbackTwice,
        "pay_callback_twice",
        "9004",
        "pays; the callback comes twice, 17 s and 19 s",
    ),
    row(
        S::PayCallbackFirst,
        "pay_callback_first",
        "9005",
        "pays at once; callback before the push's answer",
    ),
    row(
        S::PayThenLateFailure,
        "pay_then_late_failure",
        "9006",
        "pays at 17 s; at 30 s a callback says 1037",
    ),
    row(
        S::PayUnderProcessing,
        "pay_under_processing",
        "9007",
        "queries say 4999 for 120 s, then pays",
    ),
    row(
        S::PayFlakyQuery,
        "pay_flaky_query",
        "9008",
        "pays; queries 1, 2 and 4 afterwards are empty errors",
    ),
    row(
        S::PayWithoutMetadata,
        "pay_without_metadata",
        "9009",
        "pays; success callback without metadata",
    ),
    row(
        S::PayWrongAmount,
        "pay_wrong_amount",
        "9010",
        "pays; the callback names another amount",
    ),
    row(
        S::PayMaskedPhone,
        "pay_masked_phone",
        "9011",
        "pays; the callback masks the phone number",
    ),
    row(
        S::RefuseBusy,
        "refuse_busy",
        "9012",
        "no prompt, the phone is busy: Daraja refuses the push; at gateways it fails after 3 s: 1001",
    ),
    row(S::PhoneOff, "phone_off", "9013", "phone off, 3 s: 1037"),
    row(
        S::CancelWithoutCallback,
        "cancel_without_callback",
        "9014",
        "cancels after 27 s, no callback",
    ),
    row(
        S::ForgedSuccess,
        "forged_success",
        "9015",
        "forged success callback at 5 s; cancels at 27 s: 1032",
    ),
    row(
        S::PayDecimalAmount,
        "pay_decimal_amount",
        "9016",
        "pays; Amount with decimals, no Balance item",
    ),
    row(
        S::TimeOutThenPay,
        "time_out_then_pay",
        "9017",
        "1037 at 26 s, then a success callback at 40 s",
    ),
    row(
        S::CancelCallbackFirst,
        "cancel_callback_first",
        "9018",
        "cancels at once; callback before the push's answer",
    ),
    row(S::PaySoon, "pay_soon", "9019", "pays after 1 s"),
    row(S::CancelSoon, "cancel_soon", "9020", "cancels after 1 s"),
    row(
        S::TimeOutThenPayWithoutCallback,
        "time_out_then_pay_without_callback",
        "9021",
        "1037 at 26 s, then paid at 40 s; only a query says so",
    ),
    row(
        S::PayUnresolvedQuery,
        "pay_unresolved_query",
        "9022",
        "pays after 17 s; until then queries say 2029",
    ),
];

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
