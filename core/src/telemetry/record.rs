//! Records of spans and counts: what an observer is given.

use crate::telemetry::names::{Attribute, SpanName};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::sync::Arc;

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum AttributeValue {
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
}

impl From<&str> for AttributeValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for AttributeValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u16> for AttributeValue {
    fn from(number: u16) -> Self {
        Self::Number(number.into())
    }
}

impl From<u32> for AttributeValue {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

/// Attributes with their values; written as an object by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes(Vec<(Attribute, AttributeValue)>);

impl Attributes {
    /// The value of an attribute.
    #[must_use]
    pub fn get(&self, wanted: Attribute) -> Option<&AttributeValue> {
        let mut each = self.iter();
        each.find_map(|(attribute, value)| (attribute == wanted).then_some(value))
    }

    /// Every attribute with its value.
    pub fn iter(&self) -> impl Iterator<Item = (Attribute, &AttributeValue)> {
        self.0.iter().map(|(attribute, value)| (*attribute, value))
    }

    /// The attributes by which counters are kept apart.
    pub(super) fn counted(&self) -> Self {
        let counted = |(attribute, _): &&(Attribute, AttributeValue)| attribute.is_counted_by();
        Self(self.0.iter().filter(counted).cloned().collect())
    }

    /// Sets an attribute, in place of an earlier value.
    pub(super) fn set(&mut self, attribute: Attribute, value: AttributeValue) {
        self.0.retain(|(set, _)| *set != attribute);
        self.0.push((attribute, value));
    }
}

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (attribute, value) in self.iter() {
            map.serialize_entry(attribute.as_str(), value)?;
        }
        map.end()
    }
}

/// A span: one that has begun, or one that has ended.
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct SpanRecord {
    /// The number of the span in this process.
    pub id: u64,
    /// The number of the span within which this one began.
    pub parent: Option<u64>,
    /// The span of the program that called, as [`Caller`](crate::telemetry::Caller) names it, where this one has no parent of
    /// Lipia's own.
    #[serde(serialize_with = "as_text")]
    pub caller: Option<Arc<str>>,
    /// What the span is about.
    #[serde(serialize_with = "as_name")]
    pub name: SpanName,
    /// Whether it is a request to a server: OpenTelemetry's kind `CLIENT`. Every other span is `INTERNAL`.
    pub is_client: bool,
    /// When it began, in microseconds since 1970.
    pub started_at_micros: u64,
    /// How long it took, in microseconds; `None` for a span that has begun.
    pub duration_micros: Option<u64>,
    /// Whether it ended with an error. A customer who cancels is not an error.
    pub is_error: bool,
    /// What is known of it. A span that has begun has what is known before it is done.
    pub attributes: Attributes,
}

/// One more for a counter.
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct CountRecord {
    /// The name of the counter.
    pub counter: &'static str,
    /// What the counter is kept apart by.
    pub attributes: Attributes,
}

fn as_text<S: Serializer>(text: &Option<Arc<str>>, serializer: S) -> Result<S::Ok, S::Error> {
    text.as_deref().serialize(serializer)
}

fn as_name<S: Serializer>(name: &SpanName, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(name.as_str())
}
