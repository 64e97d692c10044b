//! Whether a host is this machine: the one decision for base URLs, and for the apps that callbacks are posted to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The addresses of a host that is this machine; `None` for any other. `localhost` is not looked up: a resolver could send it
/// elsewhere.
pub(crate) fn addresses(host: &str) -> Option<Vec<IpAddr>> {
    if host.eq_ignore_ascii_case("localhost") {
        return Some(vec![
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::LOCALHOST),
        ]);
    }
    let address: IpAddr = match bracketed(host) {
        Some(inner) => inner.parse::<Ipv6Addr>().ok()?.into(),
        None => host.parse().ok()?,
    };
    address.is_loopback().then(|| vec![address])
}

/// A host without the brackets of an IPv6 address.
pub(crate) fn bare(host: &str) -> &str {
    bracketed(host).unwrap_or(host)
}

fn bracketed(host: &str) -> Option<&str> {
    host.strip_prefix('[')?.strip_suffix(']')
}

/// Whether a URL's host is this machine. A URL with a user name is not: what stands before the `@` is easily taken for the host.
pub(crate) fn is_at(url: &str) -> bool {
    let Some((_, rest)) = url.trim().split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    if authority.contains('@') {
        return false;
    }
    let host = match authority.split_once(']') {
        Some((_, port)) if !(port.is_empty() || port.starts_with(':')) => return false,
        Some((inner, _)) => authority.get(..=inner.len()).unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    addresses(host).is_some()
}

#[cfg(test)]
mod tests {
    use super::{addresses, bare, is_at};

    #[test]
    fn this_machine_is_localhost_and_the_loopback_addresses() {
        for own in [
            "127.0.0.1",
            "127.9.9.9",
            "localhost",
            "LOCALHOST",
            "::1",
            "[::1]",
        ] {
            assert!(addresses(own).is_some(), "{own}");
        }
        for other in [
            "",
            "10.0.0.1",
            "0.0.0.0",
            "::",
            "::ffff:10.0.0.1",
            "[127.0.0.1]",
            "localhost.example.com",
            "127.0.0.1.example.com",
        ] {
            assert!(addresses(other).is_none(), "{other}");
        }
        assert_eq!((bare("[::1]"), bare("app")), ("::1", "app"));
    }

    #[test]
    fn a_url_is_at_this_machine_by_its_host_alone() {
        for own in [
            "http://127.0.0.1:8600",
            "https://localhost/v1",
            " http://[::1]:9/ ",
            "http://[::1]",
            "http://127.0.0.1?x=1",
            "http://LocalHost:1#x",
        ] {
            assert!(is_at(own), "{own}");
        }
        for other in [
            "",
            "127.0.0.1:8600",
            "http://",
            "http://127.0.0.1.example.com",
            "http://127.example.com",
            "http://localhost.example.com",
            "http://localhost@example.com",
            "http://127.0.0.1:80@example.com",
            "http://10.0.0.1",
            "https://api.safaricom.co.ke",
            "http://user@127.0.0.1",
            "http://127.0.0.1@example.com/",
            "http://example.com/127.0.0.1",
            "http://[::1].example.com/",
            "http://[::1]x:80/",
            "http://example.com\\@127.0.0.1/",
        ] {
            assert!(!is_at(other), "{other}");
        }
    }
}
