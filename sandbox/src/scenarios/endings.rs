//! Endings as M-Pesa reports them: a code and a text, which differs between callback and query. Gateways hand the codes on.

use serde_json::Value;

use crate::scenarios::Ending;
use crate::scenarios::timeline::CallbackShape;

/// How M-Pesa reports an ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ResultRow {
    pub(crate) code: &'static str,
    pub(crate) in_callback: &'static str,
    pub(crate) in_query: &'static str,
}

const fn both(code: &'static str, prose: &'static str) -> ResultRow {
    ResultRow {
        code,
        in_callback: prose,
        in_query: prose,
    }
}

/// The prose of 2029.
pub(crate) const UNRESOLVED: &str = "Failed due to an unresolved reason type.";

pub(crate) fn result(ending: Ending) -> ResultRow {
    match ending {
        Ending::Pay => both("0", "The service request is processed successfully."),
        Ending::Cancel => ResultRow {
            code: "1032",
            in_callback: "Request Cancelled by user.",
            in_query: "Request cancelled by user",
        },
        Ending::CancelOldCode => both("1031", "Request cancelled by user"),
        Ending::NoMoney => ResultRow {
            code: "1",
            in_callback: "The balance is insufficient for the transaction.",
            in_query: "The balance is insufficient for the transaction",
        },
        Ending::WrongPin => both("2001", "The initiator information is invalid."),
        Ending::TimeOut => ResultRow {
            code: "1037",
            in_callback: "DS timeout user cannot be reached.",
            in_query: "No response from user.",
        },
        Ending::Unreachable => both("1036", "[STK_CB - ]SMSC ACK timeout."),
        Ending::Expire => both("1019", "Transaction has expired"),
        Ending::Busy => both(
            "1001",
            "Unable to lock subscriber, a transaction is already in process for the current subscriber",
        ),
        Ending::AmountLimit => both("2", "Declined due to limit rule."),
        Ending::DailyLimit => both(
            "4",
            "Declined due to limit rule: would exceed daily transfer limit.",
        ),
        Ending::RuleLimit => both("17", "Rule limited."),
        Ending::NotDelivered => both("1025", "An error occurred while sending a push request"),
        Ending::NotDeliveredNoReason => {
            both("9999", "An error occurred while sending a push request")
        }
        Ending::PinLocked => both("8006", "The security credential is locked."),
        Ending::AccountState => both("11", "The DebitParty is in an invalid state."),
        Ending::NotAllowed => both(
            "2028",
            "The request is not permitted according to product assignment.",
        ),
        Ending::TillMismatch => both(
            "2002",
            "Failed. The Agent number and Store number entered do not match.",
        ),
        Ending::UnresolvedReason => both("2029", UNRESOLVED),
        Ending::PromptTooLong => both(
            "1101",
            "[STK_CB - ]Invalid Input parameter 'Prompt message prefix', length should be less than 94 characters",
        ),
        Ending::NoReceiver => both("SFC_IC0003", "The operator does not exist."),
        Ending::SystemBusy => both("26", "System busy. The service request is rejected."),
        Ending::UnknownCode => both("7777", "Something new"),
    }
}

/// Codes, dates and phone numbers are JSON numbers where they are digits; some codes are not.
pub(crate) fn number_or_text(digits: &str) -> Value {
    digits
        .parse::<u64>()
        .map_or_else(|_| digits.into(), Value::from)
}

/// `254708***149`.
pub(crate) fn masked(phone: &str) -> String {
    format!(
        "{}***{}",
        phone.get(..6).unwrap_or_default(),
        phone.get(9..).unwrap_or_default()
    )
}

/// An amount as a callback names it: the truth, another one, or the truth with decimals.
pub(crate) fn amount(asked: u32, shape: CallbackShape) -> Value {
    match shape {
        CallbackShape::WrongAmount if asked == 1 => Value::from(2),
        CallbackShape::WrongAmount => Value::from(1),
        CallbackShape::DecimalAmount => Value::from(f64::from(asked)),
        _ => Value::from(asked),
    }
}
