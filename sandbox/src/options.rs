//! The options of a sandbox, and the gateways that they make.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use crate::engine::contract::PlayedGateway;
use crate::gateways::daraja::Daraja;
use crate::gateways::daraja::options::DarajaOptions;
use crate::gateways::palpluss::PalPluss;
use crate::gateways::palpluss::options::PalPlussOptions;
use crate::gateways::upesipay::UpesiPay;
use crate::gateways::upesipay::options::UpesiPayOptions;
use crate::scenarios::timeline::HELD_PROMPT_SECONDS;
use crate::values::credentials::{CONSUMER_KEY, CONSUMER_SECRET, PASS_KEY, SHORT_CODE};
use crate::values::gateway::Gateway;

/// How a sandbox behaves. Start from [`SandboxOptions::default`] and change what matters.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SandboxOptions {
    /// The address to listen on: 127.0.0.1, where only this machine can connect. On any other address whoever reaches it can
    /// push and steer the sandbox; the page with the phone keeps its token.
    pub bind: IpAddr,
    /// The port; 0 lets the system choose a free one.
    pub port: u16,
    /// Sandbox seconds that pass in one real second. 1.0 is real time; tests use 1000.
    pub time_scale: f64,
    /// How long the prompt of a phone that a person holds in the page waits for that person, in real seconds: no person is sped
    /// up by `time_scale`.
    pub held_prompt_seconds: f64,
    /// The OAuth consumer key that is accepted.
    pub consumer_key: String,
    /// The OAuth consumer secret that is accepted.
    pub consumer_secret: String,
    /// The only short code that exists here.
    pub short_code: String,
    /// The pass key that passwords are made with.
    pub pass_key: String,
    /// How long a token lives, in sandbox seconds.
    pub token_lifetime_seconds: u32,
    /// Whether issuing a token invalidates the ones before it, as Daraja is said to do.
    pub new_token_kills_old: bool,
    /// Whether `expires_in` is text (`"3599"`, the usual form) or a number.
    pub expires_in_as_text: bool,
    /// What concerns PalPluss.
    pub palpluss: PalPlussOptions,
    /// What concerns UpesiPay.
    pub upesipay: UpesiPayOptions,
    /// What concerns PayHero, which is made of the same.
    pub payhero: UpesiPayOptions,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self {
            bind: Ipv4Addr::LOCALHOST.into(),
            port: 0,
            time_scale: 1.0,
            held_prompt_seconds: HELD_PROMPT_SECONDS,
            consumer_key: CONSUMER_KEY.to_owned(),
            consumer_secret: CONSUMER_SECRET.to_owned(),
            short_code: SHORT_CODE.to_owned(),
            pass_key: PASS_KEY.to_owned(),
            token_lifetime_seconds: 3599,
            new_token_kills_old: false,
            expires_in_as_text: true,
            palpluss: PalPlussOptions::default(),
            upesipay: UpesiPayOptions::default(),
            payhero: UpesiPayOptions::payhero(),
        }
    }
}

impl SandboxOptions {
    /// Sets the address to listen on.
    #[must_use]
    pub fn bind(mut self, address: IpAddr) -> Self {
        self.bind = address;
        self
    }

    /// Sets the port; 0 lets the system choose.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets how many sandbox seconds pass in one real second.
    #[must_use]
    pub fn time_scale(mut self, sandbox_seconds_per_second: f64) -> Self {
        self.time_scale = sandbox_seconds_per_second;
        self
    }

    /// Sets how long the prompt of a phone that a person holds waits, in real seconds.
    #[must_use]
    pub fn held_prompt_seconds(mut self, real_seconds: f64) -> Self {
        self.held_prompt_seconds = real_seconds;
        self
    }

    /// Sets the consumer key and secret that are accepted.
    #[must_use]
    pub fn credentials(mut self, key: impl Into<String>, secret: impl Into<String>) -> Self {
        self.consumer_key = key.into();
        self.consumer_secret = secret.into();
        self
    }

    /// Sets the short code that exists and the pass key that belongs to it.
    #[must_use]
    pub fn merchant(mut self, short_code: impl Into<String>, pass_key: impl Into<String>) -> Self {
        self.short_code = short_code.into();
        self.pass_key = pass_key.into();
        self
    }

    /// Sets how long a token lives, in sandbox seconds.
    #[must_use]
    pub fn token_lifetime_seconds(mut self, seconds: u32) -> Self {
        self.token_lifetime_seconds = seconds;
        self
    }

    /// Sets whether a new token invalidates the older ones.
    #[must_use]
    pub fn new_token_kills_old(mut self, kills: bool) -> Self {
        self.new_token_kills_old = kills;
        self
    }

    /// Sets whether `expires_in` is sent as text or as a number.
    #[must_use]
    pub fn expires_in_as_text(mut self, as_text: bool) -> Self {
        self.expires_in_as_text = as_text;
        self
    }

    /// Sets what concerns PalPluss.
    #[must_use]
    pub fn palpluss(mut self, options: PalPlussOptions) -> Self {
        self.palpluss = options;
        self
    }

    /// Sets what concerns UpesiPay.
    #[must_use]
    pub fn upesipay(mut self, options: UpesiPayOptions) -> Self {
        self.upesipay = options;
        self
    }

    /// Sets what concerns PayHero; start from [`UpesiPayOptions::payhero`].
    #[must_use]
    pub fn payhero(mut self, options: UpesiPayOptions) -> Self {
        self.payhero = options;
        self
    }

    /// The table of gateways: each as these options have it.
    pub(crate) fn gateways(&self) -> Vec<Arc<dyn PlayedGateway>> {
        let daraja = DarajaOptions {
            consumer_key: self.consumer_key.clone(),
            consumer_secret: self.consumer_secret.clone(),
            short_code: self.short_code.clone(),
            pass_key: self.pass_key.clone(),
            token_lifetime_seconds: self.token_lifetime_seconds,
            new_token_kills_old: self.new_token_kills_old,
            expires_in_as_text: self.expires_in_as_text,
        };
        vec![
            Arc::new(Daraja::new(daraja)),
            Arc::new(PalPluss::new(self.palpluss.clone(), self.time_scale)),
            Arc::new(UpesiPay::new(Gateway::UpesiPay, self.upesipay.clone())),
            Arc::new(UpesiPay::new(Gateway::PayHero, self.payhero.clone())),
        ]
    }

    /// Refuses options no sandbox can work with.
    pub(crate) fn check(&self) -> io::Result<()> {
        let invalid =
            |text: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, text.to_owned()));
        if !(self.time_scale.is_finite() && self.time_scale > 0.0) {
            return invalid("time_scale must be a number above 0: sandbox seconds per real second");
        }
        if !(self.held_prompt_seconds.is_finite() && self.held_prompt_seconds > 0.0) {
            return invalid("held_prompt_seconds must be a number above 0");
        }
        if !(5..=7).contains(&self.short_code.len())
            || !self.short_code.bytes().all(|byte| byte.is_ascii_digit())
        {
            return invalid("short_code must be 5 to 7 digits, as M-Pesa's are");
        }
        let wrong = self.palpluss.wrong();
        let wrong = wrong.or_else(|| self.upesipay.wrong());
        match wrong.or_else(|| self.payhero.wrong()) {
            Some(text) => invalid(text),
            None => Ok(()),
        }
    }
}
