//! Daraja's two environments.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::error::mask;
use serde::{Deserialize, Serialize};

word_list! {
    /// Where Daraja is spoken to. There is no default: which one moves real money should be read, not remembered.
    ///
    /// ```
    /// use lipia::values::Environment;
    /// assert_eq!("live".parse::<Environment>().unwrap(), Environment::Production);
    /// assert_eq!(Environment::Sandbox.host(), "sandbox.safaricom.co.ke");
    /// ```
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Environment {
        /// Safaricom's test system. A prompt to a real Safaricom phone still moves real money there.
        Sandbox = "sandbox",
        /// The real thing.
        Production = "production",
    }
}

impl Environment {
    /// The host name, without scheme or path.
    #[must_use]
    pub const fn host(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox.safaricom.co.ke",
            Self::Production => "api.safaricom.co.ke",
        }
    }

    /// The address that every path is appended to, without a slash at the end.
    #[must_use]
    pub const fn base_url(self) -> &'static str {
        match self {
            Self::Sandbox => "https://sandbox.safaricom.co.ke",
            Self::Production => "https://api.safaricom.co.ke",
        }
    }
}

impl std::str::FromStr for Environment {
    type Err = Error;

    /// Reads `sandbox` or `production` (also `live`), in any case, with white space around it.
    ///
    /// # Errors
    /// `environment_unknown` for every other word: guessing would decide whether money moves.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text.trim().to_ascii_lowercase().as_str() {
            "sandbox" => Ok(Self::Sandbox),
            "production" | "live" => Ok(Self::Production),
            _ => Err(Error::configuration(
                ErrorCode::EnvironmentUnknown,
                format!("`{}` is not an environment.", mask::shown(text.trim())),
            )
            .with_field("environment")
            .with_hint(
                "Set it to `sandbox` or `production`; the environment variable is MPESA_ENVIRONMENT.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_guessed() {
        for (text, expected) in [
            ("sandbox", Some(Environment::Sandbox)),
            (" SANDBOX\n", Some(Environment::Sandbox)),
            ("production", Some(Environment::Production)),
            ("Live", Some(Environment::Production)),
            ("", None),
            ("test", None),
            ("prod uction", None),
            ("https://api.safaricom.co.ke", None),
        ] {
            assert_eq!(text.parse::<Environment>().ok(), expected, "{text:?}");
        }
        assert_eq!(
            "x".parse::<Environment>().unwrap_err().field(),
            Some("environment")
        );
    }
}
