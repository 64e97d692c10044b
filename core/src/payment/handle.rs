//! A payment that several hands hold at once: the send that goes on in the background, the wait, and the server
//! that receives its callback.

use super::{Change, Payment, PaymentId, PaymentState, Step};
use crate::{Clock, Disposition, EatTime, Error, ErrorKind, Event, GatewayName, Outcome};
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::watch;

/// Where payments are kept. Lipia calls it before a push leaves and after everything that it learns itself; what
/// your own code hands to [`PaymentHandle::notify`], your own code saves.
///
/// Save the text of [`Payment::to_json`]. If several processes save the same payment, let the higher
/// [`Payment::revision`] win.
pub trait PaymentStore: Send + Sync + fmt::Debug {
    /// Saves a payment. When this fails before a push, the push is not sent.
    ///
    /// # Errors
    /// Whatever kept it from being saved.
    fn save<'a>(
        &'a self,
        payment: &'a Payment,
    ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>>;
}

/// A live payment. Cheap to clone; all clones are the same payment.
///
/// Keep it, or its JSON, until the payment is settled: whatever happens to the call that pushed it, this is where
/// the acceptance and the outcome arrive.
#[derive(Clone)]
pub struct PaymentHandle {
    shared: Arc<Shared>,
}

struct Shared {
    id: PaymentId,
    payment: Mutex<Payment>,
    /// Counts what was handed in, so that a wait wakes for each.
    news: watch::Sender<u64>,
    clock: Arc<dyn Clock>,
    store: Option<Arc<dyn PaymentStore>>,
    registry: Weak<Registry>,
    /// Whether its push was announced with [`PaymentHandle::begin`] and has yet to leave.
    announced: AtomicBool,
    /// With what outcome the guard knows it.
    guard_knows: Mutex<Option<Outcome>>,
}

impl PaymentHandle {
    pub(crate) fn new(
        payment: Payment,
        clock: Arc<dyn Clock>,
        store: Option<Arc<dyn PaymentStore>>,
        registry: &Arc<Registry>,
    ) -> Self {
        let shared = Arc::new(Shared {
            id: payment.id().clone(),
            // Whoever settled it before it was saved told the guard then.
            guard_knows: Mutex::new(settled_outcome(&payment)),
            payment: Mutex::new(payment),
            news: watch::Sender::new(0),
            announced: AtomicBool::new(false),
            clock,
            store,
            registry: Arc::downgrade(registry),
        });
        registry.insert(&shared);
        Self { shared }
    }

    /// The payment's own id.
    #[must_use]
    pub fn id(&self) -> &PaymentId {
        &self.shared.id
    }

    /// Who is asked to prompt the phone.
    #[must_use]
    pub fn gateway(&self) -> GatewayName {
        self.read(Payment::gateway)
    }

    /// The payment as it is now.
    #[must_use]
    pub fn snapshot(&self) -> Payment {
        self.lock().clone()
    }

    /// The payment as JSON text, to save.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.lock().to_json()
    }

    /// Announces that the payment's push is about to leave, and leaves that to [`Client::push`](crate::Client::push)
    /// on this same handle. Save the payment's JSON in between: whoever reads it after a crash knows that the phone
    /// may have been prompted, and never prompts it again. A client with a store does this by itself.
    ///
    /// # Errors
    /// `PaymentState` where it was pushed or announced before.
    pub fn begin(&self) -> Result<(), Error> {
        let now = self.shared.clock.now();
        self.change(|payment| payment.begin_sending(now))?;
        self.shared.announced.store(true, Ordering::Release);
        Ok(())
    }

    /// Moves to sending, unless that was announced before; each announcement counts once.
    pub(crate) fn begin_or_go_on(&self, now: EatTime) -> Result<(), Error> {
        if self.shared.announced.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        self.change(|payment| payment.begin_sending(now))
    }

    /// Whether its push has left or is leaving, as opposed to being reserved or announced.
    pub(crate) fn was_pushed(&self) -> bool {
        self.read(Payment::state) != PaymentState::Reserved
            && !self.shared.announced.load(Ordering::Acquire)
    }

    /// Takes over what another process learnt of this payment and saved.
    pub(crate) fn catch_up(&self, saved: Payment) {
        self.change(|payment| {
            if payment.step_to(&saved) != Step::Nothing {
                *payment = saved;
            }
        });
    }

    /// Hands in an event that came to this payment's own callback URL. A wait for the payment ends at once when
    /// that settles it.
    ///
    /// The event is matched against what was asked for; one that does not fit is kept, flagged and not believed.
    /// [`Client::receive_callback`](crate::Client::receive_callback) does this together with the checks that come
    /// before it.
    pub fn notify(&self, event: &Event) -> Change {
        let now = self.shared.clock.now();
        self.change(|payment| payment.on_event(event, now))
    }

    /// Changes the payment and wakes whoever waits for it.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Payment) -> T) -> T {
        let result = change(&mut self.lock());
        // Whoever begins to listen after the change sees it, and most payments are pushed with nobody listening.
        let news = &self.shared.news;
        if !news.is_closed() {
            news.send_modify(|count| *count = count.wrapping_add(1));
        }
        result
    }

    /// Reads something of the payment without copying all of it.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Payment) -> T) -> T {
        read(&self.lock())
    }

    /// The outcome that it is settled with, where the guard does not know it yet. Asking counts as telling.
    pub(crate) fn outcome_to_tell(&self) -> Option<Outcome> {
        let settled = self.read(settled_outcome)?;
        let mut known = self
            .shared
            .guard_knows
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        (known.replace(settled) != Some(settled)).then_some(settled)
    }

    /// Wakes for everything that is handed in from now on.
    pub(crate) fn news(&self) -> watch::Receiver<u64> {
        self.shared.news.subscribe()
    }

    /// Saves the payment where its owner wants it saved.
    pub(crate) async fn save(&self) -> Result<(), Error> {
        let Some(store) = &self.shared.store else {
            return Ok(());
        };
        let payment = self.snapshot();
        store.save(&payment).await.map_err(|source| {
            Error::new(
                ErrorKind::Storage,
                Disposition::NotSent,
                "payment_not_saved",
                format!("The payment could not be saved: {source}."),
            )
        })
    }

    fn lock(&self) -> MutexGuard<'_, Payment> {
        self.shared
            .payment
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn settled_outcome(payment: &Payment) -> Option<Outcome> {
    (payment.state() == PaymentState::Settled).then(|| payment.outcome())
}

impl fmt::Debug for PaymentHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let payment = self.lock();
        f.debug_struct("PaymentHandle")
            .field("id", &self.shared.id)
            .field("state", &payment.state())
            .field("outcome", &payment.outcome())
            .finish_non_exhaustive()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(registry) = self.registry.upgrade() {
            registry.forget(&self.id);
        }
    }
}

/// The live payments of one client, so that a callback finds the call that waits for it.
#[derive(Default)]
pub(crate) struct Registry {
    live: Mutex<HashMap<PaymentId, Weak<Shared>>>,
}

impl Registry {
    pub(crate) fn find(&self, id: &PaymentId) -> Option<PaymentHandle> {
        let shared = self.lock().get(id)?.upgrade()?;
        Some(PaymentHandle { shared })
    }

    fn insert(&self, shared: &Arc<Shared>) {
        self.lock()
            .insert(shared.id.clone(), Arc::downgrade(shared));
    }

    fn forget(&self, id: &PaymentId) {
        let mut live = self.lock();
        // A payment that was resumed meanwhile has the same id and another handle.
        if live
            .get(id)
            .is_some_and(|shared| shared.strong_count() == 0)
        {
            live.remove(id);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PaymentId, Weak<Shared>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("live", &self.lock().len())
            .finish()
    }
}
