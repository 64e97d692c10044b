//! Delivery of callbacks: as often as the gateway would, over plain HTTP, never beyond this machine.

use std::sync::Arc;
use std::time::Duration;

use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::Engine;
use crate::faults::Fault;
use crate::faults::effect::Effect;
use crate::records::counters::bump;
use crate::values::clock::seconds;
use crate::wire::loopback::{Target, loopback_target};
use crate::wire::outgoing::OutgoingCallback;

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
                let gateway = engine.with(|world| {
                    bump(&mut world.counters.callbacks_lost);
                    world.payment(id).map(|payment| payment.gateway)
                });
                if let Some(gateway) = gateway {
                    engine.tell("callback_not_sent", gateway, || {
                        format!("the callback of {id} is lost: a fault that was injected")
                    });
                }
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
        let gateway = engine.with(|world| {
            bump(&mut world.counters.callbacks_not_loopback);
            world.payment(id).map(|payment| payment.gateway)
        });
        if let Some(gateway) = gateway {
            engine.tell("callback_not_sent", gateway, || not_sent(&outgoing.url));
        }
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
    for wait in outgoing.policy.retry_after_seconds {
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
    let policy = &outgoing.policy;
    let answered = tokio::time::timeout(policy.timeout, post(target, outgoing))
        .await
        .unwrap_or(Err(NotAnswered::InTime));
    let acknowledged = answered
        .as_ref()
        .is_ok_and(|(status, _)| policy.acknowledged_by.contains(&status.as_u16()));
    let gateway = engine.with(|world| {
        bump(if acknowledged {
            &mut world.counters.callbacks_acknowledged
        } else {
            &mut world.counters.callbacks_failed
        });
        world.payment(id).map(|payment| payment.gateway)
    });
    if let Some(gateway) = gateway {
        let event = if acknowledged {
            "called_back"
        } else {
            "callback_refused"
        };
        engine.tell(event, gateway, || {
            delivered(&outgoing.url, &answered, acknowledged)
        });
    }
    acknowledged
}

/// Why a callback drew no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NotAnswered {
    /// Nobody listens at the address.
    Unreachable,
    /// The connection ended first, or what came is not HTTP.
    Broken,
    /// The merchant took too long.
    InTime,
}

/// A callback that was posted, and what came of it, for people.
fn delivered(
    url: &str,
    answered: &Result<(StatusCode, String), NotAnswered>,
    acknowledged: bool,
) -> String {
    match answered {
        Ok((status, _)) if acknowledged => format!("called back {url}: {}", status.as_u16()),
        Ok((status, said)) => {
            let advice = match status.as_u16() {
                404 | 405 => "is that the path where your program takes callbacks, by POST?",
                401 | 403 => "callbacks come without a login or a CSRF token: let them in",
                300..=399 => "nobody follows a redirect: give the final address",
                _ => "see your program's log",
            };
            let said = said.trim();
            let said = if said.is_empty() {
                String::new()
            } else {
                format!(" {said:?}")
            };
            format!(
                "called back {url}: refused with {}{said}; {advice}",
                status.as_u16()
            )
        }
        Err(NotAnswered::Unreachable) => format!(
            "called back {url}: nobody listens there; start your program, or set MPESA_CALLBACK_URL to where it listens"
        ),
        Err(NotAnswered::Broken) => {
            format!("called back {url}: the connection ended without an answer in HTTP")
        }
        Err(NotAnswered::InTime) => {
            format!("called back {url}: not answered in time; answer first and work afterwards")
        }
    }
}

fn not_sent(url: &str) -> String {
    format!(
        "did not call back {url}: the sandbox calls only http addresses on this machine; set MPESA_CALLBACK_URL to one, \
         such as http://127.0.0.1:8000/pay"
    )
}

/// The most of a merchant's answer that is shown.
const SHOWN_BYTES: usize = 200;

/// Posts a callback and tells the answer's status and how its body begins. The connection is this callback's alone; no
/// redirect is followed.
async fn post(
    target: &Target,
    outgoing: &OutgoingCallback,
) -> Result<(StatusCode, String), NotAnswered> {
    let stream = TcpStream::connect(target.addresses.as_slice())
        .await
        .map_err(|_| NotAnswered::Unreachable)?;
    exchange(stream, target, outgoing)
        .await
        .ok_or(NotAnswered::Broken)
}

async fn exchange(
    stream: TcpStream,
    target: &Target,
    outgoing: &OutgoingCallback,
) -> Option<(StatusCode, String)> {
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
        let mut said = Vec::new();
        let mut frames = 0_u32;
        while frames < 64
            && let Some(Ok(frame)) = body.frame().await
        {
            frames = frames.saturating_add(1);
            let left = SHOWN_BYTES.saturating_sub(said.len());
            said.extend(frame.data_ref().into_iter().flatten().take(left));
        }
        Some((status, String::from_utf8_lossy(&said).into_owned()))
    };
    tokio::pin!(exchange);
    tokio::select! {
        answered = &mut exchange => answered,
        // A connection that ends first may still have brought the answer.
        _ = connection => exchange.await,
    }
}
