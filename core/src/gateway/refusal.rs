//! What an answer means where it is not what was asked for.

use super::Answer;
use crate::ErrorKind;
use std::time::Duration;

/// What an answer means.
pub(crate) enum Reading<T> {
    /// It is what was asked for.
    Done(T),
    /// It is anything else.
    Refused(Refusal),
}

/// What a gateway meant by an answer that is not what was asked for. What follows from it is
/// [`crate::send::decide`]'s business.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) meaning: Meaning,
    pub(crate) kind: ErrorKind,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) http_status: u16,
}

/// The four things that an answer can mean for a request that was not carried out as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The token is not accepted; the gateway did not act.
    TokenRefused,
    /// The gateway refused before it acted and would take the same request later.
    Busy,
    /// The gateway read the request and said no.
    SaidNo,
    /// It may or may not have acted.
    Unclear,
}

impl Refusal {
    /// A 2xx answer that fits no known shape.
    pub(crate) fn unreadable(answer: &Answer, why: &str) -> Self {
        Self {
            meaning: Meaning::Unclear,
            kind: ErrorKind::UnreadableAnswer,
            code: "unreadable_answer".to_owned(),
            message: format!("The gateway answered HTTP {}, but {why}.", answer.status),
            hint: None,
            request_id: None,
            retry_after: None,
            http_status: answer.status,
        }
    }
}

impl Answer {
    /// The status and what kind of body came with it, in a sentence. The body itself is not shown: a firewall's
    /// page is long, and an answer may hold a customer's number.
    pub(crate) fn described(&self) -> String {
        format!(
            "The gateway answered HTTP {} with {}.",
            self.status,
            kind_of_body(&self.body)
        )
    }
}

fn kind_of_body(body: &[u8]) -> &'static str {
    let start = body.trim_ascii_start();
    if start.is_empty() {
        "an empty body"
    } else if start.first() == Some(&b'<') {
        "a page of HTML or XML instead of JSON"
    } else if start.first() == Some(&b'{') {
        "JSON of no known shape, or cut short"
    } else {
        "a body that is no JSON object"
    }
}
