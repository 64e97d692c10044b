//! Callback events, their comparison with what was asked for, and the verdict on them.

use crate::error::NativeError;
use crate::integers::{Money, instant};
use crate::result_code::{ResultCode, described};
use crate::words::{FieldComparison, GatewayName, Outcome, Verdict};
use std::fmt;
use std::time::SystemTime;

/// An event: the parsed body of a callback. It is data, not proof: anybody can post a body.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Display)]
pub struct Event {
    /// The gateway that sends callbacks of this shape.
    pub gateway: GatewayName,
    /// The outcome of the push.
    pub outcome: Outcome,
    /// Whether the event says that the money was received. Whether to believe it is another question.
    pub is_success: bool,
    /// Whether no later news about the same push is expected to change the outcome.
    pub is_final: bool,
    /// Whether a success has a usable receipt and a positive amount. A success without them is not believed.
    pub complete: bool,
    /// M-Pesa's code for the outcome.
    pub result_code: Option<String>,
    /// The gateway's own text, for a log.
    pub result_desc: Option<String>,
    /// M-Pesa's receipt.
    pub receipt: Option<String>,
    /// The amount paid in KES.
    pub amount: Option<Money>,
    /// The payer's phone number (`2547…`), where the body has it in full.
    pub phone: Option<String>,
    /// The phone number as the body has it: it may be masked, hashed or unreadable.
    pub phone_raw: Option<String>,
    /// The time of the payment, by M-Pesa's clock.
    pub date: Option<SystemTime>,
    /// The prompt's id. It embeds the payer's phone number.
    pub checkout_request_id: Option<String>,
    /// The request's id.
    pub merchant_request_id: Option<String>,
    /// The merchant's own reference, where the gateway repeats it. Daraja does not.
    pub reference: Option<String>,
    /// Oddities of the body that do not make it unreadable: `amount_missing`, `receipt_trimmed` …
    pub warnings: Vec<String>,
    /// The body, unchanged.
    pub body: Vec<u8>,
}

#[uniffi::export]
impl Event {
    /// The value that the gateway's own name (`MpesaReceiptNumber`) has in a success, where it is there.
    pub fn value(&self, name: &str) -> Option<String> {
        self.read().ok()?.value(name)
    }

    /// The meaning of the result code, with a sentence for the customer.
    pub fn describe(&self) -> ResultCode {
        described(self.outcome, self.result_code.as_deref())
    }

    /// Compares the event with what was asked for. The shells' `check`.
    pub fn native_check(&self, expected: Expected) -> Result<EventCheck, NativeError> {
        let check = self.read()?.check(&expected.checked()?);
        Ok(EventCheck {
            amount: check.amount.into(),
            phone: check.phone.into(),
            checkout_request_id: check.checkout_request_id.into(),
            merchant_request_id: check.merchant_request_id.into(),
            is_match: check.is_match(),
        })
    }
}

impl Event {
    /// The core's event.
    pub(crate) fn read(&self) -> Result<lipia::Event, lipia::Error> {
        lipia::parse_callback(Some(self.gateway.into()), &self.body)
    }
}

impl fmt::Display for Event {
    /// Without the customer's number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (gateway, outcome) = (self.gateway.word(), self.outcome.word());
        write!(
            f,
            "Event(gateway={gateway}, outcome={outcome}, complete={})",
            self.complete
        )
    }
}

impl From<&lipia::Event> for Event {
    fn from(event: &lipia::Event) -> Self {
        Self {
            gateway: event.gateway.into(),
            outcome: event.outcome.into(),
            is_success: event.is_success(),
            is_final: event.is_final,
            complete: event.complete,
            result_code: event.result_code.clone(),
            result_desc: event.result_desc.clone(),
            receipt: event.receipt.clone().map(String::from),
            amount: event.amount.map(Money::from),
            phone: event.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            phone_raw: event.phone_raw.clone(),
            date: event.date.map(instant),
            checkout_request_id: event.checkout_request_id.clone().map(String::from),
            merchant_request_id: event.merchant_request_id.clone().map(String::from),
            reference: event.reference.clone(),
            warnings: event
                .warnings
                .iter()
                .map(|warning| warning.as_str().to_owned())
                .collect(),
            body: event.raw().to_vec(),
        }
    }
}

/// Reads the body of a callback. Without a gateway's name, the shape of the body shows the gateway. The shells'
/// `parseCallback`.
#[uniffi::export]
pub fn native_parse_callback(
    body: Vec<u8>,
    gateway: Option<GatewayName>,
) -> Result<Event, NativeError> {
    let event = lipia::parse_callback(gateway.map(lipia::GatewayName::from), &body)?;
    Ok(Event::from(&event))
}

/// The push to compare an event with. Leave out what you do not know; a success matches only where the amount is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Display)]
pub struct Expected {
    /// The amount in whole KES, as digits.
    #[uniffi(default = None)]
    pub amount: Option<String>,
    /// The phone that was prompted.
    #[uniffi(default = None)]
    pub phone_number: Option<String>,
    /// The prompt's id, from the acceptance.
    #[uniffi(default = None)]
    pub checkout_request_id: Option<String>,
    /// The request's id, from the acceptance.
    #[uniffi(default = None)]
    pub merchant_request_id: Option<String>,
}

impl Expected {
    fn checked(self) -> Result<lipia::event::Expected, lipia::Error> {
        lipia::event::Expected::from_texts(
            self.amount.as_deref(),
            self.phone_number.as_deref(),
            self.checkout_request_id.as_deref(),
            self.merchant_request_id.as_deref(),
        )
    }
}

impl fmt::Display for Expected {
    /// Without the customer's number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Expected(amount={})",
            self.amount.as_deref().unwrap_or("none")
        )
    }
}

/// The comparison of an event with what was asked for, field by field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct EventCheck {
    /// The amount, to the cent.
    pub amount: FieldComparison,
    /// The phone number. A masked number differs only where a visible digit does.
    pub phone: FieldComparison,
    /// The prompt's id.
    pub checkout_request_id: FieldComparison,
    /// The request's id.
    pub merchant_request_id: FieldComparison,
    /// Whether nothing differs and, for a success, the amount is stated and equal.
    pub is_match: bool,
}

/// A verified callback, as `receiveCallback` returns it.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ReceivedCallback {
    /// The id of the payment that the URL's token names.
    pub payment_id: String,
    /// The parsed body.
    pub event: Event,
    /// The verdict. Without one, this process does not hold the payment: load the payment, resume it, and hand the event to
    /// the client's `believe`.
    pub verdict: Option<Verdict>,
}

impl From<&lipia::callback::ReceivedCallback> for ReceivedCallback {
    fn from(received: &lipia::callback::ReceivedCallback) -> Self {
        Self {
            payment_id: received.payment_id.as_str().to_owned(),
            event: Event::from(&received.event),
            verdict: received.verdict.map(Verdict::from),
        }
    }
}

/// The body of the answer to a callback, for HTTP 200.
#[uniffi::export]
#[must_use]
pub fn accepted_reply() -> String {
    lipia::event::accepted_reply().to_owned()
}
