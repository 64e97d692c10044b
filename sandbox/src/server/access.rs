//! Access to the control API, for programs on this machine and for pages that the sandbox serves itself. A web page of another
//! origin must not drive the sandbox.

use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, Method};
use std::net::IpAddr;

/// Why a request to the control API is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotAdmitted {
    /// The request names a host that is not this machine: a web page's name that leads here.
    Host,
    /// A web page of another origin sent the request.
    Origin,
    /// A change without JSON, which every web page may send.
    ContentType,
}

/// Refuses what a web page of another origin can send.
pub(crate) fn check(method: &Method, headers: &HeaderMap) -> Result<(), NotAdmitted> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = text(HOST.as_str()).unwrap_or_default();
    if !is_this_machine(host) {
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

/// Whether a `Host` header names this machine, with or without a port.
fn is_this_machine(host: &str) -> bool {
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
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback()))
}

#[cfg(test)]
mod tests {
    use super::is_this_machine;

    #[test]
    fn only_names_of_this_machine_are_its_own() {
        for own in [
            "127.0.0.1:8600",
            "127.0.0.1",
            "127.9.9.9:1",
            "localhost:8600",
            "LOCALHOST",
            "[::1]:8600",
            "[::1]",
        ] {
            assert!(is_this_machine(own), "{own}");
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
            assert!(!is_this_machine(other), "{other}");
        }
    }
}
