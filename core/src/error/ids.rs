//! The ids that an error names: of a payment, and of a prompt.

use super::mask;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A payment's own id, made before anything is sent: 128 random bits as 32 lower-case hexadecimal digits.
///
/// Hexadecimal, because it stands in callback URLs, where Safaricom dislikes words like `exe` and `cmd` that
/// other alphabets spell by chance.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PaymentId(String);

impl PaymentId {
    /// An id whose digits were checked, or made.
    pub(crate) fn of_checked(digits: String) -> Self {
        Self(digits)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
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

/// The ids of a prompt that an answer named without accepting the push.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NamedPrompt {
    /// M-Pesa's id. It embeds the payer's phone number.
    pub(crate) checkout_request_id: Option<String>,
    /// The gateway's own id.
    pub(crate) transaction_id: Option<String>,
}

impl fmt::Debug for NamedPrompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let checkout = self.checkout_request_id.as_deref();
        f.debug_struct("NamedPrompt")
            .field(
                "checkout_request_id",
                &checkout.map(mask::checkout_request_id),
            )
            .field("transaction_id", &self.transaction_id)
            .finish()
    }
}
