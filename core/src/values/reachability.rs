//! The reachability of a host: from where it can be reached, as far as its name or address tells.

use std::net::IpAddr;
use url::{Host, Url};

/// From where a host can be reached.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reachability {
    /// A host name that anybody may look up.
    Public,
    /// An IP address that anybody may reach.
    PublicIp,
    /// An address of this machine or of a private network.
    PrivateIp,
    /// A name that means something on this machine or network only.
    PrivateName,
}

impl Reachability {
    /// Judges a host by its text alone: nothing is looked up.
    pub(crate) fn of_host(host: &str) -> Self {
        let url = Url::parse(&format!("https://{host}/"));
        match url.as_ref().ok().and_then(Url::host) {
            // The library sees through 127.1, 0x7f000001 and 2130706433.
            Some(Host::Ipv4(address)) => reachability_of_ip(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => reachability_of_ip(IpAddr::V6(address)),
            Some(Host::Domain(name)) => {
                let local = !name.contains('.')
                    || [".localhost", ".local", ".internal"]
                        .iter()
                        .any(|end| name.ends_with(end));
                if local {
                    Self::PrivateName
                } else {
                    Self::Public
                }
            }
            None => Self::PrivateName,
        }
    }

    /// Whether only this machine or network reaches the host.
    pub(crate) fn is_private(self) -> bool {
        matches!(self, Self::PrivateIp | Self::PrivateName)
    }
}

fn reachability_of_ip(address: IpAddr) -> Reachability {
    let address = address.to_canonical();
    let private = match address {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_multicast()
                // Shared address space, behind a carrier's NAT.
                || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
                || v6.is_multicast()
        }
    };
    if private {
        Reachability::PrivateIp
    } else {
        Reachability::PublicIp
    }
}
