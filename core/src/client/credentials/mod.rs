//! Credentials that are asked for when they are first needed, instead of being known when the client is made.

pub(crate) mod source;

use crate::values::credentials::Credentials;
use futures_util::future::BoxFuture;
use std::fmt;

/// The source of a client's credentials, asked when they are needed: a phone's own keystore, the merchant's server, a vault.
///
/// It is asked by the first call that needs credentials (a push or a query; never by making the client), and once for however
/// many calls wait. What it gives is held in memory alone until its [lifetime](Credentials::lifetime) is over, the gateway
/// refuses it, or [`Client::forget_credentials`](crate::Client::forget_credentials) is called; then the next call asks again.
///
/// The call's own timeout is all the time that it has. Where every call that waits has gone away, its future is
/// dropped, and the next call asks anew. It must not block the thread that it is asked on.
///
/// ```
/// use futures_util::future::BoxFuture;
/// use lipia::{Credentials, Daraja, Secret};
/// use lipia::client::CredentialsProvider;
/// use lipia::values::ShortCode;
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// /// An app for the public has no credentials of a gateway: it signs in at the merchant's server, which speaks Daraja's
/// /// form and adds pass key and callback URL itself.
/// #[derive(Debug)]
/// struct SignedIn;
///
/// impl CredentialsProvider for SignedIn {
///     fn credentials(&self) -> BoxFuture<'_, Result<Credentials, Box<dyn std::error::Error + Send + Sync>>> {
///         Box::pin(async {
///             let token = Secret::new("what the server gave at sign-in");
///             let credentials = Credentials::access_token(token, ShortCode::parse("174379")?);
///             Ok(credentials.lifetime(Duration::from_secs(600)))
///         })
///     }
/// }
///
/// let client = Daraja::builder()
///     .credentials_provider(Arc::new(SignedIn))
///     .base_url("https://pay.shop.example")
///     .callback_url("https://pay.shop.example/results")
///     .build()?;
/// # let _ = client; Ok::<(), lipia::Error>(())
/// ```
pub trait CredentialsProvider: Send + Sync + fmt::Debug {
    /// The credentials as they are now.
    ///
    /// # Errors
    /// Whatever kept them from being had. The call then ends with `keys_not_provided` and `not_sent`, and may be tried
    /// again. The error given here is that error's [source](std::error::Error::source) and stands nowhere else.
    fn credentials(
        &self,
    ) -> BoxFuture<'_, Result<Credentials, Box<dyn std::error::Error + Send + Sync>>>;
}

#[cfg(test)]
mod tests;
