//! A merchant's credentials at one gateway, whichever it is.

use crate::error::Error;
use crate::values::clock::seconds_of;
use crate::values::daraja_credentials::{DarajaCredentials, Secret, ShortCode};
use crate::values::gateway_name::GatewayName;
use std::fmt;
use std::time::Duration;

/// Credentials as a [`CredentialsProvider`](crate::client::CredentialsProvider) gives them. They are never shown, and their
/// memory is wiped when they are dropped; whether they are readable is checked when the client takes them.
///
/// ```
/// use lipia::{Credentials, GatewayName, Secret};
/// let credentials = Credentials::palpluss(Secret::new("pp_live_0123456789"));
/// assert_eq!(credentials.gateway(), GatewayName::PalPluss);
/// assert!(!format!("{credentials:?}").contains("0123456789"));
/// ```
#[derive(Clone)]
pub struct Credentials {
    pub(crate) parts: Parts,
    pub(crate) lifetime: Option<Duration>,
}

/// What credentials are made of.
#[derive(Clone)]
pub(crate) enum Parts {
    Daraja(DarajaCredentials),
    PalPluss {
        api_key: Secret,
    },
    /// UpesiPay's or PayHero's.
    AuthToken {
        gateway: GatewayName,
        auth_token: Secret,
    },
    /// UpesiPay's or PayHero's.
    Login {
        gateway: GatewayName,
        username: Secret,
        password: Secret,
    },
    AccessToken {
        token: Secret,
        short_code: ShortCode,
    },
}

impl Credentials {
    /// Daraja's own: consumer key, consumer secret, short code and pass key.
    #[must_use]
    pub fn daraja(credentials: DarajaCredentials) -> Self {
        Self::of(Parts::Daraja(credentials))
    }

    /// The API key from PalPluss's console.
    #[must_use]
    pub fn palpluss(api_key: Secret) -> Self {
        Self::of(Parts::PalPluss { api_key })
    }

    /// The ready token from UpesiPay's dashboard, with or without `Basic ` before it.
    #[must_use]
    pub fn upesipay(auth_token: Secret) -> Self {
        Self::auth_token(GatewayName::UpesiPay, auth_token)
    }

    /// UpesiPay's user name and password, where there is no ready token.
    #[must_use]
    pub fn upesipay_login(username: &str, password: Secret) -> Self {
        Self::login(GatewayName::UpesiPay, username, password)
    }

    /// The ready token from PayHero's dashboard, with or without `Basic ` before it.
    #[must_use]
    pub fn payhero(auth_token: Secret) -> Self {
        Self::auth_token(GatewayName::PayHero, auth_token)
    }

    /// PayHero's user name and password, where there is no ready token.
    #[must_use]
    pub fn payhero_login(username: &str, password: Secret) -> Self {
        Self::login(GatewayName::PayHero, username, password)
    }

    /// A ready token of one of the gateways that take one.
    pub(crate) fn auth_token(gateway: GatewayName, auth_token: Secret) -> Self {
        Self::of(Parts::AuthToken {
            gateway,
            auth_token,
        })
    }

    /// User name and password at one of the gateways that take them.
    pub(crate) fn login(gateway: GatewayName, username: &str, password: Secret) -> Self {
        let username = Secret::new(username);
        Self::of(Parts::Login {
            gateway,
            username,
            password,
        })
    }

    /// A token for the merchant's own server, which speaks Daraja's form at the client's `base_url`: what an app for the
    /// public has instead of credentials.
    ///
    /// There is no OAuth call; every request says `Authorization: Bearer <token>`. `Password` is left out of the body: the
    /// server puts its own there, with short code, timestamp and callback URL as it wants them. `short_code` is sent as it
    /// is given here. A token that is over is answered with HTTP 401: the push ends `rejected`, and the next call asks for
    /// another.
    #[must_use]
    pub fn access_token(token: Secret, short_code: ShortCode) -> Self {
        Self::of(Parts::AccessToken { token, short_code })
    }

    /// Sets for how long they may be used. A little earlier the provider is asked for the next ones, while calls go on with
    /// these. Default: until the gateway refuses them, or they are forgotten.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    /// Sets for how long they may be used, in seconds.
    ///
    /// # Errors
    /// `seconds_unreadable` where it is not a time.
    pub fn lifetime_seconds(self, seconds: f64) -> Result<Self, Error> {
        Ok(self.lifetime(seconds_of("lifetime", seconds)?))
    }

    /// The gateway that these credentials are for.
    #[must_use]
    pub fn gateway(&self) -> GatewayName {
        match self.parts {
            Parts::Daraja(_) | Parts::AccessToken { .. } => GatewayName::Daraja,
            Parts::PalPluss { .. } => GatewayName::PalPluss,
            Parts::AuthToken { gateway, .. } | Parts::Login { gateway, .. } => gateway,
        }
    }

    fn of(parts: Parts) -> Self {
        Self {
            parts,
            lifetime: None,
        }
    }

    /// Whether they let in as the same merchant by the same means, whatever their lifetimes.
    pub(crate) fn are_the_same(&self, other: &Self) -> bool {
        match (&self.parts, &other.parts) {
            (Parts::Daraja(ours), Parts::Daraja(theirs)) => {
                ours.consumer_key.expose() == theirs.consumer_key.expose()
                    && ours.consumer_secret.expose() == theirs.consumer_secret.expose()
                    && ours.short_code == theirs.short_code
                    && ours.pass_key.expose() == theirs.pass_key.expose()
            }
            _ if self.gateway() != other.gateway() => false,
            (Parts::PalPluss { api_key: ours }, Parts::PalPluss { api_key: theirs })
            | (
                Parts::AuthToken {
                    auth_token: ours, ..
                },
                Parts::AuthToken {
                    auth_token: theirs, ..
                },
            ) => ours.expose() == theirs.expose(),
            (
                Parts::Login {
                    username, password, ..
                },
                Parts::Login {
                    username: their_username,
                    password: their_password,
                    ..
                },
            ) => {
                username.expose() == their_username.expose()
                    && password.expose() == their_password.expose()
            }
            (
                Parts::AccessToken { token, short_code },
                Parts::AccessToken {
                    token: their_token,
                    short_code: their_short_code,
                },
            ) => token.expose() == their_token.expose() && short_code == their_short_code,
            _ => false,
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("gateway", &self.gateway())
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}
