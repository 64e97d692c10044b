//! Faults of URLs, which keep a text from being a callback URL or a base URL: the character or the part that is wrong,
//! and what to do about it.
//!
//! Of the URL only the host is shown: the path may carry a token, and a password may stand before the host.

use crate::values::key_text::{REMOVE_QUOTES, is_in_quotes, shown};

/// A fault, in a sentence, and the advice that goes with it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) message: String,
    pub(crate) hint: String,
}

impl Fault {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: hint.into(),
        }
    }
}

/// Which URL a text is to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum UrlOf {
    /// The address that a gateway reports to.
    Callback,
    /// The address of a gateway.
    Base,
}

impl UrlOf {
    fn title(self) -> &'static str {
        match self {
            Self::Callback => "callback URL",
            Self::Base => "base URL",
        }
    }

    /// The advice where a whole URL has to be written anew.
    pub(crate) fn like_this(self) -> &'static str {
        match self {
            Self::Callback => "Write it like https://shop.example.co.ke/paid.",
            Self::Base => {
                "Write it like https://api.safaricom.co.ke, or http://127.0.0.1:8080 for a local sandbox."
            }
        }
    }

    fn placeholder(self) -> &'static str {
        match self {
            Self::Callback => {
                "Put your own value in the place of the placeholder. Lipia appends a payment's token itself."
            }
            Self::Base => "Put your own value in the place of the placeholder.",
        }
    }
}

/// A part of a URL.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Scheme,
    Host,
    Path,
    Query,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Scheme => "scheme",
            Self::Host => "host",
            Self::Path => "path",
            Self::Query => "query",
        }
    }

    /// The part that a byte of the text belongs to.
    fn at(text: &str, place: usize) -> Self {
        let scheme_end = text.find("://").map_or(0, |at| at + 3);
        let authority_end = text
            .get(scheme_end..)
            .and_then(|rest| rest.find(['/', '?', '#']))
            .map_or(text.len(), |at| scheme_end + at);
        let query = text.find('?').unwrap_or(text.len());
        if place < scheme_end {
            Self::Scheme
        } else if place < authority_end {
            Self::Host
        } else if place < query {
            Self::Path
        } else {
            Self::Query
        }
    }
}

/// Quotation marks that are part of the text.
fn quotation_marks(of: UrlOf) -> Fault {
    Fault::new(
        format!("The {} begins or ends with a quotation mark.", of.title()),
        REMOVE_QUOTES,
    )
}

/// The first character that may not stand in a URL at all, and quotation marks around it. A path may end with an apostrophe.
pub(crate) fn in_characters(of: UrlOf, text: &str) -> Option<Fault> {
    if text.starts_with('\'') || (of == UrlOf::Base && is_in_quotes(text)) {
        return Some(quotation_marks(of));
    }
    let mut characters = text.char_indices();
    let (place, character) = characters.find(|(_, character)| !is_url_character(*character))?;
    Some(of_character(of, text, place, character))
}

/// The characters that RFC 3986 allows in a URL, and nothing that a library would rewrite.
fn is_url_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(character)
}

fn of_character(of: UrlOf, text: &str, place: usize, character: char) -> Fault {
    let part = Part::at(text, place);
    let number = text.get(..place).map_or(0, |before| before.chars().count()) + 1;
    let said = |what: &str| {
        format!(
            "The {} has {what} in its {} (character {number}).",
            of.title(),
            part.name()
        )
    };
    match character {
        _ if is_in_quotes(text) => quotation_marks(of),
        '\n' | '\r' => Fault::new(said("a line break"), "Remove it: the URL is one line."),
        _ if character.is_control() => Fault::new(said("a control character"), of.like_this()),
        _ if character.is_whitespace() && text.trim() != text => Fault::new(
            format!("The {} begins or ends with a blank.", of.title()),
            "Remove the blank.",
        ),
        _ if character.is_whitespace() => Fault::new(
            said("a blank"),
            match part {
                Part::Path | Part::Query => "Write %20 for it, or leave it out.",
                Part::Scheme | Part::Host => "Remove it.",
            },
        ),
        '{' | '}' | '<' | '>' => Fault::new(said(&shown(character)), of.placeholder()),
        '\\' => Fault::new(said("`\\`"), "Write / instead."),
        _ if !character.is_ascii() && part == Part::Host => Fault::new(
            said(&shown(character)),
            "Write the host in ASCII: the `xn--` form that your domain's registrar shows.",
        ),
        _ => {
            let encoded: String = character
                .encode_utf8(&mut [0; 4])
                .bytes()
                .map(|byte| format!("%{byte:02X}"))
                .collect();
            let hint = match part {
                Part::Path | Part::Query => format!("Write {encoded} for it, or leave it out."),
                Part::Scheme | Part::Host => of.like_this().to_owned(),
            };
            Fault::new(said(&shown(character)), hint)
        }
    }
}

/// A text without `://`.
pub(crate) fn no_scheme(of: UrlOf, text: &str) -> Fault {
    let rest = text.split_once(":/").map_or(text, |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let host: String = rest
        .chars()
        .take_while(|character| !matches!(character, '/' | '?' | '#'))
        .take(100)
        .collect();
    let hint = if host.contains('.') {
        format!("Begin it with https://{host}.")
    } else {
        of.like_this().to_owned()
    };
    Fault::new(
        format!("The {} does not begin with https://.", of.title()),
        hint,
    )
}

/// What follows the host's colon and is not a port.
pub(crate) fn port(of: UrlOf, port: &str) -> Fault {
    let port = port.trim_start_matches(':');
    let message = if port.is_empty() {
        format!("The {} has a colon after its host and no port.", of.title())
    } else {
        format!(
            "The {} has the port `{port}`, which is not a number from 1 to 65535.",
            of.title()
        )
    };
    Fault::new(
        message,
        "Leave the port out (https means 443), or write one from 1 to 65535.",
    )
}

/// A host that cannot be one.
pub(crate) fn host(of: UrlOf, host: &str) -> Fault {
    let said = |what: String| format!("The {}'s host cannot be called: {what}.", of.title());
    let name: String = host.chars().take(100).collect();
    if host.is_empty() {
        return Fault::new(format!("The {} has no host.", of.title()), of.like_this());
    }
    if host.starts_with('[') {
        return Fault::new(
            said(format!("`{name}` is not an IPv6 address")),
            "Give a public host name with a certificate.",
        );
    }
    let stranger = host
        .chars()
        .find(|character| !character.is_ascii_alphanumeric() && !matches!(character, '-' | '.'));
    match stranger {
        Some('_') => {
            return Fault::new(
                said(format!("`_` in `{name}`")),
                format!(
                    "Host names have letters, digits, hyphens and dots, and no certificate is issued for `_`. Give the host another name, such as {}.",
                    name.replace('_', "-")
                ),
            );
        }
        Some('%') => {
            return Fault::new(
                said(format!("`%` in `{name}`")),
                "Only paths and queries are percent-encoded. Write the host plainly; another script in its `xn--` form.",
            );
        }
        Some(character) => {
            return Fault::new(
                said(format!("`{character}` in `{name}`")),
                "Host names have letters, digits, hyphens and dots.",
            );
        }
        None => {}
    }
    if host.len() > 253 {
        return Fault::new(
            said(format!("it has {} characters", host.len())),
            "A host name has at most 253.",
        );
    }
    for label in host.split('.') {
        if label.is_empty() {
            return Fault::new(
                said(format!("a dot too many in `{name}`")),
                "Write one dot between two parts, and none at the beginning or the end.",
            );
        }
        if label.len() > 63 {
            return Fault::new(
                said(format!("a part of `{name}` has {} characters", label.len())),
                "A part between dots has at most 63.",
            );
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Fault::new(
                said(format!("`{label}` begins or ends with a hyphen")),
                "Hyphens stand between letters and digits.",
            );
        }
    }
    let hint = if host.split('.').any(|label| label.starts_with("xn--")) {
        "Copy the `xn--` form of the name again from your domain's registrar."
    } else {
        "Give a public host name with a certificate, such as shop.example.co.ke."
    };
    Fault::new(
        said(format!("`{name}` is neither a name nor an address")),
        hint,
    )
}

/// A URL with `://` that a library cannot read: its port or its host is at fault.
pub(crate) fn authority(of: UrlOf, text: &str) -> Fault {
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let host_length = match authority.find(']') {
        Some(end) => end + 1,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (name, after) = authority
        .split_at_checked(host_length)
        .unwrap_or((authority, ""));
    let is_port = after
        .strip_prefix(':')
        .is_some_and(|digits| digits.parse::<u16>().is_ok());
    if name.is_empty() || after.is_empty() || is_port {
        host(of, &name.to_ascii_lowercase())
    } else {
        port(of, after)
    }
}

#[cfg(test)]
mod tests {
    use crate::values::callback_url::CallbackUrl;
    use crate::values::environment::Environment;

    #[test]
    fn the_character_and_the_place_are_named() {
        for (url, message, hint) in [
            (
                "https://my_app.example.co.ke/pay",
                "`_` in `my_app.example.co.ke`",
                "my-app.example.co.ke",
            ),
            (
                "https://dúka.co.ke/pay",
                "`ú` in its host (character 10)",
                "xn--",
            ),
            (
                "https://دكان.example/pay",
                "in its host (character 9)",
                "xn--",
            ),
            (
                "https://shop.ke/café",
                "`é` in its path (character 20)",
                "%C3%A9",
            ),
            (
                "https://shop.ke/a b",
                "a blank in its path (character 18)",
                "%20",
            ),
            ("https://sho p.ke/a", "a blank in its host", "Remove it"),
            (
                " https://shop.ke/a",
                "begins or ends with a blank",
                "Remove",
            ),
            (
                "https://shop.ke/a\n",
                "a line break in its path",
                "one line",
            ),
            ("https://shop.ke\\a", "`\\` in its host", "Write /"),
            (
                "https://shop.ke/{token}",
                "`{` in its path (character 17)",
                "placeholder",
            ),
            ("https://<host>/a", "`<` in its host", "placeholder"),
            (
                "https://shop.ke/a?b=\u{7f}",
                "a control character in its query",
                "https://",
            ),
            ("https://shop.ke/a?q=ö", "`ö` in its query", "%C3%B6"),
            (
                "https://shop.ke/a\u{202e}b",
                "U+202E in its path",
                "%E2%80%AE",
            ),
            ("https://sh\u{200b}op.ke/a", "U+200B in its host", "xn--"),
            ("\"https://shop.ke/a\"", "quotation mark", "--env-file"),
            ("'https://shop.ke/a'", "quotation mark", "--env-file"),
            (
                "shop.ke/pay",
                "does not begin with https://",
                "https://shop.ke.",
            ),
            (
                "https:/shop.ke/pay",
                "does not begin with https://",
                "https://shop.ke.",
            ),
            ("https:///pay", "has no host", "Write it like"),
            (
                "https://shop.ke:/pay",
                "a colon after its host",
                "Leave the port out",
            ),
            (
                "https://shop.ke:99999/pay",
                "the port `99999`",
                "Leave the port out",
            ),
            (
                "https://shop.ke:80a/pay",
                "the port `80a`",
                "Leave the port out",
            ),
            ("https://shop..ke/pay", "a dot too many", "one dot"),
            ("https://shop.ke./pay", "a dot too many", "one dot"),
            (
                "https://-shop.ke/pay",
                "`-shop` begins or ends with a hyphen",
                "between",
            ),
            (
                "https://sh%6fp.ke/pay",
                "`%` in `sh%6fp.ke`",
                "percent-encoded",
            ),
            (
                "https://shop$.ke/pay",
                "`$` in `shop$.ke`",
                "letters, digits",
            ),
            (
                "https://999.1.1.1/pay",
                "neither a name nor an address",
                "public host name",
            ),
            ("https://[::g]/pay", "not an IPv6 address", "host name"),
        ] {
            let error = CallbackUrl::parse(url, Environment::Production).unwrap_err();
            assert_eq!(error.code(), "callback_url_unreadable", "{url:?}");
            assert!(
                error.message().contains(message),
                "{url:?}: {}",
                error.message()
            );
            assert!(
                error.hint().unwrap().contains(hint),
                "{url:?}: {:?}",
                error.hint()
            );
        }
        let long = format!("https://{}.ke/pay", "a".repeat(64));
        let error = CallbackUrl::parse(&long, Environment::Production).unwrap_err();
        assert!(error.message().contains("64 characters"), "{error}");
    }

    #[test]
    fn a_refusal_shows_nothing_of_the_path() {
        for url in [
            "https://shop.ke/s3cret token",
            "shop.ke/s3cret",
            "https://a_b.ke/s3cret",
        ] {
            let error = CallbackUrl::parse(url, Environment::Production).unwrap_err();
            assert!(
                !format!("{error} {error:?}").contains("s3cret"),
                "{error:?}"
            );
        }
    }
}
