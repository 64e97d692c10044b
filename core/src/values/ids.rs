//! What an id may hold: payment ids are made from randomness and parsed, a gateway's ids are read from its words.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::error::ids::{CheckoutRequestId, PaymentId, Receipt};
use crate::values::entropy::Entropy;
use crate::values::hexadecimal::hexadecimal;
use std::str::FromStr;

impl PaymentId {
    pub(crate) const DIGITS: usize = 32;

    pub(crate) fn random(entropy: &dyn Entropy) -> Result<Self, Error> {
        let mut bytes = [0_u8; Self::DIGITS / 2];
        entropy.fill(&mut bytes)?;
        Ok(Self::of_checked(hexadecimal(&bytes)))
    }
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
            Ok(Self::of_checked(text.to_owned()))
        } else {
            Err(Error::invalid(
                "payment_id",
                ErrorCode::PaymentIdUnreadable,
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

impl CheckoutRequestId {
    /// A prompt's id, which is copied into queries, logs and databases: 1 to 128 letters, digits, `_` and `-`.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let fits = (1..=128).contains(&text.len()) && text.bytes().all(is_plain);
        fits.then(|| Self::as_stated(text))
    }
}

impl Receipt {
    /// A receipt: ten capital letters and digits in every sample, 6 to 20 here. It is never changed: it is an identifier, and
    /// it ends up on a page.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let fits = (6..=20).contains(&text.len()) && text.bytes().all(is_plain);
        fits.then(|| Self::as_stated(text))
    }
}
