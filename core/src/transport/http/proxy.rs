//! The proxy that the environment names: `HTTPS_PROXY`, else `ALL_PROXY`, unless `NO_PROXY` names the host; each in capital or
//! small letters, read when a client first connects. This machine is always spoken to directly.

use super::failure::Destination;
use crate::callback::addresses::SourceAddresses;
use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::values::key_text::is_in_quotes;
use std::ffi::OsString;
use std::fmt;
use url::Url;

const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// A proxy. Its address holds its password, so only [`Proxy::shown`] is for people.
#[derive(Clone)]
pub(super) struct Proxy {
    url: Url,
    variable: &'static str,
}

impl Proxy {
    /// The proxy by which a gateway is reached; `None` where it is reached directly.
    ///
    /// # Errors
    /// `proxy_unreadable`: a variable names a proxy that cannot be used. It is never gone around.
    pub(super) fn for_destination(
        destination: &Destination,
        lookup: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Option<Self>, Error> {
        if destination.is_loopback {
            return Ok(None);
        }
        let named = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
            .into_iter()
            .find_map(|variable| Some((variable, text(lookup, variable)?)));
        let Some((variable, address)) = named else {
            return Ok(None);
        };
        let excepted = text(lookup, "NO_PROXY").or_else(|| text(lookup, "no_proxy"));
        if excepted.is_some_and(|list| is_excepted(&destination.host, &list)) {
            return Ok(None);
        }
        let url = parse(&address).ok_or_else(|| unreadable(variable, &fault(&address)))?;
        Ok(Some(Self { url, variable }))
    }

    /// The rule for the HTTP library: everything goes by this proxy.
    pub(super) fn rule(&self) -> Result<reqwest::Proxy, Error> {
        // The library's own error would hold the address, with its password.
        reqwest::Proxy::all(self.url.as_str())
            .map_err(|_| unreadable(self.variable, "its address cannot be read"))
    }

    /// `proxy.example:3128 (HTTPS_PROXY)`, without user and password.
    pub(super) fn shown(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        let port = self.url.port_or_known_default().unwrap_or(1080);
        format!("{host}:{port} ({})", self.variable)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

/// A variable's text. One that is empty counts as absent, and one that is not text is unreadable, not absent.
fn text(lookup: &dyn Fn(&str) -> Option<OsString>, name: &str) -> Option<String> {
    let value = lookup(name)?.to_string_lossy().trim().to_owned();
    (!value.is_empty()).then_some(value)
}

/// A proxy's address, with `http://` put before one that names a host and a port alone.
fn parse(address: &str) -> Option<Url> {
    let url = if address.contains("://") {
        Url::parse(address)
    } else {
        Url::parse(&format!("http://{address}"))
    };
    let url = url.ok()?;
    let is_usable = SCHEMES.contains(&url.scheme())
        && url.host_str().is_some_and(|host| !host.is_empty())
        // The HTTP library reads the address as one, and would go around a proxy whose address it cannot read.
        && url.as_str().parse::<http::Uri>().is_ok();
    is_usable.then_some(url)
}

/// Why an address is not that of a proxy. It may hold a password, so at most its scheme is shown.
fn fault(address: &str) -> String {
    if is_in_quotes(address) {
        return "its value begins or ends with a quotation mark".to_owned();
    }
    let stranger = address
        .chars()
        .position(|character| !character.is_ascii_graphic());
    if let Some(place) = stranger {
        return format!(
            "character {} of its value does not belong in an address",
            place + 1
        );
    }
    let scheme = address.split_once("://").map(|(scheme, _)| scheme);
    match scheme.filter(|scheme| !SCHEMES.contains(&scheme.to_ascii_lowercase().as_str())) {
        Some(scheme) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            format!("`{scheme}` is not a scheme of a proxy")
        }
        _ => "its host or port cannot be read. In a user name or password write %23 for #, %2F for / and %40 for @".to_owned(),
    }
}

fn unreadable(variable: &str, fault: &str) -> Error {
    Error::configuration(
        ErrorCode::ProxyUnreadable,
        format!("The environment variable {variable} names a proxy that cannot be used, so nothing was sent: {fault}."),
    )
    .with_field(variable)
    .with_hint("Write http://host:port, https://host:port or socks5://host:port, with user:password@ before the host where the proxy wants them; or unset it.")
}

/// Whether a list of hosts, domains (with all below them), addresses, ranges or `*` names this host.
fn is_excepted(host: &str, list: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    list.split([',', ' ', '\t'])
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .any(|entry| entry == "*" || names(entry, host))
}

fn names(entry: &str, host: &str) -> bool {
    if let Ok(address) = host.parse() {
        return SourceAddresses::none()
            .allow(entry.trim_start_matches('[').trim_end_matches(']'))
            .is_ok_and(|range| range.admits(address, &[]));
    }
    // A port, which other programs take, excepts nothing further here: a client speaks to one port of a host.
    let domain = entry.split_once(':').map_or(entry, |(domain, _)| domain);
    let domain = domain.trim_start_matches('*').trim_start_matches('.');
    let Some(rest) = host
        .len()
        .checked_sub(domain.len())
        .and_then(|at| host.get(at..).map(|end| (at, end)))
        .filter(|(_, end)| !domain.is_empty() && end.eq_ignore_ascii_case(domain))
        .and_then(|(at, _)| host.get(..at))
    else {
        return false;
    };
    rest.is_empty() || rest.ends_with('.')
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    reason = "a broken expectation should stop the test where it stands"
)]
mod tests {
    use super::*;
    use crate::transport::http::origin::Origin;

    fn proxy(base_url: &str, variables: &[(&str, &str)]) -> Result<Option<String>, Error> {
        let destination = Destination::gateway(&Origin::parse(base_url).unwrap());
        let lookup = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let proxy = Proxy::for_destination(&destination, &lookup)?;
        Ok(proxy.map(|proxy| {
            proxy.rule().unwrap();
            proxy.shown()
        }))
    }

    const GATEWAY: &str = "https://api.safaricom.co.ke";

    #[test]
    fn a_proxy_is_named_by_https_proxy_or_else_by_all_proxy_in_either_case() {
        for (variables, wanted) in [
            (&[][..], None),
            (&[("HTTP_PROXY", "http://p:1")], None),
            (&[("HTTPS_PROXY", "")], None),
            (&[("HTTPS_PROXY", "http://p:1")], Some("p:1 (HTTPS_PROXY)")),
            (&[("https_proxy", "p:1")], Some("p:1 (https_proxy)")),
            (&[("https_proxy", "https://p")], Some("p:443 (https_proxy)")),
            (&[("all_proxy", "socks5://p")], Some("p:1080 (all_proxy)")),
            (
                &[("ALL_PROXY", "socks5h://[::1]:9")],
                Some("[::1]:9 (ALL_PROXY)"),
            ),
            (
                &[("ALL_PROXY", "http://all:1"), ("HTTPS_PROXY", "http://p:2")],
                Some("p:2 (HTTPS_PROXY)"),
            ),
            (
                &[("HTTPS_PROXY", " "), ("ALL_PROXY", "http://all:1")],
                Some("all:1 (ALL_PROXY)"),
            ),
            (
                &[("HTTPS_PROXY", "http://till:%40pass@p:3128/")],
                Some("p:3128 (HTTPS_PROXY)"),
            ),
        ] {
            let found = proxy(GATEWAY, variables).unwrap();
            assert_eq!(found.as_deref(), wanted, "{variables:?}");
        }
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_said_and_not_gone_around() {
        for (address, said) in [
            ("ftp://p:1", "`ftp` is not a scheme"),
            ("http://", "host or port"),
            ("p:99999", "host or port"),
            ("http://secret:word@", "host or port"),
            ("http://user:secret/word@p:3128", "write %23 for #"),
            ("socks9://p", "`socks9` is not a scheme"),
            ("'ftp://secret@p:1'", "quotation mark"),
            ("http://us er:secret@p:x", "character 10"),
        ] {
            let error = proxy(GATEWAY, &[("ALL_PROXY", address)]).unwrap_err();
            assert_eq!(
                (error.code(), error.field()),
                ("proxy_unreadable", Some("ALL_PROXY")),
                "{address}"
            );
            assert!(error.message().contains(said), "{address}: {error}");
            assert!(!format!("{error:?} {error}").contains("secret"));
        }
    }

    #[test]
    fn this_machine_is_spoken_to_directly() {
        for base_url in [
            "http://127.0.0.1:1",
            "http://localhost:1",
            "https://localhost",
            "https://127.9.9.9",
            "http://[::1]:1",
        ] {
            let through = [("HTTPS_PROXY", "nonsense://"), ("NO_PROXY", "")];
            assert_eq!(proxy(base_url, &through).unwrap(), None, "{base_url}");
        }
    }

    #[test]
    fn no_proxy_names_hosts_domains_addresses_ranges_or_all() {
        for (host, list, excepted) in [
            ("api.safaricom.co.ke", "*", true),
            ("api.safaricom.co.ke", "api.safaricom.co.ke", true),
            ("api.safaricom.co.ke", "API.Safaricom.co.ke:443", true),
            ("api.safaricom.co.ke", "a.b, safaricom.co.ke", true),
            ("api.safaricom.co.ke", ".safaricom.co.ke", true),
            ("api.safaricom.co.ke", "a.b *.co.ke", true),
            ("api.safaricom.co.ke", "i.safaricom.co.ke", false),
            ("api.safaricom.co.ke", "xapi.safaricom.co.ke", false),
            ("api.safaricom.co.ke", "safaricom", false),
            ("api.safaricom.co.ke", ".,:443, ,", false),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.0.0.0/8", true),
            ("10.1.2.3", "192.168.0.0/16", false),
            ("10.1.2.3", "2.3", false),
            ("[2001:db8::1]", "2001:db8::/32", true),
            ("[2001:db8::1]", "[2001:db8::1]", true),
            ("[2001:db8::1]", "2001:db8::2", false),
        ] {
            assert_eq!(is_excepted(host, list), excepted, "{host} in {list}");
            let variables = [("ALL_PROXY", "p:1"), ("no_proxy", list)];
            let found = proxy(&format!("https://{host}"), &variables).unwrap();
            assert_eq!(found.is_none(), excepted, "{host} in {list}");
        }
    }
}
