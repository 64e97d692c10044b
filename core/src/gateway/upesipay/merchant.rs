//! A merchant at UpesiPay or PayHero: settings, and what requests are made with.

use super::brand::Brand;
use super::generation::UpesiPayGeneration;
use super::options;
use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::gateway::authorization;
use crate::gateway::contract::Authorization;
use crate::values::credentials::{Credentials, Parts};
use crate::values::daraja_credentials::Secret;
use crate::values::fingerprint::Fingerprint;
use crate::values::key_text::{KeyCodes, first_stranger, without_basic};
use crate::values::push::Push;

/// What a client knows of its merchant beside the keys.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) brand: &'static Brand,
    pub(crate) generation: UpesiPayGeneration,
    pub(crate) channel_id: Option<String>,
    pub(crate) credential_id: Option<String>,
}

/// The gateway's settings together with the merchant's credentials.
#[derive(Debug)]
pub(crate) struct Merchant {
    pub(crate) settings: Settings,
    /// `Basic …`, marked sensitive.
    pub(crate) authorization: Authorization,
    pub(crate) account: Fingerprint,
}

/// What stands behind `Basic `: the token as it is, or what a user name and password make.
pub(crate) fn token(brand: &Brand, credentials: &Credentials) -> Result<Secret, Error> {
    match &credentials.parts {
        Parts::Login {
            gateway,
            username,
            password,
        } if *gateway == brand.name => {
            let (username, password) = (username.expose(), password.expose());
            let fault = if username.is_empty() {
                Some(("username", "The user name is empty."))
            } else if username.contains(':') {
                Some(("username", "The user name contains a colon."))
            } else if password.is_empty() {
                Some(("password", "The password is empty."))
            } else {
                None
            };
            if let Some((field, message)) = fault {
                return Err(Error::configuration(ErrorCode::UsernameUnreadable, message)
                    .with_field(field)
                    .with_hint(format!(
                        "Give both, or the ready token from the {} dashboard.",
                        brand.title
                    )));
            }
            Ok(authorization::pair(username, password))
        }
        Parts::AuthToken {
            gateway,
            auth_token,
        } if *gateway == brand.name => {
            let bare = without_basic(auth_token.expose());
            authorization::checked(
                "auth_token",
                KeyCodes {
                    empty: ErrorCode::AuthTokenEmpty,
                    in_quotes: ErrorCode::AuthTokenInQuotes,
                    unreadable: ErrorCode::AuthTokenUnreadable,
                },
                "token",
                bare,
                Some(':'),
            )
        }
        _ => Err(authorization::of_another_gateway(brand.name, credentials)),
    }
}

impl Settings {
    pub(crate) fn channel_id<'a>(&'a self, push: &'a Push) -> Option<&'a str> {
        push.option(options::CHANNEL_ID)
            .or(self.channel_id.as_deref())
    }

    pub(crate) fn credential_id<'a>(&'a self, push: &'a Push) -> Option<&'a str> {
        push.option(options::CREDENTIAL_ID)
            .or(self.credential_id.as_deref())
    }
}

/// A channel's number; in generation 2 also the word `wallet`.
pub(crate) fn check_channel_id(generation: UpesiPayGeneration, id: &str) -> Result<(), Error> {
    let is_number = (1..=18).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit());
    if is_number || (generation == UpesiPayGeneration::Two && id == "wallet") {
        return Ok(());
    }
    Err(Error::invalid(
        options::CHANNEL_ID,
        ErrorCode::ChannelIdUnreadable,
        match first_stranger("`channel_id`", id, char::is_ascii_digit) {
            Some(stranger) => format!("{stranger}, and a payment channel is a number."),
            None => format!("The `channel_id` has {} digits; a payment channel has 1 to 18.", id.len()),
        },
    )
    .with_hint("Copy it from the Payment Channels page of the gateway's dashboard. `wallet` is known to generation 2 of UpesiPay alone."))
}

pub(crate) fn check_credential_id(generation: UpesiPayGeneration, id: &str) -> Result<(), Error> {
    if generation == UpesiPayGeneration::Two {
        return Err(Error::invalid(
            options::CREDENTIAL_ID,
            ErrorCode::CredentialIdNotAvailable,
            "Generation 2 of UpesiPay's interface has no `credential_id`.",
        )
        .with_hint("Leave it out, or use generation 1."));
    }
    check_text(
        options::CREDENTIAL_ID,
        ErrorCode::CredentialIdUnreadable,
        id,
    )
}

pub(crate) fn check_text(field: &str, code: ErrorCode, text: &str) -> Result<(), Error> {
    let fault = if text.trim().is_empty() {
        format!("The `{field}` is empty.")
    } else if text.chars().count() > 100 {
        format!("The `{field}` has {} characters.", text.chars().count())
    } else if text.chars().any(char::is_control) {
        format!("The `{field}` contains a control character, such as a line break.")
    } else {
        return Ok(());
    };
    Err(Error::invalid(field, code, fault).with_hint("Give 1 to 100 characters on one line."))
}
