//! Authorization headers and settings that several gateways share.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::values::credentials::Credentials;
use crate::values::daraja_credentials::Secret;
use crate::values::gateway_name::GatewayName;
use crate::values::key_text::{KeyCodes, KeyName};
use crate::values::push::Push;
use crate::values::zeroizing::ZeroizingBytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use zeroize::Zeroizing;

/// Checks a key of a gateway's. `forbidden` may not stand in it.
pub(crate) fn checked(
    field: &str,
    codes: KeyCodes,
    title: &str,
    text: &str,
    forbidden: Option<char>,
) -> Result<Secret, Error> {
    let name = KeyName {
        field,
        codes,
        title,
        home: "the gateway's dashboard",
        forbidden,
    };
    name.check(text).map(Secret::new)
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
    let bytes = ZeroizingBytes::concat(&[scheme, token.expose()]).into_bytes();
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
pub(crate) fn of_another_gateway(own: GatewayName, credentials: &Credentials) -> Error {
    Error::configuration(
        ErrorCode::KeysOfAnotherGateway,
        format!(
            "This client speaks to {own}, and the credentials that it was given are {}'s.",
            credentials.gateway()
        ),
    )
    .with_field("credentials_provider")
    .with_hint("Nothing was sent. Give each client a provider of its own gateway's credentials.")
}

/// An option that a gateway does not have is refused: it would be a setting that silently does nothing.
pub(crate) fn only_these_options(gateway: &str, push: &Push, known: &[&str]) -> Result<(), Error> {
    match push.option_names().find(|name| !known.contains(name)) {
        Some(name) => {
            let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            Err(Error::invalid(
                name,
                ErrorCode::OptionUnknown,
                format!("{gateway} has no push option `{name}`."),
            )
            .with_hint(format!("It has {}.", list.join(" and "))))
        }
        None => Ok(()),
    }
}
