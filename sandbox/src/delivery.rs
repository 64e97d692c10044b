//! Delivers callbacks, as often as the gateway would, over plain HTTP and never beyond this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::clock::seconds;
use crate::counters::bump;
use crate::engine::Engine;
use crate::faults::{Effect, Fault};

/// How a gateway delivers.
#[derive(Debug, Clone)]
pub(crate) struct Manners {
    /// How long a merchant may take to answer, in real time.
    pub(crate) patience: Duration,
    /// The statuses that acknowledge a callback.
    pub(crate) acknowledged_by: RangeInclusive<u16>,
    /// How long to wait before each new try, in sandbox seconds.
    pub(crate) retry_after_seconds: &'static [u16],
}

impl Manners {
    /// Once, whatever the answer.
    pub(crate) const ONCE: Self = Self {
        patience: Duration::from_secs(10),
        acknowledged_by: 200..=299,
        retry_after_seconds: &[],
    };
}

/// A callback that is ready to go.
#[derive(Debug, Clone)]
pub(crate) struct OutgoingCallback {
    pub(crate) manners: Manners,
    pub(crate) url: String,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
}

/// Delivers a callback, or what a fault makes of it. Further tries go on after this is done.
pub(crate) async fn deliver(
    engine: &Arc<Engine>,
    id: &str,
    mut outgoing: OutgoingCallback,
    fault: Option<Fault>,
) {
    let mut copies = 1;
    if let Some(fault) = fault {
        match fault.effect() {
            Effect::LoseCallback => {
                engine.with(|world| bump(&mut world.counters.callbacks_lost));
                return;
            }
            Effect::DoubleCallback => copies = 2,
            Effect::WaitBefore => engine.clock.sleep(seconds(fault.seconds)).await,
            Effect::TruncateBody => outgoing.body = outgoing.body.slice(..outgoing.body.len() / 2),
            // The table offers no other effect for callbacks; the callback then goes out whole.
            _ => {}
        }
    }
    let Some(target) = loopback_target(&outgoing.url) else {
        engine.with(|world| bump(&mut world.counters.callbacks_not_loopback));
        return;
    };
    for _ in 0..copies {
        if !deliver_once(engine, id, &target, &outgoing).await {
            let again = retry(
                Arc::clone(engine),
                id.to_owned(),
                target.clone(),
                outgoing.clone(),
            );
            engine.background.spawn(again);
        }
    }
}

/// Tries again, as often as the gateway would, until the callback is acknowledged or the payment forgotten.
async fn retry(engine: Arc<Engine>, id: String, target: Target, outgoing: OutgoingCallback) {
    for wait in outgoing.manners.retry_after_seconds {
        engine
            .clock
            .sleep(Duration::from_secs(u64::from(*wait)))
            .await;
        let goes_on = engine.with(|world| {
            let goes_on = world.payment(&id).is_some();
            if goes_on {
                bump(&mut world.counters.callback_retries);
            }
            goes_on
        });
        if !goes_on || deliver_once(&engine, &id, &target, &outgoing).await {
            return;
        }
    }
}

/// Delivers a callback, and tells whether it was acknowledged.
async fn deliver_once(
    engine: &Engine,
    id: &str,
    target: &Target,
    outgoing: &OutgoingCallback,
) -> bool {
    engine.with(|world| {
        bump(&mut world.counters.callbacks_sent);
        if let Some(payment) = world.payment_mut(id) {
            payment.callbacks = payment.callbacks.saturating_add(1);
            let gateway = payment.gateway;
            bump(&mut world.counters.of_mut(gateway).callbacks_sent);
        }
    });
    let manners = &outgoing.manners;
    let status = tokio::time::timeout(manners.patience, post(target, outgoing))
        .await
        .ok()
        .flatten();
    let acknowledged =
        status.is_some_and(|status| manners.acknowledged_by.contains(&status.as_u16()));
    engine.with(|world| {
        bump(if acknowledged {
            &mut world.counters.callbacks_acknowledged
        } else {
            &mut world.counters.callbacks_failed
        });
    });
    acknowledged
}

/// Whether a URL is one that callbacks can be delivered to.
pub(crate) fn is_deliverable(url: &str) -> bool {
    loopback_target(url).is_some()
}

/// Where a callback goes on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
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
