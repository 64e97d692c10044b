//! Values and errors on their way to JavaScript, as JSON text.

use lipia::{Acceptance, EatTime, Error, Event, Money, Payment, PhoneNumber, Progress, Status};
use serde::Serialize;
use std::error::Error as _;

/// An error's fields, what to do about it, and what lies beneath it.
#[derive(Serialize)]
pub(crate) struct ErrorData<'a> {
    #[serde(flatten)]
    error: &'a Error,
    remedy: &'static str,
    causes: Vec<String>,
}

impl<'a> ErrorData<'a> {
    pub(crate) fn new(error: &'a Error) -> Self {
        let mut causes = Vec::new();
        let mut beneath = error.source();
        while let Some(cause) = beneath {
            causes.push(cause.to_string());
            beneath = cause.source();
        }
        Self {
            error,
            remedy: error.remedy().as_str(),
            causes,
        }
    }
}

/// What a call came to: `{"ok": …}` or `{"error": …}`.
#[derive(Serialize)]
pub(crate) enum Answer<'a, T> {
    #[serde(rename = "ok")]
    Ok(T),
    #[serde(rename = "error")]
    Error(ErrorData<'a>),
}

/// What most answers fit into, so that their text seldom has to move.
const USUAL_BYTES: usize = 512;

/// JSON text of what always has one: texts, numbers, lists of them.
pub(crate) fn json(value: &impl Serialize) -> String {
    let mut text = Vec::with_capacity(USUAL_BYTES);
    match serde_json::to_writer(&mut text, value) {
        Ok(()) => String::from_utf8(text).unwrap_or_default(),
        Err(_) => String::new(),
    }
}

/// What a function that needs no waiting came to.
pub(crate) fn answer<T: Serialize>(result: Result<T, Error>) -> String {
    match &result {
        Ok(value) => json(&Answer::Ok(value)),
        Err(error) => json(&Answer::<()>::Error(ErrorData::new(error))),
    }
}

/// An error in the place of a thing.
pub(crate) fn refusal(error: &Error) -> String {
    json(&ErrorData::new(error))
}

/// What a call can come to.
pub(crate) trait ToJson: Send + 'static {
    fn to_json(&self) -> String;
}

impl ToJson for Acceptance {
    fn to_json(&self) -> String {
        json(self)
    }
}

impl ToJson for Status {
    fn to_json(&self) -> String {
        json(self)
    }
}

impl ToJson for Payment {
    fn to_json(&self) -> String {
        json(&Snapshot::new(self))
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn to_json(&self) -> String {
        self.as_ref().map_or_else(|| "null".to_owned(), T::to_json)
    }
}

impl ToJson for () {
    fn to_json(&self) -> String {
        "null".to_owned()
    }
}

/// A payment with the text that is saved of it. Its last error is saved without the remedy, which the core knows.
#[derive(Serialize)]
pub(crate) struct Snapshot<'a> {
    json: String,
    last_error: Option<ErrorData<'a>>,
}

impl<'a> Snapshot<'a> {
    pub(crate) fn new(payment: &'a Payment) -> Self {
        Self {
            json: payment.to_json(),
            last_error: payment.last_error().map(ErrorData::new),
        }
    }
}

/// An event in the order of the package's `Event`, without the body: a server makes one for every callback, and names
/// would cost as much as reading it.
#[derive(Serialize)]
pub(crate) struct EventData<'a>(
    &'static str,
    &'static str,
    bool,
    bool,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
    Option<i64>,
    Option<&'a str>,
    Option<&'a str>,
    /// Milliseconds since 1970.
    Option<i64>,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
    &'a [lipia::EventWarning],
);

impl<'a> EventData<'a> {
    pub(crate) fn new(event: &'a Event) -> Self {
        Self(
            event.gateway.as_str(),
            event.outcome.as_str(),
            event.is_final,
            event.complete,
            event.result_code.as_deref(),
            event.result_desc.as_deref(),
            event.receipt.as_deref(),
            event.amount.map(Money::cents),
            event.phone.as_ref().map(PhoneNumber::as_str),
            event.phone_raw.as_deref(),
            event.date.map(EatTime::unix_millis),
            event.checkout_request_id.as_deref(),
            event.merchant_request_id.as_deref(),
            event.reference.as_deref(),
            &event.warnings,
        )
    }
}

/// What was made of a callback: the payment's id, the event, the verdict.
pub(crate) struct Received(pub(crate) lipia::ReceivedCallback);

impl ToJson for Received {
    fn to_json(&self) -> String {
        let Self(received) = self;
        json(&(
            received.payment_id.as_str(),
            EventData::new(&received.event),
            received.verdict.map(verdict_word),
        ))
    }
}

/// A verdict by itself.
pub(crate) struct Judged(pub(crate) lipia::Verdict);

impl ToJson for Judged {
    fn to_json(&self) -> String {
        json(&verdict_word(self.0))
    }
}

/// A verdict, and what became of the payment.
pub(crate) struct JudgedSaved(pub(crate) lipia::Verdict, pub(crate) lipia::Payment);

impl ToJson for JudgedSaved {
    fn to_json(&self) -> String {
        json(&(verdict_word(self.0), Snapshot::new(&self.1)))
    }
}

fn verdict_word(verdict: lipia::Verdict) -> &'static str {
    match verdict {
        lipia::Verdict::Believed => "believed",
        lipia::Verdict::Duplicate => "duplicate",
        lipia::Verdict::Mismatch => "mismatch",
        lipia::Verdict::NotConfirmed => "not_confirmed",
    }
}

/// A piece of news of a wait.
#[derive(Serialize)]
struct ProgressData<'a> {
    kind: &'static str,
    /// Milliseconds.
    elapsed: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment: Option<Snapshot<'a>>,
}

impl ToJson for Progress {
    fn to_json(&self) -> String {
        let mut data = ProgressData {
            kind: "news",
            elapsed: 0.0,
            status: None,
            error: None,
            payment: None,
        };
        match self {
            Self::Asked { elapsed, status } => {
                data.kind = "asked";
                data.elapsed = elapsed.as_secs_f64() * 1_000.0;
                data.status = Some(status);
            }
            Self::NotTold { elapsed, error } => {
                data.kind = "not_told";
                data.elapsed = elapsed.as_secs_f64() * 1_000.0;
                data.error = Some(ErrorData::new(error));
            }
            Self::News { elapsed } => data.elapsed = elapsed.as_secs_f64() * 1_000.0,
            Self::Settled(payment) => {
                data.kind = "settled";
                data.payment = Some(Snapshot::new(payment));
            }
            Self::StillOpen(payment) => {
                data.kind = "still_open";
                data.payment = Some(Snapshot::new(payment));
            }
            // A kind of news that this version of the package has no name for is still news.
            _ => {}
        }
        json(&data)
    }
}
