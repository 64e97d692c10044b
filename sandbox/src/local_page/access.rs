//! Access for programs on this machine and for pages that this program serves itself. A web page of another origin must read
//! and change nothing here.

use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, Method, StatusCode};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The `Host` names that a server answers to: those of this machine, and the address that the server was told to listen on. The
/// name of another host that leads here is not among them.
#[derive(Debug, Clone, Copy)]
pub struct AllowedHosts {
    bound: IpAddr,
}

impl AllowedHosts {
    /// The names for a server that listens on this address.
    #[must_use]
    pub fn of(bound: IpAddr) -> Self {
        Self { bound }
    }

    /// The address that a browser on this machine reaches the server by.
    #[must_use]
    pub fn address(self) -> IpAddr {
        match self.bound {
            IpAddr::V4(all) if all.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(all) if all.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            one => one,
        }
    }

    /// Whether a `Host` header is one of them, with or without a port.
    fn admit(self, host: &str) -> bool {
        let bracketed = host.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let (name, port) = match bracketed {
            Some((name, port)) => (name, port.strip_prefix(':')),
            None => match host.split_once(':') {
                Some((name, port)) => (name, Some(port)),
                None => (host, None),
            },
        };
        port.is_none_or(|port| port.parse::<u16>().is_ok())
            && (name.eq_ignore_ascii_case("localhost")
                || name
                    .parse()
                    .is_ok_and(|address| self.admit_address(address)))
    }

    /// A server that listens on all addresses cannot tell its own from others. An address is safe all the same: what makes a
    /// stranger's page lead here is a name.
    fn admit_address(self, address: IpAddr) -> bool {
        address.is_loopback() || address == self.bound || self.bound.is_unspecified()
    }
}

/// Why a request is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotAdmitted {
    /// The request names a host that is not this machine: a web page's name that leads here.
    Host,
    /// A web page of another origin sent the request.
    Origin,
    /// A change without JSON, which every web page may send.
    ContentType,
}

impl NotAdmitted {
    /// The status of the answer.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::Host | Self::Origin => StatusCode::FORBIDDEN,
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        }
    }

    /// What is wrong, and what to do.
    #[must_use]
    pub fn sentences(self) -> (&'static str, &'static str) {
        match self {
            Self::Host => (
                "the Host header does not name this machine",
                "use 127.0.0.1 or localhost",
            ),
            Self::Origin => (
                "a web page of another origin sent this request",
                "use a program on this machine, or paste the page's address into a browser",
            ),
            Self::ContentType => (
                "a POST needs the header Content-Type: application/json",
                "with curl: -H 'Content-Type: application/json'",
            ),
        }
    }
}

/// Refuses what a web page of another origin can send.
///
/// # Errors
/// Why the request is not let in.
pub fn admit(method: &Method, headers: &HeaderMap, hosts: AllowedHosts) -> Result<(), NotAdmitted> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = text(HOST.as_str()).unwrap_or_default();
    if !hosts.admit(host) {
        return Err(NotAdmitted::Host);
    }
    if text(ORIGIN.as_str()).is_some_and(|origin| origin != format!("http://{host}")) {
        return Err(NotAdmitted::Origin);
    }
    // What browsers alone send, and what no page can forge.
    if text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err(NotAdmitted::Origin);
    }
    let is_json = text(CONTENT_TYPE.as_str()).is_some_and(|content_type| {
        let essence = content_type.split(';').next().unwrap_or_default();
        essence.trim().eq_ignore_ascii_case("application/json")
    });
    // Browsers ask before they send any other method to another origin.
    if method == Method::POST && !is_json {
        return Err(NotAdmitted::ContentType);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::AllowedHosts;
    use std::net::IpAddr;

    fn bound_to(address: &str) -> AllowedHosts {
        AllowedHosts::of(address.parse().unwrap())
    }

    #[test]
    fn only_names_of_this_machine_are_its_own() {
        let hosts = bound_to("127.0.0.1");
        for own in [
            "127.0.0.1:8600",
            "127.0.0.1",
            "127.9.9.9:1",
            "localhost:8600",
            "LOCALHOST",
            "[::1]:8600",
            "[::1]",
        ] {
            assert!(hosts.admit(own), "{own}");
        }
        for other in [
            "",
            "shop.example",
            "shop.example:8600",
            "127.0.0.1.shop.example",
            "localhost.shop.example:8600",
            "10.0.0.1:8600",
            "0.0.0.0:8600",
            "localhost:8600@shop.example",
            "[::2]:8600",
            "127.0.0.1:x",
        ] {
            assert!(!hosts.admit(other), "{other}");
        }
    }

    #[test]
    fn an_address_that_was_bound_is_allowed_and_names_are_not() {
        let one = bound_to("192.0.2.7");
        assert!(one.admit("192.0.2.7:8600") && one.admit("localhost:8600"));
        assert!(!one.admit("192.0.2.8:8600") && !one.admit("shop.example:8600"));
        for all in ["0.0.0.0", "::"] {
            let all = bound_to(all);
            assert!(all.admit("192.0.2.8:8600") && all.admit("[2001:db8::1]:8600"));
            assert!(!all.admit("shop.example:8600") && !all.admit("192.0.2.8.example:1"));
        }
    }

    #[test]
    fn a_browser_is_sent_to_an_address_that_it_can_reach() {
        for (bound, reached) in [
            ("127.0.0.1", "127.0.0.1"),
            ("192.0.2.7", "192.0.2.7"),
            ("0.0.0.0", "127.0.0.1"),
            ("::", "::1"),
        ] {
            let reached: IpAddr = reached.parse().unwrap();
            assert_eq!(bound_to(bound).address(), reached, "{bound}");
        }
    }
}
