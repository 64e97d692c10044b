//! The saved payment: its JSON, and the version of that.

use super::Payment;
use crate::error::Error;
use crate::error::codes::ErrorCode;
use serde::Deserialize;

/// The JSON form this version writes.
pub(super) const FORM: u32 = 1;

impl Payment {
    /// The payment as JSON text, to save.
    #[must_use]
    pub fn to_json(&self) -> String {
        // A struct of texts and numbers always serialises.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// A payment that was saved with [`Payment::to_json`].
    ///
    /// # Errors
    /// `payment_unreadable` for anything else, `payment_form_unknown` for one that a later version of Lipia wrote.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Form {
            form: u32,
        }
        let unreadable = |source: serde_json::Error| {
            Error::invalid(
                "payment",
                ErrorCode::PaymentUnreadable,
                "This is not a payment that Lipia saved.",
            )
            .with_hint("Give the whole text that `to_json` returned.")
            .with_source(source)
        };
        let Form { form } = serde_json::from_str(text).map_err(unreadable)?;
        if form != FORM {
            return Err(Error::invalid(
                "payment",
                ErrorCode::PaymentFormUnknown,
                format!("This payment was saved in form {form}, and this version of Lipia reads form {FORM}."),
            )
            .with_hint("Update Lipia before you resume it."));
        }
        serde_json::from_str(text).map_err(unreadable)
    }
}
