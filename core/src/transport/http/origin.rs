//! The origin of a gateway, where requests go: the base URL, taken apart once so that each request only adds its path.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::values::cleartext_hosts::CleartextHosts;
use crate::values::reachability::Reachability;
use crate::values::url_fault::{self, Fault, UrlOf};
use std::borrow::Cow;
use std::fmt;
use url::{Host, Url};

/// A gateway's address: scheme, host, and perhaps a path that every request's path is put behind.
#[derive(Clone)]
pub(crate) struct Origin {
    base: Url,
    /// The same as text, without a slash at its end.
    text: String,
    is_loopback: bool,
    is_cleartext: bool,
}

impl Origin {
    /// Reads a base URL: https, or http to this machine.
    ///
    /// # Errors
    /// `base_url_unreadable` or `base_url_not_https`.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        Self::parse_with(text, &CleartextHosts::default())
    }

    /// Reads a base URL: https, or http to this machine or to one of these hosts.
    ///
    /// # Errors
    /// `base_url_unreadable` or `base_url_not_https`.
    pub(crate) fn parse_with(text: &str, cleartext_hosts: &CleartextHosts) -> Result<Self, Error> {
        let text = text.trim();
        let url = read(text).map_err(|fault| {
            refused(ErrorCode::BaseUrlUnreadable, &fault.message).with_hint(fault.hint)
        })?;
        let is_loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        let is_listed = url
            .host()
            .is_some_and(|host| cleartext_hosts.contains(&host));
        let is_http = url.scheme() == "http";
        if url.scheme() != "https" && !(is_http && (is_loopback || is_listed)) {
            return Err(refused(
                ErrorCode::BaseUrlNotHttps,
                "The base URL is not https: keys would travel in the clear.",
            )
            .with_hint(not_https_hint(&url)));
        }
        if let Some(fault) = extra(&url) {
            return Err(refused(ErrorCode::BaseUrlUnreadable, &fault.message).with_hint(fault.hint));
        }
        Ok(Self {
            text: url.as_str().trim_end_matches('/').to_owned(),
            base: url,
            is_loopback,
            is_cleartext: is_http && !is_loopback,
        })
    }

    /// Whether it is this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.is_loopback
    }

    /// Whether requests leave this machine by plain http: only public credentials may be sent.
    pub(crate) fn is_cleartext(&self) -> bool {
        self.is_cleartext
    }

    /// Whether the developer's own sandbox is there: on this machine, or at a cleartext host.
    pub(crate) fn is_own_sandbox(&self) -> bool {
        self.is_loopback || self.is_cleartext
    }

    /// The host, an IPv6 address in brackets.
    pub(crate) fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    /// The port, whether or not the base URL names one.
    pub(crate) fn port(&self) -> u16 {
        self.base.port_or_known_default().unwrap_or_default()
    }

    /// The host with its port, whether or not the base URL names one.
    pub(crate) fn host_and_port(&self) -> String {
        format!("{}:{}", self.host(), self.port())
    }

    /// The address of a request.
    pub(crate) fn url(&self, path: Cow<'static, str>) -> Url {
        // A host is costly to read: only what stands behind it is new.
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path.as_ref(), None),
        };
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        url.set_query(query);
        url
    }
}

/// The URL of a host, or what keeps the text from being one.
fn read(text: &str) -> Result<Url, Fault> {
    let of = UrlOf::Base;
    if text.is_empty() {
        return Err(Fault::new("The base URL is empty.", of.like_this()));
    }
    if let Some(fault) = url_fault::in_characters(of, text) {
        return Err(fault);
    }
    if !text.contains("://") {
        return Err(url_fault::no_scheme(of, text));
    }
    let url = Url::parse(text).map_err(|_| url_fault::authority(of, text))?;
    if url.host().is_none() {
        return Err(url_fault::authority(of, text));
    }
    Ok(url)
}

/// A part of a URL that a base URL may not have.
fn extra(url: &Url) -> Option<Fault> {
    if !url.username().is_empty() || url.password().is_some() {
        return Some(Fault::new(
            "The base URL contains a user name or password.",
            "Remove everything before the @, and give keys by their own settings.",
        ));
    }
    let (mark, part) = match (url.query(), url.fragment()) {
        (Some(_), _) => ('?', "a query"),
        (None, Some(_)) => ('#', "a fragment"),
        (None, None) => return None,
    };
    Some(Fault::new(
        format!("The base URL has {part} ({mark})."),
        format!("Remove the {mark} and what follows it: each request adds its own path."),
    ))
}

/// The advice about a base URL that is not https. A private host may be the developer's own sandbox; a public one is not.
fn not_https_hint(url: &Url) -> String {
    let like_this = UrlOf::Base.like_this();
    let host = url.host_str().unwrap_or_default();
    if url.scheme() == "http" && Reachability::of_host(host).is_private() {
        let name = host.trim_start_matches('[').trim_end_matches(']');
        return format!(
            "{like_this} If your own sandbox is at {name}, list that host in `cleartext_hosts` (LIPIA_CLEARTEXT_HOSTS), and give the sandbox's keys."
        );
    }
    like_this.to_owned()
}

fn refused(code: ErrorCode, message: &str) -> Error {
    Error::configuration(code, message).with_field("base_url")
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
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
            assert_eq!(origin.url(Cow::Borrowed(path)).as_str(), wanted);
        }
    }

    #[test]
    fn a_refusal_names_the_character_and_shows_no_password() {
        for (text, message, hint) in [
            ("\"https://api.example\"", "quotation mark", "--env-file"),
            ("https://api.example'", "quotation mark", "--env-file"),
            (
                "https://ap i.example",
                "a blank in its host (character 11)",
                "Remove it",
            ),
            ("https://api.example/a\\b", "`\\` in its path", "Write /"),
            ("https://{host}/v1", "`{` in its host", "placeholder"),
            (
                "https://dúka.example",
                "`ú` in its host (character 10)",
                "xn--",
            ),
            ("https://api.example:80a", "the port `80a`", "1 to 65535"),
            ("http://127.0.0.1:99999", "the port `99999`", "1 to 65535"),
            ("https://a%.example", "`%` in `a%.example`", "percent"),
            ("https://", "has no host", "Write it like"),
            (
                "api.safaricom.co.ke",
                "does not begin with https://",
                "https://api.safaricom.co.ke.",
            ),
            (
                "u:word@api.example",
                "does not begin with https://",
                "https://api.example.",
            ),
            (
                "https://u:word@api.example",
                "a user name or password",
                "before the @",
            ),
            ("https://api.example/?a=word", "a query (?)", "Remove the ?"),
            (
                "https://api.example/#word",
                "a fragment (#)",
                "Remove the #",
            ),
            ("", "is empty", "Write it like"),
        ] {
            let error = Origin::parse(text).unwrap_err();
            assert!(error.message().contains(message), "{text}: {error}");
            assert!(error.hint().unwrap().contains(hint), "{text}: {error}");
            assert!(!format!("{error:?}").contains("word@") && !error.message().contains("=word"));
        }
    }

    #[test]
    fn keys_travel_in_the_clear_to_this_machine_alone_unless_a_host_is_listed() {
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

    #[test]
    fn plain_http_goes_to_a_listed_host_and_the_origin_says_so() {
        let hosts =
            CleartextHosts::parse(&["10.0.2.2", "Sandbox", "fd00::2", "localhost"]).unwrap();
        let of = |text: &str| Origin::parse_with(text, &hosts);
        for (text, is_loopback, is_cleartext) in [
            ("http://10.0.2.2:8600", false, true),
            ("http://sandbox:8600/v1", false, true),
            ("HTTP://SANDBOX", false, true),
            ("http://[fd00::2]", false, true),
            // An address that is encrypted, or on this machine, is not cleartext, whether or not its host is listed.
            ("https://10.0.2.2", false, false),
            ("https://sandbox", false, false),
            ("https://api.safaricom.co.ke", false, false),
            ("http://localhost:1", true, false),
            ("http://127.0.0.1:1", true, false),
            ("https://localhost", true, false),
        ] {
            let origin = of(text).unwrap();
            let found = (origin.is_loopback(), origin.is_cleartext());
            assert_eq!(found, (is_loopback, is_cleartext), "{text}");
            assert_eq!(origin.is_own_sandbox(), is_loopback || is_cleartext);
        }
        for (bad, code) in [
            ("http://10.0.2.3", "base_url_not_https"),
            ("http://10.0.2.2.example.com", "base_url_not_https"),
            ("http://10.0.2.2@evil.example", "base_url_not_https"),
            ("http://evil.example#@sandbox", "base_url_not_https"),
            ("http://sandbox.evil.example", "base_url_not_https"),
            ("ws://sandbox", "base_url_not_https"),
            ("ftp://10.0.2.2", "base_url_not_https"),
            ("http://u:word@sandbox", "base_url_unreadable"),
            ("http://sandbox\\@evil.example", "base_url_unreadable"),
            ("sandbox:8600", "base_url_unreadable"),
        ] {
            assert_eq!(of(bad).unwrap_err().code(), code, "{bad}");
        }
    }

    #[test]
    fn the_setting_is_pointed_out_where_a_developers_sandbox_may_be() {
        let names_setting = |text: &str| {
            let error = Origin::parse(text).unwrap_err();
            assert_eq!(error.code(), "base_url_not_https", "{text}");
            error.hint().unwrap().contains("cleartext_hosts")
        };
        for private in [
            "http://10.0.2.2:8600",
            "http://192.168.1.7",
            "http://172.17.0.1",
            "http://[fd00::2]",
            "http://sandbox:8600",
            "http://host.docker.internal",
            "http://mac.local",
        ] {
            assert!(names_setting(private), "{private}");
        }
        for public in [
            "http://api.safaricom.co.ke",
            "http://203.0.113.9",
            "http://[2606:4700::1]",
            "http://10.0.2.2.example.com",
            "ftp://sandbox",
        ] {
            assert!(!names_setting(public), "{public}");
        }
        let hint = Origin::parse("http://[fd00::2]:1").unwrap_err();
        assert!(hint.hint().unwrap().contains("is at fd00::2,"), "{hint:?}");
    }
}
