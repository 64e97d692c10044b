//! Builders of UpesiPay clients; PayHero's are made of the same.

use crate::client::Client;
use crate::client::builder::{ClientBuilder, OwnCredentials};
use crate::client::variables::Variables;
use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::gateway::upesipay::brand::{Brand, UPESIPAY};
use crate::gateway::upesipay::callback;
use crate::gateway::upesipay::generation::UpesiPayGeneration;
use crate::gateway::upesipay::merchant::{Settings, check_channel_id, check_credential_id, token};
use crate::meaning::event::Event;
use crate::values::credentials::Credentials;
use crate::values::daraja_credentials::Secret;
use crate::values::gateway_name::GatewayName;
use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;

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
pub type UpesiPayBuilder = ClientBuilder<UpesiPaySettings>;

impl UpesiPay {
    /// A builder: a token, a user name and password, or a credentials provider is needed.
    #[must_use]
    pub fn builder() -> UpesiPayBuilder {
        UpesiPayBuilder::default()
    }

    /// A client from `UPESIPAY_AUTH_TOKEN` (or `UPESIPAY_USERNAME` and `UPESIPAY_PASSWORD`) and, where set,
    /// `UPESIPAY_CHANNEL_ID`, `UPESIPAY_GENERATION`, `UPESIPAY_BASE_URL`, `MPESA_CALLBACK_URL`, `MPESA_ENVIRONMENT`,
    /// `LIPIA_LEDGER`, `LIPIA_SPOOL` and `LIPIA_CLEARTEXT_HOSTS`.
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
        UpesiPayBuilder::from_variables(&UPESIPAY, &lookup)
    }

    /// Reads a body that was posted to a callback URL, where there is no client at hand.
    ///
    /// # Errors
    /// `InvalidCallback`, with a code that says what is wrong with the body.
    pub fn parse_callback(body: &[u8]) -> Result<Event, Error> {
        callback::parse_callback(GatewayName::UpesiPay, body)
    }
}

/// The credentials and options that a builder for UpesiPay or PayHero was given.
#[derive(Clone, Default)]
pub struct UpesiPaySettings {
    brand: &'static Brand,
    auth_token: Option<Secret>,
    username: String,
    password: Option<Secret>,
    generation: UpesiPayGeneration,
    channel_id: Option<String>,
    credential_id: Option<String>,
}

impl fmt::Debug for UpesiPaySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpesiPaySettings")
            .field("generation", &self.generation)
            .field("channel_id", &self.channel_id)
            .finish_non_exhaustive()
    }
}

impl UpesiPaySettings {
    fn own(&self) -> Credentials {
        match (&self.auth_token, &self.password) {
            (None, Some(password)) => {
                Credentials::login(self.brand.name, &self.username, password.clone())
            }
            (token, _) => {
                Credentials::auth_token(self.brand.name, token.clone().unwrap_or(Secret::new("")))
            }
        }
    }
}

impl UpesiPayBuilder {
    /// A builder for one of the gateways that speak this interface.
    pub(crate) fn of(brand: &'static Brand) -> Self {
        let mut builder = Self::default();
        builder.own.brand = brand;
        builder
    }

    /// A builder that starts from a gateway's own variables.
    pub(crate) fn from_variables(
        brand: &'static Brand,
        lookup: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Self, Error> {
        let (variables, names) = (Variables::new(brand.name, lookup), &brand.variables);
        let mut builder = Self::of(brand);
        let channel_id = variables.text(names.channel_id)?;
        let base_url = variables.text(names.base_url)?;
        builder = match (
            variables.text(names.auth_token)?,
            variables.text(names.username)?,
        ) {
            (Some(token), _) => builder.auth_token(token),
            (None, Some(username)) => {
                let [password] = variables.required([names.password])?;
                builder.username(username).password(password)
            }
            (None, None) => {
                // Channel and address may be given in the program; what cannot be done without is asked for together
                // with them.
                let needs_address = brand.base_url.is_none() && base_url.is_none();
                let missing = [
                    (names.auth_token, true),
                    (names.channel_id, channel_id.is_none()),
                    (names.base_url, needs_address),
                ];
                let missing = missing.iter().filter(|(_, is_missing)| *is_missing);
                let missing: Vec<&str> = missing.map(|(name, _)| *name).collect();
                return Err(variables.missing(&missing));
            }
        };
        if let Some(name) = names.generation
            && let Some(generation) = variables.optional(name)?
        {
            builder = builder.generation(generation.parse()?);
        }
        builder.own.channel_id = channel_id;
        builder.common.read_variables(&variables, names.base_url)?;
        Ok(builder)
    }

    /// The ready token from the gateway's dashboard, with or without `Basic ` before it. It is sent as it is.
    #[must_use]
    pub fn auth_token(mut self, token: impl Into<String>) -> Self {
        self.own.auth_token = Some(Secret::new(token.into()));
        self
    }

    /// The user name, where there is no ready token.
    #[must_use]
    pub fn username(mut self, name: impl Into<String>) -> Self {
        self.own.username = name.into();
        self
    }

    /// The password, where there is no ready token.
    #[must_use]
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.own.password = Some(Secret::new(password.into()));
        self
    }

    /// Which generation of UpesiPay's interface takes the pushes. Answers and callbacks of both are understood. PayHero has
    /// the first alone.
    #[must_use]
    pub fn generation(mut self, generation: UpesiPayGeneration) -> Self {
        self.own.generation = generation;
        self
    }

    /// The payment channel that is paid: its number, or in generation 2 the word `wallet`.
    #[must_use]
    pub fn channel_id(mut self, id: impl Into<String>) -> Self {
        self.own.channel_id = Some(id.into());
        self
    }

    /// The merchant's own Daraja credentials, by their id at the gateway. Generation 1 alone.
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
        let brand = given.brand;
        if given.generation == UpesiPayGeneration::Two && !brand.has_generation_two {
            return Err(generation_not_available(brand));
        }
        let Some(base_url) = self.common.base_url.as_deref().or(brand.base_url) else {
            return Err(base_url_missing(brand));
        };
        let base_url = base_url.to_owned();
        let environment = self.common.environment_of_one_address()?;
        let given_later = self.common.is_given_credentials_later([
            ("auth_token", given.auth_token.is_some()),
            ("username", !given.username.is_empty()),
            ("password", given.password.is_some()),
        ])?;
        let own = (!given_later).then(|| given.own());
        let root_secret = own.as_ref().map(|given| token(brand, given)).transpose()?;
        if let Some(id) = &given.channel_id {
            check_channel_id(given.generation, id)?;
        }
        if let Some(id) = &given.credential_id {
            check_credential_id(given.generation, id)?;
        }
        let settings = Settings {
            brand,
            generation: given.generation,
            channel_id: given.channel_id,
            credential_id: given.credential_id,
        };
        let own = own
            .zip(root_secret)
            .map(|(credentials, root_secret)| OwnCredentials {
                credentials,
                root_secret,
            });
        self.common
            .build_with(Arc::new(settings), environment, &base_url, own)
    }
}

/// The error for a gateway whose address nobody has confirmed.
fn base_url_missing(brand: &Brand) -> Error {
    Error::configuration(
        ErrorCode::BaseUrlMissing,
        format!(
            "{} needs `base_url`: nobody who works on Lipia has seen its address and its authorization confirmed.",
            brand.title
        ),
    )
    .with_field("base_url")
    .with_hint(format!(
        "Take the address from {}'s own documents and give it as base_url ({}). Lipia sends `Authorization: Basic` with the \
         token of the dashboard: try one small payment first.",
        brand.title, brand.variables.base_url
    ))
}

fn generation_not_available(brand: &Brand) -> Error {
    Error::configuration(
        ErrorCode::GenerationNotAvailable,
        format!("{} has generation 1 of the interface only.", brand.title),
    )
    .with_field("generation")
    .with_hint("Leave `generation` out.")
}
