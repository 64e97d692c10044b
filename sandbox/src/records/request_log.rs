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
    /// The status of the answer; None until there is one, and where the connection was closed instead.
    pub status: Option<u16>,
}

/// The last requests, oldest first.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    seen: u64,
    kept: VecDeque<RecordedRequest>,
}

impl RequestLog {
    /// Keeps a request, and returns its number.
    pub(crate) fn add(&mut self, mut request: RecordedRequest) -> u64 {
        self.seen = self.seen.saturating_add(1);
        request.number = self.seen;
        if self.kept.len() >= KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(request);
        self.seen
    }

    /// Notes how a request was answered. After a reset another request has its number: the time tells the two apart.
    pub(crate) fn answered(&mut self, number: u64, at_seconds: f64, status: u16) {
        let mut newest_first = self.kept.iter_mut().rev();
        if let Some(request) = newest_first.find(|request| request.number == number)
            && request.at_seconds.to_bits() == at_seconds.to_bits()
        {
            request.status = Some(status);
        }
    }

    /// The last so many requests, oldest first.
    pub(crate) fn latest(&self, count: usize) -> impl Iterator<Item = &RecordedRequest> {
        self.kept.iter().skip(self.kept.len().saturating_sub(count))
    }

    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        self.kept.iter().cloned().collect()
    }
}
