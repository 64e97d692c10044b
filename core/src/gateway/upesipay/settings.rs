//! What an UpesiPay client is made of.

use super::{Settings, check_channel_id, check_credential_id, token};
use crate::client_builder::{ClientBuilder, OwnKeys, Variables};
use crate::gateway::Gateway;
use crate::{Client, Error, Event, Keys, Secret};
use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;

const BASE_URL: &str = "https://upesipay.com";

/// UpesiPay, a gateway in front of Daraja.
///
/// A push takes the options `channel_id`, `customer_name` and, in generation 1, `credential_id` (see
/// [`StkPush::option`](crate::StkPush::option)). Its callbacks are unsigned: every success is confirmed by a query
/// before it counts. Its documents are thin; an answer that fits none of them counts as unknown.
///
/// ```
/// use lipia::UpesiPay;
///
/// let client = UpesiPay::builder()
///     .auth_token("Basic c2hvcDpzZWNyZXQ=")
///     .channel_id("134")
///     .callback_url("https://shop.example.co.ke/pay")
///     .build()
///     .unwrap();
/// assert_eq!(client.gateway().as_str(), "upesipay");
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct UpesiPay;

/// Builds a client for UpesiPay.
pub type UpesiPayBuilder = ClientBuilder<UpesiPayKeys>;

impl UpesiPay {
    /// A builder: a token, a user name and password, or a keys provider is needed.
    #[must_use]
    pub fn builder() -> UpesiPayBuilder {
        UpesiPayBuilder::default()
    }

    /// A client from `UPESIPAY_AUTH_TOKEN` (or `UPESIPAY_USERNAME` and `UPESIPAY_PASSWORD`) and, where set,
    /// `UPESIPAY_CHANNEL_ID`, `UPESIPAY_GENERATION`, `UPESIPAY_BASE_URL`, `MPESA_CALLBACK_URL` and
    /// `MPESA_ENVIRONMENT`.
    ///
    /// # Errors
    /// `Configuration`, naming the variable that is missing or not valid.
    pub fn from_env() -> Result<Client, Error> {
        Self::builder_from_env()?.build()
    }

    /// A builder that starts from the same variables as [`UpesiPay::from_env`].
    ///
    /// # Errors
    /// `Configuration`, naming the variable that is missing or not readable.
    pub fn builder_from_env() -> Result<UpesiPayBuilder, Error> {
        Self::builder_from_variables(|name| std::env::var_os(name))
    }

    /// A builder that starts from variables which `lookup` gives.
    ///
    /// # Errors
    /// `Configuration`, naming the variable that is missing or not readable.
    pub fn builder_from_variables(
        lookup: impl Fn(&str) -> Option<OsString>,
    ) -> Result<UpesiPayBuilder, Error> {
        let variables = Variables { lookup: &lookup };
        let mut builder = Self::builder();
        builder = match (
            variables.optional("UPESIPAY_AUTH_TOKEN")?,
            variables.optional("UPESIPAY_USERNAME")?,
        ) {
            (None, Some(username)) => builder
                .username(username)
                .password(variables.required("UPESIPAY_PASSWORD")?),
            _ => builder.auth_token(variables.required("UPESIPAY_AUTH_TOKEN")?),
        };
        if let Some(generation) = variables.optional("UPESIPAY_GENERATION")? {
            builder = builder.generation(generation.parse()?);
        }
        builder.keys.channel_id = variables.optional("UPESIPAY_CHANNEL_ID")?;
        builder.common.environment = variables.optional("MPESA_ENVIRONMENT")?;
        builder.common.callback_url = variables.optional("MPESA_CALLBACK_URL")?;
        builder.common.base_url = variables.optional("UPESIPAY_BASE_URL")?;
        Ok(builder)
    }

    /// What a body that was posted to a callback URL says, where there is no client at hand.
    ///
    /// # Errors
    /// `InvalidCallback`, with a code that says what is wrong with the body.
    pub fn parse_callback(body: &[u8]) -> Result<Event, Error> {
        super::callback::parse_callback(body)
    }
}

/// What UpesiPay needs of a merchant.
#[derive(Clone, Default)]
pub struct UpesiPayKeys {
    auth_token: Option<Secret>,
    username: String,
    password: Option<Secret>,
    generation: UpesiPayGeneration,
    channel_id: Option<String>,
    credential_id: Option<String>,
}

impl fmt::Debug for UpesiPayKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpesiPayKeys")
            .field("generation", &self.generation)
            .field("channel_id", &self.channel_id)
            .finish_non_exhaustive()
    }
}

impl UpesiPayKeys {
    fn own(&self) -> Keys {
        match (&self.auth_token, &self.password) {
            (None, Some(password)) => Keys::upesipay_login(&self.username, password.clone()),
            (token, _) => Keys::upesipay(token.clone().unwrap_or(Secret::new(""))),
        }
    }
}

impl UpesiPayBuilder {
    /// The ready token from UpesiPay's dashboard, with or without `Basic ` before it. It is sent as it is.
    #[must_use]
    pub fn auth_token(mut self, token: impl Into<String>) -> Self {
        self.keys.auth_token = Some(Secret::new(token.into()));
        self
    }

    /// The user name, where there is no ready token.
    #[must_use]
    pub fn username(mut self, name: impl Into<String>) -> Self {
        self.keys.username = name.into();
        self
    }

    /// The password, where there is no ready token.
    #[must_use]
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.keys.password = Some(Secret::new(password.into()));
        self
    }

    /// Which generation of UpesiPay's interface takes the pushes. Answers and callbacks of both are understood.
    #[must_use]
    pub fn generation(mut self, generation: UpesiPayGeneration) -> Self {
        self.keys.generation = generation;
        self
    }

    /// The payment channel that is paid: its number, or in generation 2 the word `wallet`.
    #[must_use]
    pub fn channel_id(mut self, id: impl Into<String>) -> Self {
        self.keys.channel_id = Some(id.into());
        self
    }

    /// The merchant's own Daraja credentials, by their id at UpesiPay. Generation 1 alone.
    #[must_use]
    pub fn credential_id(mut self, id: impl Into<String>) -> Self {
        self.keys.credential_id = Some(id.into());
        self
    }

    /// The client.
    ///
    /// # Errors
    /// `Configuration` or `InvalidInput`, naming the setting that is missing or not valid.
    pub fn build(mut self) -> Result<Client, Error> {
        let keys = std::mem::take(&mut self.keys);
        let environment = self.common.environment_of_one_address()?;
        let given_later = self.common.is_given_keys_later([
            ("auth_token", keys.auth_token.is_some()),
            ("username", !keys.username.is_empty()),
            ("password", keys.password.is_some()),
        ])?;
        let own = (!given_later).then(|| keys.own());
        let root_secret = own.as_ref().map(token).transpose()?;
        if let Some(id) = &keys.channel_id {
            check_channel_id(keys.generation, id)?;
        }
        if let Some(id) = &keys.credential_id {
            check_credential_id(keys.generation, id)?;
        }
        let settings = Settings {
            generation: keys.generation,
            channel_id: keys.channel_id,
            credential_id: keys.credential_id,
        };
        let own = match own.zip(root_secret) {
            Some((own, root_secret)) => Some(OwnKeys {
                access: settings.with_keys(&own)?,
                root_secret,
            }),
            None => None,
        };
        self.common
            .build_with(Arc::new(settings), environment, BASE_URL, own)
    }
}

/// Which generation of UpesiPay's interface takes the pushes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UpesiPayGeneration {
    /// `/api/v2/payments`: the one that UpesiPay documents.
    #[default]
    One,
    /// `/api/v2/collections/initiate/`: the one that programs of 2026 use.
    Two,
}

impl UpesiPayGeneration {
    /// `1` or `2`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::One => "1",
            Self::Two => "2",
        }
    }
}

impl std::str::FromStr for UpesiPayGeneration {
    type Err = Error;

    /// Reads `1` or `2`.
    ///
    /// # Errors
    /// `generation_unknown` for anything else.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text.trim() {
            "1" => Ok(Self::One),
            "2" => Ok(Self::Two),
            _ => Err(Error::configuration(
                "generation_unknown",
                "There is no such generation of UpesiPay's interface.",
            )
            .with_field("generation")
            .with_hint("Write 1 or 2.")),
        }
    }
}
