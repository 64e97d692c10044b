//! The gateways that Lipia speaks to, by name.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use serde::{Deserialize, Serialize};

word_list! {
    /// The gateway of a push or an event.
    ///
    /// ```
    /// use lipia::GatewayName;
    /// assert_eq!(GatewayName::UpesiPay.as_str(), "upesipay");
    /// assert_eq!("daraja".parse::<GatewayName>().unwrap(), GatewayName::Daraja);
    /// ```
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    #[non_exhaustive]
    pub enum GatewayName {
        /// Safaricom's own API.
        Daraja = "daraja",
        /// PalPluss.
        PalPluss = "palpluss",
        /// UpesiPay.
        UpesiPay = "upesipay",
        /// PayHero, which speaks the first generation of UpesiPay's interface.
        PayHero = "payhero",
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
                    ErrorCode::GatewayUnknown,
                    "This is not a gateway that Lipia knows.",
                )
                .with_hint("Gateways are `daraja`, `palpluss`, `upesipay` and `payhero`.")
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
