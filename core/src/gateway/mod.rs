//! The gateways: one table, and one folder for each.
//!
//! A gateway decides nothing about time, retries or storage and does no IO; `transport::send` and the verbs do that
//! for all of them alike. Each folder has the same few files: `merchant` (its settings, with and without credentials),
//! `push`, `query`, `callback` and `wire` (the only place that knows what its bytes look like).

pub(crate) mod authorization;
pub(crate) mod block;
pub mod codes;
pub(crate) mod contract;
pub(crate) mod daraja;
pub(crate) mod firewall;
pub(crate) mod flat;
pub(crate) mod message;
pub(crate) mod named;
pub(crate) mod palpluss;
pub(crate) mod query_target;
pub(crate) mod reading;
pub(crate) mod refusal;
pub(crate) mod upesipay;

pub use crate::values::gateway_name::GatewayName;
pub use daraja::query_version::QueryVersion;
pub use daraja::transaction_type::TransactionType;
pub use palpluss::transaction::PalPlussTransaction;
pub use upesipay::generation::UpesiPayGeneration;
pub use upesipay::transaction::UpesiPayTransaction;

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::json::{self, Json};
use crate::meaning::event::Event;

/// One gateway, as what is common to all of them knows it. A new gateway is one more row.
struct Entry {
    name: GatewayName,
    /// Whether an object can be one of its callbacks, by the members at its top.
    recognises_callback: fn(&Json<'_>) -> bool,
    event_of: fn(&Json<'_>, &[u8]) -> Result<Event, Error>,
}

/// In the order in which a callback without a name is tried.
static GATEWAYS: &[Entry] = &[
    Entry {
        name: GatewayName::Daraja,
        recognises_callback: daraja::callback::recognises,
        event_of: daraja::callback::event_of,
    },
    Entry {
        name: GatewayName::PalPluss,
        recognises_callback: palpluss::callback::recognises,
        event_of: palpluss::callback::event_of,
    },
    Entry {
        name: GatewayName::UpesiPay,
        recognises_callback: upesipay::callback::recognises,
        event_of: |json, body| upesipay::callback::event_of(GatewayName::UpesiPay, json, body),
    },
    Entry {
        name: GatewayName::PayHero,
        // Its bodies are UpesiPay's: without a name they count as that gateway's.
        recognises_callback: |_| false,
        event_of: |json, body| upesipay::callback::event_of(GatewayName::PayHero, json, body),
    },
];

fn entry(name: GatewayName) -> Result<&'static Entry, Error> {
    GATEWAYS
        .iter()
        .find(|entry| entry.name == name)
        .ok_or_else(|| {
            Error::configuration(
                ErrorCode::GatewayNotAvailable,
                format!("This version of Lipia does not speak to {name}."),
            )
        })
}

/// Reads a body that was posted to a callback URL, whichever gateway sent it: `None` tells them apart by the
/// body's shape. PayHero's have the shape of UpesiPay's, so they want their name.
///
/// # Errors
/// `InvalidCallback`; `unrecognised_shape` where no gateway sends such a body.
///
/// ```
/// assert_eq!(lipia::parse_callback(None, b"{}").unwrap_err().code(), "unrecognised_shape");
/// ```
pub fn parse_callback(gateway: Option<GatewayName>, body: &[u8]) -> Result<Event, Error> {
    let named = gateway.map(entry).transpose()?;
    let json = json::read(body, json::MAX_BYTES).map_err(reading::not_readable)?;
    let entry = match named {
        Some(entry) => entry,
        None => GATEWAYS
            .iter()
            .find(|entry| (entry.recognises_callback)(&json))
            .ok_or_else(|| match json {
                Json::Object(_) => reading::unrecognised_shape(),
                _ => reading::not_an_object(),
            })?,
    };
    (entry.event_of)(&json, body)
}
