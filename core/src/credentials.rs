//! Keys and the short code: checked once, never shown.

use crate::{EatTime, Error};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use zeroize::{Zeroize, Zeroizing};

/// A text that is never shown: `Debug` and `Display` print `***`, and its memory is wiped when it is dropped.
///
/// ```
/// use lipia::Secret;
/// let secret = Secret::new("hunter2");
/// assert_eq!(format!("{secret} {secret:?}"), "*** ***");
/// assert_eq!(secret.expose(), "hunter2");
/// ```
#[derive(Clone)]
pub struct Secret {
    text: String,
}

impl Secret {
    /// Takes a secret in.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// The secret itself. Whoever calls this answers for where it goes.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Makes the type of one key: a checked secret under its own name, so that no two can be swapped.
macro_rules! key {
    ($(#[$doc:meta])* $name:ident, $field:literal, $title:literal, $forbidden:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            secret: Secret,
        }

        impl $name {
            /// Checks the key. ASCII white space around it is dropped: it comes along from files and copying.
            ///
            /// # Errors
            #[doc = concat!("`", $field, "_empty` or `", $field, "_unreadable`; the message never shows the key.")]
            pub fn parse(text: &str) -> Result<Self, Error> {
                checked_key(text, $field, $title, $forbidden).map(|secret| Self { secret })
            }

            /// The key itself. Whoever calls this answers for where it goes.
            #[must_use]
            pub fn expose(&self) -> &str {
                self.secret.expose()
            }
        }
    };
}

key!(
    /// The consumer key of a Daraja app. It may not contain a colon, which ends it in HTTP Basic authentication.
    ConsumerKey, "consumer_key", "consumer key", &[':']
);
key!(
    /// The consumer secret of a Daraja app.
    ConsumerSecret, "consumer_secret", "consumer secret", &[]
);
key!(
    /// The Lipa na M-Pesa pass key of a short code.
    PassKey, "pass_key", "pass key", &[]
);

fn checked_key(text: &str, field: &str, title: &str, forbidden: &[char]) -> Result<Secret, Error> {
    let text = text.trim_matches(|character: char| character.is_ascii_whitespace());
    if text.is_empty() {
        return Err(Error::configuration(
            &format!("{field}_empty"),
            format!("The {title} is empty."),
        )
        .with_field(field)
        .with_hint(
            "Copy it from your app on the Daraja portal, or set its environment variable.",
        ));
    }
    if !text
        .chars()
        .all(|character| character.is_ascii_graphic() && !forbidden.contains(&character))
    {
        let message = format!("The {title} contains a character that does not belong in one.");
        return Err(Error::configuration(&format!("{field}_unreadable"), message)
            .with_field(field)
            .with_hint("Copy it again: no spaces, line breaks, quotes around it or letters with accents."));
    }
    Ok(Secret::new(text))
}

/// A paybill, or for Buy Goods the head-office or store number: 5 to 7 digits.
///
/// ```
/// use lipia::ShortCode;
/// assert_eq!(ShortCode::parse("174379").unwrap().as_str(), "174379");
/// assert_eq!(ShortCode::parse("1743").unwrap_err().code(), "short_code_unreadable");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ShortCode {
    digits: String,
}

impl ShortCode {
    /// Reads 5 to 7 ASCII digits; ASCII white space around them is dropped.
    ///
    /// # Errors
    /// `short_code_empty` or `short_code_unreadable`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim_matches(|character: char| character.is_ascii_whitespace());
        let refused = |code: &str, message: &str| {
            Err(Error::configuration(code, message)
                .with_field("short_code")
                .with_hint(
                    "A short code is 5 to 7 digits, such as 174379, the one of the sandbox.",
                ))
        };
        if text.is_empty() {
            return refused("short_code_empty", "The short code is empty.");
        }
        if !(5..=7).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return refused(
                "short_code_unreadable",
                "The short code is not 5 to 7 digits.",
            );
        }
        Ok(Self {
            digits: text.to_owned(),
        })
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.digits
    }
}

impl TryFrom<u32> for ShortCode {
    type Error = Error;

    fn try_from(number: u32) -> Result<Self, Error> {
        Self::parse(&number.to_string())
    }
}

impl std::str::FromStr for ShortCode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl fmt::Display for ShortCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.digits)
    }
}

impl<'de> Deserialize<'de> for ShortCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Everything that Daraja wants to know about who is asking.
///
/// ```
/// use lipia::Credentials;
/// let credentials = Credentials::parse("key", "secret", "174379", "passkey").unwrap();
/// assert!(!format!("{credentials:?}").contains("secret\""));
/// assert_eq!(Credentials::parse("key", "", "174379", "p").unwrap_err().field(), Some("consumer_secret"));
/// ```
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The app's key.
    pub consumer_key: ConsumerKey,
    /// The app's secret.
    pub consumer_secret: ConsumerSecret,
    /// The short code that is paid.
    pub short_code: ShortCode,
    /// The pass key of that short code.
    pub pass_key: PassKey,
}

impl Credentials {
    /// Checks all four.
    ///
    /// # Errors
    /// The first one that is empty or unreadable; [`Error::field`] names it.
    pub fn parse(
        consumer_key: &str,
        consumer_secret: &str,
        short_code: &str,
        pass_key: &str,
    ) -> Result<Self, Error> {
        Ok(Self {
            consumer_key: ConsumerKey::parse(consumer_key)?,
            consumer_secret: ConsumerSecret::parse(consumer_secret)?,
            short_code: ShortCode::parse(short_code)?,
            pass_key: PassKey::parse(pass_key)?,
        })
    }
}

/// The `Password` of a push or query: base64 of short code, pass key and timestamp. The request's `Timestamp` must
/// be the [`EatTime::to_wire`] of the same instant.
///
/// ```
/// use lipia::{EatTime, PassKey, ShortCode, password};
/// let at = EatTime::parse_wire("20261121093000").unwrap();
/// let password = password(&ShortCode::parse("174379").unwrap(), &PassKey::parse("key").unwrap(), at);
/// assert_eq!(password.expose(), "MTc0Mzc5a2V5MjAyNjExMjEwOTMwMDA=");
/// ```
#[must_use]
pub fn password(short_code: &ShortCode, pass_key: &PassKey, at: EatTime) -> Secret {
    let plain = Zeroizing::new([short_code.as_str(), pass_key.expose(), &at.to_wire()].concat());
    Secret::new(STANDARD.encode(plain.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_ever_shown() {
        let credentials =
            Credentials::parse("ckey-1234", "csecret-1234", "174379", "pkey-1234").unwrap();
        let shown = format!("{credentials:?}");
        assert!(!shown.contains("1234"), "{shown}");
        assert!(shown.contains("174379"));
        for bad in ["pkey 1234", "pkey\u{7f}1234", "pkeyé1234", "pkey\n1234"] {
            let error = PassKey::parse(bad).unwrap_err();
            assert_eq!(
                (error.code(), error.field()),
                ("pass_key_unreadable", Some("pass_key"))
            );
            assert!(!format!("{error} {error:?}").contains("1234"), "{bad:?}");
        }
        assert_eq!(
            ConsumerKey::parse("a:b").unwrap_err().code(),
            "consumer_key_unreadable"
        );
        assert_eq!(ConsumerSecret::parse("a:b").unwrap().expose(), "a:b");
        assert_eq!(PassKey::parse(" key\r\n").unwrap().expose(), "key");
        assert_eq!(PassKey::parse(" \n").unwrap_err().code(), "pass_key_empty");
    }

    #[test]
    fn a_short_code_is_five_to_seven_digits() {
        for (text, accepted) in [
            ("12345", true),
            ("1234567", true),
            (" 174379\n", true),
            ("1234", false),
            ("12345678", false),
            ("12 345", false),
            ("12345a", false),
            ("١٢٣٤٥", false),
            ("", false),
        ] {
            assert_eq!(ShortCode::parse(text).is_ok(), accepted, "{text:?}");
        }
        assert_eq!(ShortCode::try_from(174_379).unwrap().to_string(), "174379");
    }
}
