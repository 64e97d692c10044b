//! What every client is built from, whatever its gateway. What a gateway needs beside it, its own folder adds.

use crate::authenticity::CallbackUrls;
use crate::client::{CallOptions, Client, Shared, no_time};
use crate::entropy::SystemEntropy;
use crate::gateway::{Access, Gateway};
use crate::http::{HttpTransport, Origin, Transport};
use crate::keys::KeySource;
use crate::send::Line;
use crate::under_way::UnderWay;
use crate::{
    CallbackSecrets, CallbackUrl, Clock, Entropy, Environment, Error, Guard, KeysProvider,
    PaymentStore, Secret, SourceAddresses, SystemClock, TlsRoots,
};
use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Builds a [`Client`]. `Keys` is what one gateway needs of a merchant, such as
/// [`DarajaKeys`](crate::gateway::daraja::DarajaKeys).
///
/// Nothing is checked before `build`, and `build` opens no connection.
#[derive(Clone, Debug, Default)]
pub struct ClientBuilder<Keys> {
    pub(crate) keys: Keys,
    /// Apart, and boxed: every method moves the builder, and what is the same for all gateways is compiled once.
    pub(crate) common: Box<CommonSettings>,
}

/// What every gateway's client has.
#[derive(Clone, Debug, Default)]
pub(crate) struct CommonSettings {
    keys_provider: Option<Provider>,
    pub(crate) environment: Option<String>,
    pub(crate) base_url: Option<String>,
    pub(crate) callback_url: Option<String>,
    pub(crate) callback_secrets: Vec<Secret>,
    pub(crate) callback_token: Option<bool>,
    pub(crate) source_addresses: Option<SourceAddresses>,
    pub(crate) options: CallOptions,
    pub(crate) most_amount: Option<u32>,
    pub(crate) tls_roots: TlsRoots,
    clock: Option<Arc<dyn Clock>>,
    #[cfg(feature = "simulation")]
    pub(crate) simulated: Option<crate::simulation::Simulated>,
    pub(crate) store: Option<Arc<dyn PaymentStore>>,
    pub(crate) guard: GuardChoice,
}

/// Whoever is asked for keys. What it would show of itself is not known, so it is never asked to.
#[derive(Clone)]
struct Provider(Arc<dyn KeysProvider>);

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeysProvider")
    }
}

/// The keys that a builder was given, and what the callback secret is derived from where none is set.
pub(crate) struct OwnKeys {
    pub(crate) access: Arc<dyn Access>,
    pub(crate) root_secret: Secret,
}

/// Which guard a client has.
#[derive(Clone, Debug, Default)]
pub(crate) enum GuardChoice {
    /// The gateway's usual one, if it has one.
    #[default]
    Usual,
    Own(Guard),
    None,
}

impl<Keys> ClientBuilder<Keys> {
    /// `sandbox` or `production`. With Daraja it chooses the address, and the default is the sandbox; with a
    /// gateway of one address it chooses how strict callback URLs are taken, and the default is production (on a
    /// loopback base URL, the sandbox).
    #[must_use]
    pub fn environment(mut self, environment: impl Into<String>) -> Self {
        self.common.environment = Some(environment.into());
        self
    }

    /// Another address than the environment's. `https`, or `http` on the loopback interface.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.common.base_url = Some(url.into());
        self
    }

    /// Where results are posted. Each payment's own token is appended as one more path segment:
    /// `https://shop.example/pay` becomes `https://shop.example/pay/<token>`, so route everything below it.
    #[must_use]
    pub fn callback_url(mut self, url: impl Into<String>) -> Self {
        self.common.callback_url = Some(url.into());
        self
    }

    /// Whom the keys are asked of when they are first needed, instead of being given here: see [`KeysProvider`].
    ///
    /// Without [`ClientBuilder::callback_secrets`] the client then seals its callback URLs with a secret of its own
    /// that nobody else knows and that goes with it: where another process receives the callbacks, as the merchant's
    /// server does, set the secrets that it has too, or leave the callback URL to that server.
    #[must_use]
    pub fn keys_provider(mut self, provider: Arc<dyn KeysProvider>) -> Self {
        self.common.ask_for_keys(provider);
        self
    }

    /// The secrets that seal callback URLs, newest first; at least 16 bytes each. Without any, one is derived
    /// from the gateway's own secret; where the keys come later, it is made by chance.
    #[must_use]
    pub fn callback_secrets<S: Into<String>>(
        mut self,
        secrets: impl IntoIterator<Item = S>,
    ) -> Self {
        self.common.callback_secrets = secrets
            .into_iter()
            .map(|secret| Secret::new(secret.into()))
            .collect();
        self
    }

    /// Whether a payment's token is appended to the callback URL. Without it a callback can be forged by anybody
    /// who learns the URL: turn it off only where another check stands in its place.
    #[must_use]
    pub fn callback_token(mut self, with_token: bool) -> Self {
        self.common.callback_token = Some(with_token);
        self
    }

    /// The addresses that callbacks are taken from. Without a list every address may send one.
    #[must_use]
    pub fn source_addresses(mut self, addresses: SourceAddresses) -> Self {
        self.common.source_addresses = Some(addresses);
        self
    }

    /// The time for one call: token, request, answer and whatever is resent. Default: 30 seconds.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.common.options = self.common.options.timeout(timeout);
        self
    }

    /// The most that one push may ask for, in whole KES. Default: 250,000, M-Pesa's own limit.
    #[must_use]
    pub fn max_amount(mut self, amount: u32) -> Self {
        self.common.most_amount = Some(amount);
        self
    }

    /// Whom TLS trusts. Default: the bundled list.
    #[must_use]
    pub fn tls_roots(mut self, roots: TlsRoots) -> Self {
        self.common.tls_roots = roots;
        self
    }

    /// Another clock than the system's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.common.clock = Some(clock);
        self
    }

    /// Where payments are saved: before a push leaves, and after everything that Lipia learns itself.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn PaymentStore>) -> Self {
        self.common.store = Some(store);
        self
    }

    /// What keeps the merchant from being blocked by the gateway. `UpesiPay` has one by default, with its published
    /// limits, and `PalPluss` one that holds back while it has banned the key.
    #[must_use]
    pub fn guard(mut self, guard: Guard) -> Self {
        self.common.guard = GuardChoice::Own(guard);
        self
    }

    /// No guard: the gateway's blocks are met as they come.
    #[must_use]
    pub fn without_guard(mut self) -> Self {
        self.common.guard = GuardChoice::None;
        self
    }
}

/// A client has a provider and keys as well.
pub(crate) fn keys_twice(setting: &str) -> Error {
    Error::configuration(
        "keys_twice",
        format!("The client has a keys provider, and {setting} as well."),
    )
    .with_field(setting)
    .with_hint("Leave it out: the provider gives all keys, with the short code. Or give the keys, and no provider.")
}

impl CommonSettings {
    /// Whom the keys are asked of.
    pub(crate) fn ask_for_keys(&mut self, provider: Arc<dyn KeysProvider>) {
        self.keys_provider = Some(Provider(provider));
    }

    /// The environment of a gateway that has one address for everything: the rules of production hold, unless
    /// the setting says otherwise or the base URL is on this machine.
    pub(crate) fn environment_of_one_address(&self) -> Result<Environment, Error> {
        let is_local = |text: &String| Origin::parse(text).is_ok_and(|origin| origin.is_loopback());
        match &self.environment {
            Some(word) => word.parse(),
            None if self.base_url.as_ref().is_some_and(is_local) => Ok(Environment::Sandbox),
            None => Ok(Environment::Production),
        }
    }

    /// Whether a provider has the keys. `given` tells which of them the builder was given as well.
    ///
    /// # Errors
    /// `keys_twice` where both have some: which of them are meant nobody can tell.
    pub(crate) fn is_given_keys_later<const N: usize>(
        &self,
        given: [(&str, bool); N],
    ) -> Result<bool, Error> {
        if self.keys_provider.is_none() {
            return Ok(false);
        }
        match given.iter().find(|(_, is_given)| *is_given) {
            None => Ok(true),
            Some((name, _)) => Err(keys_twice(name)),
        }
    }

    /// The client, once the gateway's own part is made: with the keys that the builder was given, or else with its
    /// provider.
    pub(crate) fn build_with(
        self,
        gateway: Arc<dyn Gateway>,
        environment: Environment,
        usual_base_url: &str,
        own: Option<OwnKeys>,
    ) -> Result<Client, Error> {
        let origin = Origin::parse(self.base_url.as_deref().unwrap_or(usual_base_url))?;
        if self.options.timeout.is_zero() {
            return Err(no_time());
        }
        self.tls_roots.check()?;
        let base = self
            .callback_url
            .as_deref()
            .map(|url| CallbackUrl::parse(url, environment))
            .transpose()?;
        // A sandbox on this machine calls any URL.
        let may_not_be_called = base.iter().filter(|_| !origin.is_loopback());
        for warning in may_not_be_called.flat_map(CallbackUrl::warnings) {
            tracing::warn!(target: "lipia", warning = warning.message(), "the callback URL may not work");
        }
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock));
        let transport: Arc<dyn Transport> =
            Arc::new(HttpTransport::new(self.tls_roots, origin.is_loopback()));
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
        let keys = match (own, self.keys_provider) {
            (Some(own), _) => KeySource::Fixed(own.access),
            (None, Some(Provider(provider))) => {
                KeySource::provided(provider, Arc::clone(&gateway), Arc::clone(&clock))
            }
            (None, None) => {
                return Err(Error::configuration(
                    "keys_missing",
                    "The client has no keys and nobody to ask for them.",
                )
                .with_field("keys_provider"));
            }
        };
        let line = Line {
            transport,
            origin,
            clock,
            entropy,
            under_way: UnderWay::default(),
        };
        let callbacks = CallbackUrls {
            base,
            secrets,
            with_token: self.callback_token.unwrap_or(true),
        };
        let guard = match self.guard {
            GuardChoice::Usual => gateway.usual_guard(),
            GuardChoice::Own(guard) => Some(guard),
            GuardChoice::None => None,
        };
        let shared = Shared::new(
            gateway,
            keys,
            Arc::new(line),
            environment,
            callbacks,
            self.source_addresses,
            self.store,
            guard,
            self.most_amount,
        );
        Ok(Client {
            shared: Arc::new(shared),
            options: self.options,
        })
    }
}

/// Reads settings from the environment's variables, and tells which one is at fault.
pub(crate) struct Variables<'a> {
    pub(crate) lookup: &'a dyn Fn(&str) -> Option<OsString>,
}

impl Variables<'_> {
    /// A variable's text; an empty one counts as absent.
    pub(crate) fn optional(&self, name: &str) -> Result<Option<String>, Error> {
        let Some(value) = (self.lookup)(name) else {
            return Ok(None);
        };
        let text = value.into_string().map_err(|_| {
            Error::configuration(
                "variable_not_text",
                format!("The environment variable {name} is not valid UTF-8."),
            )
            .with_field(name)
        })?;
        Ok((!text.trim().is_empty()).then(|| text.trim().to_owned()))
    }

    pub(crate) fn required(&self, name: &str) -> Result<String, Error> {
        self.optional(name)?.ok_or_else(|| {
            Error::configuration(
                "variable_missing",
                format!("The environment variable {name} is not set."),
            )
            .with_field(name)
            .with_hint("Set it, or give the setting to the client in your program.")
        })
    }
}
