//! Building a client from its settings: what is checked, and what stands in for what was not given.

use crate::callback::{CallbackSecrets, CallbackUrls, SecretSource};
use crate::client::builder::{CommonSettings, GuardChoice, OwnCredentials, Provider};
use crate::client::call_options::no_time;
use crate::client::credentials::CredentialsProvider;
use crate::client::credentials::source::{Admission, CredentialSource, TokenShares};
use crate::client::ledger::ClientLedger;
use crate::client::variables::Variables;
use crate::client::{Client, Shared};
use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::gateway::contract::Gateway;
use crate::guard::account::{AccountOf, ClientGuard, World};
use crate::guard::pace::documented::documented;
use crate::guard::usual_limits::usual_limits;
use crate::ledger::address::LedgerChoice;
use crate::ledger::memory::MemoryLedger;
use crate::ledger::notes::LedgerNotes;
use crate::ledger::scope::Scope;
use crate::transport::gateway_clock::GatewayClock;
use crate::transport::http::origin::Origin;
use crate::transport::http::user_agent::UserAgent;
use crate::transport::http::{HttpTransport, Transport};
use crate::transport::in_flight::InFlight;
use crate::transport::send_context::SendContext;
use crate::values::callback_url::CallbackUrl;
use crate::values::cleartext_hosts::{self, CleartextHosts};
use crate::values::clock::SystemClock;
use crate::values::entropy::{Entropy, SystemEntropy};
use crate::values::environment::Environment;
use crate::values::note::SharedNotes;
use crate::values::push::PushRules;
use std::path::PathBuf;
use std::sync::Arc;

/// The folder of the spool, where its path is the same for every process.
fn whole_path(folder: PathBuf) -> Result<PathBuf, Error> {
    if folder.is_absolute() {
        return Ok(folder);
    }
    Err(Error::configuration(
        ErrorCode::LedgerPathRefused,
        "The path of the spool's folder is relative.",
    )
    .with_field("spool")
    .with_hint("Give a whole path, such as `/var/lib/shop/spool`."))
}

/// The account in the ledger has no name.
fn account_unreadable() -> Error {
    Error::configuration(
        ErrorCode::LedgerAccountUnreadable,
        "The name of the account in the ledger is empty.",
    )
    .with_field("ledger_account")
    .with_hint("Give a name, or leave it out.")
}

/// A client has a provider and keys as well.
pub(crate) fn keys_twice(setting: &str) -> Error {
    Error::configuration(
        ErrorCode::KeysTwice,
        format!("The client has a credentials provider, and {setting} as well."),
    )
    .with_field(setting)
    .with_hint("Leave it out: the provider gives all keys, with the short code. Or give the keys, and no provider.")
}

/// A client that shares a ledger seals its callback URLs with a secret that no other process has.
fn secret_by_chance() -> Error {
    Error::configuration(
        ErrorCode::CallbackSecretByChance,
        "The client has a ledger and no callback secrets, and its credentials come later: its secret would be made by chance, and no other process could verify its callbacks.",
    )
    .with_field("callback_secrets")
    .with_hint("Give the callback secrets that every process of the ledger has. Where another server makes the callback URLs and their tokens, turn `callback_token` off.")
}

/// A client of production whose requests would leave this machine by plain http.
fn cleartext_in_production() -> Error {
    Error::configuration(
        ErrorCode::CleartextInProduction,
        "The environment is production, and the base URL is http to another host.",
    )
    .with_field("environment")
    .with_hint("Give an https:// base URL. Or set `environment` to `sandbox`: a cleartext host is a sandbox of your own.")
}

impl CommonSettings {
    /// A base URL taken apart.
    ///
    /// # Errors
    /// `cleartext_host_unreadable`, `base_url_unreadable` or `base_url_not_https`.
    fn origin_of(&self, base_url: &str) -> Result<Origin, Error> {
        Origin::parse_with(base_url, &CleartextHosts::parse(&self.cleartext_hosts)?)
    }

    /// Takes the settings of every gateway from environment variables; `base_url` is the name of the variable of this one's.
    ///
    /// # Errors
    /// `Configuration`, naming the variable that is not readable.
    pub(crate) fn read_variables(
        &mut self,
        variables: &Variables<'_>,
        base_url: &str,
    ) -> Result<(), Error> {
        self.environment = variables.optional("MPESA_ENVIRONMENT")?;
        self.callback_url = variables.optional("MPESA_CALLBACK_URL")?;
        self.ledger = variables.optional("LIPIA_LEDGER")?.map(LedgerChoice::At);
        self.spool = variables.optional("LIPIA_SPOOL")?.map(Into::into);
        self.cleartext_hosts = variables
            .optional("LIPIA_CLEARTEXT_HOSTS")?
            .as_deref()
            .map(cleartext_hosts::entries)
            .unwrap_or_default();
        self.base_url = variables.optional(base_url)?;
        Ok(())
    }

    /// Whom the keys are asked of.
    pub(crate) fn ask_for_credentials(&mut self, provider: Arc<dyn CredentialsProvider>) {
        self.credentials_provider = Some(Provider(provider));
    }

    /// The environment of a gateway that has one address for everything: the rules of production hold, unless
    /// the setting says otherwise or the base URL is that of the developer's own sandbox.
    pub(crate) fn environment_of_one_address(&self) -> Result<Environment, Error> {
        let is_own_sandbox = |text: &String| {
            self.origin_of(text)
                .is_ok_and(|origin| origin.is_own_sandbox())
        };
        match &self.environment {
            Some(word) => word.parse(),
            None if self.base_url.as_ref().is_some_and(is_own_sandbox) => Ok(Environment::Sandbox),
            None => Ok(Environment::Production),
        }
    }

    /// Whether a provider has the keys. `given` tells which of them the builder was given as well.
    ///
    /// # Errors
    /// `keys_twice` where both have some: which of them are meant nobody can tell.
    pub(crate) fn is_given_credentials_later<const N: usize>(
        &self,
        given: [(&str, bool); N],
    ) -> Result<bool, Error> {
        if self.credentials_provider.is_none() {
            return Ok(false);
        }
        match given.iter().find(|(_, is_given)| *is_given) {
            None => Ok(true),
            Some((name, _)) => Err(keys_twice(name)),
        }
    }

    /// What a push may hold, with the limits that this client sets.
    fn rules(&self, gateway: &dyn Gateway) -> Result<PushRules, Error> {
        let mut rules = gateway.rules();
        rules.amount.max = self.most_amount.unwrap_or(rules.amount.max);
        if let Some(characters) = self.most_reference_characters {
            let most = rules.most_reference_characters;
            rules.account_reference_characters = usize::try_from(characters)
                .ok()
                .filter(|characters| (1..=most).contains(characters))
                .ok_or_else(|| {
                    Error::configuration(
                        ErrorCode::MaxReferenceCharactersOutOfRange,
                        format!(
                            "An account reference of {characters} characters cannot be allowed."
                        ),
                    )
                    .with_field("max_reference_characters")
                    .with_hint(format!(
                        "Give 1 to {most}: that is the longest that {} is known to take.",
                        gateway.name()
                    ))
                })?;
        }
        Ok(rules)
    }

    /// The client, once the gateway's own part is made: with the keys that the builder was given, or else with its
    /// provider.
    pub(crate) fn build_with(
        self,
        gateway: Arc<dyn Gateway>,
        environment: Environment,
        usual_base_url: &str,
        own: Option<OwnCredentials>,
    ) -> Result<Client, Error> {
        let origin = self.origin_of(self.base_url.as_deref().unwrap_or(usual_base_url))?;
        if origin.is_cleartext() && environment == Environment::Production {
            return Err(cleartext_in_production());
        }
        if self.options.timeout.is_zero() {
            return Err(no_time());
        }
        self.tls_roots.check()?;
        let application = self.application.as_deref();
        let user_agent = application.map_or_else(|| Ok(UserAgent::default()), UserAgent::of)?;
        let rules = self.rules(gateway.as_ref())?;
        let base = self
            .callback_url
            .as_deref()
            .map(|url| CallbackUrl::parse(url, environment))
            .transpose()?;
        // A developer's own sandbox calls any URL.
        let may_not_be_called = base.iter().filter(|_| !origin.is_own_sandbox());
        for warning in may_not_be_called.flat_map(CallbackUrl::warnings) {
            tracing::warn!(target: "lipia", warning = warning.message(), "the callback URL may not work");
        }
        // A client with a clock or a network of its own lives in another world than this process.
        #[cfg(feature = "simulation")]
        let is_simulated = self.simulated.is_some();
        #[cfg(not(feature = "simulation"))]
        let is_simulated = false;
        let is_of_this_world = self.clock.is_none() && !is_simulated;
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock));
        let transport: Arc<dyn Transport> = Arc::new(HttpTransport::new(
            self.tls_roots.clone(),
            user_agent,
            &origin,
            &clock,
        ));
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::new());
        #[cfg(feature = "simulation")]
        let (transport, entropy) = match self.simulated {
            Some(simulated) => simulated.into_parts(),
            None => (transport, entropy),
        };
        let secrets = match &own {
            _ if !self.callback_secrets.is_empty() => CallbackSecrets::new(&self.callback_secrets)?,
            Some(own) => CallbackSecrets::derived_from(&own.root_secret),
            None => CallbackSecrets::random(entropy.as_ref())?,
        };
        let has_ledger = self.ledger.is_some();
        let store = match self.ledger {
            Some(ledger) => ledger.store(&self.tls_roots)?,
            None => Arc::new(MemoryLedger::with_clock(Arc::clone(&clock))),
        };
        let with_token = self.callback_token.unwrap_or(true);
        let seals = with_token && base.is_some();
        if seals && secrets.source() == SecretSource::Chance && has_ledger && !store.is_memory() {
            return Err(secret_by_chance());
        }
        let scope = match &self.shop {
            Some(shop) => Scope::new(environment, shop)?,
            None => Scope::default_of(environment),
        };
        let notes =
            has_ledger.then(|| Arc::new(LedgerNotes(Arc::clone(&store))) as Arc<dyn SharedNotes>);
        let shares = TokenShares(notes.clone().map(|notes| (notes, origin.to_string())));
        let spool = match self.spool {
            Some(folder) => Some(whole_path(folder)?),
            None => store.spool(),
        };
        if self.ledger_account.as_deref().is_some_and(str::is_empty) {
            return Err(account_unreadable());
        }
        let ledger = ClientLedger::new(store, scope, self.store.clone(), has_ledger)
            .with_account(self.ledger_account)
            .with_spool(spool);
        let admission = Admission {
            gateway: Arc::clone(&gateway),
            is_cleartext: origin.is_cleartext(),
            shares,
        };
        let credentials = match (own, self.credentials_provider) {
            (Some(own), _) => {
                CredentialSource::Fixed(Arc::new(admission.authorized(&own.credentials)?))
            }
            (None, Some(Provider(provider))) => {
                CredentialSource::provided(provider, admission, Arc::clone(&clock))
            }
            (None, None) => {
                return Err(Error::configuration(
                    ErrorCode::KeysMissing,
                    "The client has no keys and nobody to ask for them.",
                )
                .with_field("credentials_provider"));
            }
        };
        let context = SendContext {
            gateway: gateway.name(),
            environment,
            transport,
            origin,
            clock,
            entropy,
            in_flight: InFlight::default(),
            gateway_clock: GatewayClock::default(),
            tls_roots: self.tls_roots,
            is_simulated,
        };
        let callbacks = CallbackUrls {
            base,
            secrets,
            with_token,
        };
        let guard = match self.guard {
            GuardChoice::Usual => {
                usual_limits(gateway.name()).map_or(ClientGuard::None, ClientGuard::OfAccount)
            }
            GuardChoice::Limits(limits) => ClientGuard::OfAccount(limits),
            GuardChoice::Own(guard) => ClientGuard::Own(guard),
            GuardChoice::None => ClientGuard::None,
        };
        let usual_pace = documented(gateway.name(), environment, context.origin.is_own_sandbox());
        let pace = self.pace.unwrap_or(usual_pace);
        let account = AccountOf::new(
            gateway.name(),
            context.origin.to_string(),
            World {
                is_of_this_process: is_of_this_world,
                clock: Arc::clone(&context.clock),
                notes,
            },
            guard,
        );
        if let CredentialSource::Fixed(merchant) = &credentials {
            account.learn(merchant.access.account());
        }
        let shared = Shared::new(
            gateway,
            credentials,
            Arc::new(context),
            environment,
            callbacks,
            self.source_addresses,
            self.store,
            ledger,
            account,
            pace,
            rules,
        );
        Ok(Client {
            shared: Arc::new(shared),
            options: self.options,
        })
    }
}
