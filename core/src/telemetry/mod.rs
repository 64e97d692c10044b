//! Telemetry: spans and counters of what a client does, for a collector such as OpenTelemetry's.
//!
//! A Rust program sees the spans by `tracing` (target `lipia`), and the counters as its events (target `lipia::counters`), in the
//! form that `tracing-opentelemetry` reads. A program without `tracing`, such as a binding, sets an [`Observer`]. Without either
//! nothing is recorded.
//!
//! No attribute has a secret, a whole phone number, or an id that embeds one: [`Attribute`] is the whole list.

pub(crate) mod kept;
pub(crate) mod names;
pub(crate) mod observer;
pub(crate) mod record;
pub(crate) mod scope;
pub(crate) mod span;

pub use kept::{Kept, KeptRecords, Record};
pub use names::{Attribute, SpanName};
pub use observer::{Observer, set_observer};
pub use record::{AttributeValue, Attributes, CountRecord, SpanRecord};
pub use scope::Caller;
