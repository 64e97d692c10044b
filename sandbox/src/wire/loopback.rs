//! Callback addresses on this machine: the only ones that the sandbox delivers to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use http::Uri;

/// Whether a URL is one that callbacks can be delivered to.
pub(crate) fn is_deliverable(url: &str) -> bool {
    loopback_target(url).is_some()
}

/// Where a callback goes on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) authority: String,
    pub(crate) path: String,
}

/// The target of a callback URL, if it is `http` and on this machine. `localhost` is not looked up: a resolver
/// could send it elsewhere.
pub(crate) fn loopback_target(url: &str) -> Option<Target> {
    let uri: Uri = url.parse().ok()?;
    if uri.scheme_str() != Some("http") {
        return None;
    }
    let host = uri.host()?;
    let port = uri.port_u16().unwrap_or(80);
    let hosts = if host == "localhost" {
        vec![
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::LOCALHOST),
        ]
    } else {
        let bare = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .unwrap_or(host);
        vec![bare.parse::<IpAddr>().ok().filter(IpAddr::is_loopback)?]
    };
    Some(Target {
        addresses: hosts
            .into_iter()
            .map(|host| SocketAddr::new(host, port))
            .collect(),
        authority: format!("{host}:{port}"),
        path: uri
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::loopback_target;

    #[test]
    fn only_plain_http_on_this_machine_is_a_target() {
        for good in [
            "http://127.0.0.1:8000/a?b=c",
            "http://localhost/x",
            "http://[::1]:9/",
            "http://127.9.9.9/",
        ] {
            assert!(loopback_target(good).is_some(), "{good}");
        }
        for bad in [
            "https://127.0.0.1/",
            "http://example.com/",
            "http://localhost.example.com/",
            "http://127.0.0.1.example.com/",
            "http://127.0.0.1@example.com/",
            "http://10.0.0.1/",
            "http://0.0.0.0/",
            "http://[::ffff:10.0.0.1]/",
            "/only/a/path",
            "not a url",
            "",
        ] {
            assert_eq!(loopback_target(bad), None, "{bad}");
        }
        let target = loopback_target("http://127.0.0.1:8000/a/b?c=D").unwrap();
        assert_eq!(
            (target.authority.as_str(), target.path.as_str()),
            ("127.0.0.1:8000", "/a/b?c=D")
        );
    }
}
