//! The ledger of a client: its store, its scope, and whom it tells.

pub(crate) mod account;
pub(crate) mod background;
pub(crate) mod copies;
mod lasting;
pub(crate) mod left_alone;
pub(crate) mod names;
pub(crate) mod noted;
pub(crate) mod pass;
pub(crate) mod payment;
pub(crate) mod reconcile;
pub(crate) mod secrets;
pub(crate) mod spool;
pub(crate) mod telling;
pub(crate) mod unwritten;

use crate::ledger::contract::LedgerStore;
use crate::ledger::scope::Scope;
use crate::ledger::writer::LedgerWriter;
use crate::payment::handle::{PaymentHandle, PaymentStore};
use crate::values::environment::Environment;
use background::{Background, Running};
use futures_util::future::BoxFuture;
use left_alone::LeftAlone;
use payment::LedgerPayment;
use spool::ClientSpool;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The shop's handler of outcomes.
pub(crate) type Handler =
    Arc<dyn Fn(LedgerPayment) -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// How many tellings run at once in one process, unless the program says otherwise. Above the number of handlers that are
/// likely to hang together: whoever is told next waits for a free place.
const MAX_TELLINGS: usize = 64;

/// The ledger of a client.
pub(crate) struct ClientLedger {
    pub(crate) writer: Arc<LedgerWriter>,
    /// Whether the client was given its ledger, as opposed to one of its own that ends with it.
    pub(crate) is_given: bool,
    /// Where callbacks are kept while the store is away.
    pub(crate) spool: Option<ClientSpool>,
    /// Kept callbacks that passes leave alone for a while.
    left_alone: LeftAlone,
    handler: Mutex<Option<Handler>>,
    /// The account of this client's payments, where its program names it.
    account_set: Option<String>,
    /// The account of this client's payments, once a call has needed the credentials of a provider.
    account: Mutex<Option<String>>,
    /// When the ledger was last shown the fingerprints of the callback secrets.
    secrets_shown: Mutex<Option<Instant>>,
    warned_of_memory: AtomicBool,
    warned_of_push: AtomicBool,
    /// How many tellings run at once.
    max_tellings: AtomicUsize,
    /// The run of the background work that was started last.
    background: Mutex<Option<Arc<Background>>>,
}

impl ClientLedger {
    pub(crate) fn new(
        store: Arc<dyn LedgerStore>,
        scope: Scope,
        beside: Option<Arc<dyn PaymentStore>>,
        is_given: bool,
    ) -> Self {
        Self {
            writer: Arc::new(LedgerWriter {
                store,
                scope,
                beside,
                live: OnceLock::new(),
            }),
            is_given,
            spool: None,
            left_alone: LeftAlone::default(),
            handler: Mutex::default(),
            account_set: None,
            account: Mutex::default(),
            secrets_shown: Mutex::default(),
            warned_of_memory: AtomicBool::new(false),
            warned_of_push: AtomicBool::new(false),
            max_tellings: AtomicUsize::new(MAX_TELLINGS),
            background: Mutex::default(),
        }
    }

    /// Whether the callback secrets were shown within that time.
    fn has_shown_secrets(&self, within: Duration) -> bool {
        let shown = self.secrets_shown.lock();
        let shown = shown.unwrap_or_else(PoisonError::into_inner);
        shown.is_some_and(|shown| shown.elapsed() < within)
    }

    fn note_secrets_shown(&self, now: Instant) {
        let shown = self.secrets_shown.lock();
        *shown.unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    /// Says once that orders are claimed in memory where customers pay real money.
    pub(crate) fn warn_of_memory(&self, environment: Environment) {
        if environment == Environment::Production
            && self.writer.store.is_memory()
            && !self.warned_of_memory.swap(true, Ordering::Relaxed)
        {
            tracing::error!(
                target: "lipia",
                "an order is claimed in this process's memory: another process, or this one after a restart, knows nothing of it and prompts the customer again. Set a ledger (LIPIA_LEDGER), such as `sqlite:///var/lib/shop/payments.db`"
            );
        }
    }

    /// Says once that a push is not in the ledger that the client was given. `is_kept`: the program has a store of its own.
    pub(crate) fn warn_of_push(&self, payment: &PaymentHandle, is_kept: bool) {
        if self.is_given
            && !is_kept
            && !payment.is_in_ledger()
            && !self.warned_of_push.swap(true, Ordering::Relaxed)
        {
            tracing::error!(
                target: "lipia",
                payment_id = %payment.id(),
                "a payment was pushed past the ledger: it is in this process's memory alone, and the handler of outcomes is not told of it. Use `request`, which takes a push without an order too, or `collect` with an order"
            );
        }
    }

    /// The ledger of a client whose program names its account.
    pub(crate) fn with_account(mut self, account: Option<String>) -> Self {
        self.account_set = account;
        self
    }

    /// The ledger with a spool in that folder, where there is to be one.
    pub(crate) fn with_spool(mut self, folder: Option<PathBuf>) -> Self {
        self.spool = folder.map(ClientSpool::at);
        self
    }

    pub(crate) fn store(&self) -> &dyn LedgerStore {
        self.writer.store.as_ref()
    }

    pub(crate) fn handler(&self) -> Option<Handler> {
        let handler = self.handler.lock();
        handler.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_handler(&self, handler: Option<Handler>) {
        // Dropped after the lock: a handler may hold the last clone of a client.
        let _replaced = std::mem::replace(
            &mut *self.handler.lock().unwrap_or_else(PoisonError::into_inner),
            handler,
        );
    }

    pub(crate) fn max_tellings(&self) -> usize {
        self.max_tellings.load(Ordering::Relaxed)
    }

    pub(crate) fn set_max_tellings(&self, most: usize) {
        self.max_tellings.store(most.max(1), Ordering::Relaxed);
    }

    /// Begins a run of the background work; `None` where one goes on.
    pub(crate) fn begin_background(&self) -> Option<(Arc<Background>, Running)> {
        let background = self.background.lock();
        let mut background = background.unwrap_or_else(PoisonError::into_inner);
        if background.as_ref().is_some_and(|run| run.goes_on()) {
            return None;
        }
        let (begun, running) = Background::begin();
        *background = Some(Arc::clone(&begun));
        Some((begun, running))
    }

    /// The run of the background work that was started last.
    pub(crate) fn background(&self) -> Option<Arc<Background>> {
        let background = self.background.lock();
        background.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The account of this client's payments: the one that its program names, or that of its last credentials.
    pub(crate) fn account(&self) -> Option<String> {
        let learnt = || {
            let account = self.account.lock();
            account.unwrap_or_else(PoisonError::into_inner).clone()
        };
        self.account_set.clone().or_else(learnt)
    }

    /// The account of payments with credentials of that account.
    pub(crate) fn learn_account(&self, of_credentials: String) -> String {
        if let Some(set) = &self.account_set {
            return set.clone();
        }
        let mut account = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        account.insert(of_credentials).clone()
    }
}

impl Drop for ClientLedger {
    /// The last client is gone: its background work ends now, and with it its hold on the store.
    fn drop(&mut self) {
        if let Some(background) = self.background() {
            background.stop();
        }
    }
}
