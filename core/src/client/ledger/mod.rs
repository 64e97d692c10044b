//! The ledger of a client: its store, its scope, and whom it tells.

pub(crate) mod account;
pub(crate) mod copies;
pub(crate) mod names;
pub(crate) mod pass;
pub(crate) mod payment;
pub(crate) mod reconcile;
pub(crate) mod spool;
pub(crate) mod telling;
pub(crate) mod unsent;

use crate::ledger::contract::LedgerStore;
use crate::ledger::scope::Scope;
use crate::ledger::writer::LedgerWriter;
use crate::payment::handle::PaymentStore;
use futures_util::future::BoxFuture;
use payment::LedgerPayment;
use spool::ClientSpool;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The shop's handler of outcomes.
pub(crate) type Handler =
    Arc<dyn Fn(LedgerPayment) -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// The ledger of a client.
pub(crate) struct ClientLedger {
    pub(crate) writer: Arc<LedgerWriter>,
    /// Whether the client was given its ledger, as opposed to one of its own that ends with it.
    pub(crate) is_given: bool,
    /// Where callbacks are kept while the store is away.
    pub(crate) spool: Option<ClientSpool>,
    handler: Mutex<Option<Handler>>,
    /// The account of this client's payments, where its program names it.
    pub(crate) account_set: Option<String>,
    /// The account of this client's payments, once a call has needed the credentials of a provider.
    account: Mutex<Option<String>>,
    /// Whether the task that reconciles and tells was started.
    pub(crate) is_running: AtomicBool,
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
            handler: Mutex::default(),
            account_set: None,
            account: Mutex::default(),
            is_running: AtomicBool::new(false),
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

    pub(crate) fn set_handler(&self, handler: Handler) {
        *self.handler.lock().unwrap_or_else(PoisonError::into_inner) = Some(handler);
    }

    pub(crate) fn account(&self) -> Option<String> {
        let account = self.account.lock();
        account.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn learn_account(&self, account: &str) {
        *self.account.lock().unwrap_or_else(PoisonError::into_inner) = Some(account.to_owned());
    }
}
