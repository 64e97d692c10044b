//! The settings of a client, besides its credentials.

use crate::callback_secret;
use crate::credentials::{AppCredentials, CredentialsProvider};
use crate::integers::{Seconds, Shillings, WholeNumber};
use crate::words::{GatewayEnvironment, QueryVersion, TransactionType, UpesiPayGeneration};
use lipia::ledger::SqliteLedger;
use std::fmt;
use std::sync::Arc;

/// Settings that every client has. All have a default, but a push needs a `callbackUrl`, here or of its own.
#[derive(Clone, Debug, Default, PartialEq, uniffi::Record)]
#[uniffi::export(Display)]
pub struct ClientSettings {
    /// Sandbox or production. With Daraja it chooses the address, and the default is the sandbox. With the other gateways
    /// it chooses how strictly callback URLs are checked, and the default is production, or the sandbox where `baseUrl` is
    /// on this machine or at a cleartext host.
    #[uniffi(default = None)]
    pub environment: Option<GatewayEnvironment>,
    /// An address in place of the environment's, such as the merchant's own server: `https`, or `http` on this machine and at
    /// `cleartextHosts`.
    #[uniffi(default = None)]
    pub base_url: Option<String>,
    /// The hosts besides this machine that `baseUrl` may name with `http`: whole names or IP addresses, without port. For a
    /// developer's own sandbox, such as `10.0.2.2`, the machine that runs an Android emulator. There the sandbox's public
    /// credentials are taken alone; others are refused before anything is sent. Default: none.
    #[uniffi(default = None)]
    pub cleartext_hosts: Option<Vec<String>>,
    /// The URL that results are posted to, on the merchant's server. Each payment's own token is appended as one more path
    /// segment.
    #[uniffi(default = None)]
    pub callback_url: Option<String>,
    /// The secrets that seal callback URLs, newest first, at least 16 bytes each. Give those of the merchant's server where
    /// the server has to recognise the payment. Default: a random one, which is kept beside the file of the ledger where there is
    /// one.
    #[uniffi(default = None)]
    pub callback_secrets: Option<Vec<String>>,
    /// Whether each payment's token is appended to the callback URL. Default: yes. Without it, anybody who learns the URL
    /// can forge a callback.
    #[uniffi(default = None)]
    pub callback_token: Option<bool>,
    /// The time for one call: credentials, token, request, answer and resends. Default: 30 seconds.
    #[uniffi(default = None)]
    pub timeout: Option<Seconds>,
    /// The times of waits that do not set their own.
    #[uniffi(default = None)]
    pub wait: Option<WaitOptions>,
    /// The largest amount of one push, in whole KES. Default: 250,000, M-Pesa's own limit.
    #[uniffi(default = None)]
    pub max_amount: Option<Shillings>,
    /// The most characters of an account reference. Default: 12, as documented. Production is known to take 14 (through
    /// PalPluss 120): enough for the account number that a bank's pay bill wants.
    #[uniffi(default = None)]
    pub max_reference_characters: Option<WholeNumber>,
    /// Whether the gateway's usual guard keeps the merchant from being blocked. Default: yes.
    #[uniffi(default = None)]
    pub guard: Option<bool>,
    /// The most questions about payments in a minute, of all clients of the account together; 0 for no limit. Default: what is known
    /// of the gateway, and no limit where `baseUrl` is on this machine or at a cleartext host.
    #[uniffi(default = None)]
    pub questions_per_minute: Option<WholeNumber>,
    /// A file of certificates in PEM. TLS trusts these alone. Default: a bundled list of root certificates.
    #[uniffi(default = None)]
    pub ca_bundle: Option<String>,
    /// The name of the app, with its version, such as `duka/2.1`. It stands after Lipia's in the user agent of requests.
    #[uniffi(default = None)]
    pub application: Option<String>,
    /// The shop whose orders the client requests, where several merchants share a ledger: they do not see each other's payments.
    /// Default: `default`.
    #[uniffi(default = None)]
    pub shop: Option<String>,
}

impl fmt::Display for ClientSettings {
    /// Without the secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ClientSettings(environment={:?}, baseUrl={:?})",
            self.environment, self.base_url
        )
    }
}

/// The times of a wait. A time that is left out has its default.
#[derive(Clone, Copy, Debug, Default, PartialEq, uniffi::Record)]
pub struct WaitOptions {
    /// The time to wait in all. Default: 120 seconds.
    #[uniffi(default = None)]
    pub timeout: Option<Seconds>,
    /// The time from the push to the first question. Default: 10 seconds; an earlier question only learns that it is too
    /// early.
    #[uniffi(default = None)]
    pub first_query_after: Option<Seconds>,
    /// The pause between the first and the second question; each later pause is half as long again. Default: 10 seconds.
    #[uniffi(default = None)]
    pub query_every: Option<Seconds>,
    /// The longest pause between two questions. Default: 30 seconds.
    #[uniffi(default = None)]
    pub longest_pause: Option<Seconds>,
}

impl WaitOptions {
    /// Sets these times in other options.
    pub(crate) fn over(self, base: lipia::WaitOptions) -> Result<lipia::WaitOptions, lipia::Error> {
        let mut seconds = lipia::payment::WaitSeconds::default();
        seconds.timeout = self.timeout.map(|seconds| seconds.0);
        seconds.first_query_after = self.first_query_after.map(|seconds| seconds.0);
        seconds.query_every = self.query_every.map(|seconds| seconds.0);
        seconds.longest_pause = self.longest_pause.map(|seconds| seconds.0);
        base.in_seconds(&seconds)
    }
}

/// The settings of one gateway alone. The shells' client classes make them.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
pub enum NativeGateway {
    /// Safaricom's own API, or the merchant's server in its form.
    Daraja {
        /// Pay bill or till.
        transaction_type: TransactionType,
        /// The till that receives the money.
        party_b: Option<String>,
        /// The version of the STK query.
        query_version: QueryVersion,
    },
    /// PalPluss.
    PalPluss {
        /// Whether the key is sent as `Basic <key>`.
        plain_api_key: bool,
        /// The payment channel that receives the money.
        channel_id: Option<String>,
        /// The id there of the merchant's own Daraja credentials.
        credential_id: Option<String>,
    },
    /// UpesiPay.
    UpesiPay {
        /// The generation of UpesiPay's interface that pushes use.
        generation: UpesiPayGeneration,
        /// The payment channel that receives the money.
        channel_id: Option<String>,
        /// The id there of the merchant's own Daraja credentials.
        credential_id: Option<String>,
    },
    /// PayHero, at the settings' `base_url`.
    PayHero {
        /// The payment channel that receives the money.
        channel_id: Option<String>,
        /// The id there of the merchant's own Daraja credentials.
        credential_id: Option<String>,
    },
}

impl NativeGateway {
    /// The core's settings, with those that every gateway has.
    ///
    /// # Errors
    /// `ledger_path_refused` where the path of the ledger's file is not a whole one.
    pub(crate) fn with(
        self,
        common: ClientSettings,
        credentials: Arc<dyn CredentialsProvider>,
        ledger: Option<String>,
    ) -> Result<lipia::client::ClientSettings, lipia::Error> {
        let mut settings = match self {
            Self::Daraja {
                transaction_type,
                party_b,
                query_version,
            } => {
                let mut settings = lipia::client::ClientSettings::new(lipia::GatewayName::Daraja);
                settings.transaction_type = Some(transaction_type.word());
                settings.party_b = party_b;
                settings.query_version = Some(query_version.word());
                settings
            }
            Self::PalPluss {
                plain_api_key,
                channel_id,
                credential_id,
            } => {
                let mut settings = lipia::client::ClientSettings::new(lipia::GatewayName::PalPluss);
                settings.plain_api_key = Some(plain_api_key);
                settings.channel_id = channel_id;
                settings.credential_id = credential_id;
                settings
            }
            Self::UpesiPay {
                generation,
                channel_id,
                credential_id,
            } => {
                let mut settings = lipia::client::ClientSettings::new(lipia::GatewayName::UpesiPay);
                settings.generation = Some(generation.word());
                settings.channel_id = channel_id;
                settings.credential_id = credential_id;
                settings
            }
            Self::PayHero {
                channel_id,
                credential_id,
            } => {
                let mut settings = lipia::client::ClientSettings::new(lipia::GatewayName::PayHero);
                settings.channel_id = channel_id;
                settings.credential_id = credential_id;
                settings
            }
        };
        settings.environment = common.environment.map(|environment| environment.word());
        settings.base_url = common.base_url;
        settings.cleartext_hosts = common.cleartext_hosts;
        settings.callback_url = common.callback_url;
        settings.callback_secrets = common.callback_secrets;
        settings.callback_token = common.callback_token;
        settings.timeout_seconds = common.timeout.map(|seconds| seconds.0);
        settings.max_amount = common.max_amount.map(Shillings::limit);
        settings.max_reference_characters = common.max_reference_characters.map(WholeNumber::limit);
        settings.guard = common.guard;
        settings.questions_per_minute = common.questions_per_minute.map(WholeNumber::limit);
        settings.ca_bundle = common.ca_bundle;
        settings.application = common.application;
        settings.credentials_provider = Some(Arc::new(AppCredentials(credentials)));
        settings.shop = common.shop;
        if let Some(path) = ledger {
            let store = SqliteLedger::at(path)?;
            // After those that are given, so that an app which is given others later has one in common with itself.
            if let Ok(own) = callback_secret::of_ledger(store.path()) {
                let secrets = settings.callback_secrets.get_or_insert_default();
                secrets.push(own.expose().to_owned());
            }
            settings.ledger_store = Some(Arc::new(store));
        }
        Ok(settings)
    }
}
