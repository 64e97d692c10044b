//! What a simulation puts in the place of the network and of chance; time it takes from Tokio's paused clock.
//!
//! Behind a feature that nothing shipped has: whoever can replace the network can read keys. The simulation of the
//! promises (`simulation/`) is the one user.

use crate::gateway::Answer;
use crate::http::{Outgoing, Transport, TransportCause, TransportFailure};
use crate::{ClientBuilder, Entropy, Error};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::HeaderMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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

impl<Keys> ClientBuilder<Keys> {
    /// A client that speaks to this network and takes its chance from there.
    #[must_use]
    pub fn simulated(mut self, network: Arc<dyn Network>, chance: Arc<dyn Chance>) -> Self {
        self.common.simulated = Some(Simulated { network, chance });
        self
    }
}

/// What stands in.
#[derive(Clone, Debug)]
pub(crate) struct Simulated {
    network: Arc<dyn Network>,
    chance: Arc<dyn Chance>,
}

impl Simulated {
    pub(crate) fn into_parts(self) -> (Arc<dyn Transport>, Arc<dyn Entropy>) {
        (
            Arc::new(OverNetwork(self.network)),
            Arc::new(FromChance(self.chance)),
        )
    }
}

#[derive(Debug)]
struct OverNetwork(Arc<dyn Network>);

impl Transport for OverNetwork {
    fn send(&self, outgoing: Outgoing) -> BoxFuture<'_, Result<Answer, TransportFailure>> {
        Box::pin(async move {
            let departed = Arc::new(AtomicBool::new(false));
            let request = Request {
                path: outgoing
                    .uri
                    .path_and_query()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                authorization: outgoing
                    .authorization
                    .as_ref()
                    .and_then(|header| header.to_str().ok())
                    .map(str::to_owned),
                body: outgoing.body,
                departed: Arc::clone(&departed),
            };
            let failed = |code, source| TransportFailure {
                bytes_left: departed.load(Ordering::Acquire),
                code,
                message: "The simulated network lost it.".to_owned(),
                source,
            };
            match tokio::time::timeout(outgoing.timeout, self.0.send(request)).await {
                Ok(Ok(response)) => Ok(Answer {
                    status: response.status,
                    headers: response.headers,
                    body: response.body,
                }),
                Ok(Err(Lost)) => Err(failed("lost", TransportCause::Client(lost()))),
                Err(elapsed) => Err(failed(
                    "no_answer_in_time",
                    TransportCause::Elapsed(elapsed),
                )),
            }
        })
    }
}

fn lost() -> Error {
    Error::new(
        crate::ErrorKind::NoAnswer,
        crate::Disposition::Unknown,
        "lost",
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
