//! A merchant at PalPluss: settings, and what requests are made with.

use super::options;
use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::gateway::authorization;
use crate::gateway::contract::Authorization;
use crate::values::daraja_credentials::Secret;
use crate::values::fingerprint::Fingerprint;
use crate::values::key_text::{KeyCodes, first_stranger};
use crate::values::push::Push;

/// What a PalPluss client knows of its merchant beside the key.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Whether the key is sent as it is.
    pub(crate) plain: bool,
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

pub(crate) fn checked_api_key(api_key: &Secret) -> Result<Secret, Error> {
    authorization::checked(
        "api_key",
        KeyCodes {
            empty: ErrorCode::ApiKeyEmpty,
            in_quotes: ErrorCode::ApiKeyInQuotes,
            unreadable: ErrorCode::ApiKeyUnreadable,
        },
        "API key",
        api_key.expose(),
        Some(':'),
    )
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

/// Their ids are UUIDs in all documents; whatever else is a plain token is left to PalPluss to judge.
pub(crate) fn check_id(field: &str, id: &str) -> Result<(), Error> {
    let belongs =
        |character: &char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
    let fault = match first_stranger(&format!("`{field}`"), id, belongs) {
        Some(stranger) => format!("{stranger}, and an id of PalPluss has none."),
        None if id.is_empty() => format!("The `{field}` is empty."),
        None if id.len() > 64 => format!("The `{field}` has {} characters.", id.len()),
        None => return Ok(()),
    };
    let code = if field == options::CHANNEL_ID {
        ErrorCode::ChannelIdUnreadable
    } else {
        ErrorCode::CredentialIdUnreadable
    };
    Err(Error::invalid(field, code, fault)
        .with_hint("Copy it from the PalPluss console; it is a UUID."))
}
