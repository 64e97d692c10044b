//! The user agent of requests: Lipia, and after it the program that it works for.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use http::HeaderValue;

const LIPIA: &str = concat!("lipia/", env!("CARGO_PKG_VERSION"));

/// The longest name of a program, in characters.
const MAX_CHARACTERS: usize = 100;

/// The user agent of a client's requests.
#[derive(Clone, Debug)]
pub(crate) struct UserAgent(HeaderValue);

impl Default for UserAgent {
    fn default() -> Self {
        Self(HeaderValue::from_static(LIPIA))
    }
}

impl UserAgent {
    /// The user agent with the name of a program, such as `duka/2.1`.
    ///
    /// # Errors
    /// `application_unreadable` where the text is not one or more names with their versions, as HTTP writes them.
    pub(crate) fn of(application: &str) -> Result<Self, Error> {
        let fits = application.len() <= MAX_CHARACTERS && application.split(' ').all(is_product);
        let value = fits.then(|| HeaderValue::try_from(format!("{LIPIA} {application}")));
        match value {
            Some(Ok(value)) => Ok(Self(value)),
            _ => Err(Error::configuration(
                ErrorCode::ApplicationUnreadable,
                "This text is not a program's name in a user agent.",
            )
            .with_field("application")
            .with_hint(format!(
                "Give a name and a version in at most {MAX_CHARACTERS} letters, digits and marks, such as duka/2.1."
            ))),
        }
    }

    /// The value of the header.
    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

/// Whether that is a name with or without a version (RFC 9110, 10.1.5).
fn is_product(text: &str) -> bool {
    let mut parts = text.splitn(2, '/');
    parts.all(|part| {
        let is_token =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        !part.is_empty() && part.bytes().all(is_token)
    })
}

#[cfg(test)]
mod tests {
    use super::{LIPIA, UserAgent};

    #[test]
    fn a_program_stands_after_lipia() {
        assert_eq!(UserAgent::default().header(), LIPIA);
        for application in ["duka", "duka/2.1", "duka/2.1 django/5.2"] {
            let header = UserAgent::of(application).unwrap().header();
            assert_eq!(header, format!("{LIPIA} {application}"));
        }
    }

    #[test]
    fn what_would_not_be_one_header_of_names_is_refused() {
        let long = "d".repeat(101);
        let odd = [
            "",
            " ",
            "duka ",
            "two  spaces",
            "duka/",
            "/2.1",
            "a/b/c",
            "duka (v2)",
            "dükä",
            "duka\r\nX-Evil: 1",
            &long,
        ];
        for application in odd {
            let error = UserAgent::of(application).unwrap_err();
            assert_eq!(error.code(), "application_unreadable", "{application:?}");
            assert_eq!(error.field(), Some("application"));
        }
    }
}
