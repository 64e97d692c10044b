//! Payment ids: made from randomness, and parsed.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::error::ids::PaymentId;
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
