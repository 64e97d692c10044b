//! The gateways that Lipia speaks to, by name.

use crate::Error;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a push is sent and where an event comes from.
///
/// ```
/// use lipia::GatewayName;
/// assert_eq!(GatewayName::UpesiPay.as_str(), "upesipay");
/// assert_eq!("daraja".parse::<GatewayName>().unwrap(), GatewayName::Daraja);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum GatewayName {
    /// Safaricom's own API.
    Daraja,
    /// PalPluss.
    PalPluss,
    /// UpesiPay.
    UpesiPay,
}

impl GatewayName {
    /// Every gateway.
    pub const ALL: [Self; 3] = [Self::Daraja, Self::PalPluss, Self::UpesiPay];

    /// The word, as it is written in JSON, on the command line and in every other language.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Daraja => "daraja",
            Self::PalPluss => "palpluss",
            Self::UpesiPay => "upesipay",
        }
    }
}

impl fmt::Display for GatewayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for GatewayName {
    type Err = Error;

    /// Reads one of the words, in any case.
    ///
    /// # Errors
    /// `gateway_unknown` for anything else.
    fn from_str(word: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|name| name.as_str().eq_ignore_ascii_case(word))
            .ok_or_else(|| {
                Error::invalid(
                    "gateway",
                    "gateway_unknown",
                    "This is not a gateway that Lipia knows.",
                )
                .with_hint("Gateways are `daraja`, `palpluss` and `upesipay`.")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_the_same_everywhere() {
        for name in GatewayName::ALL {
            assert_eq!(name.as_str().parse::<GatewayName>().unwrap(), name);
            assert_eq!(serde_json::to_string(&name).unwrap(), format!("\"{name}\""));
        }
        assert!("mpesa".parse::<GatewayName>().is_err());
    }
}
