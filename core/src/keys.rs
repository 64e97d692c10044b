//! Keys that are asked for when they are first needed, instead of being known when the client is made.

mod source;

pub(crate) use source::{KeySource, Ready};

use crate::clock::seconds_of;
use crate::{Credentials, Error, GatewayName, Secret, ShortCode};
use futures_util::future::BoxFuture;
use std::fmt;
use std::time::Duration;

/// Where a client's keys come from when they are needed: a phone's own keystore, the merchant's server, a vault.
///
/// It is asked by the first call that needs keys (a push or a query; never by making the client), and once for however
/// many calls wait. What it gives is held in memory alone until its [lifetime](Keys::lifetime) is over, the gateway
/// refuses it, or [`Client::forget_keys`](crate::Client::forget_keys) is called; then the next call asks again.
///
/// The call's own timeout is all the time that it has. Where every call that waits has gone away, its future is
/// dropped, and the next call asks anew. It must not block the thread that it is asked on.
///
/// ```
/// use futures_util::future::BoxFuture;
/// use lipia::{Daraja, Keys, KeysProvider, Secret, ShortCode};
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// /// An app for the public has no keys of a gateway: it signs in at the merchant's server, which speaks Daraja's
/// /// form and adds pass key and callback URL itself.
/// #[derive(Debug)]
/// struct SignedIn;
///
/// impl KeysProvider for SignedIn {
///     fn keys(&self) -> BoxFuture<'_, Result<Keys, Box<dyn std::error::Error + Send + Sync>>> {
///         Box::pin(async {
///             let token = Secret::new("what the server gave at sign-in");
///             let keys = Keys::access_token(token, ShortCode::parse("174379")?);
///             Ok(keys.lifetime(Duration::from_secs(600)))
///         })
///     }
/// }
///
/// let client = Daraja::builder()
///     .keys_provider(Arc::new(SignedIn))
///     .base_url("https://pay.shop.example")
///     .callback_url("https://pay.shop.example/results")
///     .build()?;
/// # let _ = client; Ok::<(), lipia::Error>(())
/// ```
pub trait KeysProvider: Send + Sync + fmt::Debug {
    /// The keys as they are now.
    ///
    /// # Errors
    /// Whatever kept them from being had. The call then ends with `keys_not_provided` and `not_sent`, and may be tried
    /// again. The error given here is that error's [source](std::error::Error::source) and stands nowhere else.
    fn keys(&self) -> BoxFuture<'_, Result<Keys, Box<dyn std::error::Error + Send + Sync>>>;
}

/// Keys as a [`KeysProvider`] gives them. They are never shown, and their memory is wiped when they are dropped; whether
/// they are readable is checked when the client takes them.
///
/// ```
/// use lipia::{GatewayName, Keys, Secret};
/// let keys = Keys::palpluss(Secret::new("pp_live_0123456789"));
/// assert_eq!(keys.gateway(), GatewayName::PalPluss);
/// assert!(!format!("{keys:?}").contains("0123456789"));
/// ```
#[derive(Clone)]
pub struct Keys {
    pub(crate) parts: Parts,
    lifetime: Option<Duration>,
}

/// What keys are made of.
#[derive(Clone)]
pub(crate) enum Parts {
    Daraja(Credentials),
    PalPluss {
        api_key: Secret,
    },
    UpesiPay {
        auth_token: Secret,
    },
    UpesiPayLogin {
        username: Secret,
        password: Secret,
    },
    AccessToken {
        token: Secret,
        short_code: ShortCode,
    },
}

impl Keys {
    /// Daraja's own: consumer key, consumer secret, short code and pass key.
    #[must_use]
    pub fn daraja(credentials: Credentials) -> Self {
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
        Self::of(Parts::UpesiPay { auth_token })
    }

    /// UpesiPay's user name and password, where there is no ready token.
    #[must_use]
    pub fn upesipay_login(username: &str, password: Secret) -> Self {
        let username = Secret::new(username);
        Self::of(Parts::UpesiPayLogin { username, password })
    }

    /// A token for the merchant's own server, which speaks Daraja's form at the client's `base_url`: what an app for the
    /// public has instead of keys.
    ///
    /// There is no OAuth call; every request says `Authorization: Bearer <token>`. `Password` is left out of the body: the
    /// server puts its own there, with short code, timestamp and callback URL as it wants them. `short_code` is sent as it
    /// is given here. A token that is over is answered with HTTP 401: the push ends `rejected`, and the next call asks for
    /// another.
    #[must_use]
    pub fn access_token(token: Secret, short_code: ShortCode) -> Self {
        Self::of(Parts::AccessToken { token, short_code })
    }

    /// How long they may be used. A little earlier the provider is asked for the next ones, while calls go on with
    /// these. Default: until the gateway refuses them, or they are forgotten.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    /// The same, in seconds.
    ///
    /// # Errors
    /// `seconds_unreadable` where it is no time.
    pub fn lifetime_seconds(self, seconds: f64) -> Result<Self, Error> {
        Ok(self.lifetime(seconds_of("lifetime", seconds)?))
    }

    /// Whose they are.
    #[must_use]
    pub fn gateway(&self) -> GatewayName {
        match self.parts {
            Parts::Daraja(_) | Parts::AccessToken { .. } => GatewayName::Daraja,
            Parts::PalPluss { .. } => GatewayName::PalPluss,
            Parts::UpesiPay { .. } | Parts::UpesiPayLogin { .. } => GatewayName::UpesiPay,
        }
    }

    fn of(parts: Parts) -> Self {
        Self {
            parts,
            lifetime: None,
        }
    }

    /// Whether they let in as the same merchant by the same means, whatever their lifetimes.
    fn are_the_same(&self, other: &Self) -> bool {
        match (&self.parts, &other.parts) {
            (Parts::Daraja(ours), Parts::Daraja(theirs)) => {
                ours.consumer_key.expose() == theirs.consumer_key.expose()
                    && ours.consumer_secret.expose() == theirs.consumer_secret.expose()
                    && ours.short_code == theirs.short_code
                    && ours.pass_key.expose() == theirs.pass_key.expose()
            }
            (Parts::PalPluss { api_key: ours }, Parts::PalPluss { api_key: theirs })
            | (Parts::UpesiPay { auth_token: ours }, Parts::UpesiPay { auth_token: theirs }) => {
                ours.expose() == theirs.expose()
            }
            (
                Parts::UpesiPayLogin { username, password },
                Parts::UpesiPayLogin {
                    username: their_username,
                    password: their_password,
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

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("gateway", &self.gateway())
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
