//! Gateway error codes: the rows of every gateway's own table, for people who look a code up.

use super::{daraja, palpluss, upesipay};
use crate::error::{Disposition, ErrorKind};
use crate::gateway::refusal::Meaning;
use crate::values::gateway_name::GatewayName;

/// One row of a gateway's table of error codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GatewayCode {
    /// Whose code it is.
    pub gateway: GatewayName,
    /// The code as the gateway writes it, or Lipia's word for an answer that has no code (`http_5xx`).
    pub code: &'static str,
    /// The step that the row is for: `token`, `push` or `query`. `None` for every step.
    pub step: Option<&'static str>,
    /// Words that the gateway's message must have for the row, in lower case. `None` for every message.
    pub says: Option<&'static str>,
    /// The kind of the errors that carry the code.
    pub kind: ErrorKind,
    /// What an error with the code says about the customer's money, after a push.
    pub disposition: Disposition,
    /// What Lipia takes the answer for, and does.
    pub meaning: &'static str,
    /// What to do about it.
    pub advice: &'static str,
}

/// Every row of every gateway, in the order in which they are tried. PayHero has the rows of UpesiPay.
///
/// ```
/// use lipia::gateway::codes;
/// let row = codes::all().find(|row| row.code == "404.001.03").unwrap();
/// assert!(row.meaning.contains("token"));
/// ```
pub fn all() -> impl Iterator<Item = GatewayCode> {
    let daraja = daraja::error_codes::all().map(|row| GatewayCode {
        step: row.endpoint.map(daraja::endpoint::Endpoint::as_str),
        says: (!row.message_contains.is_empty()).then_some(row.message_contains),
        ..row_of(
            GatewayName::Daraja,
            row.code,
            row.meaning,
            row.kind,
            row.hint,
        )
    });
    let palpluss = palpluss::error_codes::all().map(|row| {
        row_of(
            GatewayName::PalPluss,
            row.code,
            row.meaning,
            row.kind,
            row.hint,
        )
    });
    let upesipay = upesipay::error_codes::all().map(|row| {
        row_of(
            GatewayName::UpesiPay,
            row.code,
            row.meaning,
            row.kind,
            row.hint,
        )
    });
    daraja.chain(palpluss).chain(upesipay)
}

fn row_of(
    gateway: GatewayName,
    code: &'static str,
    meaning: Meaning,
    kind: ErrorKind,
    advice: &'static str,
) -> GatewayCode {
    let (disposition, meaning) = match meaning {
        Meaning::TokenRefused => (
            Disposition::Rejected,
            "The token was refused. Lipia renews it and sends the request once more.",
        ),
        Meaning::Busy => (
            Disposition::NotSent,
            "The gateway refused before it acted. Lipia waits and sends the request again, within the call's time.",
        ),
        Meaning::SaidNo => (
            Disposition::Rejected,
            "The gateway refused the request. No phone was prompted.",
        ),
        Meaning::Unclear => (
            Disposition::Unknown,
            "The gateway may or may not have acted. Lipia sends nothing again.",
        ),
    };
    GatewayCode {
        gateway,
        code,
        step: None,
        says: None,
        kind,
        disposition,
        meaning,
        advice,
    }
}
