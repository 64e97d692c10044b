//! The merchant's account at a gateway, as all clients of this process share it: what the guard counts and how fast
//! questions are asked belong to the account, not to one client object.
//!
//! An account is known by its gateway, its address and a fingerprint of the keys; the keys themselves are not kept.
//! It outlives its clients as long as something of it counts, so that a new client knows of a ban.

pub(crate) mod registry;

use crate::guard::Guard;
use crate::guard::limits::Limits;
use crate::guard::memory::MemoryStore;
use crate::guard::pace::Pace;
use crate::guard::pace::shared::SharedPace;
use crate::guard::pushed::Pushed;
use crate::guard::shared::NoteStore;
use crate::guard::store::Store;
use crate::values::clock::{Clock, EatTime, SystemClock};
use crate::values::fingerprint::Fingerprint;
use crate::values::gateway_name::GatewayName;
use crate::values::hexadecimal::hexadecimal;
use crate::values::note::SharedNotes;
use ring::digest;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What the clients of one account share.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) pushed: Arc<Pushed>,
    pub(crate) pace: Pace,
}

impl Account {
    /// Whether nothing of it counts any more.
    fn is_over(&self, now: EatTime) -> bool {
        self.store.is_over(now)
    }
}

/// Which account it is.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct AccountKey {
    pub(crate) gateway: GatewayName,
    /// The base URL.
    pub(crate) origin: String,
    pub(crate) keys: Fingerprint,
}

impl AccountKey {
    /// The account's name in the notes of a ledger: the same in every process, and without a secret.
    fn shared_name(&self) -> String {
        let text = format!("{}|{}|{}", self.gateway, self.origin, self.keys.lasting());
        let digest = digest::digest(&digest::SHA256, text.as_bytes());
        hexadecimal(digest.as_ref().get(..16).unwrap_or_default())
    }
}

/// The account of one client, which is known with its keys.
pub(crate) struct AccountOf {
    gateway: GatewayName,
    origin: String,
    world: World,
    guard: ClientGuard,
    known: Mutex<Known>,
}

/// With whom a client shares its account.
#[derive(Clone, Debug)]
pub(crate) struct World {
    /// Whether with the other clients of this process: one with a clock or a network of its own does not.
    pub(crate) is_of_this_process: bool,
    /// The client's clock.
    pub(crate) clock: Arc<dyn Clock>,
    /// The notes of the ledger that it shares with other processes.
    pub(crate) notes: Option<Arc<dyn SharedNotes>>,
}

/// What guards a client.
#[derive(Clone, Debug)]
pub(crate) enum ClientGuard {
    /// Nothing.
    None,
    /// A guard of the caller's own, with its own counts.
    Own(Guard),
    /// These limits, over the counts of the account.
    OfAccount(Limits),
}

struct Known {
    keys: Option<Fingerprint>,
    account: Arc<Account>,
    guard: Option<Guard>,
    shared_pace: Option<Arc<SharedPace>>,
}

impl AccountOf {
    /// An account that is not known yet. `origin` is the base URL.
    pub(crate) fn new(
        gateway: GatewayName,
        origin: String,
        world: World,
        guard: ClientGuard,
    ) -> Self {
        let account = Arc::<Account>::default();
        Self {
            known: Mutex::new(Known {
                keys: None,
                guard: guard.over(&account, None),
                account,
                shared_pace: None,
            }),
            gateway,
            origin,
            world,
            guard,
        }
    }

    /// Learns with which keys the client speaks, and so which account is its own.
    pub(crate) fn learn(&self, keys: Fingerprint) {
        let mut known = self.lock();
        if known.keys == Some(keys) {
            return;
        }
        known.keys = Some(keys);
        let key = AccountKey {
            gateway: self.gateway,
            origin: self.origin.clone(),
            keys,
        };
        let shared_name = key.shared_name();
        if self.world.is_of_this_process {
            known.account = registry::account(key, SystemClock.now());
        }
        let notes = self.world.notes.as_ref();
        let store = notes.map(|notes| {
            let (notes, clock) = (Arc::clone(notes), Arc::clone(&self.world.clock));
            Arc::new(NoteStore::new(notes, shared_name.clone(), clock)) as Arc<dyn Store>
        });
        known.guard = self.guard.over(&known.account, store);
        known.shared_pace =
            notes.map(|notes| Arc::new(SharedPace::new(Arc::clone(notes), &shared_name)));
    }

    /// What guards the client.
    pub(crate) fn guard(&self) -> Option<Guard> {
        self.lock().guard.clone()
    }

    /// What the clients of the account share.
    pub(crate) fn account(&self) -> Arc<Account> {
        Arc::clone(&self.lock().account)
    }

    /// The pace that the clients of the account share across the processes of a ledger.
    pub(crate) fn shared_pace(&self) -> Option<Arc<SharedPace>> {
        self.lock().shared_pace.clone()
    }

    /// Whether anything guards the client.
    pub(crate) fn is_guarded(&self) -> bool {
        !matches!(self.guard, ClientGuard::None)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ClientGuard {
    fn over(&self, account: &Arc<Account>, store: Option<Arc<dyn Store>>) -> Option<Guard> {
        match self {
            Self::None => None,
            Self::Own(guard) => Some(guard.clone()),
            Self::OfAccount(limits) => Some(Guard::of_account(limits.clone(), account, store)),
        }
    }
}

impl fmt::Debug for AccountOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountOf")
            .field("guard", &self.guard)
            .finish_non_exhaustive()
    }
}
