//! Where requests go: the base URL, taken apart once so that each request only adds its path.

use crate::Error;
use http::Uri;
use http::uri::{Authority, Parts, PathAndQuery, Scheme};
use std::borrow::Cow;
use std::fmt;

/// A gateway's address: scheme, host, and perhaps a path that every request's path is put behind.
#[derive(Clone)]
pub(crate) struct Origin {
    scheme: Scheme,
    authority: Authority,
    path: String,
    is_loopback: bool,
}

impl Origin {
    /// Reads a base URL: https, or http to this machine alone.
    ///
    /// # Errors
    /// `base_url_unreadable` or `base_url_not_https`.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |code: &str, message: &str| {
            Error::configuration(code, message).with_field("base_url").with_hint(
                "Give an address like https://api.safaricom.co.ke, or http://127.0.0.1:8080 for a local sandbox.",
            )
        };
        let unreadable = || {
            wrong(
                "base_url_unreadable",
                "The base URL is no URL of a host and perhaps a path.",
            )
        };
        let url = url::Url::parse(text.trim()).map_err(|_| unreadable())?;
        let is_plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        let is_loopback = match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => return Err(unreadable()),
        };
        let scheme = match url.scheme() {
            "https" => Scheme::HTTPS,
            "http" if is_loopback => Scheme::HTTP,
            _ => {
                return Err(wrong(
                    "base_url_not_https",
                    "The base URL is not https: keys would travel in the clear.",
                ));
            }
        };
        let host_and_port = url.authority().parse().ok().filter(|_| is_plain);
        let path = url.path().trim_end_matches('/').to_owned();
        Ok(Self {
            scheme,
            authority: host_and_port.ok_or_else(unreadable)?,
            path,
            is_loopback,
        })
    }

    /// Whether it is this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.is_loopback
    }

    /// The address of a request.
    pub(crate) fn uri(&self, path: Cow<'static, str>) -> Uri {
        let path = match path {
            Cow::Borrowed(path) if self.path.is_empty() => PathAndQuery::from_static(path),
            path => PathAndQuery::try_from(format!("{}{path}", self.path))
                .unwrap_or(PathAndQuery::from_static("/")),
        };
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path);
        // With all three parts there is nothing left that could be wrong.
        Uri::from_parts(parts).unwrap_or_default()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_put_behind_the_base_and_a_query_is_kept() {
        for (base, path, wanted) in [
            (
                "https://api.safaricom.co.ke",
                "/oauth?a=b",
                "https://api.safaricom.co.ke/oauth?a=b",
            ),
            (
                "https://api.palpluss.com/v1/",
                "/payments/stk",
                "https://api.palpluss.com/v1/payments/stk",
            ),
            ("http://127.0.0.1:8080", "/x", "http://127.0.0.1:8080/x"),
            ("http://[::1]:8080/a", "/x", "http://[::1]:8080/a/x"),
            (
                "HTTPS://API.Example.com:8443/a",
                "/x",
                "https://api.example.com:8443/a/x",
            ),
        ] {
            let origin = Origin::parse(base).unwrap();
            assert_eq!(origin.uri(Cow::Borrowed(path)), wanted);
            assert_eq!(origin.uri(Cow::Owned(path.to_owned())), wanted);
        }
    }

    #[test]
    fn keys_travel_in_the_clear_to_this_machine_alone() {
        for good in [
            "http://localhost:1",
            "http://127.0.0.2",
            "http://[::1]",
            "https://10.0.0.1",
        ] {
            assert!(Origin::parse(good).is_ok(), "{good}");
        }
        for (bad, code) in [
            ("http://api.safaricom.co.ke", "base_url_not_https"),
            ("http://localhost.example.com", "base_url_not_https"),
            ("http://127.0.0.1.example.com", "base_url_not_https"),
            ("http://10.0.0.1", "base_url_not_https"),
            ("ftp://localhost", "base_url_not_https"),
            ("api.safaricom.co.ke", "base_url_unreadable"),
            ("https://user:word@example.com", "base_url_unreadable"),
            ("https://example.com/?a=b", "base_url_unreadable"),
            ("https://", "base_url_unreadable"),
            ("", "base_url_unreadable"),
            ("file:///etc/passwd", "base_url_unreadable"),
        ] {
            let error = Origin::parse(bad).unwrap_err();
            assert_eq!(
                (error.code(), error.field()),
                (code, Some("base_url")),
                "{bad}"
            );
        }
    }
}
