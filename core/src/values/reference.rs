//! The two texts of a push that the customer reads: the account reference and the description.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::values::warning::{Warning, WarningCode};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// The choice for a text that is longer than its limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// Refuse it: a merchant reconciles by this text, so it never changes silently.
    #[default]
    Refuse,
    /// Cut it at the limit.
    Truncate,
}

/// The account reference, which the customer's SMS shows and the merchant reconciles by: at most 12 characters
/// (Unicode scalar values) by default.
///
/// ```
/// use lipia::values::{AccountReference, Fit};
/// assert_eq!(AccountReference::parse("INV-2026-001").unwrap().as_str(), "INV-2026-001");
/// assert_eq!(AccountReference::parse("INV-2026-0001").unwrap_err().code(), "account_reference_too_long");
/// assert_eq!(AccountReference::parse_with("INV-2026-0001", Fit::Truncate).unwrap().as_str(), "INV-2026-000");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct AccountReference {
    text: String,
}

/// A short description of the payment: at most 13 characters (Unicode scalar values) by default.
///
/// ```
/// use lipia::values::TransactionDesc;
/// assert_eq!(TransactionDesc::parse("Lunch").unwrap().as_str(), "Lunch");
/// assert_eq!(TransactionDesc::parse("  ").unwrap_err().code(), "transaction_desc_empty");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct TransactionDesc {
    text: String,
}

const ACCOUNT_REFERENCE: Rules = Rules {
    field: "account_reference",
    title: "account reference",
    empty: ErrorCode::AccountReferenceEmpty,
    too_long: ErrorCode::AccountReferenceTooLong,
    control_character: ErrorCode::AccountReferenceControlCharacter,
    unusual_character: WarningCode::AccountReferenceUnusualCharacter,
};
const TRANSACTION_DESC: Rules = Rules {
    field: "transaction_desc",
    title: "description",
    empty: ErrorCode::TransactionDescEmpty,
    too_long: ErrorCode::TransactionDescTooLong,
    control_character: ErrorCode::TransactionDescControlCharacter,
    unusual_character: WarningCode::TransactionDescUnusualCharacter,
};

/// What stands in the place of a text that was deleted.
const ERASED: &str = "pruned";

impl AccountReference {
    /// The reference in the place of one that was deleted.
    pub(crate) fn erased() -> Self {
        Self {
            text: ERASED.to_owned(),
        }
    }

    /// The documented limit of Daraja, in characters.
    pub const LIMIT: usize = 12;

    /// Reads a reference of at most 12 characters.
    ///
    /// # Errors
    /// `account_reference_empty` when there is nothing but white space, `account_reference_control_character`,
    /// `account_reference_too_long`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::parse_with(text, Fit::Refuse)
    }

    /// As [`AccountReference::parse`], and says what happens to a longer text.
    ///
    /// # Errors
    /// As [`AccountReference::parse`].
    pub fn parse_with(text: &str, fit: Fit) -> Result<Self, Error> {
        Self::parse_with_limit(text, Self::LIMIT, fit)
    }

    /// As [`AccountReference::parse_with`], with another gateway's limit in characters.
    ///
    /// # Errors
    /// As [`AccountReference::parse`].
    pub fn parse_with_limit(text: &str, limit: usize, fit: Fit) -> Result<Self, Error> {
        ACCOUNT_REFERENCE
            .check(text, limit, fit)
            .map(|text| Self { text })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Remarks on characters that gateways are reported to stumble over: anything but ASCII letters, digits,
    /// space and `- _ . /`.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        ACCOUNT_REFERENCE.warnings(&self.text)
    }
}

impl TransactionDesc {
    /// The description in the place of one that was deleted.
    pub(crate) fn erased() -> Self {
        Self {
            text: ERASED.to_owned(),
        }
    }

    /// The documented limit of Daraja, in characters.
    pub const LIMIT: usize = 13;

    /// Reads a description of at most 13 characters.
    ///
    /// # Errors
    /// `transaction_desc_empty` when there is nothing but white space, `transaction_desc_control_character`,
    /// `transaction_desc_too_long`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::parse_with(text, Fit::Refuse)
    }

    /// As [`TransactionDesc::parse`], and says what happens to a longer text.
    ///
    /// # Errors
    /// As [`TransactionDesc::parse`].
    pub fn parse_with(text: &str, fit: Fit) -> Result<Self, Error> {
        Self::parse_with_limit(text, Self::LIMIT, fit)
    }

    /// As [`TransactionDesc::parse_with`], with another gateway's limit in characters.
    ///
    /// # Errors
    /// As [`TransactionDesc::parse`].
    pub fn parse_with_limit(text: &str, limit: usize, fit: Fit) -> Result<Self, Error> {
        TRANSACTION_DESC
            .check(text, limit, fit)
            .map(|text| Self { text })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Remarks on characters that gateways are reported to stumble over: anything but ASCII letters, digits,
    /// space and `- _ . /`.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        TRANSACTION_DESC.warnings(&self.text)
    }
}

/// What both texts have in common.
struct Rules {
    field: &'static str,
    title: &'static str,
    empty: ErrorCode,
    too_long: ErrorCode,
    control_character: ErrorCode,
    unusual_character: WarningCode,
}

impl Rules {
    fn check(&self, text: &str, limit: usize, fit: Fit) -> Result<String, Error> {
        if text.chars().any(char::is_control) {
            let message = format!(
                "The {} contains a control character, such as a line break or a tab.",
                self.title
            );
            return Err(self
                .refused(self.control_character, message)
                .with_hint("Use letters, digits and spaces."));
        }
        let kept = match fit {
            Fit::Truncate => text.chars().take(limit).collect(),
            Fit::Refuse => text.to_owned(),
        };
        if kept.trim().is_empty() {
            let message = format!("The {} is empty.", self.title);
            return Err(self
                .refused(self.empty, message)
                .with_hint("Say what is paid for, such as an invoice number."));
        }
        let length = kept.chars().count();
        if length > limit {
            let message = format!(
                "The {} has {length} characters; at most {limit} are allowed.",
                self.title
            );
            return Err(self
                .refused(self.too_long, message)
                .with_hint("Shorten it, or allow truncation (`fit = truncate`) if losing the end does no harm."));
        }
        Ok(kept)
    }

    fn warnings(&self, text: &str) -> Vec<Warning> {
        let Some(character) = text.chars().find(|character| is_unusual(*character)) else {
            return Vec::new();
        };
        let message = format!(
            "The {} contains {character:?}. Pushes with characters other than letters, digits, space and - _ . / \
             are reported to fail without a word.",
            self.title
        );
        vec![Warning::new(self.unusual_character, message)]
    }

    fn refused(&self, code: ErrorCode, message: String) -> Error {
        Error::invalid(self.field, code, message)
    }
}

fn is_unusual(character: char) -> bool {
    !(character.is_ascii_alphanumeric() || matches!(character, ' ' | '-' | '_' | '.' | '/'))
}

impl std::str::FromStr for AccountReference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl std::str::FromStr for TransactionDesc {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl fmt::Display for AccountReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for TransactionDesc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for AccountReference {
    /// Reads what was saved: it may have been allowed under another gateway's limit, so its length is not checked.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse_with_limit(&text, usize::MAX, Fit::Refuse).map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for TransactionDesc {
    /// Reads what was saved: it may have been allowed under another gateway's limit, so its length is not checked.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse_with_limit(&text, usize::MAX, Fit::Refuse).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncation_never_leaves_nothing_behind() {
        let text = format!("{}INV-1", " ".repeat(12));
        let error = AccountReference::parse_with(&text, Fit::Truncate).unwrap_err();
        assert_eq!(error.code(), "account_reference_empty");
        assert_eq!(
            AccountReference::parse_with("INV", Fit::Truncate)
                .unwrap()
                .as_str(),
            "INV"
        );
    }

    #[test]
    fn what_another_gateway_allowed_is_read_back() {
        let long =
            AccountReference::parse_with_limit("a reference of 30 characters..", 30, Fit::Refuse)
                .unwrap();
        let saved = serde_json::to_string(&long).unwrap();
        assert_eq!(
            serde_json::from_str::<AccountReference>(&saved).unwrap(),
            long
        );
        assert!(serde_json::from_str::<AccountReference>("\" \"").is_err());
    }
}
