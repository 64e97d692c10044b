//! The log of the last requests, byte for byte.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

/// How many requests are kept.
const KEPT: usize = 1000;

/// One request to a gateway's address.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// Counts from 1, since the start or the last reset.
    pub number: u64,
    /// When it came, in sandbox seconds since the start.
    pub at_seconds: f64,
    /// The HTTP method.
    pub method: String,
    /// The path, with its query.
    pub path: String,
    /// All headers, with lower-case names; the credentials in them are the sandbox's own.
    pub headers: BTreeMap<String, String>,
    /// The body; bytes that are not UTF-8 are shown as the replacement character.
    pub body: String,
    /// The fault that was played on it, if any.
    pub fault: Option<&'static str>,
}

/// The last requests, oldest first.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    seen: u64,
    kept: VecDeque<RecordedRequest>,
}

impl RequestLog {
    pub(crate) fn add(&mut self, mut request: RecordedRequest) {
        self.seen = self.seen.saturating_add(1);
        request.number = self.seen;
        if self.kept.len() >= KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(request);
    }

    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        self.kept.iter().cloned().collect()
    }
}
