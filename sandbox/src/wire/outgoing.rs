//! A callback that is ready to be sent, and how its gateway delivers it.

use std::ops::RangeInclusive;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};

/// How often and how patiently a gateway delivers a callback.
#[derive(Debug, Clone)]
pub(crate) struct DeliveryPolicy {
    /// How long a merchant may take to answer, in real time.
    pub(crate) timeout: Duration,
    /// The statuses that acknowledge a callback.
    pub(crate) acknowledged_by: RangeInclusive<u16>,
    /// How long to wait before each new try, in sandbox seconds.
    pub(crate) retry_after_seconds: &'static [u16],
}

impl DeliveryPolicy {
    /// Once, whatever the answer.
    pub(crate) const ONCE: Self = Self {
        timeout: Duration::from_secs(10),
        acknowledged_by: 200..=299,
        retry_after_seconds: &[],
    };
}

/// A callback that is ready to go.
#[derive(Debug, Clone)]
pub(crate) struct OutgoingCallback {
    pub(crate) policy: DeliveryPolicy,
    pub(crate) url: String,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
}
