//! The generations of UpesiPay's interface.

use crate::error::Error;
use crate::error::codes::ErrorCode;

word_list! {
    /// Which generation of UpesiPay's interface takes the pushes.
    #[derive(Default)]
    pub enum UpesiPayGeneration {
        /// `/api/v2/payments`: the one that UpesiPay documents.
        #[default]
        One = "1",
        /// `/api/v2/collections/initiate/`: the one that programs of 2026 use.
        Two = "2",
    }
}

impl std::str::FromStr for UpesiPayGeneration {
    type Err = Error;

    /// Reads `1` or `2`.
    ///
    /// # Errors
    /// `generation_unknown` for anything else.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text.trim() {
            "1" => Ok(Self::One),
            "2" => Ok(Self::Two),
            _ => Err(Error::configuration(
                ErrorCode::GenerationUnknown,
                "UpesiPay's interface does not have this generation.",
            )
            .with_field("generation")
            .with_hint("Write 1 or 2.")),
        }
    }
}
