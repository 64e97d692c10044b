//! Values and errors on their way to JavaScript, as JSON text.

use crate::ledger::LedgerData;
use lipia::callback::ReceivedCallback;
use lipia::client::{Checkup, LedgerPayment};
use lipia::error::Spelling;
use lipia::guard::{Count, Standing};
use lipia::result_codes::CustomerMessage;
use lipia::values::{CheckoutRequestId, EatTime, MerchantRequestId, Money, Receipt};
use lipia::{Acceptance, Client, Error, Event, Payment, PhoneNumber, Progress, Status, Verdict};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Borrow;
use std::time::Duration;

/// An error's fields, what to do about it, and what lies beneath it.
#[derive(Serialize)]
pub(crate) struct ErrorData<'a> {
    #[serde(flatten)]
    error: &'a Error,
    spelled_message: String,
    spelled_hint: Option<String>,
    remedy: &'static str,
    customer_message: CustomerMessage,
    causes: Vec<String>,
}

impl<'a> ErrorData<'a> {
    pub(crate) fn new(error: &'a Error) -> Self {
        Self {
            error,
            spelled_message: Spelling::JavaScript.of(error.message()),
            spelled_hint: error.hint().map(|hint| Spelling::JavaScript.of(hint)),
            remedy: error.remedy().as_str(),
            customer_message: error.customer_message(),
            causes: error.causes(),
        }
    }
}

/// What a call came to: `{"ok": …}` or `{"error": …}`.
#[derive(Serialize)]
enum Answer<'a, T> {
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

/// What a call came to, as JSON text.
pub(crate) fn answer<T: Serialize>(result: Result<T, impl Borrow<Error>>) -> String {
    match result {
        Ok(value) => json(&Answer::Ok(value)),
        Err(error) => json(&Answer::<()>::Error(ErrorData::new(error.borrow()))),
    }
}

/// Data of the package's own, from JSON text: what does not fit is a mistake of its, not of its user's.
pub(crate) fn data<T: DeserializeOwned>(json: &str) -> napi::Result<T> {
    serde_json::from_str(json).map_err(|error| napi::Error::from_reason(error.to_string()))
}

/// An error in the place of a thing.
pub(crate) fn refusal(error: &Error) -> String {
    json(&ErrorData::new(error))
}

/// What a call can come to, as it is shown to JavaScript.
pub(crate) trait Shown: Send + 'static {
    fn shown(&self) -> impl Serialize;
}

impl Shown for () {
    fn shown(&self) -> impl Serialize {}
}

impl<T: Shown> Shown for Option<T> {
    fn shown(&self) -> impl Serialize {
        self.as_ref().map(T::shown)
    }
}

impl Shown for Acceptance {
    fn shown(&self) -> impl Serialize {
        self
    }
}

impl Shown for Status {
    fn shown(&self) -> impl Serialize {
        self
    }
}

impl Shown for Payment {
    fn shown(&self) -> impl Serialize {
        Snapshot::new(self)
    }
}

impl Shown for Verdict {
    fn shown(&self) -> impl Serialize {
        self.as_str()
    }
}

/// What the guard counted, and until when it refuses.
#[derive(Serialize)]
struct StandingData<'a> {
    phone: Option<Count>,
    account: &'a [Count],
    opens_at: Option<EatTime>,
}

impl Shown for Checkup {
    fn shown(&self) -> impl Serialize {
        self.clone().spelled(Spelling::JavaScript)
    }
}

impl Shown for Standing {
    fn shown(&self) -> impl Serialize {
        StandingData {
            phone: self.phone,
            account: &self.account,
            opens_at: self.opens_at(),
        }
    }
}

/// The payment's id, the event, the verdict, and whether somebody has what came in.
impl Shown for ReceivedCallback {
    fn shown(&self) -> impl Serialize {
        (
            self.payment_id.as_str(),
            EventData::new(&self.event),
            self.verdict.map(Verdict::as_str),
            self.is_kept(),
        )
    }
}

/// A payment with the text that is saved of it. Its last error is saved without the remedy, which the core knows.
#[derive(Serialize)]
pub(crate) struct Snapshot<'a> {
    json: String,
    last_error: Option<ErrorData<'a>>,
    /// Milliseconds since 1970.
    look_again_at: Option<i64>,
    order_free_at: Option<i64>,
}

impl<'a> Snapshot<'a> {
    pub(crate) fn new(payment: &'a Payment) -> Self {
        Self {
            json: payment.to_json(),
            last_error: payment.last_error().map(ErrorData::new),
            look_again_at: payment.look_again_at().map(EatTime::unix_millis),
            order_free_at: payment.order_free_at().map(EatTime::unix_millis),
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
    &'a [lipia::event::EventWarning],
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
            event.receipt.as_ref().map(Receipt::as_str),
            event.amount.map(Money::cents),
            event.phone.as_ref().map(PhoneNumber::as_str),
            event.phone_raw.as_deref(),
            event.date.map(EatTime::unix_millis),
            event
                .checkout_request_id
                .as_ref()
                .map(CheckoutRequestId::as_str),
            event
                .merchant_request_id
                .as_ref()
                .map(MerchantRequestId::as_str),
            event.reference.as_deref(),
            &event.warnings,
        )
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
    payment: Option<Waited<'a>>,
}

/// The payment that a wait ended with, with its order where the ledger has the payment.
#[derive(Serialize)]
#[serde(untagged)]
#[allow(
    clippy::large_enum_variant,
    reason = "it is written at once, and there is one at a time"
)]
enum Waited<'a> {
    OfLedger(LedgerData<'a>),
    OfProcess(Snapshot<'a>),
}

impl<'a> ProgressData<'a> {
    fn new(kind: &'static str, elapsed: Duration) -> Self {
        Self {
            kind,
            elapsed: elapsed.as_secs_f64() * 1_000.0,
            status: None,
            error: None,
            payment: None,
        }
    }

    /// The last news of a wait.
    fn last(
        kind: &'static str,
        payment: &'a Payment,
        of_ledger: Option<&'a LedgerPayment>,
    ) -> Self {
        Self {
            payment: Some(match of_ledger {
                Some(of_ledger) => Waited::OfLedger(LedgerData::new(of_ledger)),
                None => Waited::OfProcess(Snapshot::new(payment)),
            }),
            ..Self::new(kind, Duration::ZERO)
        }
    }
}

/// A piece of news of a wait, with the ledger's payment where it is the last.
pub(crate) struct Told {
    progress: Progress,
    of_ledger: Option<LedgerPayment>,
}

impl Told {
    pub(crate) async fn new(progress: Progress, client: &Client) -> Self {
        let of_ledger = match &progress {
            Progress::Settled(payment) | Progress::TimedOut(payment) => {
                client.payments().of_collected(payment).await
            }
            _ => None,
        };
        Self {
            progress,
            of_ledger,
        }
    }
}

impl Shown for Told {
    fn shown(&self) -> impl Serialize {
        let of_ledger = self.of_ledger.as_ref();
        match &self.progress {
            Progress::Queried { elapsed, status } => ProgressData {
                status: Some(status),
                ..ProgressData::new("queried", *elapsed)
            },
            Progress::QueryFailed { elapsed, error } => ProgressData {
                error: Some(ErrorData::new(error)),
                ..ProgressData::new("query_failed", *elapsed)
            },
            Progress::CallbackReceived { elapsed } => {
                ProgressData::new("callback_received", *elapsed)
            }
            Progress::Settled(payment) => ProgressData::last("settled", payment, of_ledger),
            Progress::TimedOut(payment) => ProgressData::last("timed_out", payment, of_ledger),
            // A kind of news that this version of the package has no name for is still news.
            _ => ProgressData::new("callback_received", Duration::ZERO),
        }
    }
}
