//! What a Daraja client is made of.

use super::Settings;
use crate::client_builder::{ClientBuilder, OwnKeys, Variables};
use crate::gateway::Gateway;
use crate::{Client, Credentials, Environment, Error, Event, Keys, Secret, ShortCode};
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
pub type DarajaBuilder = ClientBuilder<DarajaKeys>;

impl Daraja {
    /// A builder: consumer key, consumer secret, short code and pass key are needed, or a keys provider.
    #[must_use]
    pub fn builder() -> DarajaBuilder {
        DarajaBuilder::default()
    }

    /// A client from `MPESA_CONSUMER_KEY`, `MPESA_CONSUMER_SECRET`, `MPESA_SHORTCODE`, `MPESA_PASSKEY` and, where
    /// set, `MPESA_ENVIRONMENT`, `MPESA_CALLBACK_URL` and `MPESA_BASE_URL`.
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
        let variables = Variables { lookup: &lookup };
        let mut builder = Self::builder()
            .consumer_key(variables.required("MPESA_CONSUMER_KEY")?)
            .consumer_secret(variables.required("MPESA_CONSUMER_SECRET")?)
            .short_code(variables.required("MPESA_SHORTCODE")?)
            .pass_key(variables.required("MPESA_PASSKEY")?);
        builder.common.environment = variables.optional("MPESA_ENVIRONMENT")?;
        builder.common.callback_url = variables.optional("MPESA_CALLBACK_URL")?;
        builder.common.base_url = variables.optional("MPESA_BASE_URL")?;
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

/// What Daraja needs of a merchant.
#[derive(Clone, Default)]
pub struct DarajaKeys {
    consumer_key: Option<Secret>,
    consumer_secret: Option<Secret>,
    short_code: String,
    pass_key: Option<Secret>,
    transaction_type: TransactionType,
    party_b: Option<String>,
}

impl fmt::Debug for DarajaKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DarajaKeys")
            .field("short_code", &self.short_code)
            .finish_non_exhaustive()
    }
}

impl DarajaBuilder {
    /// The app's consumer key.
    #[must_use]
    pub fn consumer_key(mut self, key: impl Into<String>) -> Self {
        self.keys.consumer_key = Some(Secret::new(key.into()));
        self
    }

    /// The app's consumer secret.
    #[must_use]
    pub fn consumer_secret(mut self, secret: impl Into<String>) -> Self {
        self.keys.consumer_secret = Some(Secret::new(secret.into()));
        self
    }

    /// The pay bill number; for a till, the head office or store number. 5 to 7 digits.
    #[must_use]
    pub fn short_code(mut self, number: impl Into<String>) -> Self {
        self.keys.short_code = number.into();
        self
    }

    /// The pass key that Safaricom gave for the short code.
    #[must_use]
    pub fn pass_key(mut self, key: impl Into<String>) -> Self {
        self.keys.pass_key = Some(Secret::new(key.into()));
        self
    }

    /// Pay bill (the default) or till.
    #[must_use]
    pub fn transaction_type(mut self, transaction_type: TransactionType) -> Self {
        self.keys.transaction_type = transaction_type;
        self
    }

    /// Who receives the money: for a till, the till number. For a pay bill it is the short code.
    #[must_use]
    pub fn party_b(mut self, number: impl Into<String>) -> Self {
        self.keys.party_b = Some(number.into());
        self
    }

    /// The client.
    ///
    /// # Errors
    /// `Configuration` or `InvalidInput`, naming the setting that is missing or not valid.
    pub fn build(mut self) -> Result<Client, Error> {
        let keys = std::mem::take(&mut self.keys);
        let environment: Environment = match &self.common.environment {
            Some(word) => word.parse()?,
            None => Environment::Sandbox,
        };
        let party_b = keys
            .party_b
            .as_deref()
            .map(|number| ShortCode::parse(number).map_err(|error| error.with_field("party_b")));
        let settings = |party_b| Settings {
            transaction_type: keys.transaction_type,
            party_b,
        };
        if self.common.is_given_keys_later([
            ("consumer_key", keys.consumer_key.is_some()),
            ("consumer_secret", keys.consumer_secret.is_some()),
            ("short_code", !keys.short_code.is_empty()),
            ("pass_key", keys.pass_key.is_some()),
        ])? {
            let settings = settings(party_b.transpose()?);
            return self.common.build_with(
                Arc::new(settings),
                environment,
                environment.base_url(),
                None,
            );
        }
        let root_secret = keys.consumer_secret.unwrap_or(Secret::new(""));
        let [consumer_key, pass_key] =
            [keys.consumer_key, keys.pass_key].map(|key| key.unwrap_or(Secret::new("")));
        let credentials = Credentials::parse(
            consumer_key.expose(),
            root_secret.expose(),
            &keys.short_code,
            pass_key.expose(),
        )?;
        let settings = settings(party_b.transpose()?);
        let own = OwnKeys {
            access: settings.with_keys(&Keys::daraja(credentials))?,
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

/// Which of the merchant's products is paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TransactionType {
    /// `CustomerPayBillOnline`: a pay bill number.
    #[default]
    PayBill,
    /// `CustomerBuyGoodsOnline`: a till. Needs `party_b`.
    BuyGoods,
}

impl TransactionType {
    /// The word that Daraja knows it by.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PayBill => "CustomerPayBillOnline",
            Self::BuyGoods => "CustomerBuyGoodsOnline",
        }
    }
}

impl std::str::FromStr for TransactionType {
    type Err = Error;

    /// Reads Daraja's word, or `pay_bill` and `buy_goods`.
    ///
    /// # Errors
    /// `transaction_type_unknown` for anything else.
    fn from_str(word: &str) -> Result<Self, Error> {
        match word {
            "CustomerPayBillOnline" | "pay_bill" => Ok(Self::PayBill),
            "CustomerBuyGoodsOnline" | "buy_goods" => Ok(Self::BuyGoods),
            _ => Err(Error::invalid(
                "transaction_type",
                "transaction_type_unknown",
                "This is no transaction type.",
            )
            .with_hint("Write CustomerPayBillOnline or CustomerBuyGoodsOnline.")),
        }
    }
}
