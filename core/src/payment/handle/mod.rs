//! The live payment, which several tasks hold at once: the send that goes on in the background, the wait, and the server
//! that receives its callback.

pub(crate) mod held;
mod naming;
pub(crate) mod registry;

use super::answer::Heard;
use super::names::{not_its_own, stated_as_text};
use super::{Change, Payment, PaymentState, names};
use crate::error::codes::ErrorCode;
use crate::error::ids::PaymentId;
use crate::error::{Disposition, Error};
use crate::meaning::event::Event;
use crate::meaning::outcome::Outcome;
use crate::meaning::status::Status;
use crate::payment::acceptance::Acceptance;
use crate::payment::gain::Gain;
use crate::payment::learnt::Learnt;
use crate::values::clock::{Clock, EatTime};
use crate::values::deadline::Deadline;
use crate::values::gateway_name::GatewayName;
use futures_util::future::BoxFuture;
use registry::Registry;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use tokio::sync::watch;

/// A store of the program's own for payments. Lipia calls it before a push leaves and after everything that it learns itself;
/// what your own code hands to [`PaymentHandle::notify`], your own code saves.
///
/// Save the text of [`Payment::to_json`]. If several processes save the same payment, [`Payment::merge`] what is stored
/// with what is to be saved.
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
    /// When this process last asked about it.
    asked_at: Mutex<Option<EatTime>>,
    /// Whether a ledger has it.
    is_in_ledger: bool,
    /// By how many milliseconds the ledger's clock is ahead of `clock`.
    ledger_ahead: AtomicI64,
    /// When the lease of its claim ends: its push does not leave after that.
    lease_ends: OnceLock<Deadline>,
    /// Whether its push may have left.
    is_leaving: AtomicBool,
    /// Whether its owner could not save it the last time.
    is_unsaved: AtomicBool,
}

impl PaymentHandle {
    pub(crate) fn new(
        payment: Payment,
        clock: Arc<dyn Clock>,
        store: Option<Arc<dyn PaymentStore>>,
        is_in_ledger: bool,
        registry: &Arc<Registry>,
    ) -> Self {
        let shared = Arc::new(Shared {
            is_in_ledger,
            ledger_ahead: AtomicI64::new(0),
            lease_ends: OnceLock::new(),
            is_leaving: AtomicBool::new(false),
            is_unsaved: AtomicBool::new(false),
            id: payment.id().clone(),
            guard_knows: Mutex::default(),
            payment: Mutex::new(payment),
            news: watch::Sender::new(0),
            announced: AtomicBool::new(false),
            asked_at: Mutex::new(None),
            clock,
            store,
            registry: Arc::downgrade(registry),
        });
        registry.insert(&shared);
        let handle = Self { shared };
        if handle.read(Payment::state) != PaymentState::Reserved {
            // A payment that is resumed has names already.
            let now = handle.shared.clock.now();
            let of_others = {
                let payment = handle.lock();
                registry.names(&payment).note(&payment, now)
            };
            names::log_names_of_others(handle.id(), &of_others);
        }
        // One that another process or an earlier handle settled.
        handle.tell_registry(true);
        handle
    }

    /// The payment's own id.
    #[must_use]
    pub fn id(&self) -> &PaymentId {
        &self.shared.id
    }

    /// The gateway that is asked to prompt the phone.
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
        self.keep_held();
        self.shared.announced.store(true, Ordering::Release);
        Ok(())
    }

    /// Moves to sending, unless that was announced before; each announcement counts once.
    pub(crate) fn begin_or_go_on(&self, now: EatTime) -> Result<(), Error> {
        if self.shared.announced.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        self.change(|payment| payment.begin_sending(now))?;
        self.keep_held();
        Ok(())
    }

    /// Takes up a payment that was claimed for this call and is `sending`. Its push may leave until this deadline, and the lease
    /// ends no earlier.
    pub(crate) fn hold_until(&self, lease_ends: Deadline) {
        let _first = self.shared.lease_ends.set(lease_ends);
        self.keep_held();
    }

    /// Notes that its push may leave from now on.
    pub(crate) fn note_leaving(&self) {
        self.shared.is_leaving.store(true, Ordering::Release);
    }

    /// Whether its push may have left.
    pub(crate) fn may_have_left(&self) -> bool {
        self.shared.is_leaving.load(Ordering::Acquire)
    }

    /// Concludes that its push did not leave and never will.
    pub(crate) fn not_sent(&self, error: Error) {
        let now = self.now();
        self.change(|payment| payment.on_push_answer(Err(error), now));
    }

    /// Whether a ledger has the payment.
    pub(crate) fn is_in_ledger(&self) -> bool {
        self.shared.is_in_ledger
    }

    /// Whether the lease of its claim has ended, so that other processes no longer wait for its push.
    pub(crate) fn is_too_late(&self) -> bool {
        let ends = self.shared.lease_ends.get();
        ends.is_some_and(Deadline::is_over)
    }

    /// Has the client hold the payment, so that its callback finds it though the program kept nothing.
    fn keep_held(&self) {
        if let Some(registry) = self.shared.registry.upgrade() {
            registry.hold(self, self.shared.clock.now());
        }
    }

    /// Whether its push has left or is leaving, as opposed to being reserved or announced.
    pub(crate) fn was_pushed(&self) -> bool {
        self.read(Payment::state) != PaymentState::Reserved
            && !self.shared.announced.load(Ordering::Acquire)
    }

    /// Takes over what another process learnt of this payment and saved.
    pub(crate) fn catch_up(&self, saved: &Payment) {
        self.change(|payment| payment.catch_up(saved));
    }

    /// The time now, by the clock that the payment's other times are of: the ledger's for a payment of a ledger, since the
    /// process that pushed it may have another clock than this one.
    pub(crate) fn now(&self) -> EatTime {
        let own = self.shared.clock.now().unix_millis();
        let ahead = self.shared.ledger_ahead.load(Ordering::Relaxed);
        EatTime::from_unix_millis(own.saturating_add(ahead))
    }

    /// Learns the ledger's clock from a row that was read just now.
    pub(crate) fn learn_clock(&self, read_at: EatTime) {
        let own = self.shared.clock.now().unix_millis();
        let ahead = read_at.unix_millis().saturating_sub(own);
        self.shared.ledger_ahead.store(ahead, Ordering::Relaxed);
    }

    /// Takes over what a row that was read at `read_at` knows, and wakes nobody where that is nothing new: a wait that is
    /// woken asks.
    pub(crate) fn catch_up_where_behind(&self, row: &Payment, read_at: EatTime) {
        self.learn_clock(read_at);
        if self.read(|payment| payment.clone().catch_up(row)) != Gain::Nothing {
            self.catch_up(row);
        }
    }

    /// Hands in an event that came to this payment's own callback URL. A wait for the payment ends at once when
    /// that settles it.
    ///
    /// The event is matched against what was asked for; one that does not fit is kept, flagged and not believed.
    /// [`Client::receive_callback`](crate::Client::receive_callback) does this together with the checks that come
    /// before it.
    pub fn notify(&self, event: &Event) -> Change {
        let now = self.now();
        self.change_if_own(
            &names::of_event(event),
            None,
            |payment, doubt| match doubt {
                Some(doubt) => payment.flag_event(doubt.reason(), event, now),
                None => payment.on_event(event, now),
            },
        )
    }

    /// Takes the answer to its push. One that names what another payment has is not this payment's answer: the phone may
    /// have been prompted, and by which prompt is not known.
    pub(crate) fn learn_answer(
        &self,
        answer: Result<Acceptance, Error>,
        heard: Heard,
        now: EatTime,
    ) -> Result<Acceptance, Error> {
        let stated = names::of_answer(&answer);
        self.change_if_own(&stated, None, |payment, doubt| {
            let result = match doubt {
                None => answer.clone(),
                Some(doubt) => {
                    payment.flag(doubt.reason(), Some(stated_as_text(&stated)), now);
                    Err(not_its_own(doubt).of_payment(&payment.id))
                }
            };
            payment.conclude_push(result, heard, now)
        })
    }

    /// Takes the gateway's answer to a question about it, and a success that the question was to confirm. What names
    /// another payment is flagged and moves nothing.
    ///
    /// # Errors
    /// Where the answer names what another payment has, or could as well be about another payment.
    pub(crate) fn learn_status<T>(
        &self,
        status: &Status,
        now: EatTime,
        learn: impl FnOnce(&mut Payment) -> T,
    ) -> Result<T, Error> {
        let stated = names::of_status(status);
        self.change_if_own(&stated, status.searched, |payment, doubt| match doubt {
            None => Ok(learn(payment)),
            Some(doubt) => {
                payment.flag(doubt.reason(), Some(stated_as_text(&stated)), now);
                payment.on_not_told();
                Err(not_its_own(doubt)
                    .of_a_reading_call()
                    .of_payment(&payment.id))
            }
        })
    }

    /// Takes the payment as its ledger has it in place of what this process believed and the ledger refused.
    pub(crate) fn give_up_for(&self, kept: &Payment) {
        self.change(|payment| {
            let made_here = payment.made_here;
            *payment = Payment {
                made_here,
                ..kept.clone()
            };
        });
    }

    /// Changes the payment and wakes whoever waits for it.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Payment) -> T) -> T {
        self.change_if_own(&[], None, |payment, _| change(payment))
    }

    fn tell_news(&self) {
        // Whoever begins to listen after the change sees it, and most payments are pushed with nobody listening.
        let news = &self.shared.news;
        if !news.is_closed() {
            news.send_modify(|count| *count = count.wrapping_add(1));
        }
    }

    /// Reads something of the payment without copying all of it.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Payment) -> T) -> T {
        read(&self.lock())
    }

    /// Leaves news for the guard where the payment is settled with an outcome that was not told before: this is the one
    /// place for all ways in which a payment becomes settled.
    fn tell_registry(&self, was_settled: bool) {
        let Some(registry) = self.shared.registry.upgrade().filter(|it| it.is_guarded) else {
            return;
        };
        let Some(outcome) = self.read(settled_outcome) else {
            return;
        };
        let mut known = self
            .shared
            .guard_knows
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if known.replace(outcome) == Some(outcome) {
            return;
        }
        registry.leave_news(self.read(|payment| Learnt {
            payment: payment.id().clone(),
            phone: payment.push().phone_number.clone(),
            sent_at: payment.sent_at().unwrap_or(payment.reserved_at()),
            outcome,
            settled_at: payment.settled_at(),
            was_settled,
        }));
    }

    /// When this process last asked about it.
    pub(crate) fn asked_at(&self) -> Option<EatTime> {
        *self
            .shared
            .asked_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note_asked(&self, now: EatTime) {
        *self
            .shared
            .asked_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(now);
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
        let saved = store.save(&payment).await;
        let is_unsaved = saved.is_err();
        self.shared.is_unsaved.store(is_unsaved, Ordering::Relaxed);
        saved.map_err(|source| {
            Error::new(
                ErrorCode::PaymentNotSaved,
                Disposition::NotSent,
                format!("The payment could not be saved: {source}."),
            )
        })
    }

    /// Whether its owner could not save it the last time.
    pub(crate) fn is_unsaved(&self) -> bool {
        self.shared.is_unsaved.load(Ordering::Relaxed)
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
