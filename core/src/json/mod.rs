//! A strict JSON reader for bodies that strangers send.
//!
//! It refuses what parsers disagree about (a repeated key, a lone surrogate), it has limits on size and depth, and
//! it keeps numbers as their exact text, because money does not pass through a double here. It borrows from the
//! body wherever it can.

pub(crate) mod reader;

use std::borrow::Cow;
use std::fmt;

/// The most bytes of a body that are looked at: a real callback or answer is under 1 KiB.
pub(crate) const MAX_BYTES: usize = 64 * 1024;

/// The most lists and objects inside each other, the outermost included.
const MAX_LEVELS: usize = 64;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as its exact text.
    Number(&'a str),
    /// A text, unescaped.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Json<'a>>),
    /// An object: its members in the order of the document, no name twice.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

/// Why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// More bytes than the limit.
    TooLarge,
    /// Not UTF-8.
    InvalidUtf8,
    /// Nothing but white space.
    EmptyBody,
    /// More than 64 lists and objects inside each other.
    TooDeep,
    /// An object has two members of the same name.
    DuplicateKey,
    /// Not JSON by RFC 8259.
    InvalidJson,
}

impl JsonError {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::EmptyBody => "empty_body",
            Self::TooDeep => "too_deep",
            Self::DuplicateKey => "duplicate_key",
            Self::InvalidJson => "invalid_json",
        }
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "The body is too large.",
            Self::InvalidUtf8 => "The body is not UTF-8.",
            Self::EmptyBody => "The body is empty.",
            Self::TooDeep => "The body is nested too deeply.",
            Self::DuplicateKey => "The body has an object in which the same name stands twice.",
            Self::InvalidJson => "The body is not JSON.",
        })
    }
}

impl std::error::Error for JsonError {}

/// Reads one JSON document of at most `most_bytes` bytes; a UTF-8 byte-order mark before it is tolerated.
///
/// # Errors
/// See [`JsonError`]. Size comes first, then UTF-8, then emptiness; after that whatever stands first in the body.
pub fn read(body: &[u8], most_bytes: usize) -> Result<Json<'_>, JsonError> {
    if body.len() > most_bytes {
        return Err(JsonError::TooLarge);
    }
    let text = std::str::from_utf8(body).map_err(|_| JsonError::InvalidUtf8)?;
    reader::Reader::new(text.strip_prefix('\u{FEFF}').unwrap_or(text)).document()
}

impl<'a> Json<'a> {
    /// The member of an object by its exact name; `None` when this is not an object or has no such member.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// The member of an object, if it is an object itself.
    pub(crate) fn object(&self, name: &str) -> Option<&Self> {
        self.get(name)
            .filter(|value| matches!(value, Self::Object(_)))
    }

    /// A member that is a text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_text()
    }

    /// A member that is a text, copied out of the body.
    pub(crate) fn owned_text(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// A member that is a text or a number, as it is written.
    pub(crate) fn text_or_number(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_text_or_number()
    }

    /// This value, if it is a text.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// This value as it is written, if it is a text or a number.
    pub(crate) fn as_text_or_number(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(text) => Some(text),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
