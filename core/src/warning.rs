//! A remark about a value that is valid and may still cause trouble.

use serde::Serialize;
use std::fmt;

/// Something worth knowing about a value that Lipia accepts. Nothing is changed or held back because of it.
///
/// ```
/// use lipia::AccountReference;
/// let reference = AccountReference::parse("INV#9").unwrap();
/// assert_eq!(reference.warnings()[0].code(), "account_reference_unusual_character");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    code: String,
    message: String,
}

impl Warning {
    pub(crate) fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
        }
    }

    /// A stable word for programs, such as `callback_url_discouraged_word`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// One or two sentences for a person.
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
