//! Builders of Daraja clients.

use crate::client::Client;
use crate::client::builder::{ClientBuilder, OwnCredentials};
use crate::client::variables::Variables;
use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::gateway::daraja::merchant::Settings;
use crate::gateway::daraja::query_version::QueryVersion;
use crate::gateway::daraja::transaction_type::TransactionType;
use crate::gateway::daraja::{callback, options};
use crate::meaning::event::Event;
use crate::values::credentials::Credentials;
use crate::values::daraja_credentials::{DarajaCredentials, Secret, ShortCode};
use crate::values::environment::Environment;
use crate::values::gateway_name::GatewayName;
use crate::values::push::StkPush;
use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;

/// Safaricom's own API.
///
/// ```
/// use lipia::Daraja;
///
/// let client = Daraja::builder()
///     .consumer_key("your key")
///     .consumer_secret("your secret")
///     .short_code("174379")
///     .pass_key("bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919")
///     .callback_url("https://shop.example/pay")
///     .build()
///     .unwrap_err();
/// // A key with a space in it cannot be one, and the error says which setting it is.
/// assert_eq!(client.field(), Some("consumer_key"));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Daraja;

/// Builds a client for Daraja.
pub type DarajaBuilder = ClientBuilder<DarajaSettings>;

impl Daraja {
    /// A builder: consumer key, consumer secret, short code and pass key are needed, or a credentials provider.
    #[must_use]
    pub fn builder() -> DarajaBuilder {
        DarajaBuilder::default()
    }

    /// A client from `MPESA_CONSUMER_KEY`, `MPESA_CONSUMER_SECRET`, `MPESA_SHORTCODE`, `MPESA_PASSKEY` and, where
    /// set, `MPESA_ENVIRONMENT`, `MPESA_CALLBACK_URL`, `MPESA_BASE_URL`, `MPESA_QUERY_VERSION`, `MPESA_TRANSACTION_TYPE`,
    /// `MPESA_TILL_NUMBER`, `LIPIA_LEDGER`, `LIPIA_SPOOL` and `LIPIA_CLEARTEXT_HOSTS`. With a till number alone the transaction type is `CustomerBuyGoodsOnline`.
    ///
    /// # Errors
    /// `Configuration`, naming the variable that is missing or not valid.
    pub fn from_env() -> Result<Client, Error> {
        Self::builder_from_env()?.build()
    }

    /// A builder that starts from the same variables as [`Daraja::from_env`].
    ///
    /// # Errors
    /// `Configuration`, naming the variable that is missing or not readable.
    pub fn builder_from_env() -> Result<DarajaBuilder, Error> {
        Self::builder_from_variables(|name| std::env::var_os(name))
    }

    /// A builder that starts from variables which `lookup` gives.
    ///
    /// # Errors
    /// `Configuration`, naming the variable that is missing or not readable.
    pub fn builder_from_variables(
        lookup: impl Fn(&str) -> Option<OsString>,
    ) -> Result<DarajaBuilder, Error> {
        let variables = Variables::new(GatewayName::Daraja, &lookup);
        let [consumer_key, consumer_secret, short_code, pass_key] = variables.required([
            "MPESA_CONSUMER_KEY",
            "MPESA_CONSUMER_SECRET",
            "MPESA_SHORTCODE",
            "MPESA_PASSKEY",
        ])?;
        let mut builder = Self::builder()
            .consumer_key(consumer_key)
            .consumer_secret(consumer_secret)
            .short_code(short_code)
            .pass_key(pass_key);
        if let Some(word) = variables.optional(TRANSACTION_TYPE)? {
            let parsed = word.parse::<TransactionType>();
            builder = builder
                .transaction_type(parsed.map_err(|error| error.with_field(TRANSACTION_TYPE))?);
        }
        if let Some(number) = variables.optional(TILL_NUMBER)? {
            ShortCode::parse_as(&number, TILL_NUMBER, "till number")?;
            if variables.text(TRANSACTION_TYPE)?.is_none() {
                builder = builder.transaction_type(TransactionType::BuyGoods);
            } else if builder.own.transaction_type == TransactionType::PayBill {
                return Err(till_of_a_pay_bill());
            }
            builder = builder.party_b(number);
        }
        if let Some(version) = variables.optional("MPESA_QUERY_VERSION")? {
            builder = builder.query_version(version.parse()?);
        }
        builder
            .common
            .read_variables(&variables, "MPESA_BASE_URL")?;
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

const TRANSACTION_TYPE: &str = "MPESA_TRANSACTION_TYPE";
const TILL_NUMBER: &str = "MPESA_TILL_NUMBER";

/// The environment sets up a pay bill and names a till.
fn till_of_a_pay_bill() -> Error {
    Error::configuration(
        ErrorCode::TillNumberOfAPayBill,
        format!("{TILL_NUMBER} is set, and {TRANSACTION_TYPE} says pay bill."),
    )
    .with_field(TILL_NUMBER)
    .with_hint(format!(
        "For a till, set {TRANSACTION_TYPE} to CustomerBuyGoodsOnline or leave it out. For a pay bill, leave {TILL_NUMBER} out."
    ))
}

/// The credentials and options that a Daraja builder was given.
#[derive(Clone, Default)]
pub struct DarajaSettings {
    consumer_key: Option<Secret>,
    consumer_secret: Option<Secret>,
    short_code: String,
    pass_key: Option<Secret>,
    transaction_type: TransactionType,
    party_b: Option<String>,
    query_version: QueryVersion,
}

impl fmt::Debug for DarajaSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DarajaSettings")
            .field("short_code", &self.short_code)
            .finish_non_exhaustive()
    }
}

impl DarajaBuilder {
    /// The app's consumer key.
    #[must_use]
    pub fn consumer_key(mut self, key: impl Into<String>) -> Self {
        self.own.consumer_key = Some(Secret::new(key.into()));
        self
    }

    /// The app's consumer secret.
    #[must_use]
    pub fn consumer_secret(mut self, secret: impl Into<String>) -> Self {
        self.own.consumer_secret = Some(Secret::new(secret.into()));
        self
    }

    /// The pay bill number; for a till, the head office or store number. 5 to 7 digits.
    #[must_use]
    pub fn short_code(mut self, number: impl Into<String>) -> Self {
        self.own.short_code = number.into();
        self
    }

    /// The pass key that Safaricom gave for the short code.
    #[must_use]
    pub fn pass_key(mut self, key: impl Into<String>) -> Self {
        self.own.pass_key = Some(Secret::new(key.into()));
        self
    }

    /// Pay bill (the default) or till.
    #[must_use]
    pub fn transaction_type(mut self, transaction_type: TransactionType) -> Self {
        self.own.transaction_type = transaction_type;
        self
    }

    /// The receiver of the money: for a till, the till number. For a pay bill it is the short code.
    #[must_use]
    pub fn party_b(mut self, number: impl Into<String>) -> Self {
        self.own.party_b = Some(number.into());
        self
    }

    /// Which version of the STK query asks what became of a push. Default: version 1. With version 2 a payment that a
    /// query settles has its receipt; where that address does not exist, the client falls back to version 1 once and
    /// stays there.
    #[must_use]
    pub fn query_version(mut self, version: QueryVersion) -> Self {
        self.own.query_version = version;
        self
    }

    /// The client.
    ///
    /// # Errors
    /// `Configuration` or `InvalidInput`, naming the setting that is missing or not valid.
    pub fn build(mut self) -> Result<Client, Error> {
        let given = std::mem::take(&mut self.own);
        let environment: Environment = match &self.common.environment {
            Some(word) => word.parse()?,
            None => Environment::Sandbox,
        };
        let party_b = given
            .party_b
            .as_deref()
            .map(|number| ShortCode::parse_as(number, "party_b", "till number"));
        let settings = |party_b| Settings {
            transaction_type: given.transaction_type,
            party_b,
            query_version: given.query_version,
        };
        if self.common.is_given_credentials_later([
            ("consumer_key", given.consumer_key.is_some()),
            ("consumer_secret", given.consumer_secret.is_some()),
            ("short_code", !given.short_code.is_empty()),
            ("pass_key", given.pass_key.is_some()),
        ])? {
            let settings = settings(party_b.transpose()?);
            return self.common.build_with(
                Arc::new(settings),
                environment,
                environment.base_url(),
                None,
            );
        }
        let root_secret = given.consumer_secret.unwrap_or(Secret::new(""));
        let [consumer_key, pass_key] =
            [given.consumer_key, given.pass_key].map(|key| key.unwrap_or(Secret::new("")));
        let credentials = DarajaCredentials::parse(
            consumer_key.expose(),
            root_secret.expose(),
            &given.short_code,
            pass_key.expose(),
        )?;
        let settings = settings(party_b.transpose()?);
        let own = OwnCredentials {
            credentials: Credentials::daraja(credentials),
            root_secret,
        };
        self.common.build_with(
            Arc::new(settings),
            environment,
            environment.base_url(),
            Some(own),
        )
    }
}

/// What only Daraja has of a push.
impl StkPush {
    /// Daraja: pay bill or till, for this one push.
    #[must_use]
    pub fn transaction_type(self, transaction_type: TransactionType) -> Self {
        self.option(options::TRANSACTION_TYPE, transaction_type.as_str())
    }

    /// Daraja: the till that receives the money of this one push.
    #[must_use]
    pub fn party_b(self, number: impl Into<String>) -> Self {
        self.option(options::PARTY_B, number)
    }
}
