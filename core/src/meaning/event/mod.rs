//! Callback events: the parsed body of a callback.

pub(crate) mod check;
pub(crate) mod warning;

use crate::error::ids::{CheckoutRequestId, MerchantRequestId, Receipt};
use crate::meaning::outcome::Outcome;
use crate::meaning::redaction::{Redaction, Worded, redact_text};
use crate::meaning::result_codes;
use crate::meaning::result_codes::ResultCode;
use crate::values::clock::EatTime;
use crate::values::gateway_name::GatewayName;
use crate::values::money::Money;
use crate::values::phone::PhoneNumber;
use bytes::Bytes;
pub use check::{EventCheck, Expected, FieldCheck};
use serde::{Serialize, Serializer};
use std::fmt;
pub use warning::EventWarning;

/// A callback event, which a body says. An event is data, not proof: anybody who knows the URL can send one, so
/// [`Event::check`] it against what was asked for, and query when in doubt.
///
/// It serialises to the JSON of `lipia callback`, which every language shares.
///
/// ```
/// use lipia::{Amount, Daraja, Outcome};
/// use lipia::event::Expected;
/// let body = br#"{"Body":{"stkCallback":{"MerchantRequestID":"29115-34620561-1",
///   "CheckoutRequestID":"ws_CO_191220191020363925","ResultCode":0,"ResultDesc":"Processed.",
///   "CallbackMetadata":{"Item":[{"Name":"Amount","Value":450.00},
///     {"Name":"MpesaReceiptNumber","Value":"NLJ7RT61SV"},{"Name":"TransactionDate","Value":20191219102115},
///     {"Name":"PhoneNumber","Value":254708374149}]}}}}"#;
/// let event = Daraja::parse_callback(body).unwrap();
/// assert_eq!(event.outcome, Outcome::Success);
/// assert_eq!(event.receipt.as_ref().unwrap(), "NLJ7RT61SV");
/// assert_eq!(event.amount.unwrap().to_string(), "450");
/// assert_eq!(event.value("Amount").as_deref(), Some("450.00"));
/// assert!(event.check(&Expected::new().amount(Amount::new(450).unwrap())).is_match());
/// assert_eq!(event.check(&Expected::new().amount(Amount::new(500).unwrap())).mismatches(), ["amount"]);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Event {
    /// Whose callback it is.
    pub gateway: GatewayName,
    /// What became of the push.
    pub outcome: Outcome,
    /// Whether no later news about the same push is expected to change that.
    pub is_final: bool,
    /// False for a success that lacks a usable receipt or a positive amount: confirm it by a query before you
    /// hand anything over.
    pub complete: bool,
    /// M-Pesa's code, as text: some have letters.
    pub result_code: Option<String>,
    /// The gateway's prose. It differs by year and channel, and it decides nothing.
    pub result_desc: Option<String>,
    /// M-Pesa's receipt number, of a success.
    pub receipt: Option<Receipt>,
    /// What was paid.
    pub amount: Option<Money>,
    /// Who paid, where the body says so legibly.
    pub phone: Option<PhoneNumber>,
    /// The phone number as the body has it: it may be masked, hashed or unreadable.
    pub phone_raw: Option<String>,
    /// When it was paid.
    pub date: Option<EatTime>,
    /// The prompt's id. It embeds the payer's phone number.
    pub checkout_request_id: Option<CheckoutRequestId>,
    /// The request's id.
    pub merchant_request_id: Option<MerchantRequestId>,
    /// The merchant's own reference, where the gateway gives it back. Daraja does not.
    pub reference: Option<String>,
    /// What is odd about the body, in a fixed order.
    pub warnings: Vec<EventWarning>,
    /// The gateway's own id for the transaction, where it names one.
    pub(crate) transaction_id: Option<String>,
    raw: Bytes,
    find_value: FindValue,
}

/// How a gateway finds a named value in a body of its own; kept beside the body, so that nobody pays for values
/// that are never asked for.
type FindValue = fn(body: &[u8], name: &str) -> Option<String>;

impl Event {
    /// An event that says nothing yet beyond its outcome.
    pub(crate) fn new(
        gateway: GatewayName,
        outcome: Outcome,
        body: &[u8],
        find_value: FindValue,
    ) -> Self {
        Self {
            gateway,
            outcome,
            is_final: outcome.is_final(),
            complete: !outcome.is_paid(),
            result_code: None,
            result_desc: None,
            receipt: None,
            amount: None,
            phone: None,
            phone_raw: None,
            date: None,
            checkout_request_id: None,
            merchant_request_id: None,
            reference: None,
            warnings: Vec::new(),
            transaction_id: None,
            raw: Bytes::copy_from_slice(body),
            find_value,
        }
    }

    /// Sets [`Event::complete`] by what is known by now.
    pub(crate) fn check_completeness(&mut self) {
        let proven = self.receipt.is_some() && self.amount.is_some_and(Money::is_positive);
        self.complete = proven || !self.outcome.is_paid();
    }

    /// Whether it says that the customer paid. Whether to believe it is another question: see [`Event::check`].
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.outcome.is_paid()
    }

    /// Whether parts of the body say the opposite of each other, so that it is neither a success nor a failure.
    pub(crate) fn contradicts_itself(&self) -> bool {
        self.warns(&[
            EventWarning::StatusEventMismatch,
            EventWarning::StatusCodeMismatch,
        ])
    }

    fn warns(&self, of: &[EventWarning]) -> bool {
        self.warnings.iter().any(|warning| of.contains(warning))
    }

    /// Describes the event: what its code means, and a sentence for the customer; without a code that is known, what its
    /// outcome means.
    #[must_use]
    pub fn describe(&self) -> &'static ResultCode {
        result_codes::describe_outcome(self.outcome, self.result_code.as_deref())
    }

    /// The body as it came.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// A value of a success by the gateway's own name for it (`MpesaReceiptNumber`, `Balance` …), as it is
    /// written: numbers keep their text. `None` where there is no such value, where it is not text, number or
    /// boolean, and where two values of that name differ.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<String> {
        if self.is_success() {
            (self.find_value)(&self.raw, name)
        } else {
            None
        }
    }

    /// Compares what the event says with what was asked for.
    #[must_use]
    pub fn check(&self, expected: &Expected) -> EventCheck {
        check::check(self, expected)
    }

    /// The JSON of `lipia callback`, without the members that concern the file.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Texts, numbers and booleans always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The body to answer a callback with, under HTTP 200: `{"ResultCode":0,"ResultDesc":"Accepted"}`. Answer first and
/// work afterwards: what Safaricom makes of a slow answer is not documented.
///
/// ```
/// assert_eq!(lipia::event::accepted_reply(), r#"{"ResultCode":0,"ResultDesc":"Accepted"}"#);
/// ```
#[must_use]
pub const fn accepted_reply() -> &'static str {
    r#"{"ResultCode":0,"ResultDesc":"Accepted"}"#
}

/// The names and order of the command-line contract.
#[derive(Serialize)]
struct Contract<'a> {
    provider: GatewayName,
    outcome: Outcome,
    r#final: bool,
    complete: bool,
    result_code: Option<&'a str>,
    receipt: Option<&'a Receipt>,
    amount: Option<Money>,
    amount_cents: Option<i64>,
    phone: Option<&'a PhoneNumber>,
    phone_raw: Option<&'a str>,
    date: Option<String>,
    checkout_request_id: Option<&'a CheckoutRequestId>,
    merchant_request_id: Option<&'a MerchantRequestId>,
    reference: Option<&'a str>,
    warnings: &'a [EventWarning],
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Contract {
            provider: self.gateway,
            outcome: self.outcome,
            r#final: self.is_final,
            complete: self.complete,
            result_code: self.result_code.as_deref(),
            receipt: self.receipt.as_ref(),
            amount: self.amount,
            amount_cents: self.amount.map(Money::cents),
            phone: self.phone.as_ref(),
            phone_raw: self.phone_raw.as_deref(),
            date: self.date.map(EatTime::to_iso),
            checkout_request_id: self.checkout_request_id.as_ref(),
            merchant_request_id: self.merchant_request_id.as_ref(),
            reference: self.reference.as_deref(),
            warnings: &self.warnings,
        }
        .serialize(serializer)
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("gateway", &self.gateway)
            .field("outcome", &self.outcome)
            .field("is_final", &self.is_final)
            .field("complete", &self.complete)
            .field("result_code", &self.result_code)
            .field("receipt", &self.receipt)
            .field("amount", &self.amount)
            .field("phone", &self.phone)
            .field("date", &self.date)
            .field("checkout_request_id", &self.checkout_request_id)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

impl Worded for Event {
    fn redact(&mut self, redaction: &Redaction) {
        redact_text(&mut self.result_desc, redaction);
    }
}
