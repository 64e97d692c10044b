//! Spans and counts of the core, for the app's own observer.

use crate::integers::Seconds;
use lipia::telemetry::{
    AttributeValue, Attributes, CountRecord, Observer, SpanRecord, set_observer,
};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::{Duration, SystemTime};

/// A span that has ended: a push, a question, a token, a callback or an HTTP request.
#[derive(Clone, Debug, uniffi::Record)]
pub struct TelemetrySpan {
    /// The number of the span in this process.
    pub id: i64,
    /// The number of the span within which it began. That one ends later.
    pub parent: Option<i64>,
    /// `lipia.push`, `lipia.query`, `lipia.token`, `lipia.callback`, `GET` or `POST`.
    pub name: String,
    /// Whether it is a request to a server.
    pub is_client: bool,
    /// When it began.
    pub started_at: SystemTime,
    /// How long it took.
    pub duration: Seconds,
    /// Whether it ended with an error. A customer who cancels is not an error.
    pub is_error: bool,
    /// By OpenTelemetry's names. None has a secret or a whole phone number.
    pub attributes: HashMap<String, String>,
}

/// One more for a counter.
#[derive(Clone, Debug, uniffi::Record)]
pub struct TelemetryCount {
    /// `lipia.pushes`, `lipia.queries`, `lipia.tokens` or `lipia.callbacks`.
    pub counter: String,
    /// What the counter is kept apart by.
    pub attributes: HashMap<String, String>,
}

/// A listener for spans and counts.
#[uniffi::export(with_foreign)]
pub trait NativeTelemetryListener: Send + Sync {
    /// Takes a span that has ended. It is called on any thread, in the middle of a call: pass the span on and return.
    fn span(&self, span: TelemetrySpan);

    /// Takes one more for a counter, as `span` does.
    fn count(&self, count: TelemetryCount);
}

/// Whether there is a listener: what a call without one looks at.
static IS_ON: AtomicBool = AtomicBool::new(false);
static LISTENER: Mutex<Option<Arc<dyn NativeTelemetryListener>>> = Mutex::new(None);
static OBSERVING: Once = Once::new();

/// Sets the listener for spans and counts of the whole process, in place of any earlier one.
#[uniffi::export]
pub fn native_set_telemetry_listener(listener: Option<Arc<dyn NativeTelemetryListener>>) {
    IS_ON.store(listener.is_some(), Ordering::Relaxed);
    *LISTENER.lock().unwrap_or_else(PoisonError::into_inner) = listener;
    OBSERVING.call_once(|| {
        set_observer(Forwarded);
    });
}

/// The core's observer, which forwards to the listener.
struct Forwarded;

impl Observer for Forwarded {
    fn wants(&self) -> bool {
        IS_ON.load(Ordering::Relaxed)
    }

    fn finished(&self, span: SpanRecord) {
        if let Some(listener) = listener() {
            listener.span(span_of(&span));
        }
    }

    fn counted(&self, count: CountRecord) {
        if let Some(listener) = listener() {
            listener.count(TelemetryCount {
                counter: count.counter.to_owned(),
                attributes: texts(&count.attributes),
            });
        }
    }
}

/// The listener. The lock is let go before the app's own code runs: that may set another listener.
fn listener() -> Option<Arc<dyn NativeTelemetryListener>> {
    let listener = LISTENER.lock();
    listener.unwrap_or_else(PoisonError::into_inner).clone()
}

fn span_of(span: &SpanRecord) -> TelemetrySpan {
    let duration = Duration::from_micros(span.duration_micros.unwrap_or_default());
    TelemetrySpan {
        id: span.id.cast_signed(),
        parent: span.parent.map(u64::cast_signed),
        name: span.name.as_str().to_owned(),
        is_client: span.is_client,
        started_at: SystemTime::UNIX_EPOCH + Duration::from_micros(span.started_at_micros),
        duration: Seconds(duration.as_secs_f64()),
        is_error: span.is_error,
        attributes: texts(&span.attributes),
    }
}

fn texts(attributes: &Attributes) -> HashMap<String, String> {
    let text = |value: &AttributeValue| match value {
        AttributeValue::Text(text) => text.clone(),
        AttributeValue::Number(number) => number.to_string(),
        _ => String::new(),
    };
    attributes
        .iter()
        .map(|(attribute, value)| (attribute.as_str().to_owned(), text(value)))
        .collect()
}
