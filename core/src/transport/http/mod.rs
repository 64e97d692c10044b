//! HTTP transport. Unlike most clients it reports whether any byte of a request can have reached the gateway, and leaves it to
//! its caller whether a connection may carry another request.

pub(crate) mod connection;
pub(crate) mod departure;
pub(crate) mod failure;
pub(crate) mod origin;
pub(crate) mod proxy;
pub(crate) mod user_agent;

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::gateway::message::Answer;
use crate::transport::tls::TlsRoots;
use crate::values::clock::Clock;
use crate::values::deadline::Deadline;
use bytes::Bytes;
use connection::{FreeList, Lent};
use departure::{Departure, MarkedBody};
use failure::Destination;
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Method, header};
use origin::Origin;
use proxy::Proxy;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::time::Instant;
use url::Url;
use user_agent::UserAgent;

/// A request, ready to leave.
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// `None` for a server other than the gateway.
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) body: Option<Bytes>,
    /// For everything from now to the last byte of the answer.
    pub(crate) timeout: Duration,
}

/// A whole answer, and the connection on which it came.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) answer: Answer,
    pub(crate) connection: Lent,
}

/// A request without a whole answer.
#[derive(Debug)]
pub(crate) struct TransportFailure {
    /// Whether any byte of the request may have reached the gateway.
    pub(crate) bytes_left: bool,
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
    pub(crate) hint: Option<&'static str>,
    pub(crate) source: TransportCause,
}

/// Carries requests. One implementation speaks HTTP; a simulation can stand in for it.
pub(crate) trait Transport: Send + Sync + fmt::Debug {
    fn send(&self, outgoing: Outgoing) -> BoxFuture<'_, Result<Answered, TransportFailure>>;
}

/// The largest answer that is read. A real one is under a kilobyte.
const LARGEST_ANSWER_BYTES: usize = 1024 * 1024;

/// How long a connection may take before a new attempt makes more sense than waiting.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Gateways close idle connections; one that may be closing right now is not worth a lost answer.
const LONGEST_IDLE: Duration = Duration::from_secs(20);

/// How long the HTTP library may take to ask for the body of a request on a connection that stands already.
const LATEST_START: Duration = Duration::from_secs(1);

/// How long an answer may take that had arrived when the time was up: the process may have been stopped until then.
const LAST_LOOK: Duration = Duration::from_millis(50);

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// HTTP/1.1 through `reqwest`, with a client for each connection: each carries one request at a time, and a further one only
/// once its caller has given it back. It follows no redirect and sends nothing twice: either would be a second prompt
/// behind [`crate::transport::retry::decide`]'s back (`docs/decisions/0012-http-and-tls.md`).
pub(crate) struct HttpTransport {
    roots: TlsRoots,
    user_agent: UserAgent,
    clock: Arc<dyn Clock>,
    destination: Destination,
    settings: OnceLock<Result<Settings, Error>>,
    free: Arc<FreeList<reqwest::Client>>,
}

/// What all connections of a transport share.
struct Settings {
    tls: rustls::ClientConfig,
    proxy: Option<Proxy>,
    destination: Destination,
}

impl HttpTransport {
    pub(crate) fn new(
        roots: TlsRoots,
        user_agent: UserAgent,
        origin: &Origin,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        Self::to(roots, user_agent, Destination::gateway(origin), clock)
    }

    /// To a server that is not the gateway.
    pub(crate) fn to_server(roots: TlsRoots, origin: &Origin, clock: &Arc<dyn Clock>) -> Self {
        Self::to(
            roots,
            UserAgent::default(),
            Destination::server(origin),
            clock,
        )
    }

    fn to(
        roots: TlsRoots,
        user_agent: UserAgent,
        destination: Destination,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        Self {
            roots,
            user_agent,
            clock: Arc::clone(clock),
            destination,
            settings: OnceLock::new(),
            free: Arc::new(FreeList::new(LONGEST_IDLE)),
        }
    }

    /// The settings, made when first needed: TLS takes milliseconds, and the variables that name a proxy are read once.
    fn settings(&self) -> Result<&Settings, TransportFailure> {
        let make = || {
            let proxy = Proxy::for_destination(&self.destination, &|name| std::env::var_os(name))?;
            Ok(Settings {
                tls: crate::transport::tls::client_config(&self.roots)?,
                destination: self
                    .destination
                    .clone()
                    .through(proxy.as_ref().map(Proxy::shown)),
                proxy,
            })
        };
        let made = self.settings.get_or_init(make).as_ref();
        made.map_err(|error| TransportFailure::no_client(error.clone()))
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport")
            .field("roots", &self.roots)
            .finish_non_exhaustive()
    }
}

impl Transport for HttpTransport {
    fn send(&self, outgoing: Outgoing) -> BoxFuture<'_, Result<Answered, TransportFailure>> {
        Box::pin(async move {
            let deadline = Instant::now() + outgoing.timeout;
            let settings = self.settings()?;
            if let Some(used) = self.free.take() {
                // The runtime looks at the sockets: a connection that was closed, or that said something unasked, is found
                // to be of no use before this request could be lost in it or take that for its answer.
                tokio::task::yield_now().await;
                tokio::task::yield_now().await;
                let start_by = deadline.min(Instant::now() + LATEST_START);
                let carried = self.carry(used, settings, &outgoing, start_by, deadline);
                if let Some(ended) = carried.await {
                    return ended;
                }
            }
            let fresh = settings.client(&self.user_agent)?;
            let carried = self.carry(fresh, settings, &outgoing, deadline, deadline);
            // Where both times are the same there is an end.
            carried
                .await
                .unwrap_or_else(|| Err(settings.destination.too_late(&outgoing, false)))
        })
    }
}

impl HttpTransport {
    /// Sends a request and waits for its answer. `None` where it was not begun by `start_by` and called off: nothing of
    /// it has left, and nothing will.
    async fn carry(
        &self,
        client: reqwest::Client,
        settings: &Settings,
        outgoing: &Outgoing,
        start_by: Instant,
        deadline: Instant,
    ) -> Option<Result<Answered, TransportFailure>> {
        let departure = Arc::new(Departure::until(Deadline::at(deadline, &self.clock)));
        let sent = client.execute(request(outgoing, &departure));
        let mut answer = pin!(read(sent, &departure, &settings.destination));
        let mut answered = tokio::time::timeout_at(start_by, &mut answer).await;
        if answered.is_err() && start_by < deadline {
            if !departure.call_off() {
                return None;
            }
            answered = tokio::time::timeout_at(deadline, &mut answer).await;
        }
        let ended = match answered {
            Ok(ended) => ended,
            Err(_) if departure.call_off() => match tokio::time::timeout(LAST_LOOK, answer).await {
                Ok(ended @ Ok(_)) => ended,
                Ok(Err(_)) | Err(_) => Err(settings.destination.too_late(outgoing, true)),
            },
            Err(_) => Err(settings.destination.too_late(outgoing, false)),
        };
        Some(ended.map(|(answer, is_whole)| Answered {
            answer,
            connection: if is_whole {
                self.free.lend(client)
            } else {
                Lent::never()
            },
        }))
    }
}

impl Settings {
    /// A client for one connection.
    fn client(&self, user_agent: &UserAgent) -> Result<reqwest::Client, TransportFailure> {
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .user_agent(user_agent.header())
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(LONGEST_IDLE)
            .pool_max_idle_per_host(1)
            .tcp_keepalive(None);
        let builder = match &self.proxy {
            Some(proxy) => builder.proxy(proxy.rule().map_err(TransportFailure::no_client)?),
            None => builder.no_proxy(),
        };
        builder.build().map_err(|source| {
            let error =
                Error::configuration(ErrorCode::HttpClientFailed, "HTTP could not be set up.");
            TransportFailure::no_client(error.with_source(source.without_url()))
        })
    }
}

fn request(outgoing: &Outgoing, departure: &Arc<Departure>) -> reqwest::Request {
    let mut request = reqwest::Request::new(outgoing.method.clone(), outgoing.url.clone());
    let mut headers = HeaderMap::with_capacity(4);
    headers.insert(header::ACCEPT, JSON);
    if let Some(authorization) = &outgoing.authorization {
        headers.insert(header::AUTHORIZATION, authorization.clone());
    }
    if let Some(body) = &outgoing.body {
        headers.insert(header::CONTENT_TYPE, JSON);
        let body = MarkedBody::new(body.clone(), Arc::clone(departure));
        *request.body_mut() = Some(reqwest::Body::wrap(body));
    } else {
        // Without a body there is nothing to watch, and what carries none prompts nobody.
        departure.begin();
    }
    *request.headers_mut() = headers;
    request
}

/// Waits for the answer and reads it; also whether that is all of it. One that is larger than any gateway's is cut, and so
/// fits no known shape.
async fn read(
    sent: impl Future<Output = reqwest::Result<reqwest::Response>>,
    departure: &Departure,
    destination: &Destination,
) -> Result<(Answer, bool), TransportFailure> {
    let mut response = sent
        .await
        .map_err(|source| destination.not_answered(source, departure))?;
    let status = response.status().as_u16();
    let headers = std::mem::take(response.headers_mut());
    let mut body = Bytes::new();
    let mut pieces: Vec<u8> = Vec::new();
    let mut is_whole = true;
    while let Some(data) = response
        .chunk()
        .await
        .map_err(|error| destination.cut(error))?
    {
        if body.is_empty() && pieces.is_empty() {
            body = data;
            continue;
        }
        if pieces.is_empty() {
            pieces.extend_from_slice(&body);
        }
        if pieces.len() + data.len() > LARGEST_ANSWER_BYTES {
            is_whole = false;
            break;
        }
        pieces.extend_from_slice(&data);
    }
    if !pieces.is_empty() {
        body = pieces.into();
    }
    let answer = Answer {
        status,
        headers,
        body,
    };
    Ok((answer, is_whole))
}

/// The error beneath a failure.
#[derive(Debug)]
pub(crate) enum TransportCause {
    Request(reqwest::Error),
    Client(Error),
    Time,
}

impl fmt::Display for TransportCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(error) => fmt::Display::fmt(error, f),
            Self::Client(error) => fmt::Display::fmt(error, f),
            Self::Time => f.write_str("the time was up"),
        }
    }
}

impl std::error::Error for TransportCause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Request(error) => error.source(),
            Self::Client(error) => error.source(),
            Self::Time => None,
        }
    }
}
