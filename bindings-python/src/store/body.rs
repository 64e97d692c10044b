//! The body of a callback, which Python has as `bytes`.

use lipia::ledger::Callback;
use lipia::values::EatTime;
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// A callback as plain data.
#[derive(Deserialize, Serialize)]
pub(super) struct PlainCallback {
    payment_id: String,
    digest: String,
    body: Body,
    received_at: i64,
    verdict: Option<String>,
}

impl PlainCallback {
    pub(super) fn of(callback: &Callback) -> Self {
        Self {
            payment_id: callback.payment.as_str().to_owned(),
            digest: callback.digest.clone(),
            body: Body(callback.body.clone()),
            received_at: callback.received_at.unix_millis(),
            verdict: callback.verdict.clone(),
        }
    }

    pub(super) fn read(self) -> Result<Callback, lipia::Error> {
        Ok(Callback {
            payment: self.payment_id.parse()?,
            digest: self.digest,
            body: self.body.0,
            received_at: EatTime::from_unix_millis(self.received_at),
            verdict: self.verdict,
        })
    }
}

struct Body(Vec<u8>);

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Body;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Body, E> {
                Ok(Body(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}
