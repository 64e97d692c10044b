//! Posting a callback to an app: plain HTTP, to this machine or to a host that the user allowed by name. No redirect is
//! followed, no proxy is asked, and each callback has a connection of its own.

use crate::exit::Exit;
use crate::loopback;
use crate::refusal::Refusal;
use http::header::{CONTENT_TYPE, HOST, HeaderValue};
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use lipia::error::ErrorCode;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;

/// The longest that an app may take to answer.
const LONGEST_ANSWER: Duration = Duration::from_secs(10);

/// How many pieces of an answer's body are read. Nothing acts on the body, but an app whose answer is cut off sees an error.
const MAX_FRAMES: u32 = 64;

/// The content type of a callback that came without one.
const JSON: &str = "application/json";

/// The address of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct App {
    /// The host without brackets.
    host: String,
    port: u16,
    /// Host and port as a request names them.
    authority: String,
    /// What stands before the path of each callback; empty, or a path that does not end in a slash.
    base_path: String,
}

/// The end of an attempt to post a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Posted {
    /// The app answered.
    Answered(u16),
    /// There is no connection to the app's address: nothing left.
    NotReached,
    /// The connection ended without an answer. The app may have the callback.
    NoAnswer,
    /// The app took too long. It may have the callback.
    NotInTime,
}

impl Posted {
    /// Whether the app has taken the callback.
    pub(crate) fn is_taken(self) -> bool {
        matches!(self, Self::Answered(status) if (200..300).contains(&status))
    }

    /// What happened, and what to do about it where that is known.
    pub(crate) fn sentence(self) -> String {
        match self {
            Self::Answered(status) if self.is_taken() => format!("taken ({status})"),
            Self::Answered(status) => {
                let advice = match status {
                    300..=399 => {
                        "redirects are not followed: forward to the final address, and let callbacks in by plain http"
                    }
                    401 | 403 => {
                        "callbacks come without a login or a CSRF token: let them in. A shop that checks source addresses sees this machine's"
                    }
                    404 | 405 => {
                        "is that where the app takes callbacks? A shop with other credentials or callback secrets answers so too"
                    }
                    _ => "see the app's log",
                };
                format!("the app answered {status}; {advice}")
            }
            Self::NotReached => "nobody listens at the app's address".to_owned(),
            Self::NoAnswer => "the connection ended without an answer".to_owned(),
            Self::NotInTime => format!(
                "no answer within {} s; the app has to answer first and work afterwards",
                LONGEST_ANSWER.as_secs()
            ),
        }
    }
}

impl App {
    /// The app at a URL, if callbacks may be posted there. `argument`: what gave the URL.
    ///
    /// # Errors
    /// `post_address_refused`.
    pub(crate) fn parse(
        url: &str,
        allowed_hosts: &[String],
        argument: &'static str,
    ) -> Result<Self, Box<Refusal>> {
        let uri: Option<Uri> = url.trim().parse().ok();
        let parts = uri.and_then(|uri| {
            let authority = uri.authority()?.clone();
            let has_user = authority.as_str().contains('@');
            let is_whole = uri.query().is_none() && !has_user && !url.contains('#');
            is_whole.then_some((uri, authority))
        });
        let Some((uri, authority)) = parts else {
            return Err(refused(
                argument,
                format!("This is not the address of an app: {}.", shown(url)),
                "Give scheme, host and port, such as http://127.0.0.1:8000.".to_owned(),
            ));
        };
        if uri.scheme_str() != Some("http") {
            return Err(refused(
                argument,
                "The app's address does not begin with http://.".to_owned(),
                "Callbacks are posted by plain http, to this machine or a network of your own: give http://127.0.0.1:8000, say."
                    .to_owned(),
            ));
        }
        let bare = loopback::bare(authority.host());
        let is_allowed = allowed_hosts
            .iter()
            .any(|host| loopback::bare(host).eq_ignore_ascii_case(bare));
        if loopback::addresses(bare).is_none() && !is_allowed {
            return Err(refused(
                argument,
                format!("{bare} is not this machine, and callbacks say who paid how much."),
                format!("If the app runs there, add --allow-host {bare}."),
            ));
        }
        Ok(Self {
            host: bare.to_owned(),
            port: authority.port_u16().unwrap_or(80),
            authority: authority.to_string(),
            base_path: uri.path().trim_end_matches('/').to_owned(),
        })
    }

    /// Whether the address is this machine's own port.
    pub(crate) fn is_own_port(&self, port: u16) -> bool {
        self.port == port && loopback::addresses(&self.host).is_some()
    }

    /// The address, for people.
    pub(crate) fn shown(&self) -> String {
        format!("http://{}{}", self.authority, self.base_path)
    }

    /// Posts a callback. `path`: its path and query, as they are to arrive.
    pub(crate) async fn post(
        &self,
        path: &str,
        content_type: Option<&str>,
        body: Vec<u8>,
    ) -> Posted {
        let request = self.request(path, content_type, body);
        // Until there is a connection nothing has left, however long that takes.
        let connecting = tokio::time::timeout(LONGEST_ANSWER, self.connect());
        let Ok(Ok(stream)) = connecting.await else {
            return Posted::NotReached;
        };
        let Some(request) = request else {
            return Posted::NoAnswer;
        };
        match tokio::time::timeout(LONGEST_ANSWER, exchange(stream, request)).await {
            Ok(Some(status)) => Posted::Answered(status.as_u16()),
            Ok(None) => Posted::NoAnswer,
            Err(_) => Posted::NotInTime,
        }
    }

    /// The request. It has no header of the one that brought the callback but the content type.
    fn request(
        &self,
        path: &str,
        content_type: Option<&str>,
        body: Vec<u8>,
    ) -> Option<Request<Full<Bytes>>> {
        let content_type = content_type.and_then(|it| HeaderValue::from_str(it).ok());
        Request::post(format!("{}{path}", self.base_path))
            .header(HOST, &self.authority)
            .header(
                CONTENT_TYPE,
                content_type.unwrap_or(HeaderValue::from_static(JSON)),
            )
            .body(Full::new(body.into()))
            .ok()
    }

    async fn connect(&self) -> std::io::Result<TcpStream> {
        match loopback::addresses(&self.host) {
            Some(addresses) => {
                let addresses: Vec<SocketAddr> = addresses
                    .into_iter()
                    .map(|address| SocketAddr::new(address, self.port))
                    .collect();
                TcpStream::connect(addresses.as_slice()).await
            }
            None => TcpStream::connect((self.host.as_str(), self.port)).await,
        }
    }
}

async fn exchange(stream: TcpStream, request: Request<Full<Bytes>>) -> Option<StatusCode> {
    let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
        .title_case_headers(true)
        .handshake(TokioIo::new(stream))
        .await
        .ok()?;
    let exchange = async {
        let answer = sender.send_request(request).await.ok()?;
        let status = answer.status();
        let mut body = answer.into_body();
        let mut frames = 0_u32;
        while frames < MAX_FRAMES
            && let Some(Ok(_)) = body.frame().await
        {
            frames = frames.saturating_add(1);
        }
        Some(status)
    };
    tokio::pin!(exchange);
    tokio::select! {
        answered = &mut exchange => answered,
        // A connection that ends first may still have brought the answer.
        _ = connection => exchange.await,
    }
}

/// A URL without what it may hold of a token or a password.
fn shown(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at.saturating_add(3));
    let rest = url.get(start..).unwrap_or_default();
    if rest.contains('@') {
        return "it has a user name or a password";
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    url.get(..start.saturating_add(end)).unwrap_or_default()
}

pub(crate) fn refused(argument: &'static str, message: String, hint: String) -> Box<Refusal> {
    Box::new(Refusal {
        code: ErrorCode::PostAddressRefused,
        field: argument,
        message,
        hint,
        payment_id: None,
        exit: Exit::RefusedBeforeSending,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(url: &str, allowed: &[&str]) -> Result<App, String> {
        let allowed: Vec<String> = allowed.iter().map(|it| (*it).to_owned()).collect();
        App::parse(url, &allowed, "forward").map_err(|refusal| refusal.hint)
    }

    #[test]
    fn only_this_machine_is_posted_to_unless_a_host_is_allowed_by_name() {
        for url in [
            "http://127.0.0.1:8000",
            "http://127.9.9.9/",
            "http://localhost:1/shop",
            "http://LOCALHOST",
            "http://[::1]:9/",
        ] {
            assert!(app(url, &[]).is_ok(), "{url}");
        }
        for url in [
            "https://127.0.0.1",
            "http://example.com",
            "http://10.0.0.1:80",
            "http://0.0.0.0:8000",
            "http://[::ffff:10.0.0.1]/",
            "http://127.0.0.1.example.com/",
            "http://localhost.example.com/",
            "http://user@127.0.0.1/",
            "http://127.0.0.1@example.com/",
            "http://127.0.0.1/a?b=c",
            "127.0.0.1:8000",
            "/pay",
            "",
        ] {
            assert!(app(url, &[]).is_err(), "{url}");
        }
        let hint = app("http://App:8000", &[]).unwrap_err();
        assert!(hint.contains("--allow-host App"), "{hint}");
        assert!(app("http://App:8000", &["app"]).is_ok());
        assert!(app("http://[fd00::1]:8000", &["fd00::1"]).is_ok());
        assert!(app("http://app.example.com", &["app"]).is_err());
        assert!(app("https://app", &["app"]).is_err());
    }

    #[test]
    fn the_path_of_a_callback_is_appended_as_it_came() {
        let app = app("http://127.0.0.1:8000/shop/", &[]).unwrap();
        let request = app
            .request("/pay/a%2Fb?c=D", Some("text/plain"), b"x".to_vec())
            .unwrap();
        assert_eq!(request.uri(), "/shop/pay/a%2Fb?c=D");
        assert_eq!(request.headers().len(), 2);
        let plain = App::parse("http://127.0.0.1", &[], "to").unwrap();
        let request = plain.request("/", None, Vec::new()).unwrap();
        assert_eq!(request.uri(), "/");
        assert_eq!(request.headers()["content-type"], "application/json");
    }

    #[test]
    fn only_an_answer_of_success_is_taken() {
        for (posted, is_taken) in [
            (Posted::Answered(200), true),
            (Posted::Answered(204), true),
            (Posted::Answered(199), false),
            (Posted::Answered(302), false),
            (Posted::Answered(404), false),
            (Posted::Answered(410), false),
            (Posted::Answered(500), false),
            (Posted::NotReached, false),
            (Posted::NoAnswer, false),
            (Posted::NotInTime, false),
        ] {
            assert_eq!(posted.is_taken(), is_taken, "{posted:?}");
        }
    }
}
