//! The builder that the clients of all gateways share. What one gateway needs beside it stands in its own file.

use crate::callback::addresses::SourceAddresses;
use crate::callback::{CallbackSecrets, CallbackUrls, SecretSource};
use crate::client::credentials::CredentialsProvider;
use crate::client::credentials::source::{CredentialSource, TokenShares};
use crate::client::ledger::ClientLedger;
use crate::client::{CallOptions, Client, Shared, no_time};
use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::gateway::contract::{Access, Gateway};
use crate::guard::Guard;
use crate::guard::account::{AccountOf, ClientGuard, World};
use crate::guard::limits::Limits;
use crate::guard::pace::QuestionPace;
use crate::guard::pace::documented::documented;
use crate::guard::usual_limits::usual_limits;
use crate::ledger::address::LedgerChoice;
use crate::ledger::contract::LedgerStore;
use crate::ledger::memory::MemoryLedger;
use crate::ledger::notes::LedgerNotes;
use crate::ledger::scope::Scope;
use crate::payment::handle::PaymentStore;
use crate::transport::gateway_clock::GatewayClock;
use crate::transport::http::origin::Origin;
use crate::transport::http::{HttpTransport, Transport};
use crate::transport::in_flight::InFlight;
use crate::transport::send_context::SendContext;
#[cfg(feature = "simulation")]
use crate::transport::simulation;
use crate::transport::tls::TlsRoots;
use crate::values::callback_url::CallbackUrl;
use crate::values::clock::{Clock, SystemClock};
use crate::values::daraja_credentials::Secret;
use crate::values::entropy::{Entropy, SystemEntropy};
use crate::values::environment::Environment;
use crate::values::note::SharedNotes;
use crate::values::push::PushRules;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Builds a [`Client`]. `Own` holds the credentials and options of one gateway, such as
/// [`DarajaSettings`](crate::client::DarajaSettings).
///
/// Nothing is checked before `build`, and `build` opens no connection.
#[derive(Clone, Debug, Default)]
pub struct ClientBuilder<Own> {
    pub(crate) own: Own,
    /// Apart, and boxed: every method moves the builder, and what is the same for all gateways is compiled once.
    pub(crate) common: Box<CommonSettings>,
}

/// What every gateway's client has.
#[derive(Clone, Debug, Default)]
pub(crate) struct CommonSettings {
    credentials_provider: Option<Provider>,
    pub(crate) environment: Option<String>,
    pub(crate) base_url: Option<String>,
    pub(crate) callback_url: Option<String>,
    pub(crate) callback_secrets: Vec<Secret>,
    pub(crate) callback_token: Option<bool>,
    pub(crate) source_addresses: Option<SourceAddresses>,
    pub(crate) options: CallOptions,
    pub(crate) most_amount: Option<u32>,
    pub(crate) most_reference_characters: Option<u32>,
    pub(crate) tls_roots: TlsRoots,
    clock: Option<Arc<dyn Clock>>,
    #[cfg(feature = "simulation")]
    pub(crate) simulated: Option<simulation::Simulated>,
    pub(crate) store: Option<Arc<dyn PaymentStore>>,
    pub(crate) ledger: Option<LedgerChoice>,
    pub(crate) shop: Option<String>,
    ledger_account: Option<String>,
    pub(crate) spool: Option<PathBuf>,
    pub(crate) guard: GuardChoice,
    pub(crate) pace: Option<QuestionPace>,
}

/// Whoever is asked for keys. What it would show of itself is not known, so it is never asked to.
#[derive(Clone)]
struct Provider(Arc<dyn CredentialsProvider>);

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialsProvider")
    }
}

/// The keys that a builder was given, and what the callback secret is derived from where none is set.
pub(crate) struct OwnCredentials {
    pub(crate) access: Arc<dyn Access>,
    pub(crate) root_secret: Secret,
}

/// Which guard a client has.
#[derive(Clone, Debug, Default)]
pub(crate) enum GuardChoice {
    /// The gateway's usual one, if it has one.
    #[default]
    Usual,
    /// These limits, over what all clients of the account count.
    Limits(Limits),
    Own(Guard),
    None,
}

impl<Own> ClientBuilder<Own> {
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

    /// Whom the keys are asked of when they are first needed, instead of being given here: see [`CredentialsProvider`].
    ///
    /// Without [`ClientBuilder::callback_secrets`] the client then seals its callback URLs with a secret of its own
    /// that nobody else knows and that goes with it: where another process receives the callbacks, as the merchant's
    /// server does, set the secrets that it has too, or leave the callback URL to that server.
    #[must_use]
    pub fn credentials_provider(mut self, provider: Arc<dyn CredentialsProvider>) -> Self {
        self.common.ask_for_credentials(provider);
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

    /// The most characters of an account reference. Default: 12, as documented. Production is known to take 14 through
    /// Daraja (`UpesiPay` pushes through it) and 120 through `PalPluss`: enough for the account number that a bank's pay bill
    /// wants.
    #[must_use]
    pub fn max_reference_characters(mut self, characters: u32) -> Self {
        self.common.most_reference_characters = Some(characters);
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

    /// The store of the ledger: the payments that [`Client::request`] and [`Client::collect`] make for orders. Clients and
    /// processes with the same store share their orders. Default: a store in this process's memory, for this client alone.
    ///
    /// ```
    /// use lipia::ledger::MemoryLedger;
    /// use std::sync::Arc;
    /// let builder = lipia::Daraja::builder().ledger(Arc::new(MemoryLedger::default()));
    /// # let _ = builder;
    /// ```
    #[must_use]
    pub fn ledger(mut self, store: Arc<dyn LedgerStore>) -> Self {
        self.common.ledger = Some(LedgerChoice::Store(store));
        self
    }

    /// The address of the ledger, in place of a store: `sqlite:///var/lib/shop/payments.db` names a file that all processes of
    /// a machine share (feature `sqlite`). `from_env` reads it from `LIPIA_LEDGER`. The first request opens the file.
    ///
    /// ```
    /// let builder = lipia::Daraja::builder().ledger_at("sqlite:///var/lib/shop/payments.db");
    /// # let _ = builder;
    /// ```
    #[must_use]
    pub fn ledger_at(mut self, address: impl Into<String>) -> Self {
        self.common.ledger = Some(LedgerChoice::At(address.into()));
        self
    }

    /// The shop whose orders the client requests, where several merchants share a ledger: they do not see each other's
    /// payments. The gateways of one shop share its orders. Default: `default`.
    #[must_use]
    pub fn shop(mut self, shop: impl Into<String>) -> Self {
        self.common.shop = Some(shop.into());
        self
    }

    /// The folder of the spool, by its whole path: callbacks that come while the ledger's store is away are kept there, each
    /// in a file that its owner alone can read, and some process with the same secrets takes them in once the store is back.
    /// At most 10,000 callbacks and 64 MB. The folder is made where its parent is there. Default: beside the file of a SQLite
    /// ledger, with `-spool` at the end of its name; for PostgreSQL `lipia-spool-…`, with a name of the database's, in `STATE_DIRECTORY`
    /// (systemd), `XDG_STATE_HOME` or the user's home; none for other ledgers. `from_env` reads it from `LIPIA_SPOOL`.
    ///
    /// ```
    /// let builder = lipia::Daraja::builder().spool("/var/lib/shop/spool");
    /// # let _ = builder;
    /// ```
    #[must_use]
    pub fn spool(mut self, folder: impl Into<PathBuf>) -> Self {
        self.common.spool = Some(folder.into());
        self
    }

    /// The name of the merchant's account in the ledger: who has it asks about its payments. By default it is the short code,
    /// or the channel, with the gateway's name, and stays when the credentials are renewed. A client without either, as with
    /// `PalPluss` without a channel, gets a name made of its key. Before such a key is replaced, set a name;
    /// where it was replaced already, set the old name, which [`Row::account`](crate::ledger::Row::account) has: else the
    /// payments that were open then are asked about by nobody.
    ///
    /// ```
    /// let builder = lipia::PalPluss::builder().api_key("key").ledger_account("the shop in Nairobi");
    /// # let _ = builder;
    /// ```
    #[must_use]
    pub fn ledger_account(mut self, name: impl Into<String>) -> Self {
        self.common.ledger_account = Some(name.into());
        self
    }

    /// Where payments are saved: before a push leaves, and after everything that Lipia learns itself. A store alone claims no
    /// orders: for payments of orders there is [`ClientBuilder::ledger`], which calls this store beside its own.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn PaymentStore>) -> Self {
        self.common.store = Some(store);
        self
    }

    /// What keeps the merchant from being blocked by the gateway: a guard that counts for itself, in a store of your
    /// own, say. By default all clients of one account in this process count together, at `UpesiPay` with its
    /// published limits, and at `PalPluss` for as long as it has banned the key; Daraja has none. To change the limits
    /// alone, see [`ClientBuilder::guard_limits`].
    #[must_use]
    pub fn guard(mut self, guard: Guard) -> Self {
        self.common.guard = GuardChoice::Own(guard);
        self
    }

    /// A guard with these limits that counts together with all other clients of the account in this process.
    #[must_use]
    pub fn guard_limits(mut self, limits: Limits) -> Self {
        self.common.guard = GuardChoice::Limits(limits);
        self
    }

    /// How fast this client asks what became of payments; all clients of the account in this process share the count.
    /// Default: what is known of the gateway, and no limit where the base URL is on this machine.
    #[must_use]
    pub fn question_pace(mut self, pace: QuestionPace) -> Self {
        self.common.pace = Some(pace);
        self
    }

    /// No guard: the gateway's blocks are met as they come.
    #[must_use]
    pub fn without_guard(mut self) -> Self {
        self.common.guard = GuardChoice::None;
        self
    }
}

#[cfg(feature = "simulation")]
impl<Own> ClientBuilder<Own> {
    /// A client that speaks to this network and takes its chance from there.
    #[must_use]
    pub fn simulated(
        mut self,
        network: Arc<dyn simulation::Network>,
        chance: Arc<dyn simulation::Chance>,
    ) -> Self {
        self.common.simulated = Some(simulation::Simulated { network, chance });
        self
    }
}

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

impl CommonSettings {
    /// Whom the keys are asked of.
    pub(crate) fn ask_for_credentials(&mut self, provider: Arc<dyn CredentialsProvider>) {
        self.credentials_provider = Some(Provider(provider));
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
        let origin = Origin::parse(self.base_url.as_deref().unwrap_or(usual_base_url))?;
        if self.options.timeout.is_zero() {
            return Err(no_time());
        }
        self.tls_roots.check()?;
        let rules = self.rules(gateway.as_ref())?;
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
        // A client with a clock or a network of its own lives in another world than this process.
        #[cfg(feature = "simulation")]
        let is_simulated = self.simulated.is_some();
        #[cfg(not(feature = "simulation"))]
        let is_simulated = false;
        let is_of_this_world = self.clock.is_none() && !is_simulated;
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock));
        let transport: Arc<dyn Transport> =
            Arc::new(HttpTransport::new(self.tls_roots.clone(), &origin, &clock));
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
        let credentials = match (own, self.credentials_provider) {
            (Some(own), _) => CredentialSource::Fixed(Arc::new(shares.authorized(own.access))),
            (None, Some(Provider(provider))) => CredentialSource::provided(
                provider,
                Arc::clone(&gateway),
                Arc::clone(&clock),
                shares,
            ),
            (None, None) => {
                return Err(Error::configuration(
                    ErrorCode::KeysMissing,
                    "The client has no keys and nobody to ask for them.",
                )
                .with_field("credentials_provider"));
            }
        };
        let context = SendContext {
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
        let usual_pace = documented(gateway.name(), environment, context.origin.is_loopback());
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
