//! One call for everything that a callback must pass: token, address, shape, match and, where wanted, a query.

use super::{CallbackSecrets, SourceAddresses, not_authentic};
use crate::{Change, Error, Event, PaymentId};
use std::net::IpAddr;

/// A request that came to a callback URL, as the web framework gives it.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct IncomingCallback<'a> {
    /// The path of the request, or all of its URL.
    pub path: &'a str,
    /// The body, byte for byte.
    pub body: &'a [u8],
    /// The other end of the connection; needed only where source addresses are checked.
    pub peer: Option<IpAddr>,
    /// The values of the `X-Forwarded-For` headers, in their order.
    pub forwarded_for: &'a [&'a str],
}

impl<'a> IncomingCallback<'a> {
    /// A callback's path and body.
    #[must_use]
    pub fn new(path: &'a str, body: &'a [u8]) -> Self {
        Self {
            path,
            body,
            ..Self::default()
        }
    }

    /// Who sent it: needed only where source addresses are checked.
    #[must_use]
    pub fn from_peer(mut self, peer: IpAddr, forwarded_for: &'a [&'a str]) -> Self {
        self.peer = Some(peer);
        self.forwarded_for = forwarded_for;
        self
    }
}

/// Whether the gateway is asked before a callback is believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Confirm {
    /// The token and the match are enough.
    #[default]
    Never,
    /// A success is believed only once a query says the same.
    Successes,
}

/// What was made of a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It fits, and the payment has moved forward.
    Believed,
    /// The payment knew it already.
    Duplicate,
    /// It does not fit this payment. It is kept with the payment, flagged, and changed nothing.
    Mismatch,
    /// It says that money came, and the gateway did not confirm that when asked. The payment is still open:
    /// wait for it, or ask again later.
    NotConfirmed,
}

impl Verdict {
    /// The word, as every language has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Believed => "believed",
            Self::Duplicate => "duplicate",
            Self::Mismatch => "mismatch",
            Self::NotConfirmed => "not_confirmed",
        }
    }
}

/// A callback that came on a URL of ours.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReceivedCallback {
    /// The payment that the URL's token names.
    pub payment_id: PaymentId,
    /// What the body says.
    pub event: Event,
    /// What was made of it; `None` where the payment is not held by this process: load it, resume it, and hand
    /// the event to it.
    pub verdict: Option<Verdict>,
}

impl From<Change> for Verdict {
    fn from(change: Change) -> Self {
        match change {
            Change::Moved => Self::Believed,
            Change::Nothing => Self::Duplicate,
            Change::Flagged => Self::Mismatch,
        }
    }
}

/// The checks that need no payment: address, then token. Cheapest first, and the body is not looked at before
/// both have passed.
pub(crate) fn admit(
    incoming: &IncomingCallback<'_>,
    secrets: &CallbackSecrets,
    addresses: Option<&SourceAddresses>,
) -> Result<PaymentId, Error> {
    if let Some(addresses) = addresses {
        let peer = incoming.peer.ok_or_else(|| {
            not_authentic(
                "callback_address_missing",
                "The sender's address is to be checked and was not given.",
            )
            .with_hint("Give `from_peer` the connection's address and the X-Forwarded-For headers.")
        })?;
        if !addresses.admits(peer, incoming.forwarded_for) {
            return Err(not_authentic(
                "callback_address_refused",
                "This did not come from an admitted address.",
            )
            .with_hint("Check the list of source addresses and the number of trusted proxies."));
        }
    }
    secrets.verify(incoming.path)
}
