//! Errors of a request without a whole answer: where it was to go, what broke, and what usually causes that.

use super::departure::Departure;
use super::origin::Origin;
use super::{Outgoing, TransportCause, TransportFailure};
use crate::error::Error;
use crate::error::codes::ErrorCode;
use std::error::Error as StdError;
use std::io;

/// The host that requests go to, as failures name it.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    /// What is there: `gateway`, or another word for a server that is not one.
    noun: &'static str,
    pub(super) host: String,
    pub(super) is_loopback: bool,
    is_cleartext: bool,
    host_and_port: String,
    /// The proxy on the way, without its password.
    proxy: Option<String>,
}

/// What kept a connection from being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ConnectFailure {
    Refused,
    NameNotFound,
    TimedOut,
    Unreachable,
    NotTls,
    HungUp,
    Certificate,
    ProxyWantsPassword,
    ProxySaidNo,
    Other,
}

impl Destination {
    pub(super) fn gateway(origin: &Origin) -> Self {
        Self::direct("gateway", origin)
    }

    pub(super) fn server(origin: &Origin) -> Self {
        Self::direct("server", origin)
    }

    fn direct(noun: &'static str, origin: &Origin) -> Self {
        Self {
            noun,
            host: origin.host().to_owned(),
            is_loopback: origin.is_loopback(),
            is_cleartext: origin.is_cleartext(),
            host_and_port: origin.host_and_port(),
            proxy: None,
        }
    }

    pub(super) fn through(mut self, proxy: Option<String>) -> Self {
        self.proxy = proxy;
        self
    }

    /// The answer did not begin.
    pub(super) fn not_answered(
        &self,
        source: reqwest::Error,
        departure: &Departure,
    ) -> TransportFailure {
        let source = source.without_url();
        if departure.call_off() && !source.is_connect() {
            return self.cut(source);
        }
        let (failure, at_proxy) = connect_failure_of(&source);
        let what = match failure {
            ConnectFailure::Refused => "the connection was refused".to_owned(),
            ConnectFailure::NameNotFound => "its name was not found".to_owned(),
            ConnectFailure::TimedOut => "the connection was not made in time".to_owned(),
            ConnectFailure::Unreachable => "the network does not reach it".to_owned(),
            ConnectFailure::NotTls => "that port speaks no TLS".to_owned(),
            ConnectFailure::HungUp => "it closed the connection before TLS was set up".to_owned(),
            ConnectFailure::ProxyWantsPassword => {
                "the proxy wants a user name and a password, or others".to_owned()
            }
            ConnectFailure::ProxySaidNo => "the proxy refused to connect to it".to_owned(),
            ConnectFailure::Other if at_proxy => "no connection to it was made".to_owned(),
            ConnectFailure::Certificate | ConnectFailure::Other => innermost(&source),
        };
        let (subject, way) = match (&self.proxy, at_proxy) {
            (Some(proxy), true) => (
                format!("The proxy {proxy}"),
                format!(" on the way to the {} at {}", self.noun, self.host_and_port),
            ),
            _ => (self.subject(), self.way()),
        };
        TransportFailure {
            bytes_left: false,
            code: ErrorCode::NotConnected,
            message: format!("{subject} could not be reached{way}: {what}."),
            hint: self.usual_cause(failure, at_proxy),
            source: TransportCause::Request(source),
        }
    }

    /// The request left, or the answer began, and the answer did not end.
    pub(super) fn cut(&self, source: reqwest::Error) -> TransportFailure {
        let source = source.without_url();
        let reason = innermost(&source);
        TransportFailure {
            bytes_left: true,
            code: ErrorCode::AnswerLost,
            message: format!(
                "The connection to the {} at {}{} broke before the answer was whole: {reason}.",
                self.noun,
                self.host_and_port,
                self.way()
            ),
            hint: None,
            source: TransportCause::Request(source),
        }
    }

    /// The caller's time was up.
    pub(super) fn too_late(&self, outgoing: &Outgoing, bytes_left: bool) -> TransportFailure {
        TransportFailure {
            bytes_left,
            code: if bytes_left {
                ErrorCode::NoAnswerInTime
            } else {
                ErrorCode::NotConnectedInTime
            },
            message: format!(
                "{} did not answer{} within {:.1} seconds.",
                self.subject(),
                self.way(),
                outgoing.timeout.as_secs_f64()
            ),
            hint: if bytes_left {
                None
            } else {
                self.usual_cause(ConnectFailure::TimedOut, false)
            },
            source: TransportCause::Time,
        }
    }

    fn subject(&self) -> String {
        format!("The {} at {}", self.noun, self.host_and_port)
    }

    fn way(&self) -> String {
        self.proxy
            .as_ref()
            .map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"))
    }

    fn usual_cause(&self, failure: ConnectFailure, at_proxy: bool) -> Option<&'static str> {
        Some(match failure {
            ConnectFailure::ProxyWantsPassword => {
                "Write them into the variable: http://user:password@host:port, with special characters as %40 and the like."
            }
            ConnectFailure::ProxySaidNo => {
                "Its owner decides which hosts it connects to: ask for this one, or name the host in NO_PROXY where it can be reached without."
            }
            _ if at_proxy => {
                "Check the variable that names the proxy; where none is needed unset it, or name the host in NO_PROXY."
            }
            ConnectFailure::Refused if self.is_loopback => {
                "Nothing listens on that port: is `lipia sandbox` running?"
            }
            ConnectFailure::Refused if self.is_cleartext => {
                "Nothing listens on that port: is `lipia sandbox` running, with --bind 0.0.0.0 where it is in a container or on another machine?"
            }
            ConnectFailure::Refused => {
                "Nothing listens on that port, or a firewall refuses: check the base URL."
            }
            ConnectFailure::NameNotFound => {
                "Check how the host is spelt in the base URL, and whether this machine can look up names."
            }
            ConnectFailure::TimedOut | ConnectFailure::Unreachable => {
                "Usually a firewall, or a network without a way out; where a proxy is needed name it in HTTPS_PROXY."
            }
            ConnectFailure::NotTls | ConnectFailure::HungUp => {
                "Check the port in the base URL; a sandbox on this machine is spoken to by http://."
            }
            ConnectFailure::Certificate => {
                "Usually a wrong host, a clock that is off, or a company's proxy that signs with a certificate of its own: give the client that CA bundle, or trust the operating system's store."
            }
            ConnectFailure::Other => return None,
        })
    }
}

impl TransportFailure {
    /// There is nothing to send with.
    pub(super) fn no_client(error: Error) -> Self {
        Self {
            bytes_left: false,
            code: ErrorCode::HttpClientFailed,
            message: error.to_string(),
            hint: None,
            source: TransportCause::Client(error),
        }
    }
}

/// What kept a connection from being made, and whether it was the one to the proxy.
fn connect_failure_of(error: &reqwest::Error) -> (ConnectFailure, bool) {
    let mut failure = ConnectFailure::Other;
    let mut at_proxy = false;
    for cause in causes(error) {
        // The HTTP library does not name the types of these two.
        let said = cause.to_string();
        if said.starts_with("tunnel error: ") || said.starts_with("SOCKS error: ") {
            at_proxy |= said.ends_with("failed to create underlying connection");
            failure = match &said {
                _ if said.contains("authorization required") => ConnectFailure::ProxyWantsPassword,
                _ if at_proxy => ConnectFailure::Other,
                _ => ConnectFailure::ProxySaidNo,
            };
        } else if let Some(io) = cause.downcast_ref::<io::Error>() {
            failure = of_io(io).unwrap_or(failure);
        }
    }
    if failure == ConnectFailure::Other {
        if error.is_dns() {
            failure = ConnectFailure::NameNotFound;
        } else if error.is_timeout() {
            failure = ConnectFailure::TimedOut;
        }
    }
    (failure, at_proxy)
}

fn of_io(error: &io::Error) -> Option<ConnectFailure> {
    let inner = error.get_ref();
    // An error beneath one of these is not among its sources.
    if let Some(inner) = inner.and_then(|inner| inner.downcast_ref::<io::Error>()) {
        return of_io(inner);
    }
    match inner.and_then(|inner| inner.downcast_ref()) {
        Some(rustls::Error::InvalidCertificate(_)) => return Some(ConnectFailure::Certificate),
        Some(rustls::Error::InvalidMessage(_)) => return Some(ConnectFailure::NotTls),
        _ => {}
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Some(ConnectFailure::Refused),
        io::ErrorKind::TimedOut => Some(ConnectFailure::TimedOut),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
            Some(ConnectFailure::HungUp)
        }
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            Some(ConnectFailure::Unreachable)
        }
        _ => None,
    }
}

/// An error and what lies beneath it, the outermost first.
fn causes<'e>(
    error: &'e (dyn StdError + 'static),
) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |cause| (**cause).source())
}

/// The cause that says something: the outermost text is "error sending request".
fn innermost(error: &(dyn StdError + 'static)) -> String {
    causes(error)
        .last()
        .map_or_else(String::new, ToString::to_string)
        .trim_end_matches('.')
        .to_owned()
}
