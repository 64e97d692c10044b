//! Refusals: the meaning of an answer that is not the expected one.

use crate::error::ErrorKind;
use crate::error::block::Block;
use crate::error::ids::NamedPrompt;
use crate::gateway::message::Answer;
use crate::meaning::redaction::{Redaction, Worded};
use std::time::Duration;

/// What an answer means.
pub(crate) enum Reading<T> {
    /// The expected answer, parsed.
    Done(T),
    /// Any other answer, classified.
    Refused(Refusal),
}

/// What a gateway meant by an answer that is not what was asked for. What follows from it is
/// [`crate::transport::retry::decide`]'s business.
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
    /// The argument or setting that the gateway refuses, by its name in the API.
    pub(crate) field: Option<&'static str>,
    /// The prompt that the answer names all the same.
    pub(crate) named: Option<Box<NamedPrompt>>,
    /// Whether the answer is whole and has a form of this gateway's own; what a proxy or a firewall says has not.
    pub(crate) is_own_form: bool,
    /// The block that the answer announces, where it announces one.
    pub(crate) block: Option<Block>,
}

/// Whether a status of the 4xx class judges the request itself. The others are about the transport, a lock or a state
/// (408, 409, 423, 424, 425, 499 ...): what refuses so may have acted.
pub(crate) fn rejects_the_request(status: u16) -> bool {
    matches!(status, 400..=407 | 410..=417 | 422 | 431 | 451)
}

/// The four things that an answer can mean for a request that was not carried out as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The token is not accepted; the gateway did not act.
    TokenRefused,
    /// The gateway refused before it acted and would take the same request later.
    Busy,
    /// The gateway refused the request.
    SaidNo,
    /// It may or may not have acted.
    Unclear,
}

impl Refusal {
    pub(crate) fn new(
        answer: &Answer,
        meaning: Meaning,
        kind: ErrorKind,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            meaning,
            kind,
            code: code.into(),
            message: message.into(),
            hint: None,
            request_id: None,
            retry_after: None,
            http_status: answer.status,
            field: None,
            named: None,
            is_own_form: false,
            block: None,
        }
    }

    /// An answer that fits no known shape.
    pub(crate) fn unreadable(answer: &Answer, why: &str) -> Self {
        Self::new(
            answer,
            Meaning::Unclear,
            ErrorKind::UnreadableAnswer,
            "unreadable_answer",
            format!("The gateway answered HTTP {}, but {why}.", answer.status),
        )
    }
}

impl Worded for Refusal {
    fn redact(&mut self, redaction: &Redaction) {
        self.message = redaction.message(&self.message);
        self.code = redaction.word(&self.code);
        if let Some(id) = &mut self.request_id {
            *id = redaction.word(id);
        }
    }
}
