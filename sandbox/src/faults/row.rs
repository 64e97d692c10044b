//! A row of the table of faults, and the forms that most rows have.

use super::effect::{Body, Effect};
use super::kind::FaultKind;
use crate::values::gateway::{Gateway, Step};
use crate::wire::answer::HTML;

/// A row of [`FAULTS`](crate::FAULTS).
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct FaultRow {
    /// The kind.
    pub kind: FaultKind,
    /// Its name in the control API.
    pub name: &'static str,
    /// For people.
    pub about: &'static str,
    /// The only gateway it can happen at, together with those that speak its API; None where it can happen at each.
    pub gateway: Option<Gateway>,
    /// The steps it can happen at.
    pub steps: &'static [Step],
    /// The only path it can happen at, where a step has several.
    pub path: Option<&'static str>,
    /// Whether the gateway does its work, unless the fault says otherwise.
    pub after_acting: bool,
    /// Whether the fault may say otherwise.
    pub acting_is_free: bool,
    /// The seconds of a fault that does not name them.
    pub seconds: f64,
    /// Whether the fault may name another HTTP status.
    pub takes_status: bool,
    pub(crate) effect: Effect,
}

pub(super) const REQUESTS: &[Step] = Step::REQUESTS;
pub(super) const EVERYWHERE: &[Step] = &[Step::Oauth, Step::Push, Step::Query, Step::Callback];
pub(super) const PUSH_AND_QUERY: &[Step] = &[Step::Push, Step::Query];
pub(super) const PUSH: &[Step] = &[Step::Push];
pub(super) const QUERY: &[Step] = &[Step::Query];
pub(super) const OAUTH: &[Step] = &[Step::Oauth];
pub(super) const CALLBACK: &[Step] = &[Step::Callback];

/// The members of all gateways' answers to a query that say which payment it is.
pub(super) const IDS_OF_QUERIES: &[&str] = &[
    "MerchantRequestID",
    "CheckoutRequestID",
    "transaction_id",
    "transactionId",
    "provider_request_id",
    "providerRequestId",
    "provider_checkout_id",
    "providerCheckoutId",
    "reference",
    "id",
];

pub(super) const UNAVAILABLE_PAGE: &str = "<html><head><title>503 Service Temporarily Unavailable</title></head>\
    <body><center><h1>503 Service Temporarily Unavailable</h1></center></body></html>";
pub(super) const FIREWALL_PAGE: &str = "<html style=\"height:100%\"><head><META NAME=\"ROBOTS\" CONTENT=\"NOINDEX, NOFOLLOW\">\
    </head><body style=\"margin:0px;height:100%\"><iframe id=\"main-iframe\" \
    src=\"/_Incapsula_Resource?CWUDNSAI=1&incident_id=0-0\" width=\"100%\" height=\"100%\">\
    Request unsuccessful. Incapsula incident ID: 0-0</iframe></body></html>";
pub(super) const PORTAL_PAGE: &str =
    "<!DOCTYPE html><html><head><title>Safaricom</title></head><body>Please wait</body></html>";

/// A fault around an answer that is otherwise the gateway's own.
pub(super) const fn around(
    kind: FaultKind,
    name: &'static str,
    about: &'static str,
    steps: &'static [Step],
    effect: Effect,
) -> FaultRow {
    FaultRow {
        kind,
        name,
        about,
        gateway: None,
        steps,
        path: None,
        after_acting: true,
        acting_is_free: false,
        seconds: 30.0,
        takes_status: false,
        effect,
    }
}

/// A fault that answers something else: by default a refusal before acting.
pub(super) const fn instead(
    kind: FaultKind,
    name: &'static str,
    about: &'static str,
    steps: &'static [Step],
    status: u16,
    body: Body,
) -> FaultRow {
    let effect = Effect::Answer {
        status,
        body,
        retry_after: false,
    };
    FaultRow {
        kind,
        name,
        about,
        gateway: None,
        steps,
        path: None,
        after_acting: false,
        acting_is_free: true,
        seconds: 0.0,
        takes_status: true,
        effect,
    }
}

/// An answer of one gateway only.
pub(super) const fn only(gateway: Gateway, row: FaultRow) -> FaultRow {
    FaultRow {
        gateway: Some(gateway),
        ..row
    }
}

/// An error in PalPluss's envelope.
pub(super) const fn palpluss(
    kind: FaultKind,
    name: &'static str,
    steps: &'static [Step],
    status: u16,
    code: &'static str,
    message: &'static str,
) -> FaultRow {
    let body = Body::Error {
        code: Some(code),
        message,
    };
    only(
        Gateway::PalPluss,
        instead(kind, name, message, steps, status, body),
    )
}

/// An error in UpesiPay's body.
pub(super) const fn upesipay(
    kind: FaultKind,
    name: &'static str,
    steps: &'static [Step],
    status: u16,
    message: &'static str,
) -> FaultRow {
    let body = Body::Error {
        code: None,
        message,
    };
    only(
        Gateway::UpesiPay,
        instead(kind, name, message, steps, status, body),
    )
}

/// The same row, with a `Retry-After` of this many seconds unless the fault names others.
pub(super) const fn with_retry_after(row: FaultRow, seconds: f64) -> FaultRow {
    let effect = match row.effect {
        Effect::Answer { status, body, .. } => Effect::Answer {
            status,
            body,
            retry_after: true,
        },
        other => other,
    };
    FaultRow {
        seconds,
        effect,
        ..row
    }
}

/// An error in Daraja's envelope.
pub(super) const fn daraja(
    kind: FaultKind,
    name: &'static str,
    about: &'static str,
    steps: &'static [Step],
    status: u16,
    code: &'static str,
    message: &'static str,
) -> FaultRow {
    let body = Body::Error {
        code: Some(code),
        message,
    };
    only(
        Gateway::Daraja,
        instead(kind, name, about, steps, status, body),
    )
}

pub(super) const fn page(text: &'static str) -> Body {
    Body::Text {
        content_type: HTML,
        text,
    }
}

/// What a kind without a row would do. A test sees to it that there is none.
pub(super) const NO_ROW: FaultRow = instead(FaultKind::Empty500, "", "", REQUESTS, 500, page(""));
