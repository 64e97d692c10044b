//! The builder that the clients of all gateways share. What one gateway needs beside it stands in its own file.

pub(crate) mod building;

use crate::callback::addresses::SourceAddresses;
use crate::client::call_options::CallOptions;
use crate::client::credentials::CredentialsProvider;
use crate::guard::Guard;
use crate::guard::limits::Limits;
use crate::guard::pace::QuestionPace;
use crate::ledger::address::LedgerChoice;
use crate::ledger::contract::LedgerStore;
use crate::payment::handle::PaymentStore;
#[cfg(feature = "simulation")]
use crate::transport::simulation;
use crate::transport::tls::TlsRoots;
use crate::values::clock::Clock;
use crate::values::credentials::Credentials;
use crate::values::daraja_credentials::Secret;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Builds a [`Client`](crate::Client). `Own` holds the credentials and options of one gateway, such as
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
    pub(crate) cleartext_hosts: Vec<String>,
    pub(crate) callback_url: Option<String>,
    pub(crate) callback_secrets: Vec<Secret>,
    pub(crate) callback_token: Option<bool>,
    pub(crate) source_addresses: Option<SourceAddresses>,
    pub(crate) options: CallOptions,
    pub(crate) most_amount: Option<u32>,
    pub(crate) most_reference_characters: Option<u32>,
    pub(crate) tls_roots: TlsRoots,
    pub(crate) application: Option<String>,
    clock: Option<Arc<dyn Clock>>,
    #[cfg(feature = "simulation")]
    pub(crate) simulated: Option<simulation::Simulated>,
    pub(crate) store: Option<Arc<dyn PaymentStore>>,
    pub(crate) ledger: Option<LedgerChoice>,
    pub(crate) shop: Option<String>,
    pub(crate) ledger_account: Option<String>,
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
    pub(crate) credentials: Credentials,
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
    /// loopback base URL or at a cleartext host, the sandbox).
    #[must_use]
    pub fn environment(mut self, environment: impl Into<String>) -> Self {
        self.common.environment = Some(environment.into());
        self
    }

    /// Another address than the environment's. `https`, or `http` on the loopback interface and at
    /// [`cleartext_hosts`](ClientBuilder::cleartext_hosts).
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.common.base_url = Some(url.into());
        self
    }

    /// The hosts besides this machine that [`base_url`](ClientBuilder::base_url) may name with `http`: whole names or IP addresses,
    /// without port. They are for a developer's own sandbox, such as `10.0.2.2` (the machine that runs an Android emulator, as the
    /// emulator sees it) or a container's name. There the client takes the sandbox's public credentials alone: others are refused
    /// with `cleartext_keys`, also those of a provider, before anything is sent. Default: none. `from_env` reads
    /// `LIPIA_CLEARTEXT_HOSTS`, separated by commas.
    ///
    /// ```
    /// let builder = lipia::PalPluss::builder().base_url("http://10.0.2.2:8600/v1").cleartext_hosts(["10.0.2.2"]);
    /// assert!(builder.clone().api_key("pp_live_sandbox").build().is_ok());
    /// let error = builder.api_key("pp_live_0123456789").build().unwrap_err();
    /// assert_eq!(error.code(), "cleartext_keys");
    /// ```
    #[must_use]
    pub fn cleartext_hosts<S: Into<String>>(mut self, hosts: impl IntoIterator<Item = S>) -> Self {
        self.common.cleartext_hosts = hosts.into_iter().map(Into::into).collect();
        self
    }

    /// The base of the callback URLs, to which results are posted. Each payment's own token is appended as one more path
    /// segment: `https://shop.example/pay` becomes `https://shop.example/pay/<token>`, so route everything below it.
    #[must_use]
    pub fn callback_url(mut self, url: impl Into<String>) -> Self {
        self.common.callback_url = Some(url.into());
        self
    }

    /// The provider of the credentials, asked when they are first needed, instead of being given here: see
    /// [`CredentialsProvider`].
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

    /// The root certificates for TLS. Default: the bundled list.
    #[must_use]
    pub fn tls_roots(mut self, roots: TlsRoots) -> Self {
        self.common.tls_roots = roots;
        self
    }

    /// The name of the program, with its version, such as `duka/2.1`. It stands after Lipia's in the user agent of requests, so that
    /// a gateway's support can find them.
    #[must_use]
    pub fn application(mut self, name: impl Into<String>) -> Self {
        self.common.application = Some(name.into());
        self
    }

    /// Another clock than the system's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.common.clock = Some(clock);
        self
    }

    /// The store of the ledger: the payments that [`Client::request`](crate::Client::request) and
    /// [`Client::collect`](crate::Client::collect) make for orders. Clients and
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
    /// ledger, with `-spool` at the end of its name; for PostgreSQL `lipia-spool-…`, with a name of the database's, in
    /// `STATE_DIRECTORY` (systemd), `XDG_STATE_HOME` or the user's home; none for other ledgers. `from_env` reads it from
    /// `LIPIA_SPOOL`.
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

    /// The store in which payments are saved: before a push leaves, and after everything that Lipia learns itself. A store
    /// alone claims no orders: for payments of orders there is [`ClientBuilder::ledger`], which calls this store beside its
    /// own.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn PaymentStore>) -> Self {
        self.common.store = Some(store);
        self
    }

    /// The guard, which keeps the merchant from being blocked by the gateway: one that counts for itself, in a store of your
    /// own, say. By default all clients of one account in this process count together, at `UpesiPay` with its
    /// published limits, and at `PalPluss` for as long as it has banned the key; Daraja has none. To change the limits
    /// alone, see [`ClientBuilder::guard_limits`].
    #[must_use]
    pub fn guard(mut self, guard: Guard) -> Self {
        self.common.guard = GuardChoice::Own(guard);
        self
    }

    /// A guard with these limits that counts together with all other clients of the account: in this process and, with a
    /// shared ledger, in all processes that share it.
    #[must_use]
    pub fn guard_limits(mut self, limits: Limits) -> Self {
        self.common.guard = GuardChoice::Limits(limits);
        self
    }

    /// The pace at which this client asks about payments. All clients of the account share the count: in this process and,
    /// with a shared ledger, in all processes that share it. Default: what is known of the gateway, and no limit where the
    /// base URL is on this machine or at a cleartext host.
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
