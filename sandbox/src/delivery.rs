//! Delivers callbacks: once, over plain HTTP, and never beyond this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::clock::seconds;
use crate::engine::Engine;
use crate::faults::{Effect, Fault};

/// How long a merchant may take to answer, in real time.
const PATIENCE: Duration = Duration::from_secs(10);

/// A callback that is ready to go.
#[derive(Debug, Clone)]
pub(crate) struct OutgoingCallback {
    pub(crate) url: String,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
}

/// Delivers a callback, or what a fault makes of it.
pub(crate) async fn deliver(
    engine: &Engine,
    id: &str,
    mut outgoing: OutgoingCallback,
    fault: Option<Fault>,
) {
    let mut copies = 1;
    if let Some(fault) = fault {
        match fault.effect() {
            Effect::LoseCallback => {
                engine.with(|world| {
                    world.counters.callbacks_lost = world.counters.callbacks_lost.saturating_add(1)
                });
                return;
            }
            Effect::DoubleCallback => copies = 2,
            Effect::WaitBefore => engine.clock.sleep(seconds(fault.seconds)).await,
            Effect::TruncateBody => outgoing.body = outgoing.body.slice(..outgoing.body.len() / 2),
            // The table offers no other effect for callbacks; the callback then goes out whole.
            _ => {}
        }
    }
    for _ in 0..copies {
        deliver_once(engine, id, &outgoing).await;
    }
}

async fn deliver_once(engine: &Engine, id: &str, outgoing: &OutgoingCallback) {
    let Some(target) = loopback_target(&outgoing.url) else {
        engine.with(|world| {
            world.counters.callbacks_not_loopback =
                world.counters.callbacks_not_loopback.saturating_add(1);
        });
        return;
    };
    engine.with(|world| {
        world.counters.callbacks_sent = world.counters.callbacks_sent.saturating_add(1);
        if let Some(payment) = world.payment_mut(id) {
            payment.callbacks = payment.callbacks.saturating_add(1);
        }
    });
    let status = tokio::time::timeout(PATIENCE, post(&target, outgoing))
        .await
        .ok()
        .flatten();
    engine.with(|world| {
        let counter = match status {
            Some(status) if status.is_success() => &mut world.counters.callbacks_acknowledged,
            _ => &mut world.counters.callbacks_failed,
        };
        *counter = counter.saturating_add(1);
    });
}

/// Where a callback goes on this machine.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    addresses: Vec<SocketAddr>,
    authority: String,
    path: String,
}

/// The target of a callback URL, if it is `http` and on this machine. `localhost` is not looked up: a resolver
/// could send it elsewhere.
fn loopback_target(url: &str) -> Option<Target> {
    let uri: Uri = url.parse().ok()?;
    if uri.scheme_str() != Some("http") {
        return None;
    }
    let host = uri.host()?;
    let port = uri.port_u16().unwrap_or(80);
    let hosts = if host == "localhost" {
        vec![
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::LOCALHOST),
        ]
    } else {
        let bare = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .unwrap_or(host);
        vec![bare.parse::<IpAddr>().ok().filter(IpAddr::is_loopback)?]
    };
    Some(Target {
        addresses: hosts
            .into_iter()
            .map(|host| SocketAddr::new(host, port))
            .collect(),
        authority: format!("{host}:{port}"),
        path: uri
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned(),
    })
}

/// Posts a callback and tells the status of the answer. The connection is this callback's alone; no redirect is followed.
async fn post(target: &Target, outgoing: &OutgoingCallback) -> Option<StatusCode> {
    let stream = TcpStream::connect(target.addresses.as_slice()).await.ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
        .title_case_headers(true)
        .handshake(TokioIo::new(stream))
        .await
        .ok()?;
    let mut request = Request::post(&target.path).header(http::header::HOST, &target.authority);
    for (name, value) in &outgoing.headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(outgoing.body.clone())).ok()?;
    let exchange = async {
        let answer = sender.send_request(request).await.ok()?;
        let status = answer.status();
        // The answer's body says nothing that is acted on, but reading some of it spares the merchant a reset.
        let mut body = answer.into_body();
        let mut frames = 0_u32;
        while frames < 64 && matches!(body.frame().await, Some(Ok(_))) {
            frames = frames.saturating_add(1);
        }
        Some(status)
    };
    tokio::pin!(exchange);
    tokio::select! {
        status = &mut exchange => status,
        // A connection that ends first may still have brought the answer.
        _ = connection => exchange.await,
    }
}

#[cfg(test)]
mod tests {
    use super::loopback_target;

    #[test]
    fn only_plain_http_on_this_machine_is_a_target() {
        for good in [
            "http://127.0.0.1:8000/a?b=c",
            "http://localhost/x",
            "http://[::1]:9/",
            "http://127.9.9.9/",
        ] {
            assert!(loopback_target(good).is_some(), "{good}");
        }
        for bad in [
            "https://127.0.0.1/",
            "http://example.com/",
            "http://localhost.example.com/",
            "http://127.0.0.1.example.com/",
            "http://127.0.0.1@example.com/",
            "http://10.0.0.1/",
            "http://0.0.0.0/",
            "http://[::ffff:10.0.0.1]/",
            "/only/a/path",
            "not a url",
            "",
        ] {
            assert_eq!(loopback_target(bad), None, "{bad}");
        }
        let target = loopback_target("http://127.0.0.1:8000/a/b?c=D").unwrap();
        assert_eq!(
            (target.authority.as_str(), target.path.as_str()),
            ("127.0.0.1:8000", "/a/b?c=D")
        );
    }
}
