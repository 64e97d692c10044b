//! Cleartext hosts: the hosts besides this machine that a base URL may name with `http://`.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use std::net::Ipv6Addr;
use url::Host;

/// The setting's name.
pub(crate) const CLEARTEXT_HOSTS: &str = "cleartext_hosts";

/// Hosts that a client may speak to over plain http. A host is listed by its whole name or address: an entry covers neither names
/// below it nor a range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CleartextHosts {
    hosts: Vec<Host>,
}

impl CleartextHosts {
    /// Reads the entries of the setting.
    ///
    /// # Errors
    /// `cleartext_host_unreadable` for an entry that is not the name or the address of a host.
    pub(crate) fn parse<S: AsRef<str>>(entries: &[S]) -> Result<Self, Error> {
        let hosts = entries.iter().map(|entry| host(entry.as_ref()));
        Ok(Self {
            hosts: hosts.collect::<Result<_, _>>()?,
        })
    }

    /// Whether the host of a URL is listed. The URL's parser has made names lower case and addresses canonical, as [`host`] does.
    pub(crate) fn contains(&self, host: &Host<&str>) -> bool {
        self.hosts.iter().any(|listed| match (listed, host) {
            (Host::Domain(listed), Host::Domain(name)) => listed == name,
            (Host::Ipv4(listed), Host::Ipv4(address)) => listed == address,
            (Host::Ipv6(listed), Host::Ipv6(address)) => listed == address,
            _ => false,
        })
    }
}

/// The entries of a list that an environment variable or an argument holds, separated by commas.
pub(crate) fn entries(text: &str) -> Vec<String> {
    text.split(',').map(|it| it.trim().to_owned()).collect()
}

/// The host that an entry names, as a URL's parser reads it.
fn host(entry: &str) -> Result<Host, Error> {
    let address = entry
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(entry);
    if let Ok(address) = address.parse::<Ipv6Addr>() {
        return Ok(Host::Ipv6(address));
    }
    let fault = if entry.is_empty() {
        "An entry of `cleartext_hosts` is empty.".to_owned()
    } else if entry.contains("://") {
        format!("{} has a scheme.", shown(entry))
    } else if entry.contains(char::is_whitespace) {
        format!("{} has a blank.", shown(entry))
    } else if entry.contains(['/', '?', '#']) {
        format!("{} has a path, a query or a range.", shown(entry))
    } else if entry.contains('@') {
        "An entry of `cleartext_hosts` has a user name or a password.".to_owned()
    } else if entry.contains("]:") || entry.matches(':').count() == 1 {
        format!("{} has a port.", shown(entry))
    } else if entry.contains('*') {
        format!("{} has a wildcard.", shown(entry))
    } else {
        // A URL's parser would rewrite other characters, and another host would be listed than is written.
        let is_plain = |character: char| {
            character.is_ascii_alphanumeric() || matches!(character, '-' | '.' | '_')
        };
        match Host::parse(entry) {
            Ok(host) if entry.chars().all(is_plain) => return Ok(host),
            _ => format!("{} is not the name or the address of a host.", shown(entry)),
        }
    };
    Err(
        Error::configuration(ErrorCode::CleartextHostUnreadable, fault)
            .with_field(CLEARTEXT_HOSTS)
            .with_hint(
                "List whole host names or IP addresses alone, such as 10.0.2.2 or sandbox. Scheme and port stand in the base URL.",
            ),
    )
}

/// An entry for an error's sentence: what stands before an `@` may be a password, and a path may hold a token.
fn shown(entry: &str) -> String {
    let rest = entry.split_once("://").map_or(entry, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = rest.get(..end).unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, it)| it);
    let name: String = host
        .chars()
        .filter(|character| !character.is_control())
        .take(100)
        .collect();
    format!("The entry for `{name}` in `cleartext_hosts`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    fn lists(entry: &str, url: &str) -> bool {
        let hosts = CleartextHosts::parse(&[entry]).unwrap();
        hosts.contains(&Url::parse(url).unwrap().host().unwrap())
    }

    #[test]
    fn a_host_is_listed_by_its_whole_name_or_address() {
        for (entry, url, is_listed) in [
            ("10.0.2.2", "http://10.0.2.2:8600/v1", true),
            ("10.0.2.2", "http://10.0.514", true),
            ("10.0.2.2", "http://0x0a000202", true),
            ("10.0.2.2", "http://10.0.2.20", false),
            ("10.0.2.2", "http://10.0.2.2.example.com", false),
            ("10.0.2.2", "http://10.0.2.2@evil.example", false),
            ("10.0.2.2", "http://10.0.2.2:80@evil.example", false),
            ("10.0.2.2", "http://evil.example/10.0.2.2", false),
            ("10.0.2.2", "http://evil.example#@10.0.2.2", false),
            ("10.0.2.2", "http://evil.example\\@10.0.2.2", false),
            ("10.0.2.2", "http://[::ffff:10.0.2.2]", false),
            ("sandbox", "http://sandbox:8600", true),
            ("Sandbox", "http://sandbox", true),
            ("sandbox", "http://SANDBOX", true),
            ("my_sandbox-1.local", "http://my_sandbox-1.local", true),
            ("sandbox", "http://sandbox.evil.example", false),
            ("sandbox", "http://a.sandbox", false),
            ("sandbox", "http://mysandbox", false),
            ("fd00::2", "http://[fd00::2]:8600", true),
            ("[fd00::2]", "http://[fd00:0:0::2]", true),
            ("FD00::2", "http://[fd00::2]", true),
            ("fd00::2", "http://[fd00::20]", false),
        ] {
            assert_eq!(lists(entry, url), is_listed, "{entry}: {url}");
        }
        assert!(!CleartextHosts::default().contains(&Host::Domain("sandbox")));
    }

    #[test]
    fn an_entry_that_is_not_a_host_is_refused_and_shows_no_password() {
        for (entry, message) in [
            ("", "is empty"),
            ("http://10.0.2.2", "has a scheme"),
            ("http://u:s3cret@10.0.2.2/", "has a scheme"),
            ("10.0.2.2:8600", "has a port"),
            ("sandbox:8600", "has a port"),
            ("[fd00::2]:8600", "has a port"),
            ("fd00::g", "is not the name"),
            ("10.0.2.2/", "has a path"),
            ("10.0.0.0/8", "a range"),
            ("sandbox/s3cret", "has a path"),
            ("u:s3cret@sandbox", "a user name or a password"),
            (" sandbox", "has a blank"),
            ("sandbox ", "has a blank"),
            ("a b", "has a blank"),
            ("\u{a0}sandbox", "has a blank"),
            ("*", "a wildcard"),
            ("*.example.com", "a wildcard"),
            ("dúka", "is not the name"),
            ("s%61ndbox", "is not the name"),
            ("\"sandbox\"", "is not the name"),
            ("sandbox,other", "is not the name"),
            ("256.1.1.1", "is not the name"),
            ("sand\u{ad}box", "is not the name"),
        ] {
            let error = CleartextHosts::parse(&["sandbox", entry]).unwrap_err();
            assert_eq!(
                (error.code(), error.field()),
                ("cleartext_host_unreadable", Some("cleartext_hosts")),
                "{entry:?}"
            );
            assert!(error.message().contains(message), "{entry:?}: {error}");
            assert!(error.hint().unwrap().contains("10.0.2.2"), "{entry:?}");
            assert!(!format!("{error:?}").contains("s3cret"), "{entry:?}");
        }
    }

    #[test]
    fn a_variable_lists_hosts_between_commas() {
        assert_eq!(entries("sandbox"), ["sandbox"]);
        assert_eq!(entries(" sandbox , 10.0.2.2"), ["sandbox", "10.0.2.2"]);
        // A comma too many is an empty entry, which is refused.
        assert_eq!(entries("sandbox,"), ["sandbox", ""]);
    }
}
