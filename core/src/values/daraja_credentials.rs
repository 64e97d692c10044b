//! Daraja's credentials: consumer key, consumer secret, pass key and short code. Checked once, never shown.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::values::clock::EatTime;
use crate::values::key_text::{
    KeyCodes, KeyName, PastedInstead, REMOVE_QUOTES, first_stranger, is_in_quotes,
};
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
    ($(#[$doc:meta])* $name:ident, $field:literal, [$empty:ident, $in_quotes:ident, $unreadable:ident], $title:literal, $forbidden:expr, $others:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            secret: Secret,
        }

        impl $name {
            const NAME: KeyName<'static> = KeyName {
                field: $field,
                codes: KeyCodes {
                    empty: ErrorCode::$empty,
                    in_quotes: ErrorCode::$in_quotes,
                    unreadable: ErrorCode::$unreadable,
                },
                title: $title,
                home: "your app on the Daraja portal",
                forbidden: $forbidden,
            };

            /// Checks the key. ASCII white space around it is dropped: files and copying leave it there.
            ///
            /// # Errors
            #[doc = concat!("`", $field, "_empty`, `", $field, "_in_quotes` or `", $field, "_unreadable`", $others, ";")]
            /// the message never shows the key.
            pub fn parse(text: &str) -> Result<Self, Error> {
                $check(text)?;
                let secret = Secret::new(Self::NAME.check(text)?);
                Ok(Self { secret })
            }

            /// The key itself. Whoever calls this answers for where it goes.
            #[must_use]
            pub fn expose(&self) -> &str {
                self.secret.expose()
            }
        }

        impl AsRef<Secret> for $name {
            fn as_ref(&self) -> &Secret {
                &self.secret
            }
        }
    };
}

key!(
    /// The consumer key of a Daraja app. It may not contain a colon, which ends it in HTTP Basic authentication.
    ConsumerKey, "consumer_key", [ConsumerKeyEmpty, ConsumerKeyInQuotes, ConsumerKeyUnreadable], "consumer key", Some(':'), "", accepted
);
key!(
    /// The consumer secret of a Daraja app.
    ConsumerSecret, "consumer_secret", [ConsumerSecretEmpty, ConsumerSecretInQuotes, ConsumerSecretUnreadable], "consumer secret", None, "", accepted
);
key!(
    /// The Lipa na M-Pesa pass key of a short code.
    PassKey, "pass_key", [PassKeyEmpty, PassKeyInQuotes, PassKeyUnreadable], "pass key", None,
    ", `pass_key_is_password` or `pass_key_is_security_credential` where one of those was pasted", a_pass_key
);

/// A key of which nothing is known but that it is text.
fn accepted(_: &str) -> Result<(), Error> {
    Ok(())
}

/// Refuses what people paste in the place of a pass key.
fn a_pass_key(text: &str) -> Result<(), Error> {
    match PastedInstead::recognise(text) {
        None => Ok(()),
        Some(pasted) => Err(PassKey::NAME.refused(
            pasted.code(),
            pasted.sentence().to_owned(),
            "Give the Lipa na M-Pesa pass key itself: 64 letters and digits, from the portal's test credentials or \
             Safaricom's go-live e-mail."
                .to_owned(),
        )),
    }
}

/// A paybill, or for Buy Goods the head-office or store number: 5 to 7 digits.
///
/// ```
/// use lipia::values::ShortCode;
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
        Self::parse_as(text, "short_code", "short code")
    }

    /// Reads a number of the same form that is known by another name, such as a till number.
    ///
    /// # Errors
    /// `short_code_empty` or `short_code_unreadable`, for this field.
    pub(crate) fn parse_as(text: &str, field: &str, title: &str) -> Result<Self, Error> {
        let text = text.trim_matches(|character: char| character.is_ascii_whitespace());
        let refused = |code: ErrorCode, message: String| {
            let hint = if is_in_quotes(text) {
                REMOVE_QUOTES.to_owned()
            } else {
                format!(
                    "A {title} is 5 to 7 digits, such as 174379, and nothing else: no quotes, no blanks."
                )
            };
            Err(Error::configuration(code, message)
                .with_field(field)
                .with_hint(hint))
        };
        if text.is_empty() {
            return refused(ErrorCode::ShortCodeEmpty, format!("The {title} is empty."));
        }
        if let Some(stranger) = first_stranger(title, text, char::is_ascii_digit) {
            let message = format!("{stranger}, which is not a digit.");
            return refused(ErrorCode::ShortCodeUnreadable, message);
        }
        if !(5..=7).contains(&text.len()) {
            let message = format!("The {title} has {} digits.", text.len());
            return refused(ErrorCode::ShortCodeUnreadable, message);
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

/// A merchant's credentials at Daraja: consumer key and secret, short code and pass key.
///
/// ```
/// use lipia::values::DarajaCredentials;
/// let credentials = DarajaCredentials::parse("key", "secret", "174379", "passkey").unwrap();
/// assert!(!format!("{credentials:?}").contains("secret\""));
/// assert_eq!(DarajaCredentials::parse("key", "", "174379", "p").unwrap_err().field(), Some("consumer_secret"));
/// ```
#[derive(Clone, Debug)]
pub struct DarajaCredentials {
    /// The app's key.
    pub consumer_key: ConsumerKey,
    /// The app's secret.
    pub consumer_secret: ConsumerSecret,
    /// The short code that is paid.
    pub short_code: ShortCode,
    /// The pass key of that short code.
    pub pass_key: PassKey,
}

impl DarajaCredentials {
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
/// use lipia::values::{EatTime, PassKey, ShortCode, password};
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
            DarajaCredentials::parse("ckey-1234", "csecret-1234", "174379", "pkey-1234").unwrap();
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
        for (text, message, hint) in [
            (
                "17 379",
                "Character 3 of the short code is a blank",
                "5 to 7 digits",
            ),
            (
                "\"174379\"",
                "Character 1 of the short code is `\"`",
                "quotation marks",
            ),
            (
                "17437\u{200b}",
                "Character 6 of the short code is U+200B",
                "5 to 7 digits",
            ),
            ("1743", "has 4 digits", "5 to 7 digits"),
        ] {
            let error = ShortCode::parse(text).unwrap_err();
            assert!(error.message().contains(message), "{error}");
            assert!(error.hint().unwrap().contains(hint), "{error}");
        }
        assert_eq!(ShortCode::try_from(174_379).unwrap().to_string(), "174379");
    }
}
