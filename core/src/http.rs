//! The edge where bytes leave the machine. It knows one thing that HTTP libraries do not tell: whether any byte of
//! a request can have reached the other side when something goes wrong.

use crate::gateway::Answer;
use crate::{Error, TlsRoots};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderValue, Method, header};
use http_body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

/// A request, ready to leave.
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) url: url::Url,
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) body: Option<Bytes>,
    /// For everything from now to the last byte of the answer.
    pub(crate) timeout: Duration,
}

/// No whole answer came back.
#[derive(Debug)]
pub(crate) struct TransportFailure {
    /// Whether any byte of the request may have reached the gateway.
    pub(crate) bytes_left: bool,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) source: TransportCause,
}

/// Who carries requests. One implementation speaks HTTP; a simulation can stand in for it.
pub(crate) trait Transport: Send + Sync + fmt::Debug {
    fn send(&self, outgoing: Outgoing) -> BoxFuture<'_, Result<Answer, TransportFailure>>;
}

/// What a gateway may answer at most. A real answer is under a kilobyte.
const LARGEST_ANSWER_BYTES: usize = 1024 * 1024;

/// How long a connection may take before trying another one makes more sense than waiting.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// HTTP/1.1 over a pool of connections, opened when first used.
pub(crate) struct HttpTransport {
    roots: TlsRoots,
    loopback: bool,
    client: OnceLock<Result<reqwest::Client, Error>>,
}

impl HttpTransport {
    pub(crate) fn new(roots: TlsRoots, loopback: bool) -> Self {
        Self {
            roots,
            loopback,
            client: OnceLock::new(),
        }
    }

    fn client(&self) -> Result<&reqwest::Client, Error> {
        self.client
            .get_or_init(|| build_client(&self.roots, self.loopback))
            .as_ref()
            .map_err(Clone::clone)
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport")
            .field("roots", &self.roots)
            .finish_non_exhaustive()
    }
}

fn build_client(roots: &TlsRoots, loopback: bool) -> Result<reqwest::Client, Error> {
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(crate::tls::client_config(roots)?)
        // Both would send a request again behind `send::decide`'s back.
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT_TIMEOUT)
        // Safaricom's front closes idle connections; a connection that it may be closing right now is not worth
        // a lost answer.
        .pool_idle_timeout(Duration::from_secs(20))
        .tcp_nodelay(true)
        .user_agent(concat!("lipia/", env!("CARGO_PKG_VERSION")));
    if loopback {
        // A proxy from the environment has no business between a test and its own machine.
        builder = builder.no_proxy();
    }
    builder.build().map_err(|source| {
        Error::configuration("http_client_failed", "The HTTP client could not be built.")
            .with_source(source)
    })
}

impl Transport for HttpTransport {
    fn send(&self, outgoing: Outgoing) -> BoxFuture<'_, Result<Answer, TransportFailure>> {
        Box::pin(async move {
            let left = Arc::new(AtomicBool::new(false));
            let timeout = outgoing.timeout;
            match tokio::time::timeout(timeout, self.attempt(outgoing, Arc::clone(&left))).await {
                Ok(result) => result,
                Err(elapsed) => Err(TransportFailure {
                    bytes_left: left.load(Ordering::Acquire),
                    code: if left.load(Ordering::Acquire) {
                        "no_answer_in_time"
                    } else {
                        "not_connected_in_time"
                    },
                    message: format!(
                        "The gateway did not answer within {:.1} seconds.",
                        timeout.as_secs_f64()
                    ),
                    source: TransportCause::Elapsed(elapsed),
                }),
            }
        })
    }
}

impl HttpTransport {
    async fn attempt(
        &self,
        outgoing: Outgoing,
        left: Arc<AtomicBool>,
    ) -> Result<Answer, TransportFailure> {
        let client = self.client().map_err(|error| TransportFailure {
            bytes_left: false,
            code: "http_client_failed",
            message: error.to_string(),
            source: TransportCause::Client(error),
        })?;
        let mut request = client
            .request(outgoing.method, outgoing.url)
            .header(header::ACCEPT, "application/json");
        if let Some(authorization) = outgoing.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        if let Some(body) = outgoing.body {
            let body = MarkedBody {
                data: Some(body),
                left: Arc::clone(&left),
            };
            request = request
                .header(header::CONTENT_TYPE, "application/json")
                .body(reqwest::Body::wrap(body));
        } else {
            // Without a body there is nothing to watch, and what carries none prompts nobody.
            left.store(true, Ordering::Release);
        }
        let mut response = request
            .send()
            .await
            .map_err(|source| failed(source, &left))?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let body = read_body(&mut response)
            .await
            .map_err(|source| failed(source, &left))?;
        Ok(Answer {
            status,
            headers,
            body,
        })
    }
}

/// Reads the answer's body; one that is larger than any gateway's is cut and so fits no known shape.
async fn read_body(response: &mut reqwest::Response) -> Result<Bytes, reqwest::Error> {
    let Some(first) = response.chunk().await? else {
        return Ok(Bytes::new());
    };
    let Some(second) = response.chunk().await? else {
        return Ok(first);
    };
    let mut whole = Vec::with_capacity(first.len() + second.len());
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&second);
    while let Some(chunk) = response.chunk().await? {
        if whole.len() + chunk.len() > LARGEST_ANSWER_BYTES {
            break;
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.into())
}

fn failed(source: reqwest::Error, left: &AtomicBool) -> TransportFailure {
    // The address is the caller's own, and a query string could hold what a log should not.
    let source = source.without_url();
    let bytes_left = left.load(Ordering::Acquire) && !source.is_connect();
    let (code, what) = if !bytes_left {
        ("not_connected", "The gateway could not be reached")
    } else if source.is_timeout() {
        ("no_answer_in_time", "The gateway did not answer in time")
    } else {
        (
            "answer_lost",
            "The connection broke before the gateway's answer was whole",
        )
    };
    let reason = innermost(&source).to_string();
    TransportFailure {
        bytes_left,
        code,
        message: format!("{what}: {reason}."),
        source: TransportCause::Http(source),
    }
}

/// The cause that says something: reqwest's own text is "error sending request".
fn innermost(error: &dyn std::error::Error) -> &dyn std::error::Error {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost
}

/// Where a failure came from.
#[derive(Debug)]
pub(crate) enum TransportCause {
    Http(reqwest::Error),
    Elapsed(tokio::time::error::Elapsed),
    Client(Error),
}

impl fmt::Display for TransportCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(error) => fmt::Display::fmt(error, f),
            Self::Elapsed(error) => fmt::Display::fmt(error, f),
            Self::Client(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl std::error::Error for TransportCause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Http(error) => error.source(),
            Self::Elapsed(_) => None,
            Self::Client(error) => error.source(),
        }
    }
}

/// A body that remembers whether anybody asked for it. The HTTP library asks only once a connection stands and
/// just before it writes the first byte of the request: before that, nothing can have left.
struct MarkedBody {
    data: Option<Bytes>,
    left: Arc<AtomicBool>,
}

impl Body for MarkedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.left.store(true, Ordering::Release);
        Poll::Ready(self.data.take().map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let bytes = self.data.as_ref().map_or(0, Bytes::len);
        SizeHint::with_exact(bytes as u64)
    }
}
