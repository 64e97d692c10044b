//! Builders of PayHero clients. PayHero speaks UpesiPay's first generation, under its own name and at an address that must be
//! given.

use super::Client;
use super::upesipay::UpesiPayBuilder;
use crate::error::Error;
use crate::gateway::upesipay::brand::PAYHERO;
use crate::gateway::upesipay::callback;
use crate::meaning::event::Event;
use crate::values::gateway_name::GatewayName;
use std::ffi::OsString;

/// PayHero, a gateway in front of Daraja that speaks the first generation of UpesiPay's interface.
///
/// `base_url` must be given: PayHero's documents show the paths and bodies that Lipia sends, but nobody who works on Lipia
/// has seen its address and its authorization confirmed. A push takes the options `channel_id`, `customer_name` and
/// `credential_id` (see [`StkPush::option`](crate::StkPush::option)). Its callbacks are unsigned: every success is confirmed
/// by a query before it counts. What it tells of a transaction reads as
/// [`UpesiPayTransaction`](crate::gateway::UpesiPayTransaction).
///
/// ```
/// use lipia::PayHero;
///
/// let builder = PayHero::builder()
///     .auth_token("Basic c2hvcDpzZWNyZXQ=")
///     .channel_id("134")
///     .callback_url("https://shop.example.co.ke/pay");
/// assert_eq!(builder.clone().build().unwrap_err().field(), Some("base_url"));
/// let client = builder.base_url("https://payhero.example").build().unwrap();
/// assert_eq!(client.gateway().as_str(), "payhero");
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct PayHero;

/// Builds a client for PayHero.
pub type PayHeroBuilder = UpesiPayBuilder;

impl PayHero {
    /// A builder: `base_url`, and a token, a user name and password, or a credentials provider are needed.
    #[must_use]
    pub fn builder() -> PayHeroBuilder {
        PayHeroBuilder::of(&PAYHERO)
    }

    /// A client from `PAYHERO_BASE_URL`, `PAYHERO_AUTH_TOKEN` (or `PAYHERO_USERNAME` and `PAYHERO_PASSWORD`) and, where set,
    /// `PAYHERO_CHANNEL_ID`, `MPESA_CALLBACK_URL`, `MPESA_ENVIRONMENT`, `LIPIA_LEDGER`, `LIPIA_SPOOL` and
    /// `LIPIA_CLEARTEXT_HOSTS`.
    ///
    /// # Errors
    /// `Configuration`, naming the variable or setting that is missing or not valid.
    pub fn from_env() -> Result<Client, Error> {
        Self::builder_from_env()?.build()
    }

    /// A builder that starts from the same variables as [`PayHero::from_env`].
    ///
    /// # Errors
    /// `Configuration`, naming the variable that is missing or not readable.
    pub fn builder_from_env() -> Result<PayHeroBuilder, Error> {
        Self::builder_from_variables(|name| std::env::var_os(name))
    }

    /// A builder that starts from variables which `lookup` gives.
    ///
    /// # Errors
    /// `Configuration`, naming the variable that is missing or not readable.
    pub fn builder_from_variables(
        lookup: impl Fn(&str) -> Option<OsString>,
    ) -> Result<PayHeroBuilder, Error> {
        PayHeroBuilder::from_variables(&PAYHERO, &lookup)
    }

    /// Reads a body that was posted to a callback URL, where there is no client at hand.
    ///
    /// # Errors
    /// `InvalidCallback`, with a code that says what is wrong with the body.
    pub fn parse_callback(body: &[u8]) -> Result<Event, Error> {
        callback::parse_callback(GatewayName::PayHero, body)
    }
}
