//! A span: recorded from where it begins until it is dropped, by `tracing` and by the observer, as far as either listens.

use crate::error::Error;
use crate::error::mask;
use crate::telemetry::names::{Attribute, SpanName};
use crate::telemetry::observer;
use crate::telemetry::record::{AttributeValue, Attributes, CountRecord, SpanRecord};
use crate::telemetry::scope::{Parent, Scope, Within};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime};
use tracing::field::Empty;

/// The number of the span that began last.
static LAST_ID: AtomicU64 = AtomicU64::new(0);

/// A span that has begun. It ends when it is dropped; without a result by then its caller left.
#[derive(Debug)]
pub(crate) struct Span {
    name: SpanName,
    tracing: tracing::Span,
    observed: Option<Box<Observed>>,
    /// What counters are kept apart by, where `tracing` wants them and nobody observes.
    counted: Option<Box<Attributes>>,
}

#[derive(Debug)]
struct Observed {
    record: SpanRecord,
    began: Instant,
}

/// Declares a span of `tracing`: the names of its fields are written into the program.
macro_rules! traced {
    ($name:literal) => {
        tracing::info_span!(
            target: "lipia",
            $name,
            "otel.kind" = Empty,
            "otel.status_code" = Empty,
            "lipia.gateway" = Empty,
            "lipia.environment" = Empty,
            "lipia.result" = Empty,
            "lipia.outcome" = Empty,
            "lipia.disposition" = Empty,
            "lipia.payment.id" = Empty,
            "lipia.order" = Empty,
            "lipia.phone_number" = Empty,
            "lipia.telling.attempt" = Empty,
            "error.type" = Empty,
            "http.request.method" = Empty,
            "http.request.resend_count" = Empty,
            "http.response.status_code" = Empty,
            "server.address" = Empty,
            "server.port" = Empty,
        )
    };
}

/// Adds one to a counter, by an event of `tracing`. A value that is `None` is not written.
macro_rules! traced_count {
    ($counter:ident, $attributes:expr) => {{
        let text = |attribute| match $attributes.get(attribute) {
            Some(AttributeValue::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        tracing::event!(
            target: "lipia::counters",
            tracing::Level::TRACE,
            monotonic_counter.lipia.$counter = 1_u64,
            lipia.gateway = text(Attribute::Gateway),
            lipia.environment = text(Attribute::Environment),
            lipia.result = text(Attribute::Result),
            lipia.outcome = text(Attribute::Outcome),
            error.type = text(Attribute::ErrorType),
        );
    }};
}

impl Span {
    /// A span that begins now, with what is known of it.
    pub(crate) fn begin(name: SpanName, describe: impl FnOnce(&mut Self)) -> Self {
        let observer = observer::listening();
        let mut span = Self {
            name,
            tracing: traced(name),
            observed: observer.map(|_| Box::new(Observed::new(name))),
            counted: None,
        };
        if !span.is_on() {
            return span;
        }
        if tracing::enabled!(target: "lipia::counters", tracing::Level::TRACE) {
            span.counted = Some(Box::default());
        }
        if name.is_client() {
            span.tracing.record("otel.kind", "client");
        }
        describe(&mut span);
        if let (Some(observer), Some(observed)) = (observer, &span.observed) {
            observer.started(&observed.record);
        }
        span
    }

    /// Whether anybody listens: what is only shown need not be made otherwise.
    pub(crate) fn is_on(&self) -> bool {
        !self.tracing.is_disabled() || self.observed.is_some()
    }

    /// Sets an attribute.
    pub(crate) fn set(&mut self, attribute: Attribute, value: impl Into<AttributeValue>) {
        if !self.is_on() {
            return;
        }
        let value = value.into();
        match &value {
            AttributeValue::Text(text) => self.tracing.record(attribute.as_str(), text.as_str()),
            AttributeValue::Number(number) => self.tracing.record(attribute.as_str(), number),
        };
        if let Some(counted) = self.counted.as_mut().filter(|_| attribute.is_counted_by()) {
            counted.set(attribute, value.clone());
        }
        if let Some(observed) = &mut self.observed {
            observed.record.attributes.set(attribute, value);
        }
    }

    /// Notes the result and the error behind it: its code, and what it says about the money.
    pub(crate) fn fail(&mut self, result: &str, error: &Error) {
        if !self.is_on() {
            return;
        }
        self.set(Attribute::Result, result);
        self.fail_with(&mask::long_digits(error.code()));
        self.set(Attribute::Disposition, error.disposition().as_str());
    }

    /// Notes that it ended in something that is not as it should be.
    pub(crate) fn fail_with(&mut self, code: &str) {
        self.set(Attribute::ErrorType, code);
        self.tracing.record("otel.status_code", "ERROR");
        if let Some(observed) = &mut self.observed {
            observed.record.is_error = true;
        }
    }

    /// Runs a future within this span: what begins there is its child.
    pub(crate) fn within<'f, F: Future + ?Sized>(&self, future: Pin<&'f mut F>) -> Within<'f, F> {
        let parent = self.observed.as_ref().map(|observed| Parent {
            span: Some(observed.record.id),
            caller: None,
        });
        Scope {
            tracing: self.tracing.clone(),
            parent,
        }
        .run(future)
    }
}

impl Observed {
    fn new(name: SpanName) -> Self {
        let Parent { span, caller } = Parent::current();
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Self {
            record: SpanRecord {
                id: LAST_ID.fetch_add(1, Ordering::Relaxed) + 1,
                parent: span,
                caller,
                name,
                is_client: name.is_client(),
                started_at_micros: since_1970.map_or(0, |time| micros(time.as_micros())),
                duration_micros: None,
                is_error: false,
                attributes: Attributes::default(),
            },
            began: Instant::now(),
        }
    }
}

fn micros(micros: u128) -> u64 {
    u64::try_from(micros).unwrap_or(u64::MAX)
}

impl Drop for Span {
    fn drop(&mut self) {
        if !self.is_on() {
            return;
        }
        let is_told = |attributes: &Attributes| attributes.get(Attribute::Result).is_some();
        let has_result = match (&self.observed, &self.counted) {
            (Some(observed), _) => is_told(&observed.record.attributes),
            (None, Some(counted)) => is_told(counted),
            (None, None) => true,
        };
        if self.name.counter().is_some() && !has_result {
            self.set(Attribute::Result, "cancelled");
        }
        if let Some(counted) = self.counted.take() {
            self.tracing.in_scope(|| count(self.name, &counted));
        }
        let (Some(mut observed), Some(observer)) = (self.observed.take(), observer::any()) else {
            return;
        };
        observed.record.duration_micros = Some(micros(observed.began.elapsed().as_micros()));
        let counted = self.name.counter().map(|counter| CountRecord {
            counter,
            attributes: observed.record.attributes.counted(),
        });
        observer.finished(observed.record);
        if let Some(counted) = counted {
            observer.counted(counted);
        }
    }
}

fn traced(name: SpanName) -> tracing::Span {
    match name {
        SpanName::Push => traced!("lipia.push"),
        SpanName::Query => traced!("lipia.query"),
        SpanName::Token => traced!("lipia.token"),
        SpanName::Callback => traced!("lipia.callback"),
        SpanName::Telling => traced!("lipia.telling"),
        SpanName::Reconcile => traced!("lipia.reconcile"),
        SpanName::Get => traced!("GET"),
        SpanName::Post => traced!("POST"),
    }
}

fn count(name: SpanName, by: &Attributes) {
    match name {
        SpanName::Push => traced_count!(pushes, by),
        SpanName::Query => traced_count!(queries, by),
        SpanName::Token => traced_count!(tokens, by),
        SpanName::Callback => traced_count!(callbacks, by),
        SpanName::Telling => traced_count!(tellings, by),
        SpanName::Reconcile => traced_count!(reconciliations, by),
        SpanName::Get | SpanName::Post => {}
    }
}
