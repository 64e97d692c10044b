//! The addresses that callbacks come from, as far as anybody knows, and who really sent a request that came
//! through proxies.

use crate::Error;
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
/// use lipia::SourceAddresses;
/// let addresses = SourceAddresses::published().allow("196.201.214.0/24")?.trusted_proxies(1);
/// let peer = "10.0.0.7".parse().unwrap(); // our own proxy
/// assert!(addresses.admits(peer, &["196.201.212.69"]));
/// // Whatever a sender writes in front, the hop that our proxy saw counts:
/// assert!(!addresses.admits(peer, &["196.201.212.69, 203.0.113.9"]));
/// # Ok::<(), lipia::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceAddresses {
    ranges: Vec<Range>,
    trusted_proxies: usize,
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
            trusted_proxies: 0,
        }
    }

    /// Adds an address, or a range like `196.201.214.0/24`.
    ///
    /// # Errors
    /// `source_address_unreadable` for anything else.
    pub fn allow(mut self, address: &str) -> Result<Self, Error> {
        let range = Range::parse(address).ok_or_else(|| unreadable(address))?;
        self.ranges.push(range);
        Ok(self)
    }

    /// Takes an address or range off the list, written as it was put on.
    ///
    /// # Errors
    /// `source_address_unreadable` for anything that is no address.
    pub fn forbid(mut self, address: &str) -> Result<Self, Error> {
        let range = Range::parse(address).ok_or_else(|| unreadable(address))?;
        self.ranges.retain(|kept| *kept != range);
        Ok(self)
    }

    /// How many proxies of your own stand between the internet and your server, each of which appends to
    /// `X-Forwarded-For`. Zero: the header is not looked at.
    #[must_use]
    pub fn trusted_proxies(mut self, count: usize) -> Self {
        self.trusted_proxies = count;
        self
    }

    /// Who sent a request: the right-most hop that no proxy of ours is. `peer` is the other end of the
    /// connection, `forwarded_for` the values of the `X-Forwarded-For` headers in their order.
    ///
    /// `None` where fewer hops are named than proxies are trusted, or the hop is no address: then somebody came
    /// around the proxies.
    #[must_use]
    pub fn sender(&self, peer: IpAddr, forwarded_for: &[&str]) -> Option<IpAddr> {
        let Some(behind_nearest) = self.trusted_proxies.checked_sub(1) else {
            return Some(peer);
        };
        let hops = forwarded_for
            .iter()
            .rev()
            .flat_map(|value| value.rsplit(','));
        parse_hop(hops.map(str::trim).nth(behind_nearest)?)
    }

    /// Whether a request may be a callback, by its sender's address.
    #[must_use]
    pub fn admits(&self, peer: IpAddr, forwarded_for: &[&str]) -> bool {
        self.sender(peer, forwarded_for)
            .is_some_and(|sender| self.ranges.iter().any(|range| range.holds(sender)))
    }
}

fn unreadable(address: &str) -> Error {
    let shown: String = address
        .chars()
        .filter(|character| !character.is_control())
        .take(64)
        .collect();
    Error::invalid(
        "source_addresses",
        "source_address_unreadable",
        format!("\"{shown}\" is no IP address or range."),
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

    #[test]
    fn the_header_counts_only_as_far_as_our_own_proxies_wrote_it() {
        let safaricom = "196.201.212.69";
        let proxy = address("10.0.0.7");
        for (proxies, peer, headers, wanted) in [
            // Without proxies the header is a stranger's claim.
            (0, address("203.0.113.9"), vec![safaricom], false),
            (0, address(safaricom), vec!["203.0.113.9"], true),
            // One proxy: the last hop is what it saw.
            (1, proxy, vec![safaricom], true),
            (1, proxy, vec!["203.0.113.9"], false),
            (1, proxy, vec!["196.201.212.69, 203.0.113.9"], false),
            (1, proxy, vec!["203.0.113.9, 196.201.212.69"], true),
            (1, proxy, vec!["203.0.113.9", safaricom], true),
            (1, proxy, vec![safaricom, "203.0.113.9"], false),
            (1, proxy, vec![], false),
            (1, proxy, vec![""], false),
            (1, proxy, vec!["unknown"], false),
            (1, proxy, vec!["196.201.212.69:44321"], true),
            (1, proxy, vec!["::ffff:196.201.212.69"], true),
            // Two proxies: the last but one.
            (2, proxy, vec!["196.201.212.69, 10.0.0.6"], true),
            (2, proxy, vec!["196.201.212.69"], false),
            (
                2,
                proxy,
                vec!["196.201.212.69, 203.0.113.9, 10.0.0.6"],
                false,
            ),
        ] {
            let addresses = SourceAddresses::published().trusted_proxies(proxies);
            assert_eq!(
                addresses.admits(peer, &headers),
                wanted,
                "{proxies} proxies, {peer}, {headers:?}"
            );
        }
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
