//! The text of a key: what may stand in one, and what people paste in its place.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::values::clock::EatTime;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

/// The error codes of one key.
#[derive(Clone, Copy)]
pub(crate) struct KeyCodes {
    pub(crate) empty: ErrorCode,
    pub(crate) in_quotes: ErrorCode,
    pub(crate) unreadable: ErrorCode,
}

/// A key as a setting names it, for the sentences of an error.
#[derive(Clone, Copy)]
pub(crate) struct KeyName<'a> {
    pub(crate) field: &'a str,
    pub(crate) codes: KeyCodes,
    pub(crate) title: &'a str,
    /// Where a person copies the key from.
    pub(crate) home: &'a str,
    /// A character that this key may not hold, although it is visible ASCII.
    pub(crate) forbidden: Option<char>,
}

impl KeyName<'_> {
    /// The key without white space around it: visible ASCII. White space is dropped, because files and copying leave it there.
    ///
    /// # Errors
    /// `…_empty`, `…_in_quotes` or `…_unreadable`. The message never shows the key.
    pub(crate) fn check<'t>(&self, text: &'t str) -> Result<&'t str, Error> {
        let text = text.trim_matches(|character: char| character.is_ascii_whitespace());
        if text.is_empty() {
            return Err(self.refused(
                self.codes.empty,
                format!("The {} is empty.", self.title),
                format!(
                    "Copy it from {}, or set its environment variable.",
                    self.home
                ),
            ));
        }
        if is_in_quotes(text) {
            return Err(self.refused(
                self.codes.in_quotes,
                format!("The {} begins or ends with a quotation mark.", self.title),
                REMOVE_QUOTES.to_owned(),
            ));
        }
        let stranger = text.chars().enumerate().find(|(_, character)| {
            !character.is_ascii_graphic() || Some(*character) == self.forbidden
        });
        match stranger {
            None => Ok(text),
            Some((place, character)) => Err(self.refused(
                self.codes.unreadable,
                format!(
                    "Character {} of the {} is {}, which does not belong in one.",
                    place + 1,
                    self.title,
                    kind_of(character)
                ),
                format!("Copy it again from {}, in one piece.", self.home),
            )),
        }
    }

    pub(crate) fn refused(&self, code: ErrorCode, message: String, hint: String) -> Error {
        Error::configuration(code, message)
            .with_field(self.field)
            .with_hint(hint)
    }
}

/// A ready token without the word `Basic` before it, which dashboards show with the token.
pub(crate) fn without_basic(token: &str) -> &str {
    let token = token.trim();
    let (scheme, rest) = token.split_once(char::is_whitespace).unwrap_or((token, ""));
    if scheme.eq_ignore_ascii_case("basic") {
        rest
    } else {
        token
    }
}

/// What kind of character stands where none belongs. The character itself is part of a secret.
fn kind_of(character: char) -> &'static str {
    match character {
        '\n' | '\r' => "a line break",
        ':' => "a colon",
        _ if character.is_whitespace() => "a blank",
        _ if character.is_control() => "a control character",
        _ => "not a letter, digit or sign of ASCII",
    }
}

/// A character of a text that is not secret, as it can be shown: one that cannot be seen, or turns the text around it, by its number.
pub(crate) fn shown(character: char) -> String {
    if character.is_ascii_graphic() || character.is_alphanumeric() {
        format!("`{character}`")
    } else {
        format!("U+{:04X}", u32::from(character))
    }
}

/// The first character of a text that does not belong there: "Character 3 of the short code is `x`". Not for secrets.
pub(crate) fn first_stranger(
    title: &str,
    text: &str,
    belongs: impl Fn(&char) -> bool,
) -> Option<String> {
    let mut characters = text.chars().enumerate();
    let (place, character) = characters.find(|(_, character)| !belongs(character))?;
    let shown = match kind_of(character) {
        kind @ ("a line break" | "a blank" | "a control character") => kind.to_owned(),
        _ => shown(character),
    };
    Some(format!("Character {} of the {title} is {shown}", place + 1))
}

/// The advice where quotation marks are part of a value.
pub(crate) const REMOVE_QUOTES: &str = "Remove the quotation marks. `docker run --env-file` and some hosts keep them as part of the value.";

/// Whether quotation marks are part of a value: at its beginning or its end.
pub(crate) fn is_in_quotes(text: &str) -> bool {
    let is_quote = |character: char| {
        matches!(
            character,
            '"' | '\'' | '`' | '\u{201c}' | '\u{201d}' | '\u{2018}' | '\u{2019}'
        )
    };
    text.starts_with(is_quote) || text.ends_with(is_quote)
}

/// What was pasted where the pass key belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PastedInstead {
    /// The `Password` of one request: base64 of short code, pass key and timestamp.
    Password,
    /// The initiator's password, encrypted with Safaricom's certificate, which other products want.
    SecurityCredential,
}

impl PastedInstead {
    /// The shortest product of an RSA key that is in use (1024 bits), in bytes.
    const SHORTEST_CIPHER: usize = 128;

    /// Recognises what is not a pass key. A real one is 64 hexadecimal digits, which are base64 too, so what the text
    /// decodes to decides.
    pub(crate) fn recognise(text: &str) -> Option<Self> {
        let one_line: Zeroizing<String> = Zeroizing::new(
            text.chars()
                .filter(|character| !character.is_whitespace())
                .collect(),
        );
        let decoded = STANDARD_NO_PAD
            .decode(one_line.trim_end_matches('='))
            .map(Zeroizing::new)
            .ok()?;
        match std::str::from_utf8(&decoded) {
            Ok(plain) if is_password(plain) => Some(Self::Password),
            Err(_) if decoded.len() >= Self::SHORTEST_CIPHER => Some(Self::SecurityCredential),
            _ => None,
        }
    }

    /// What the error calls it, in its code.
    pub(crate) fn code(self) -> ErrorCode {
        match self {
            Self::Password => ErrorCode::PassKeyIsPassword,
            Self::SecurityCredential => ErrorCode::PassKeyIsSecurityCredential,
        }
    }

    /// The thing and what it is.
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::Password => {
                "The pass key is a Password: the base64 of short code, pass key and timestamp that the portal's simulator shows."
            }
            Self::SecurityCredential => {
                "The pass key is a security credential: an encrypted initiator password, which STK Push does not use."
            }
        }
    }
}

/// A short code, a pass key and a timestamp, one after the other.
fn is_password(plain: &str) -> bool {
    let Some((start, timestamp)) = plain
        .len()
        .checked_sub(14)
        .and_then(|at| plain.split_at_checked(at))
    else {
        return false;
    };
    let digits = start.bytes().take_while(u8::is_ascii_digit).count();
    digits >= 5 && digits < start.len() && EatTime::parse_wire(timestamp).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;

    const REAL: &str = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919";

    #[test]
    fn a_password_and_a_security_credential_are_told_from_a_pass_key() {
        let at = EatTime::parse_wire("20261121093000").unwrap();
        let made = |code: &str, key: &str| STANDARD.encode(format!("{code}{key}{}", at.to_wire()));
        let cipher = |bytes: usize| STANDARD.encode(vec![0xc3_u8; bytes]);
        for (text, expected) in [
            (made("174379", REAL), Some(PastedInstead::Password)),
            (made("6500001", "short"), Some(PastedInstead::Password)),
            (
                made("174379", REAL).trim_end_matches('=').to_owned(),
                Some(PastedInstead::Password),
            ),
            (cipher(128), Some(PastedInstead::SecurityCredential)),
            (cipher(256), Some(PastedInstead::SecurityCredential)),
            (cipher(512), Some(PastedInstead::SecurityCredential)),
            (REAL.to_owned(), None),
            (REAL.repeat(2), None),
            ("pass".to_owned(), None),
            (STANDARD.encode("12345"), None),
            (STANDARD.encode("174379key20261321093000"), None),
            (STANDARD.encode("key20261121093000"), None),
        ] {
            assert_eq!(PastedInstead::recognise(&text), expected, "{text}");
        }
    }
}
