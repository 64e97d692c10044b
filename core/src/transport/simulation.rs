//! The simulated network and randomness that replace the real ones. Time comes from Tokio's paused clock.
//!
//! Behind a feature that nothing shipped has: whoever can replace the network can read keys. The simulation of the
//! promises (`simulation/`) is the one user.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::gateway::message::Answer;
use crate::transport::http::connection::FreeList;
use crate::transport::http::{Answered, Outgoing, Transport, TransportCause, TransportFailure};
use crate::values::entropy::Entropy;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::HeaderMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// A network that exists in this process alone.
pub trait Network: Send + Sync + fmt::Debug {
    /// Carries a request to the gateway and its answer back. Dropped when the caller's time is up.
    fn send(&self, request: Request) -> BoxFuture<'static, Result<Response, Lost>>;
}

/// Chance that can be repeated.
pub trait Chance: Send + Sync + fmt::Debug {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// What the core would have sent.
#[derive(Debug)]
pub struct Request {
    /// The number of the connection, from 0 on: what comes late on one meets whichever request waits on it then.
    pub connection: u64,
    /// The path, with its query.
    pub path: String,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The body, where there is one.
    pub body: Option<Bytes>,
    departed: Arc<AtomicBool>,
}

impl Request {
    /// Bytes leave: from now on the gateway may act on it, whatever becomes of its answer.
    pub fn depart(&self) {
        self.departed.store(true, Ordering::Release);
    }
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// No whole answer came, and none will: no connection, or one that broke.
#[derive(Clone, Copy, Debug)]
pub struct Lost;

/// The simulated network and randomness that replace the real ones.
#[derive(Clone, Debug)]
pub(crate) struct Simulated {
    pub(crate) network: Arc<dyn Network>,
    pub(crate) chance: Arc<dyn Chance>,
}

impl Simulated {
    pub(crate) fn into_parts(self) -> (Arc<dyn Transport>, Arc<dyn Entropy>) {
        (
            Arc::new(OverNetwork::new(self.network)),
            Arc::new(FromChance(self.chance)),
        )
    }
}

/// What the core does about connections is real; the connections are numbers.
#[derive(Debug)]
struct OverNetwork {
    network: Arc<dyn Network>,
    connections: AtomicU64,
    free: Arc<FreeList<u64>>,
}

impl OverNetwork {
    fn new(network: Arc<dyn Network>) -> Self {
        Self {
            network,
            connections: AtomicU64::new(0),
            free: Arc::new(FreeList::new(Duration::from_secs(20))),
        }
    }
}

impl Transport for OverNetwork {
    fn send(&self, outgoing: Outgoing) -> BoxFuture<'_, Result<Answered, TransportFailure>> {
        Box::pin(async move {
            let connection = self
                .free
                .take()
                .unwrap_or_else(|| self.connections.fetch_add(1, Ordering::Relaxed));
            let departed = Arc::new(AtomicBool::new(false));
            let request = Request {
                connection,
                path: outgoing.url[url::Position::BeforePath..].to_owned(),
                authorization: (outgoing.authorization.as_ref())
                    .and_then(|header| header.to_str().ok())
                    .map(str::to_owned),
                body: outgoing.body,
                departed: Arc::clone(&departed),
            };
            let failed = |code, source| TransportFailure {
                bytes_left: departed.load(Ordering::Acquire),
                code,
                message: "The simulated network lost it.".to_owned(),
                hint: None,
                source,
            };
            match tokio::time::timeout(outgoing.timeout, self.network.send(request)).await {
                Ok(Ok(response)) => Ok(Answered {
                    answer: Answer {
                        status: response.status,
                        headers: response.headers,
                        body: response.body,
                    },
                    connection: self.free.lend(connection),
                }),
                Ok(Err(Lost)) => {
                    let code = if departed.load(Ordering::Acquire) {
                        ErrorCode::AnswerLost
                    } else {
                        ErrorCode::NotConnected
                    };
                    Err(failed(code, TransportCause::Client(lost(code))))
                }
                Err(_) => Err(failed(
                    if departed.load(Ordering::Acquire) {
                        ErrorCode::NoAnswerInTime
                    } else {
                        ErrorCode::NotConnectedInTime
                    },
                    TransportCause::Time,
                )),
            }
        })
    }
}

fn lost(code: ErrorCode) -> Error {
    Error::new(
        code,
        crate::error::Disposition::Unknown,
        "The simulated network lost it.",
    )
}

#[derive(Debug)]
struct FromChance(Arc<dyn Chance>);

impl Entropy for FromChance {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Error> {
        self.0.fill(bytes);
        Ok(())
    }
}
