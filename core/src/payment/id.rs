//! A payment's own id.

use crate::{Entropy, Error};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A payment's own id, made before anything is sent: 128 random bits as 32 lower-case hexadecimal digits.
///
/// Hexadecimal, because it stands in callback URLs, where Safaricom dislikes words like `exe` and `cmd` that
/// other alphabets spell by chance.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PaymentId(String);

impl PaymentId {
    pub(crate) const DIGITS: usize = 32;

    pub(crate) fn random(entropy: &dyn Entropy) -> Result<Self, Error> {
        let mut bytes = [0_u8; Self::DIGITS / 2];
        entropy.fill(&mut bytes)?;
        Ok(Self(hexadecimal(&bytes)))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.extend(
            [byte >> 4, byte & 15]
                .map(|value| char::from_digit(u32::from(value), 16).unwrap_or('0')),
        );
    }
    text
}

impl FromStr for PaymentId {
    type Err = Error;

    /// Reads an id that was written by [`PaymentId::as_str`].
    ///
    /// # Errors
    /// `payment_id_unreadable` for anything else.
    fn from_str(text: &str) -> Result<Self, Error> {
        let fits = text.len() == Self::DIGITS
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::invalid(
                "payment_id",
                "payment_id_unreadable",
                "This is not the id of a Lipia payment.",
            )
            .with_hint("A payment id is 32 lower-case hexadecimal digits."))
        }
    }
}

impl TryFrom<String> for PaymentId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<PaymentId> for String {
    fn from(id: PaymentId) -> Self {
        id.0
    }
}

impl fmt::Display for PaymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
