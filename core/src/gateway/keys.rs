//! What the settings of several gateways have in common.

use crate::wiped::Wiped;
use crate::{Error, GatewayName, Keys, Push, Secret};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use zeroize::Zeroizing;

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

/// `Authorization: Basic …`. `token` is ASCII without white space.
pub(crate) fn basic(token: &Secret) -> HeaderValue {
    // Every caller passes base64 or a key that was checked: characters that a header may hold.
    header("Basic ", token).unwrap_or(HeaderValue::from_static("Basic"))
}

/// `Authorization: Bearer …`; nothing where the token cannot stand in a header.
pub(crate) fn bearer(token: &Secret) -> Option<HeaderValue> {
    header("Bearer ", token)
}

/// Marked so that nothing logs it, in memory that is wiped with its last copy.
fn header(scheme: &str, token: &Secret) -> Option<HeaderValue> {
    if !token.expose().is_ascii() {
        return None;
    }
    let bytes = Wiped::concat(&[scheme, token.expose()]).into_bytes();
    let mut header = HeaderValue::from_maybe_shared(bytes).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// User and password as HTTP's Basic scheme writes them down.
pub(crate) fn pair(user: &str, password: &str) -> Secret {
    let plain = Zeroizing::new([user, ":", password].concat());
    Secret::new(STANDARD.encode(plain.as_bytes()))
}

/// A provider gave keys of another gateway than the client's.
pub(crate) fn of_another_gateway(own: GatewayName, keys: &Keys) -> Error {
    Error::configuration(
        "keys_of_another_gateway",
        format!(
            "This client speaks to {own}, and the keys that it was given are {}'s.",
            keys.gateway()
        ),
    )
    .with_field("keys_provider")
    .with_hint("Nothing was sent. Give each client a provider of its own gateway's keys.")
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
