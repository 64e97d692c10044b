//! Warnings: remarks about values that are valid and may still cause trouble.

use crate::values::explained::explained_words;
use serde::{Deserialize, Serialize};
use std::fmt;

explained_words! {
    /// The code of a warning.
    pub(crate) enum WarningCode {
        AccountReferenceUnusualCharacter = "account_reference_unusual_character",
            "The account reference contains a character other than letters, digits, space and - _ . /.",
            "Leave the character out: pushes with such characters are reported to fail without a word.";
        TransactionDescUnusualCharacter = "transaction_desc_unusual_character",
            "The description contains a character other than letters, digits, space and - _ . /.",
            "Leave the character out: pushes with such characters are reported to fail without a word.";
        CallbackUrlDiscouragedWord = "callback_url_discouraged_word",
            "The callback URL contains a word that Safaricom's rules for URLs forbid, such as mpesa or query.",
            "Choose another path where callbacks do not arrive.";
        CallbackUrlDiscouragedHost = "callback_url_discouraged_host",
            "The callback URL's host is a tunnel or test service that Safaricom discourages and may not call.",
            "Give a host name of your own in production.";
        CallbackUrlPort = "callback_url_port",
            "The callback URL names a port other than 443.",
            "Serve callbacks on port 443: that Safaricom calls another one is not certain.";
        CallbackUrlPrivateHost = "callback_url_private_host",
            "Only this machine or network can reach the callback URL.",
            "Give a public host name: Safaricom refuses this one, even in its sandbox.";
        CallbackUrlIpHost = "callback_url_ip_host",
            "The callback URL has an IP address instead of a host name.",
            "Give a host name with a certificate: production refuses an address.";
    }
}

/// A warning about a value that Lipia accepts. Nothing is changed or held back because of it.
///
/// ```
/// use lipia::values::AccountReference;
/// let reference = AccountReference::parse("INV#9").unwrap();
/// assert_eq!(reference.warnings()[0].code(), "account_reference_unusual_character");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Warning {
    code: String,
    message: String,
}

impl Warning {
    pub(crate) fn new(code: WarningCode, message: impl Into<String>) -> Self {
        Self {
            code: code.as_str().to_owned(),
            message: message.into(),
        }
    }

    /// A stable word for programs, such as `callback_url_discouraged_word`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The message, one or two sentences for a person.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
