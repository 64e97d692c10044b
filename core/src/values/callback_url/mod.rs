//! The callback URL: the address that the gateway reports to.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::values::environment::Environment;
use crate::values::reachability::Reachability;
use crate::values::url_fault::{self, Fault, UrlOf};
use crate::values::warning::{Warning, WarningCode};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use url::Url;

const FIELD: &str = "callback_url";
const MAX_BYTES: usize = 500;

/// Words that Safaricom's rules for registered URLs forbid. For STK Push they are not uniformly enforced, so they
/// are remarked on and not refused.
const DISCOURAGED_WORDS: [&str; 7] = ["mpesa", "safaricom", "exec", "exe", "cmd", "sql", "query"];
const DISCOURAGED_HOSTS: [&str; 3] = ["ngrok", "mockbin", "requestbin"];

/// A checked callback URL. `Debug` shows the scheme and host only: the path may carry the token that makes the
/// callback believable.
///
/// ```
/// use lipia::values::{CallbackUrl, Environment};
/// let url = CallbackUrl::parse("https://Shop.Example.co.ke/Paid?v=1", Environment::Production).unwrap();
/// assert_eq!(url.as_str(), "https://shop.example.co.ke/Paid?v=1");
/// assert_eq!(url.with_segment("a1b2").unwrap().as_str(), "https://shop.example.co.ke/Paid/a1b2?v=1");
/// assert_eq!(format!("{url:?}"), "CallbackUrl(https://shop.example.co.ke/***)");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CallbackUrl {
    text: String,
    /// Where the parts of `text` end; everything is ASCII.
    host_end: usize,
    authority_end: usize,
    path_end: usize,
}

impl CallbackUrl {
    /// Checks a URL and lower-cases its scheme and host; path and query stay as they are.
    ///
    /// # Errors
    /// `callback_url_empty`, `callback_url_too_long` (over 500 bytes), `callback_url_unreadable`,
    /// `callback_url_user_info`, `callback_url_fragment`, `callback_url_not_https` (plain `http` is allowed in the
    /// sandbox), and in production `callback_url_ip_host` and `callback_url_private_host`.
    pub fn parse(text: &str, environment: Environment) -> Result<Self, Error> {
        let url = Self::take_apart(text)?;
        let scheme = url.scheme();
        if scheme != "https" && !(scheme == "http" && environment == Environment::Sandbox) {
            return Err(refused(
                ErrorCode::CallbackUrlNotHttps,
                "The callback URL does not start with https://.",
            )
            .with_hint(
                "Give a public https:// address; plain http:// is allowed in the sandbox only.",
            ));
        }
        if environment == Environment::Production {
            match url.reachability() {
                Reachability::Public => {}
                Reachability::PrivateIp | Reachability::PublicIp => {
                    return Err(refused(ErrorCode::CallbackUrlIpHost, "The callback URL has an IP address instead of a host name.")
                        .with_hint("Give a public host name with a certificate, such as https://shop.example.co.ke/paid."));
                }
                Reachability::PrivateName => {
                    return Err(refused(ErrorCode::CallbackUrlPrivateHost, "The callback URL's host is not reachable from the internet.")
                        .with_hint("Safaricom calls from outside: give a public host name, not localhost or a local one."));
                }
            }
        }
        Ok(url)
    }

    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The URL with one more path segment, before the query if there is one. Characters that are not plain in a
    /// path are percent-encoded.
    ///
    /// # Errors
    /// `callback_url_segment` for an empty segment, `.` or `..`; `callback_url_too_long` when the result is over
    /// 500 bytes.
    pub fn with_segment(&self, segment: &str) -> Result<Self, Error> {
        if matches!(segment, "" | "." | "..") {
            return Err(refused(
                ErrorCode::CallbackUrlSegment,
                "This cannot be appended to a path.",
            )
            .with_hint("Append a token of letters and digits."));
        }
        let path = self.text.get(..self.path_end).unwrap_or_default();
        let query = self.text.get(self.path_end..).unwrap_or_default();
        let mut text = String::with_capacity(self.text.len() + segment.len() + 1);
        text.push_str(path);
        if !(text.ends_with('/') && self.path_end > self.authority_end) {
            text.push('/');
        }
        for byte in segment.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                text.push(char::from(byte));
            } else {
                text.push_str(&format!("%{byte:02X}"));
            }
        }
        let path_end = text.len();
        text.push_str(query);
        if text.len() > MAX_BYTES {
            return Err(too_long());
        }
        Ok(Self {
            text,
            path_end,
            ..*self
        })
    }

    /// Remarks: words and hosts that Safaricom discourages, a port other than 443 with https, and a host that
    /// only this machine or network can reach (allowed in the sandbox; Safaricom's own sandbox refuses it too).
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        // `exec` contains `exe`: one remark for the longer word is enough.
        let lower = self.text.to_ascii_lowercase();
        for word in DISCOURAGED_WORDS {
            let present = if word == "exe" {
                lower.replace("exec", "").contains(word)
            } else {
                lower.contains(word)
            };
            if present {
                let message = format!(
                    "The callback URL contains {word:?}, which Safaricom's rules for URLs forbid."
                );
                warnings.push(Warning::new(
                    WarningCode::CallbackUrlDiscouragedWord,
                    message,
                ));
            }
        }
        for name in DISCOURAGED_HOSTS {
            if self.host().contains(name) {
                let message =
                    format!("Safaricom discourages {name} addresses and may not call them.");
                warnings.push(Warning::new(
                    WarningCode::CallbackUrlDiscouragedHost,
                    message,
                ));
            }
        }
        if self.scheme() == "https" && self.port().is_some_and(|port| port != 443) {
            let message = "The callback URL names a port other than 443; that Safaricom calls it is not certain.";
            warnings.push(Warning::new(WarningCode::CallbackUrlPort, message));
        }
        if self.reachability().is_private() {
            let message = "Only this machine or network can reach the callback URL: Safaricom refuses it, even its \
                           sandbox. Lipia's own sandbox calls it.";
            warnings.push(Warning::new(WarningCode::CallbackUrlPrivateHost, message));
        } else if self.reachability() == Reachability::PublicIp {
            let message = "The callback URL has an IP address instead of a host name; production refuses that.";
            warnings.push(Warning::new(WarningCode::CallbackUrlIpHost, message));
        }
        warnings
    }

    /// Splits by hand, because the URL library rewrites what it reads (`/a/../b`, `\`, spaces), and the path is to
    /// reach the gateway as it was written. The library then has the last word on the host.
    fn take_apart(text: &str) -> Result<Self, Error> {
        if text.is_empty() {
            return Err(
                refused(ErrorCode::CallbackUrlEmpty, "The callback URL is empty.")
                    .with_hint("Give the public https:// address that Safaricom should report to."),
            );
        }
        if text.len() > MAX_BYTES {
            return Err(too_long());
        }
        if let Some(fault) = url_fault::in_characters(UrlOf::Callback, text) {
            return Err(unreadable(fault));
        }
        if text.contains('#') {
            return Err(refused(
                ErrorCode::CallbackUrlFragment,
                "The callback URL has a fragment (#), which is never sent.",
            )
            .with_hint("Remove the # and what follows it."));
        }
        let (scheme, rest) = text
            .split_once("://")
            .ok_or_else(|| unreadable(url_fault::no_scheme(UrlOf::Callback, text)))?;
        let authority_length = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path_and_query) = rest
            .split_at_checked(authority_length)
            .unwrap_or((rest, ""));
        if authority.contains('@') {
            return Err(refused(
                ErrorCode::CallbackUrlUserInfo,
                "The callback URL contains a user name or password.",
            )
            .with_hint("Remove everything before the @: Safaricom does not log in."));
        }
        let scheme = scheme.to_ascii_lowercase();
        if !matches!(scheme.as_str(), "http" | "https") {
            return Err(refused(
                ErrorCode::CallbackUrlNotHttps,
                "The callback URL does not start with https://.",
            )
            .with_hint("Give a public https:// address."));
        }
        let (host, port) = split_port(authority)?;
        let host = host.to_ascii_lowercase();
        if !is_host(&host) || Url::parse(&format!("{scheme}://{host}/")).is_err() {
            return Err(unreadable(url_fault::host(UrlOf::Callback, &host)));
        }
        let host_end = scheme.len() + 3 + host.len();
        let lowered = format!("{scheme}://{host}{port}");
        let authority_end = lowered.len();
        let path_length = path_and_query.find('?').unwrap_or(path_and_query.len());
        Ok(Self {
            text: lowered + path_and_query,
            host_end,
            authority_end,
            path_end: authority_end + path_length,
        })
    }

    fn scheme(&self) -> &str {
        self.text.split_once("://").map_or("", |(scheme, _)| scheme)
    }

    fn host(&self) -> &str {
        self.text
            .get(self.scheme().len() + 3..self.host_end)
            .unwrap_or_default()
    }

    fn port(&self) -> Option<u16> {
        self.text
            .get(self.host_end..self.authority_end)?
            .strip_prefix(':')?
            .parse()
            .ok()
    }

    fn reachability(&self) -> Reachability {
        Reachability::of_host(self.host())
    }
}

/// Whether a remark is about the network that a URL is reached from.
pub(crate) fn is_of_reach(warning: &Warning) -> bool {
    [
        WarningCode::CallbackUrlPrivateHost,
        WarningCode::CallbackUrlIpHost,
        WarningCode::CallbackUrlPort,
    ]
    .iter()
    .any(|code| code.as_str() == warning.code())
}

fn split_port(authority: &str) -> Result<(&str, &str), Error> {
    let host_length = if authority.starts_with('[') {
        authority.find(']').map(|end| end + 1)
    } else {
        Some(authority.find(':').unwrap_or(authority.len()))
    };
    let (host, port) = host_length
        .and_then(|length| authority.split_at_checked(length))
        .ok_or_else(|| unreadable(url_fault::host(UrlOf::Callback, authority)))?;
    let readable = port.is_empty()
        || port.strip_prefix(':').is_some_and(|digits| {
            digits.bytes().all(|byte| byte.is_ascii_digit())
                && digits.parse::<u16>().is_ok_and(|port| port > 0)
        });
    if readable {
        Ok((host, port))
    } else {
        Err(unreadable(url_fault::port(UrlOf::Callback, port)))
    }
}

/// Host names as certificates allow them: labels of letters, digits and inner hyphens. A host in another script is
/// written in its `xn--` form.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.starts_with('[') || (host.len() <= 253 && host.split('.').all(is_label))
}

fn refused(code: ErrorCode, message: &str) -> Error {
    Error::invalid(FIELD, code, message)
}

fn unreadable(fault: Fault) -> Error {
    refused(ErrorCode::CallbackUrlUnreadable, &fault.message).with_hint(fault.hint)
}

fn too_long() -> Error {
    refused(
        ErrorCode::CallbackUrlTooLong,
        "The callback URL is longer than 500 bytes.",
    )
    .with_hint("Shorten its path or query; Lipia appends a token of its own.")
}

impl fmt::Debug for CallbackUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "CallbackUrl({}/***)",
            self.text.get(..self.host_end).unwrap_or_default()
        )
    }
}

impl Serialize for CallbackUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for CallbackUrl {
    /// Reads what was saved. It was checked for its environment then, so the rules of the sandbox, which include
    /// those of production, are enough.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?, Environment::Sandbox)
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_goes_before_the_query_and_cannot_break_out() {
        let with = |base: &str, segment: &str| {
            CallbackUrl::parse(base, Environment::Production)
                .unwrap()
                .with_segment(segment)
                .map(|url| url.text)
        };
        assert_eq!(with("https://a.ke", "t").unwrap(), "https://a.ke/t");
        assert_eq!(with("https://a.ke/", "t").unwrap(), "https://a.ke/t");
        assert_eq!(
            with("https://a.ke?x=1/", "t").unwrap(),
            "https://a.ke/t?x=1/"
        );
        assert_eq!(
            with("https://a.ke/p/?x=1", "t").unwrap(),
            "https://a.ke/p/t?x=1"
        );
        assert_eq!(
            with("https://a.ke:8443/p", "a/b?c#d").unwrap(),
            "https://a.ke:8443/p/a%2Fb%3Fc%23d"
        );
        for segment in ["", ".", ".."] {
            assert_eq!(
                with("https://a.ke", segment).unwrap_err().code(),
                "callback_url_segment"
            );
        }
        assert_eq!(
            with("https://a.ke", &"t".repeat(490)).unwrap_err().code(),
            "callback_url_too_long"
        );
        let twice = CallbackUrl::parse("https://a.ke?x", Environment::Production).unwrap();
        assert_eq!(
            twice
                .with_segment("a")
                .unwrap()
                .with_segment("b")
                .unwrap()
                .as_str(),
            "https://a.ke/a/b?x"
        );
    }

    #[test]
    fn the_path_is_kept_as_written_and_never_shown() {
        let text = "HTTPS://Shop.KE/A/../%7eB//c?Q=%zz";
        let url = CallbackUrl::parse(text, Environment::Production).unwrap();
        assert_eq!(url.as_str(), "https://shop.ke/A/../%7eB//c?Q=%zz");
        assert_eq!(format!("{url:?}"), "CallbackUrl(https://shop.ke/***)");
        let saved = serde_json::to_string(&url).unwrap();
        assert_eq!(serde_json::from_str::<CallbackUrl>(&saved).unwrap(), url);
    }
}
