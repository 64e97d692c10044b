//! What happened, in numbers.

use std::collections::BTreeMap;

use serde::Serialize;

/// What happened since the sandbox started or was reset.
///
/// A test that cares about money looks at [`prompts`](Self::prompts): how many times a customer was asked to pay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counters {
    /// Token requests that reached the server, with or without a fault.
    pub oauth_calls: u64,
    /// Tokens that were issued.
    pub tokens_issued: u64,
    /// Token requests that the sandbox refused (wrong keys or grant type; injected answers are not counted here).
    pub oauth_refused: u64,
    /// Push requests that reached the server, with or without a fault.
    pub push_attempts: u64,
    /// Push requests that the sandbox refused (validation, token, busy phone; injected answers are not counted here).
    pub push_refused: u64,
    /// Prompts: how many times a phone was really asked to pay.
    pub prompts: u64,
    /// Prompts per phone number.
    pub prompts_by_phone: BTreeMap<String, u64>,
    /// Status queries that reached the server, with or without a fault.
    pub queries: u64,
    /// Callbacks for which a request was begun.
    pub callbacks_sent: u64,
    /// Callbacks that were answered with a 2xx status.
    pub callbacks_acknowledged: u64,
    /// Callbacks that were answered otherwise, or not at all.
    pub callbacks_failed: u64,
    /// Callbacks that were not sent because their host is not a loopback `http` one.
    pub callbacks_not_loopback: u64,
    /// Callbacks that a fault swallowed.
    pub callbacks_lost: u64,
    /// Connections that a fault closed before anything was read from them.
    pub connections_refused: u64,
    /// Faults that were played, the ones above included.
    pub faults_played: u64,
}
