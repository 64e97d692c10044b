//! Callbacks of payments that were not pushed at this sandbox: written as the gateway writes them, and posted by somebody else.

use std::time::Duration;

use http::header::CONTENT_TYPE;
use time::OffsetDateTime;

use crate::engine::contract::Said;
use crate::options::SandboxOptions;
use crate::records::payment::{Payment, PushRequest};
use crate::scenarios::timeline::CallbackShape;
use crate::scenarios::{Ending, Scenario};
use crate::values::clock::SandboxClock;
use crate::values::gateway::Gateway;
use crate::values::random_ids::RandomIds;

/// What a gateway knows of a payment when it calls back.
#[derive(Debug, Clone, Default)]
pub struct CallbackFacts {
    /// The phone that was prompted, 254 and nine digits.
    pub phone: String,
    /// Whole shillings.
    pub amount: u32,
    /// The account reference.
    pub reference: String,
    /// M-Pesa's id of the push.
    pub checkout_request_id: String,
    /// The other id of the acceptance.
    pub merchant_request_id: String,
    /// The gateway's own id, where it has one.
    pub transaction_id: Option<String>,
    /// Which generation of UpesiPay's API it was pushed with: 1 or 2.
    pub generation: Option<u8>,
    /// The receipt of a payment that was paid. Without one, a receipt is made up.
    pub receipt: Option<String>,
    /// When it ended, in seconds since 1970; now where it is not given.
    pub ended_at: Option<i64>,
}

/// A callback, ready to be posted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WrittenCallback {
    /// The value of the header `Content-Type`.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

/// Writes the callback with which a gateway tells how a payment ended. Posts nothing. `None` where the gateway tells nothing.
///
/// ```
/// use lipia_sandbox::{CallbackFacts, Ending, Gateway, write_callback};
/// let facts = CallbackFacts {
///     phone: "254712345678".to_owned(),
///     amount: 150,
///     checkout_request_id: "ws_CO_1".to_owned(),
///     ..CallbackFacts::default()
/// };
/// let written = write_callback(Gateway::Daraja, &facts, Ending::Cancel).unwrap();
/// assert!(String::from_utf8(written.body).unwrap().contains("\"ResultCode\":1032"));
/// ```
#[must_use]
pub fn write_callback(
    gateway: Gateway,
    facts: &CallbackFacts,
    ending: Ending,
) -> Option<WrittenCallback> {
    let gateways = SandboxOptions::default().gateways();
    let played = gateways.iter().find(|played| played.name() == gateway)?;
    let payment = Payment {
        gateway,
        checkout_request_id: facts.checkout_request_id.clone(),
        merchant_request_id: facts.merchant_request_id.clone(),
        transaction_id: facts.transaction_id.clone(),
        generation: facts.generation,
        push: PushRequest {
            phone: facts.phone.clone(),
            amount: facts.amount,
            reference: facts.reference.clone(),
            ..PushRequest::default()
        },
        scenario: Scenario::Ends(ending),
        prompted: true,
        accepted_at: Duration::ZERO,
        prompt_until: None,
        ending: Some(ending),
        settled_at: Some(Duration::ZERO),
        receipt: facts.receipt.clone(),
        acted: false,
        finished_polls: 0,
        callbacks: 0,
    };
    let said = Said {
        shape: CallbackShape::Truth,
        settled_at: Duration::ZERO,
        invented_receipt: RandomIds::new().receipt(),
    };
    let clock = match facts.ended_at {
        Some(seconds) => SandboxClock::started(OffsetDateTime::from_unix_timestamp(seconds).ok()?),
        None => SandboxClock::start(1.0),
    };
    let outgoing = played.callback(&clock, &payment, &said)?;
    let content_type = outgoing
        .headers
        .iter()
        .find(|(name, _)| name == CONTENT_TYPE)
        .and_then(|(_, value)| value.to_str().ok())?;
    Some(WrittenCallback {
        content_type: content_type.to_owned(),
        body: outgoing.body.to_vec(),
    })
}
