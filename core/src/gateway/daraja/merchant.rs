//! A merchant at Daraja: settings, and what requests are made with.

use super::query_version::QueryVersion;
use super::transaction_type::TransactionType;
use super::{options, wire};
use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::gateway::authorization;
use crate::gateway::contract::{Authorization, TokenExchange};
use crate::gateway::message::Request;
use crate::values::clock::EatTime;
use crate::values::daraja_credentials::{DarajaCredentials, PassKey, Secret, ShortCode, password};
use crate::values::fingerprint::Fingerprint;
use crate::values::key_text::KeyCodes;
use crate::values::push::Push;

/// What a Daraja client knows of its merchant beside the keys.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) transaction_type: TransactionType,
    pub(crate) party_b: Option<ShortCode>,
    pub(crate) query_version: QueryVersion,
}

/// The gateway's settings together with the merchant's credentials.
#[derive(Debug)]
pub(crate) struct Merchant {
    pub(crate) settings: Settings,
    pub(crate) authorization: Authorization,
    pub(crate) account: Fingerprint,
    pub(crate) short_code: ShortCode,
    /// The merchant's own server has it where the app has a token for that server.
    pub(crate) pass_key: Option<PassKey>,
}

impl Settings {
    pub(crate) fn transaction_type(&self, push: &Push) -> TransactionType {
        push.option(options::TRANSACTION_TYPE)
            .and_then(|word| word.parse().ok())
            .unwrap_or(self.transaction_type)
    }
}

impl Merchant {
    pub(crate) fn with_credentials(settings: Settings, credentials: &DarajaCredentials) -> Self {
        let basic = authorization::basic(&authorization::pair(
            credentials.consumer_key.expose(),
            credentials.consumer_secret.expose(),
        ));
        Self {
            settings,
            authorization: Authorization::Token(TokenExchange {
                request: Request::get(wire::TOKEN_PATH),
                header: basic,
                read: wire::read_token,
            }),
            account: Fingerprint::of(credentials.consumer_key.expose()),
            short_code: credentials.short_code.clone(),
            pass_key: Some(credentials.pass_key.clone()),
        }
    }

    pub(crate) fn with_access_token(
        settings: Settings,
        token: &Secret,
        short_code: &ShortCode,
    ) -> Result<Self, Error> {
        let unreadable = || {
            Error::configuration(
                ErrorCode::AccessTokenUnreadable,
                "The access token cannot stand in an HTTP header.",
            )
            .with_field("access_token")
            .with_hint("Hand it over as the server gave it, without `Bearer` before it.")
        };
        let token = authorization::checked(
            "access_token",
            KeyCodes {
                empty: ErrorCode::AccessTokenEmpty,
                in_quotes: ErrorCode::AccessTokenInQuotes,
                unreadable: ErrorCode::AccessTokenUnreadable,
            },
            "access token",
            token.expose(),
            None,
        )?;
        Ok(Self {
            settings,
            authorization: Authorization::Fixed(
                authorization::bearer(&token).ok_or_else(unreadable)?,
            ),
            // The token changes all the time; whose it is does not.
            account: Fingerprint::of(short_code.as_str()),
            short_code: short_code.clone(),
            pass_key: None,
        })
    }

    pub(crate) fn password(&self, now: EatTime) -> Option<Secret> {
        let pass_key = self.pass_key.as_ref()?;
        Some(password(&self.short_code, pass_key, now))
    }

    /// For a pay bill the receiver is the short code itself; for a till it is another number.
    pub(crate) fn party_b<'a>(&'a self, push: &'a Push) -> &'a str {
        push.option(options::PARTY_B)
            .or(self.settings.party_b.as_ref().map(ShortCode::as_str))
            .unwrap_or(self.short_code.as_str())
    }
}
