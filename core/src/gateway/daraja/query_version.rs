//! The versions of Daraja's STK query.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::error::mask;
use std::str::FromStr;

word_list! {
    /// Which version of Daraja's STK query asks what became of a push.
    ///
    /// ```
    /// use lipia::gateway::QueryVersion;
    /// assert_eq!("v2".parse::<QueryVersion>().unwrap(), QueryVersion::V2);
    /// assert_eq!(QueryVersion::default().as_str(), "v1");
    /// ```
    #[derive(Default)]
    pub enum QueryVersion {
        /// `/mpesa/stkpushquery/v1/query`: the one that Safaricom documents. A success has no receipt.
        #[default]
        V1 = "v1",
        /// `/mpesa/stkpushquery/v2/query`: a success carries the receipt, as programs that use it report. Safaricom does not
        /// document it. Where the address does not exist, the client asks version 1 from then on.
        V2 = "v2",
    }
}

impl FromStr for QueryVersion {
    type Err = Error;

    /// Reads `v1` or `v2`, in either case and without the letter too.
    ///
    /// # Errors
    /// `query_version_unknown` for anything else.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text.trim() {
            "v1" | "V1" | "1" => Ok(Self::V1),
            "v2" | "V2" | "2" => Ok(Self::V2),
            _ => Err(Error::configuration(
                ErrorCode::QueryVersionUnknown,
                format!(
                    "`{}` is not a version of Daraja's query.",
                    mask::shown(text.trim())
                ),
            )
            .with_field("query_version")
            .with_hint("Write v1 or v2.")),
        }
    }
}
