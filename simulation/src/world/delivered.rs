//! A delivered answer, with its connection and the shop's process that gets it.

use crate::gateway::messages::NewToken;
use lipia::simulation::{Lost, Response};

/// A process of the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Process {
    /// The one that serves the sales.
    Till,
    /// One that takes in what is posted.
    Door,
    /// One of several that share a ledger, in one of its lives.
    Server(Server),
}

/// One life of one of the processes that share a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Server {
    pub(crate) number: u32,
    /// Counted from 0.
    pub(crate) life: u32,
}

/// A connection of one process of the shop.
pub(crate) type ConnectionId = (Process, u64);

/// An answer, or the end of its connection, as it arrives at the shop.
#[derive(Debug)]
pub(crate) struct Delivered {
    pub(crate) result: Result<Response, Lost>,
    pub(crate) token: Option<NewToken>,
    pub(crate) refuses_token: bool,
    pub(crate) banned_until_ms: Option<u64>,
    /// Whether that was announced in words of the gateway's own.
    pub(crate) is_announced: bool,
    /// The prompt that it names.
    pub(crate) named: Option<usize>,
}
