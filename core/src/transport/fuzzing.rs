//! Access for the fuzz target `answers` to the readers of answers. It exists in no other build.

use crate::gateway::daraja::{push, query, wire};
use crate::gateway::message::Answer;
use crate::gateway::refusal::Reading;
use crate::meaning::status::Status;
use crate::payment::acceptance::Acceptance;
use crate::transport::retry::{Call, Decision, Reached, Spent, decide};
use bytes::Bytes;
use http::HeaderMap;
use std::time::Duration;

/// What each of the three calls makes of the same answer.
#[derive(Debug)]
pub struct Readings {
    /// What a push takes for its acceptance.
    pub acceptance: Option<Acceptance>,
    /// Whether a push would be sent again after it.
    pub push_is_resent: bool,
    /// What a query takes for its answer.
    pub status: Option<Status>,
    /// Whether a token was found in it.
    pub has_token: bool,
}

/// Reads an answer as each of the three calls does.
pub fn read_answer(status: u16, body: &[u8]) -> Readings {
    let answer = Answer {
        status,
        headers: HeaderMap::new(),
        body: Bytes::copy_from_slice(body),
    };
    let spent = Spent {
        tokens_spent: false,
        resends: 0,
        remaining: Duration::from_secs(30),
    };
    let (acceptance, push_is_resent) = match push::read_answer(&answer) {
        Reading::Done(acceptance) => (Some(acceptance), false),
        Reading::Refused(refusal) => {
            let decision = decide(Call::Push, Reached::Answered(&refusal), spent, 0.5);
            (None, !matches!(decision, Decision::Fail { .. }))
        }
    };
    let status = match query::read_answer("ws_CO_191220191020363925", &answer) {
        Reading::Done(status) => Some(status),
        Reading::Refused(_) => None,
    };
    let has_token = matches!(wire::read_token(&answer), Reading::Done(_));
    Readings {
        acceptance,
        push_is_resent,
        status,
        has_token,
    }
}
