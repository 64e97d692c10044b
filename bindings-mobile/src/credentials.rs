//! A merchant's credentials, given by the app when a call needs them.

use crate::app_error::AppError;
use crate::error::NativeError;
use crate::integers::Seconds;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use lipia::Secret;
use lipia::values::ShortCode;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// The credentials of a merchant at one gateway. They never print their secrets, stay in memory only, and are wiped once
/// neither the app nor a client holds them.
#[derive(uniffi::Object)]
#[uniffi::export(Display)]
pub struct Credentials {
    inner: lipia::Credentials,
}

impl Credentials {
    fn new(inner: lipia::Credentials) -> Arc<Self> {
        Arc::new(Self { inner })
    }
}

#[uniffi::export]
impl Credentials {
    /// A merchant's own credentials at Daraja. The shells' `daraja`.
    #[uniffi::constructor]
    pub fn native_daraja(
        consumer_key: String,
        consumer_secret: String,
        short_code: &str,
        pass_key: String,
    ) -> Result<Arc<Self>, NativeError> {
        // Taken in as secrets: what the border hands over is wiped too.
        let [consumer_key, consumer_secret, pass_key] =
            [consumer_key, consumer_secret, pass_key].map(Secret::new);
        let credentials = lipia::values::DarajaCredentials::parse(
            consumer_key.expose(),
            consumer_secret.expose(),
            short_code,
            pass_key.expose(),
        )?;
        Ok(Self::new(lipia::Credentials::daraja(credentials)))
    }

    /// A merchant's own credentials at PalPluss. The shells' `palPluss`.
    #[uniffi::constructor]
    #[must_use]
    pub fn native_pal_pluss(api_key: String) -> Arc<Self> {
        Self::new(lipia::Credentials::palpluss(Secret::new(api_key)))
    }

    /// A merchant's own credentials at UpesiPay: the ready token. The shells' `upesiPay`.
    #[uniffi::constructor]
    #[must_use]
    pub fn native_upesi_pay(auth_token: String) -> Arc<Self> {
        Self::new(lipia::Credentials::upesipay(Secret::new(auth_token)))
    }

    /// A merchant's own credentials at UpesiPay: user name and password. The shells' `upesiPay`.
    #[uniffi::constructor]
    #[must_use]
    pub fn native_upesi_pay_login(username: &str, password: String) -> Arc<Self> {
        Self::new(lipia::Credentials::upesipay_login(
            username,
            Secret::new(password),
        ))
    }

    /// A merchant's own credentials at PayHero: the ready token. The shells' `payHero`.
    #[uniffi::constructor]
    #[must_use]
    pub fn native_pay_hero(auth_token: String) -> Arc<Self> {
        Self::new(lipia::Credentials::payhero(Secret::new(auth_token)))
    }

    /// A merchant's own credentials at PayHero: user name and password. The shells' `payHero`.
    #[uniffi::constructor]
    #[must_use]
    pub fn native_pay_hero_login(username: &str, password: String) -> Arc<Self> {
        Self::new(lipia::Credentials::payhero_login(
            username,
            Secret::new(password),
        ))
    }

    /// A token for the merchant's own server, which has the credentials. The shells' `accessToken`.
    #[uniffi::constructor]
    pub fn native_access_token(
        token: String,
        short_code: &str,
        lifetime: Option<Seconds>,
    ) -> Result<Arc<Self>, NativeError> {
        let mut inner =
            lipia::Credentials::access_token(Secret::new(token), ShortCode::parse(short_code)?);
        if let Some(Seconds(lifetime)) = lifetime {
            inner = inner.lifetime_seconds(lifetime)?;
        }
        Ok(Self::new(inner))
    }
}

impl fmt::Display for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials(gateway={})", self.inner.gateway())
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The source of a client's credentials: the Keystore or Keychain, or the merchant's server. Never the app's own code.
#[uniffi::export(with_foreign)]
#[async_trait::async_trait]
pub trait CredentialsProvider: Send + Sync {
    /// The credentials, asked for when a call first needs them, after they were forgotten or refused, and when their time
    /// is up. Calls that need them at the same moment wait for one answer. Where this throws, nothing is sent, and the
    /// call may be tried again.
    async fn credentials(&self) -> Result<Arc<Credentials>, AppError>;
}

/// The app's provider in the core's terms.
pub(crate) struct AppCredentials(pub(crate) Arc<dyn CredentialsProvider>);

impl fmt::Debug for AppCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppCredentials")
    }
}

impl lipia::client::CredentialsProvider for AppCredentials {
    fn credentials(
        &self,
    ) -> BoxFuture<'_, Result<lipia::Credentials, Box<dyn Error + Send + Sync>>> {
        let given = self.0.credentials();
        given
            .map(|given| match given {
                Ok(credentials) => Ok(credentials.inner.clone()),
                Err(error) => Err(Box::from(error)),
            })
            .boxed()
    }
}
