//! The probe of a callback URL: a request with a token of its own, which Lipia's handler answers and keeps nothing of.

use super::lines::Probed;
use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::error::ids::PaymentId;
use crate::meaning::event::accepted_reply;
use crate::transport::http::origin::Origin;
use crate::transport::http::{HttpTransport, Outgoing, Transport};
use crate::transport::tls::TlsRoots;
use crate::values::callback_url::CallbackUrl;
use crate::values::clock::Clock;
use http::Method;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// The longest that an answer is waited for: gateways wait no longer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The id in the token of a probe. Payments have ids of chance, and none has this one.
const ID: &str = "00000000000000000000000000000000";

/// The payment id that stands for a probe.
pub(crate) fn probe_id() -> Option<PaymentId> {
    ID.parse().ok()
}

/// Whether a callback's token is a probe's.
pub(crate) fn is_probe(id: &PaymentId) -> bool {
    id.as_str() == ID
}

/// Posts to a callback URL that carries a probe's token.
///
/// # Errors
/// Where the URL is one that Lipia sends nothing to, such as plain `http` to another machine.
pub(crate) async fn probe(
    url: &CallbackUrl,
    roots: TlsRoots,
    clock: &Arc<dyn Clock>,
) -> Result<Probed, Error> {
    let whole = Url::parse(url.as_str()).map_err(|_| not_tried())?;
    let origin = Origin::parse(&whole.origin().ascii_serialization()).map_err(|_| not_tried())?;
    let transport = HttpTransport::to_server(roots, &origin, clock);
    let began = Instant::now();
    let answered = transport
        .send(Outgoing {
            method: Method::POST,
            url: whole,
            authorization: None,
            body: Some(b"{}".as_slice().into()),
            timeout: TIMEOUT,
        })
        .await;
    Ok(match answered {
        Ok(answered) => Probed::Answered {
            status: answered.answer.status,
            is_lipias: answered.answer.body.as_ref() == accepted_reply().as_bytes(),
            took: began.elapsed(),
        },
        Err(failure) => Probed::NotReached {
            why: failure.message,
            hint: failure.hint.map(str::to_owned),
        },
    })
}

fn not_tried() -> Error {
    Error::configuration(
        ErrorCode::CallbackUrlNotHttps,
        "The callback URL was not posted to: it is plain http, and not on this machine.",
    )
    .with_field("callback_url")
    .with_hint("Give a public https:// address: plain http is allowed in the sandbox only.")
}
