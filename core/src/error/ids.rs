//! Ids as types: of a payment, of a prompt, of a request, and M-Pesa's receipt. They stand below the errors, which name some.

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

/// Declares an id that a gateway gives: text that is compared and saved as it was stated. What it may hold is checked where a
/// gateway's words are read (`values/ids.rs`); a copy that was saved is not checked again.
macro_rules! stated_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id as a gateway, or whoever asks by it, states it.
            pub(crate) fn as_stated(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, text: &str) -> bool {
                self.0 == *text
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, text: &&str) -> bool {
                self.0 == **text
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

stated_id! {
    /// M-Pesa's id of a prompt (`CheckoutRequestID`). It embeds the payer's phone number, so `Debug` hides its end and there is
    /// no `Display`: [`CheckoutRequestId::as_str`] is the whole id.
    CheckoutRequestId
}

impl fmt::Debug for CheckoutRequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&mask::checkout_request_id(&self.0), f)
    }
}

stated_id! {
    /// M-Pesa's id of the request that made a prompt (`MerchantRequestID`).
    MerchantRequestId
}

stated_id! {
    /// M-Pesa's name for a payment that was made (`MpesaReceiptNumber`).
    Receipt
}

/// Shows an id that names nobody as it is.
macro_rules! shown_as_it_is {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )*};
}

shown_as_it_is!(MerchantRequestId, Receipt);

/// The ids of a prompt that an answer named without accepting the push.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NamedPrompt {
    /// M-Pesa's id.
    pub(crate) checkout_request_id: Option<CheckoutRequestId>,
    /// The gateway's own id.
    pub(crate) transaction_id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::{CheckoutRequestId, Receipt};

    #[test]
    fn an_id_is_saved_as_its_text_and_the_end_of_a_prompts_id_is_not_shown() {
        let text = "ws_CO_01062026193556196708374149";
        let id = CheckoutRequestId::as_stated(text);
        assert_eq!(format!("{id:?}"), r#""ws_CO_01062026***""#);
        let saved = serde_json::to_string(&id).unwrap();
        assert_eq!(saved, format!(r#""{text}""#));
        assert_eq!(
            serde_json::from_str::<CheckoutRequestId>(&saved).unwrap(),
            id
        );
        let receipt = Receipt::as_stated("SKL1234567");
        assert_eq!(
            format!("{receipt} {receipt:?}"),
            r#"SKL1234567 "SKL1234567""#
        );
    }
}
