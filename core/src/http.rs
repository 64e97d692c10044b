//! The edge where bytes leave the machine. It knows one thing that HTTP libraries do not tell: whether any byte of
//! a request can have reached the other side when something goes wrong.

mod origin;
mod reach;
mod unasked;

pub(crate) use origin::Origin;

use crate::gateway::Answer;
use crate::{Error, TlsRoots};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderValue, Method, Request, Uri, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::capture_connection;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use reach::Reach;
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

/// A request, ready to leave.
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) body: Option<Bytes>,
    /// Whether a phone is prompted, so that an answer to another request must never be taken for this one's.
    pub(crate) prompts: bool,
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

/// Gateways close idle connections; one that may be closing right now is not worth a lost answer.
const LONGEST_IDLE: Duration = Duration::from_secs(20);

const USER_AGENT: HeaderValue =
    HeaderValue::from_static(concat!("lipia/", env!("CARGO_PKG_VERSION")));
const JSON: HeaderValue = HeaderValue::from_static("application/json");

type HttpClient = legacy::Client<HttpsConnector<Reach>, MarkedBody>;

/// HTTP/1.1 over a pool of connections, opened when first used. It follows no redirect and sends nothing twice:
/// both would be a second prompt behind [`crate::send::decide`]'s back.
pub(crate) struct HttpTransport {
    roots: TlsRoots,
    loopback: bool,
    client: OnceLock<Result<HttpClient, Error>>,
}

impl HttpTransport {
    pub(crate) fn new(roots: TlsRoots, loopback: bool) -> Self {
        Self {
            roots,
            loopback,
            client: OnceLock::new(),
        }
    }

    fn client(&self) -> Result<&HttpClient, Error> {
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

fn build_client(roots: &TlsRoots, loopback: bool) -> Result<HttpClient, Error> {
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_tls_config(crate::tls::client_config(roots)?)
        // The builder of the client lets http through to loopback alone.
        .https_or_http()
        .enable_http1()
        .wrap_connector(Reach::new(loopback));
    Ok(legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(LONGEST_IDLE)
        // It would resend only what was never begun, but who resends is decided in one place.
        .retry_canceled_requests(false)
        .build(connector))
}

impl Transport for HttpTransport {
    fn send(&self, outgoing: Outgoing) -> BoxFuture<'_, Result<Answer, TransportFailure>> {
        Box::pin(async move {
            let departure = Arc::new(Departure::default());
            let timeout = outgoing.timeout;
            match tokio::time::timeout(timeout, self.attempt(outgoing, &departure)).await {
                Ok(result) => result,
                Err(elapsed) => {
                    let bytes_left = departure.call_off();
                    Err(TransportFailure {
                        bytes_left,
                        code: if bytes_left {
                            "no_answer_in_time"
                        } else {
                            "not_connected_in_time"
                        },
                        message: format!(
                            "The gateway did not answer within {:.1} seconds.",
                            timeout.as_secs_f64()
                        ),
                        source: TransportCause::Elapsed(elapsed),
                    })
                }
            }
        })
    }
}

impl HttpTransport {
    async fn attempt(
        &self,
        outgoing: Outgoing,
        departure: &Arc<Departure>,
    ) -> Result<Answer, TransportFailure> {
        let client = self.client().map_err(|error| TransportFailure {
            bytes_left: false,
            code: "http_client_failed",
            message: error.to_string(),
            source: TransportCause::Client(error),
        })?;
        let prompts = outgoing.prompts;
        let mut request = request(outgoing, departure);
        let connection = prompts.then(|| capture_connection(&mut request));
        let response = client
            .request(request)
            .await
            .map_err(|source| not_answered(source, departure))?;
        let (head, body) = response.into_parts();
        // What a proxy gave up on may yet be accepted, and be said where the next push waits for its own answer.
        if let (false, Some(connection)) = (head.status.is_success(), connection)
            && let Some(connected) = connection.connection_metadata().as_ref()
        {
            connected.poison();
        }
        let body = read_body(body).await.map_err(TransportFailure::cut)?;
        Ok(Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
        })
    }
}

fn request(outgoing: Outgoing, departure: &Arc<Departure>) -> Request<MarkedBody> {
    let has_body = outgoing.body.is_some();
    if !has_body {
        // Without a body there is nothing to watch, and what carries none prompts nobody.
        departure.begin();
    }
    let mut request = Request::new(MarkedBody {
        data: outgoing.body,
        departure: Arc::clone(departure),
    });
    *request.method_mut() = outgoing.method;
    *request.uri_mut() = outgoing.uri;
    let headers = request.headers_mut();
    headers.insert(header::USER_AGENT, USER_AGENT);
    headers.insert(header::ACCEPT, JSON);
    if has_body {
        headers.insert(header::CONTENT_TYPE, JSON);
    }
    if let Some(authorization) = outgoing.authorization {
        headers.insert(header::AUTHORIZATION, authorization);
    }
    request
}

/// Reads the answer's body; one that is larger than any gateway's is cut and so fits no known shape.
async fn read_body(mut body: Incoming) -> Result<Bytes, hyper::Error> {
    let mut whole = Bytes::new();
    let mut pieces: Vec<u8> = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        if whole.is_empty() && pieces.is_empty() {
            whole = data;
            continue;
        }
        if pieces.is_empty() {
            pieces.extend_from_slice(&whole);
        }
        if pieces.len() + data.len() > LARGEST_ANSWER_BYTES {
            break;
        }
        pieces.extend_from_slice(&data);
    }
    Ok(if pieces.is_empty() {
        whole
    } else {
        pieces.into()
    })
}

fn not_answered(source: legacy::Error, departure: &Departure) -> TransportFailure {
    let bytes_left = departure.call_off() && !source.is_connect();
    let (code, what) = if bytes_left {
        ("answer_lost", LOST)
    } else {
        ("not_connected", "The gateway could not be reached")
    };
    let reason = innermost(&source).to_string();
    TransportFailure {
        bytes_left,
        code,
        message: format!("{what}: {reason}."),
        source: TransportCause::Request(source),
    }
}

const LOST: &str = "The connection broke before the gateway's answer was whole";

impl TransportFailure {
    /// The answer began and did not end.
    fn cut(source: hyper::Error) -> Self {
        let reason = innermost(&source).to_string();
        Self {
            bytes_left: true,
            code: "answer_lost",
            message: format!("{LOST}: {reason}."),
            source: TransportCause::Body(source),
        }
    }
}

/// The cause that says something: the outermost text is "client error (Connect)".
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
    Request(legacy::Error),
    Body(hyper::Error),
    Elapsed(tokio::time::error::Elapsed),
    Client(Error),
}

impl fmt::Display for TransportCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(error) => fmt::Display::fmt(error, f),
            Self::Body(error) => fmt::Display::fmt(error, f),
            Self::Elapsed(error) => fmt::Display::fmt(error, f),
            Self::Client(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl std::error::Error for TransportCause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Request(error) => error.source(),
            Self::Body(error) => error.source(),
            Self::Elapsed(_) => None,
            Self::Client(error) => error.source(),
        }
    }
}

/// Whether a request has begun to leave. It begins, or it is called off, and never both: a body that is asked for
/// in the very moment in which the time is up cannot leave after all.
#[derive(Debug, Default)]
struct Departure(AtomicU8);

const WAITING: u8 = 0;
const LEFT: u8 = 1;
const CALLED_OFF: u8 = 2;

impl Departure {
    /// Begins, unless it was called off. Whether it may go on.
    fn begin(&self) -> bool {
        self.move_to(LEFT) != CALLED_OFF
    }

    /// Calls it off, unless it has begun. Whether it had.
    fn call_off(&self) -> bool {
        self.move_to(CALLED_OFF) == LEFT
    }

    /// Moves on from waiting; what was there before.
    fn move_to(&self, next: u8) -> u8 {
        match self
            .0
            .compare_exchange(WAITING, next, Ordering::AcqRel, Ordering::Acquire)
        {
            Ok(before) | Err(before) => before,
        }
    }
}

/// A body that tells when it is asked for. The HTTP library asks only once a connection stands and just before it
/// writes the first byte of the request: before that, nothing can have left.
struct MarkedBody {
    data: Option<Bytes>,
    departure: Arc<Departure>,
}

/// The caller's time was up before the request could leave.
#[derive(Debug)]
struct CalledOff;

impl fmt::Display for CalledOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request was called off before it left")
    }
}

impl std::error::Error for CalledOff {}

impl Body for MarkedBody {
    type Data = Bytes;
    type Error = CalledOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CalledOff>>> {
        if !self.departure.begin() {
            return Poll::Ready(Some(Err(CalledOff)));
        }
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

#[cfg(test)]
mod tests {
    use super::Departure;

    #[test]
    fn a_request_leaves_or_is_called_off_and_never_both() {
        let departure = Departure::default();
        assert!(departure.begin());
        assert!(departure.call_off(), "it had left");
        assert!(departure.begin(), "and goes on leaving");

        let departure = Departure::default();
        assert!(!departure.call_off(), "it had not left");
        assert!(!departure.begin(), "and never will");
        assert!(!departure.call_off());
    }
}
