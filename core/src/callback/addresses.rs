//! The addresses that callbacks come from, as far as anybody knows, and who really sent a request that came
//! through proxies.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use std::net::IpAddr;

/// The twelve addresses that circulate as Safaricom's. One of them was observed; Safaricom promises none.
const PUBLISHED: [&str; 12] = [
    "196.201.214.200",
    "196.201.214.206",
    "196.201.214.207",
    "196.201.214.208",
    "196.201.213.114",
    "196.201.213.44",
    "196.201.212.127",
    "196.201.212.138",
    "196.201.212.129",
    "196.201.212.136",
    "196.201.212.74",
    "196.201.212.69",
];

/// A list of addresses that callbacks are taken from. Off unless you set it: the published list has been
/// incomplete before, and a callback that is refused for its address is a payment that only a query finds.
///
/// ```
/// use lipia::callback::SourceAddresses;
/// let addresses = SourceAddresses::published().allow("196.201.214.0/24")?.trust_proxy("10.0.0.0/24")?;
/// let proxy = "10.0.0.7".parse().unwrap();
/// assert!(addresses.admits(proxy, &["196.201.212.69"]));
/// // Whatever a sender writes in front, the hop that our proxy saw counts:
/// assert!(!addresses.admits(proxy, &["196.201.212.69, 203.0.113.9"]));
/// // Who connects past the proxy is not believed about anybody else:
/// assert!(!addresses.admits("203.0.113.9".parse().unwrap(), &["196.201.212.69"]));
/// # Ok::<(), lipia::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceAddresses {
    ranges: Vec<Range>,
    proxies: Vec<Range>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    first: IpAddr,
    prefix_bits: u32,
}

impl SourceAddresses {
    /// An empty list: nothing is admitted until something is allowed.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The twelve addresses that circulate as Safaricom's.
    #[must_use]
    pub fn published() -> Self {
        let ranges = PUBLISHED
            .iter()
            .filter_map(|address| Range::parse(address))
            .collect();
        Self {
            ranges,
            proxies: Vec::new(),
        }
    }

    /// Adds an address, or a range like `196.201.214.0/24`.
    ///
    /// # Errors
    /// `source_address_unreadable` for anything else.
    pub fn allow(mut self, address: &str) -> Result<Self, Error> {
        let range = listed(address)?;
        self.ranges.push(range);
        Ok(self)
    }

    /// Takes an address or range off the list, written as it was put on.
    ///
    /// # Errors
    /// `source_address_unreadable` for anything that is not an address.
    pub fn forbid(mut self, address: &str) -> Result<Self, Error> {
        let range = listed(address)?;
        self.ranges.retain(|kept| *kept != range);
        Ok(self)
    }

    /// Adds the address or range of a proxy of your own, which appends the sender's address to `X-Forwarded-For`.
    /// The header is read only where the connection comes from such a proxy.
    ///
    /// # Errors
    /// `trusted_proxy_unreadable` for anything that is not an address or a range.
    pub fn trust_proxy(mut self, address: &str) -> Result<Self, Error> {
        let range = Range::parse(address).ok_or_else(|| {
            unreadable(
                "trusted_proxies",
                ErrorCode::TrustedProxyUnreadable,
                address,
            )
        })?;
        self.proxies.push(range);
        Ok(self)
    }

    /// The sender of a request: `peer`, or where `peer` is a listed proxy, the right-most hop that is not one.
    /// `peer` is the other end of the connection, `forwarded_for` the values of the `X-Forwarded-For` headers in
    /// their order.
    ///
    /// `None` where a listed proxy names nobody but listed proxies, or something that is not an address.
    #[must_use]
    pub fn sender(&self, peer: IpAddr, forwarded_for: &[&str]) -> Option<IpAddr> {
        if self.is_proxy(peer) {
            self.sender_behind_proxy(forwarded_for)
        } else {
            Some(peer)
        }
    }

    /// The sender of a request that came through a listed proxy.
    fn sender_behind_proxy(&self, forwarded_for: &[&str]) -> Option<IpAddr> {
        forwarded_for
            .iter()
            .rev()
            .flat_map(|value| value.rsplit(','))
            .map(|hop| parse_hop(hop.trim()))
            // The right-most hop that cannot be read ends the search: what stands before it is anybody's.
            .find(|hop| hop.is_none_or(|address| !self.is_proxy(address)))
            .flatten()
    }

    fn is_proxy(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|range| range.holds(address))
    }

    /// Whether a request may be a callback, by its sender's address.
    #[must_use]
    pub fn admits(&self, peer: IpAddr, forwarded_for: &[&str]) -> bool {
        self.allows(self.sender(peer, forwarded_for))
    }

    /// Whether a request that came over a Unix socket may be a callback. Only a process of this machine can connect
    /// there, so where proxies are listed the socket's other end counts as one of them.
    #[must_use]
    pub fn admits_from_unix_socket(&self, forwarded_for: &[&str]) -> bool {
        !self.proxies.is_empty() && self.allows(self.sender_behind_proxy(forwarded_for))
    }

    fn allows(&self, sender: Option<IpAddr>) -> bool {
        sender.is_some_and(|sender| self.ranges.iter().any(|range| range.holds(sender)))
    }
}

/// An address or range of the list of those that callbacks come from.
fn listed(address: &str) -> Result<Range, Error> {
    Range::parse(address).ok_or_else(|| {
        unreadable(
            "source_addresses",
            ErrorCode::SourceAddressUnreadable,
            address,
        )
    })
}

fn unreadable(setting: &'static str, code: ErrorCode, address: &str) -> Error {
    let shown: String = address
        .chars()
        .filter(|character| !character.is_control())
        .take(64)
        .collect();
    Error::invalid(
        setting,
        code,
        format!("\"{shown}\" is not an IP address or range."),
    )
    .with_hint("Write an address like 196.201.214.200, or a range like 196.201.214.0/24.")
}

/// A hop, with the port that some proxies add.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let address = hop.parse().ok().or_else(|| {
        hop.parse()
            .ok()
            .map(|address: std::net::SocketAddr| address.ip())
    });
    address.map(|address: IpAddr| address.to_canonical())
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text.trim(), None),
        };
        let first: IpAddr = address.parse().ok()?;
        let first = first.to_canonical();
        let most = if first.is_ipv4() { 32 } else { 128 };
        let prefix_bits = match prefix {
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= most)?,
            None => most,
        };
        Some(Self { first, prefix_bits })
    }

    fn holds(&self, address: IpAddr) -> bool {
        match (self.first, address.to_canonical()) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - self.prefix_bits).unwrap_or(0);
                u32::from(first) & mask == u32::from(address) & mask
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - self.prefix_bits).unwrap_or(0);
                u128::from(first) & mask == u128::from(address) & mask
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    const PROXIES: [&str; 2] = ["10.0.0.0/24", "127.0.0.1"];

    fn behind(proxies: &[&str]) -> SourceAddresses {
        proxies
            .iter()
            .try_fold(SourceAddresses::published(), |list, proxy| {
                list.trust_proxy(proxy)
            })
            .unwrap()
    }

    #[test]
    fn the_header_counts_only_as_far_as_listed_proxies_wrote_it() {
        let safaricom = "196.201.212.69";
        let stranger = "203.0.113.9";
        let proxy = "10.0.0.7";
        for (proxies, peer, headers, wanted) in [
            // Without proxies the header is a stranger's claim.
            (&[][..], stranger, vec![safaricom], false),
            (&[], proxy, vec![safaricom], false),
            (&[], safaricom, vec![stranger], true),
            // Who connects past the proxies is taken at their own address.
            (&PROXIES, stranger, vec![safaricom], false),
            (&PROXIES, stranger, vec!["196.201.212.69, 10.0.0.7"], false),
            (&PROXIES, "10.0.1.7", vec![safaricom], false),
            (&PROXIES, safaricom, vec![stranger], true),
            // The last hop that is not a proxy is what the first proxy saw.
            (&PROXIES, proxy, vec![safaricom], true),
            (&PROXIES, "::ffff:10.0.0.7", vec![safaricom], true),
            (&PROXIES, "127.0.0.1", vec![safaricom], true),
            (&PROXIES, proxy, vec![stranger], false),
            (&PROXIES, proxy, vec!["196.201.212.69, 203.0.113.9"], false),
            (&PROXIES, proxy, vec!["203.0.113.9, 196.201.212.69"], true),
            (&PROXIES, proxy, vec![stranger, safaricom], true),
            (&PROXIES, proxy, vec![safaricom, stranger], false),
            (&PROXIES, proxy, vec!["196.201.212.69, 10.0.0.6"], true),
            (
                &PROXIES,
                proxy,
                vec!["196.201.212.69, 10.0.0.6,127.0.0.1"],
                true,
            ),
            (
                &PROXIES,
                proxy,
                vec!["196.201.212.69, 203.0.113.9, 10.0.0.6"],
                false,
            ),
            (&PROXIES, proxy, vec!["196.201.212.69:44321"], true),
            (&PROXIES, proxy, vec!["::ffff:196.201.212.69"], true),
            // A proxy that names nobody, or something that cannot be read.
            (&PROXIES, proxy, vec![], false),
            (&PROXIES, proxy, vec![""], false),
            (&PROXIES, proxy, vec!["unknown"], false),
            (&PROXIES, proxy, vec!["196.201.212.69, unknown"], false),
            (&PROXIES, proxy, vec!["10.0.0.6"], false),
        ] {
            let addresses = behind(proxies);
            assert_eq!(
                addresses.admits(address(peer), &headers),
                wanted,
                "{proxies:?}, {peer}, {headers:?}"
            );
        }
    }

    #[test]
    fn a_unix_socket_is_a_proxy_where_proxies_are_listed() {
        let safaricom = "196.201.212.69";
        for (proxies, headers, wanted) in [
            (&[][..], vec![safaricom], false),
            (&[], vec![], false),
            (&PROXIES, vec![safaricom], true),
            (&PROXIES, vec!["196.201.212.69, 203.0.113.9"], false),
            (&PROXIES, vec!["196.201.212.69, 10.0.0.7"], true),
            (&PROXIES, vec![], false),
        ] {
            assert_eq!(
                behind(proxies).admits_from_unix_socket(&headers),
                wanted,
                "{proxies:?}, {headers:?}"
            );
        }
        assert_eq!(
            SourceAddresses::none()
                .trust_proxy("proxy")
                .unwrap_err()
                .code(),
            "trusted_proxy_unreadable"
        );
    }

    #[test]
    fn the_list_can_be_edited() {
        let list = SourceAddresses::published()
            .allow("196.201.214.0/24")
            .unwrap()
            .forbid("196.201.212.69")
            .unwrap();
        assert!(list.admits(address("196.201.214.111"), &[]));
        assert!(!list.admits(address("196.201.212.69"), &[]));
        assert!(!list.admits(address("196.201.215.1"), &[]));
        let all = SourceAddresses::none().allow("0.0.0.0/0").unwrap();
        assert!(all.admits(address("8.8.8.8"), &[]));
        assert!(!all.admits(address("2001:db8::1"), &[]));
        assert!(
            SourceAddresses::none()
                .allow("2001:db8::/32")
                .unwrap()
                .admits(address("2001:db8::1"), &[])
        );
        for wrong in [
            "",
            "safaricom.co.ke",
            "196.201.214.0/33",
            "196.201.214",
            "1.2.3.4/-1",
        ] {
            assert_eq!(
                SourceAddresses::none().allow(wrong).unwrap_err().code(),
                "source_address_unreadable"
            );
        }
    }
}
