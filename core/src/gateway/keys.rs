//! What the settings of several gateways have in common.

use crate::{Error, Push, Secret};
use http::HeaderValue;

/// A key of a gateway's: ASCII without white space, which is dropped around it because it comes along from files
/// and copying. `forbidden` may not stand in it.
pub(crate) fn checked(
    field: &str,
    title: &str,
    text: &str,
    forbidden: Option<char>,
) -> Result<Secret, Error> {
    let text = text.trim_matches(|character: char| character.is_ascii_whitespace());
    if text.is_empty() {
        return Err(Error::configuration(
            &format!("{field}_empty"),
            format!("The {title} is empty."),
        )
        .with_field(field)
        .with_hint("Copy it from the gateway's dashboard, or set its environment variable."));
    }
    let fits = |character: char| character.is_ascii_graphic() && Some(character) != forbidden;
    if !text.chars().all(fits) {
        return Err(Error::configuration(
            &format!("{field}_unreadable"),
            format!("The {title} contains a character that does not belong in one."),
        )
        .with_field(field)
        .with_hint(
            "Copy it again: no spaces, line breaks, quotes around it or letters with accents.",
        ));
    }
    Ok(Secret::new(text))
}

/// `Authorization: Basic …`, marked so that nothing logs it. `token` is ASCII without white space.
pub(crate) fn basic(token: &str) -> HeaderValue {
    let mut header = HeaderValue::from_str(&format!("Basic {token}"))
        // Every caller passes base64 or a key that was checked: characters that a header may hold.
        .unwrap_or(HeaderValue::from_static("Basic"));
    header.set_sensitive(true);
    header
}

/// An option that a gateway does not have is refused: it would be a setting that silently does nothing.
pub(crate) fn only_these_options(gateway: &str, push: &Push, known: &[&str]) -> Result<(), Error> {
    match push.option_names().find(|name| !known.contains(name)) {
        Some(name) => {
            let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            Err(Error::invalid(
                name,
                "option_unknown",
                format!("{gateway} has no push option `{name}`."),
            )
            .with_hint(format!("It has {}.", list.join(" and "))))
        }
        None => Ok(()),
    }
}
