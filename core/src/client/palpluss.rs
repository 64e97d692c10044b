//! Builders of PalPluss clients.

use crate::client::Client;
use crate::client::builder::{ClientBuilder, OwnCredentials};
use crate::client::variables::Variables;
use crate::error::Error;
use crate::gateway::palpluss::merchant::{Settings, check_id, checked_api_key};
use crate::gateway::palpluss::{callback, options};
use crate::meaning::event::Event;
use crate::values::credentials::Credentials;
use crate::values::daraja_credentials::Secret;
use crate::values::gateway_name::GatewayName;
use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;

const BASE_URL: &str = "https://api.palpluss.com/v1";

/// PalPluss, a gateway in front of Daraja.
///
/// A push takes the options `channel_id` and `credential_id` (see
/// [`StkPush::option`](crate::StkPush::option)). Its webhooks are unsigned: every success is confirmed by a query
/// before it counts.
///
/// ```
/// use lipia::PalPluss;
///
/// let client = PalPluss::builder()
///     .api_key("pp_live_0123456789")
///     .callback_url("https://shop.example.co.ke/pay")
///     .build()
///     .unwrap();
/// assert_eq!(client.gateway().as_str(), "palpluss");
/// assert!(!format!("{client:?}").contains("0123456789"));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct PalPluss;

/// Builds a client for PalPluss.
pub type PalPlussBuilder = ClientBuilder<PalPlussSettings>;

impl PalPluss {
    /// A builder: the API key is needed, or a credentials provider.
    #[must_use]
    pub fn builder() -> PalPlussBuilder {
        PalPlussBuilder::default()
    }

    /// A client from `PALPLUSS_API_KEY` and, where set, `PALPLUSS_BASE_URL`, `MPESA_CALLBACK_URL`, `MPESA_ENVIRONMENT`,
    /// `LIPIA_LEDGER`, `LIPIA_SPOOL` and `LIPIA_CLEARTEXT_HOSTS`.
    ///
    /// # Errors
    /// `Configuration`, naming the variable that is missing or not valid.
    pub fn from_env() -> Result<Client, Error> {
        Self::builder_from_env()?.build()
    }

    /// A builder that starts from the same variables as [`PalPluss::from_env`].
    ///
    /// # Errors
    /// `Configuration`, naming the variable that is missing or not readable.
    pub fn builder_from_env() -> Result<PalPlussBuilder, Error> {
        Self::builder_from_variables(|name| std::env::var_os(name))
    }

    /// A builder that starts from variables which `lookup` gives.
    ///
    /// # Errors
    /// `Configuration`, naming the variable that is missing or not readable.
    pub fn builder_from_variables(
        lookup: impl Fn(&str) -> Option<OsString>,
    ) -> Result<PalPlussBuilder, Error> {
        let variables = Variables::new(GatewayName::PalPluss, &lookup);
        let [api_key] = variables.required(["PALPLUSS_API_KEY"])?;
        let mut builder = Self::builder().api_key(api_key);
        builder
            .common
            .read_variables(&variables, "PALPLUSS_BASE_URL")?;
        Ok(builder)
    }

    /// Reads a body that was posted to a callback URL, where there is no client at hand.
    ///
    /// # Errors
    /// `InvalidCallback`, with a code that says what is wrong with the body.
    pub fn parse_callback(body: &[u8]) -> Result<Event, Error> {
        callback::parse_callback(body)
    }
}

/// The credentials and options that a PalPluss builder was given.
#[derive(Clone, Default)]
pub struct PalPlussSettings {
    api_key: Option<Secret>,
    plain: bool,
    channel_id: Option<String>,
    credential_id: Option<String>,
}

impl fmt::Debug for PalPlussSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PalPlussSettings")
            .field("channel_id", &self.channel_id)
            .finish_non_exhaustive()
    }
}

impl PalPlussBuilder {
    /// The API key from PalPluss's console.
    #[must_use]
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.own.api_key = Some(Secret::new(key.into()));
        self
    }

    /// Whether the key is sent as it is (`Basic <key>`, which PalPluss documents as accepted too) instead of as
    /// HTTP writes it down: the base64 of the key and a colon.
    #[must_use]
    pub fn plain_api_key(mut self, plain: bool) -> Self {
        self.own.plain = plain;
        self
    }

    /// The channel that is paid. Default: the default channel in PalPluss's console.
    #[must_use]
    pub fn channel_id(mut self, id: impl Into<String>) -> Self {
        self.own.channel_id = Some(id.into());
        self
    }

    /// The merchant's own Daraja credentials, by the id of their profile at PalPluss.
    #[must_use]
    pub fn credential_id(mut self, id: impl Into<String>) -> Self {
        self.own.credential_id = Some(id.into());
        self
    }

    /// The client.
    ///
    /// # Errors
    /// `Configuration` or `InvalidInput`, naming the setting that is missing or not valid.
    pub fn build(mut self) -> Result<Client, Error> {
        let given = std::mem::take(&mut self.own);
        let environment = self.common.environment_of_one_address()?;
        for (field, id) in [
            (options::CHANNEL_ID, &given.channel_id),
            (options::CREDENTIAL_ID, &given.credential_id),
        ] {
            if let Some(id) = id {
                check_id(field, id)?;
            }
        }
        let settings = Settings {
            plain: given.plain,
            channel_id: given.channel_id,
            credential_id: given.credential_id,
        };
        let own = if self
            .common
            .is_given_credentials_later([("api_key", given.api_key.is_some())])?
        {
            None
        } else {
            let api_key = checked_api_key(&given.api_key.unwrap_or(Secret::new("")))?;
            Some(OwnCredentials {
                credentials: Credentials::palpluss(api_key.clone()),
                root_secret: api_key,
            })
        };
        self.common
            .build_with(Arc::new(settings), environment, BASE_URL, own)
    }
}
