//! One call for everything that a callback must pass: token, address, shape, match and, where wanted, a query.

use super::addresses::SourceAddresses;
use super::{CallbackSecrets, not_authentic};
use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::error::ids::PaymentId;
use crate::meaning::event::Event;
use crate::payment::Change;
use std::net::IpAddr;

/// What stands for the address of whoever connects over a Unix socket.
const UNIX_SOCKET: &str = "unix";

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
    /// Whether the other end of the connection is a Unix socket's, which has no address.
    pub over_unix_socket: bool,
    /// Whether the caller has a store of its own, from which it loads a payment that this client does not hold.
    pub has_store: bool,
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

    /// Says that you load a payment that this client does not hold from a store of your own. Without that such a
    /// callback finds nobody, which is logged as an error.
    #[must_use]
    pub fn with_store(mut self) -> Self {
        self.has_store = true;
        self
    }

    /// The address of the sender: needed only where source addresses are checked.
    #[must_use]
    pub fn from_peer(mut self, peer: IpAddr, forwarded_for: &'a [&'a str]) -> Self {
        self.peer = Some(peer);
        self.over_unix_socket = false;
        self.forwarded_for = forwarded_for;
        self
    }

    /// The sender, where your server listens on a Unix socket: the proxy in front of it, which counts as listed
    /// where [`SourceAddresses::trust_proxy`] lists any.
    #[must_use]
    pub fn from_unix_socket(mut self, forwarded_for: &'a [&'a str]) -> Self {
        self.peer = None;
        self.over_unix_socket = true;
        self.forwarded_for = forwarded_for;
        self
    }

    /// The sender, as a web framework's text: an address, or the word `unix` for a Unix socket. A text that is
    /// neither is an address that is not given: where addresses are checked, that is refused.
    #[must_use]
    pub fn from_peer_text(self, peer: &str, forwarded_for: &'a [&'a str]) -> Self {
        match peer.parse() {
            Ok(peer) => self.from_peer(peer, forwarded_for),
            Err(_) if peer == UNIX_SOCKET => self.from_unix_socket(forwarded_for),
            Err(_) => self,
        }
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

word_list! {
    /// The verdict on a callback.
    pub enum Verdict {
        /// It fits, and the payment has moved forward.
        Believed = "believed",
        /// The payment knew it already.
        Duplicate = "duplicate",
        /// It does not fit this payment. It is kept with the payment, flagged, and changed nothing.
        Mismatch = "mismatch",
        /// It says that money came, and the gateway did not confirm that when asked. The payment is still open: wait for
        /// it, or ask again later.
        NotConfirmed = "not_confirmed",
        /// It is about this payment, and says neither that it was paid nor that it failed: its code is not in the table of
        /// result codes, or it contradicts itself. It is kept with the payment, flagged. Said once: a repeat is a duplicate.
        NotUnderstood = "not_understood",
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
    pub(crate) is_kept: bool,
}

impl ReceivedCallback {
    /// Whether the ledger, or a payment that this process holds, has what came in. Where neither does, keep it yourself, or
    /// answer the gateway with HTTP 503.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.is_kept
    }
}

impl From<Change> for Verdict {
    fn from(change: Change) -> Self {
        match change {
            Change::Applied => Self::Believed,
            Change::Unchanged => Self::Duplicate,
            Change::Suspicious => Self::Mismatch,
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
        check_address(incoming, addresses)?;
    }
    secrets.verify(incoming.path)
}

fn check_address(
    incoming: &IncomingCallback<'_>,
    addresses: &SourceAddresses,
) -> Result<(), Error> {
    let hops = incoming.forwarded_for;
    let is_admitted = match incoming.peer {
        Some(peer) => addresses.admits(peer, hops),
        None if incoming.over_unix_socket => addresses.admits_from_unix_socket(hops),
        None => {
            return Err(not_authentic(
                ErrorCode::CallbackAddressMissing,
                "The sender's address is to be checked and was not given.",
            )
            .with_hint(
                "Give the connection's address (or `unix` for a Unix socket) and the X-Forwarded-For headers.",
            ));
        }
    };
    if is_admitted {
        return Ok(());
    }
    Err(not_authentic(
        ErrorCode::CallbackAddressRefused,
        "This did not come from an admitted address.",
    )
    .with_hint(
        "Check the list of source addresses. X-Forwarded-For is read only where the connection comes from an address in `trusted_proxies`.",
    ))
}
