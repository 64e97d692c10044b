//! What can be odd about a body that is still readable.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Declares the warnings once: the variant, its word, and what it means.
macro_rules! warnings {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// Something odd about a callback body that is still readable. The words are the same in every language.
        ///
        /// ```
        /// use lipia::EventWarning;
        /// assert_eq!(EventWarning::ReceiptTrimmed.as_str(), "receipt_trimmed");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum EventWarning {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl EventWarning {
            /// Every warning.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word, as it is written in JSON and every other language.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

warnings! {
    /// The body has no request id of the merchant's side.
    MerchantRequestIdMissing = "merchant_request_id_missing",
    /// A success came without any details.
    MetadataMissing = "metadata_missing",
    /// Some details have no name or are no objects; they are ignored.
    MetadataJunkItems = "metadata_junk_items",
    /// Details came with something that is no success; they are ignored.
    MetadataOnFailure = "metadata_on_failure",
    /// A success came without a receipt.
    ReceiptMissing = "receipt_missing",
    /// The receipt had white space around it.
    ReceiptTrimmed = "receipt_trimmed",
    /// The receipt is not 6 to 20 capital letters and digits.
    ReceiptUnreadable = "receipt_unreadable",
    /// Two different receipts; neither is believed.
    ReceiptConflict = "receipt_conflict",
    /// A success came without an amount.
    AmountMissing = "amount_missing",
    /// The amount is no number, or has more than two decimals.
    AmountUnreadable = "amount_unreadable",
    /// The amount is larger than can be held exactly.
    AmountOutOfRange = "amount_out_of_range",
    /// The amount is zero or negative.
    AmountNotPositive = "amount_not_positive",
    /// Two different amounts; neither is believed.
    AmountConflict = "amount_conflict",
    /// A success came without a phone number.
    PhoneMissing = "phone_missing",
    /// Some digits of the phone number are hidden.
    PhoneMasked = "phone_masked",
    /// The phone number is a hash of 64 hexadecimal digits.
    PhoneHashed = "phone_hashed",
    /// The phone number is none that M-Pesa in Kenya could have.
    PhoneUnreadable = "phone_unreadable",
    /// Two different phone numbers; neither is believed.
    PhoneConflict = "phone_conflict",
    /// A success came without a date.
    DateMissing = "date_missing",
    /// The date does not exist, or has another form.
    DateUnreadable = "date_unreadable",
    /// Two different dates; neither is believed.
    DateConflict = "date_conflict",
    /// The event is not about an STK push: never settle a sale with it.
    NotStk = "not_stk",
    /// The gateway's status and the kind of its event contradict each other.
    StatusEventMismatch = "status_event_mismatch",
    /// The gateway's status and M-Pesa's code contradict each other.
    StatusCodeMismatch = "status_code_mismatch",
}

impl fmt::Display for EventWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
