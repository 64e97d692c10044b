//! The guard, which keeps a merchant from being blocked by a gateway: asked before every push, told afterwards.
//!
//! `limits` says when to refuse, `decide` what an answer means, `book` what is counted and what follows from it:
//! all three are pure. `store` and `memory` keep count, `places` carries the decisions out at the store, and this file is what a client calls.

pub(crate) mod account;
pub(crate) mod decide;
pub(crate) mod limits;
pub(crate) mod memory;
pub(crate) mod own_time;
pub(crate) mod pace;
pub(crate) mod places;
pub(crate) mod pushed;
pub(crate) mod refusal;
pub(crate) mod shared;
pub(crate) mod sliding_window;
pub(crate) mod standing;
pub(crate) mod store;
pub(crate) mod usual_limits;

use crate::error::codes::ErrorCode;
use crate::error::ids::{CheckoutRequestId, PaymentId};
use crate::error::{Disposition, Error};
use crate::guard::account::Account;
use crate::meaning::outcome::Outcome;
use crate::payment::acceptance::Acceptance;
use crate::payment::learnt::Learnt;
use crate::values::clock::EatTime;
use crate::values::phone::PhoneNumber;
use decide::Consequence;
pub use limits::{AccountRung, Limits, PhoneRun};
pub use memory::MemoryStore;
pub use pace::QuestionPace;
use places::{Shared, known};
use pushed::Pushed;
pub use standing::{Count, Standing};
use std::sync::Arc;
pub use store::{
    Admission, ClosedBy, Closing, Counted, Key, Rule, RuleTally, Store, StoreResult, Tally,
};

/// Refuses a push here before the gateway would block the phone or the account for it.
///
/// `UpesiPay` blocks a phone for a day after more than 10 failed pushes in a row, and the account for hours or days
/// after more than 50, 500 or 1000 failed pushes in six hours. `PalPluss` bans a key for an hour, at a number it
/// does not publish. The guard keeps count and says no first; the refusal is `not_sent`, with the time when it
/// opens again. Cheap to clone; all clones count together.
///
/// # What counts
///
/// Every push **from before it is sent**: a hundred customers at once cannot overshoot a limit while nobody knows
/// yet what became of them. A payment that is paid gives its place back, and so does a push that was not sent or was
/// refused as it stood. One that failed, for whatever reason, keeps it; so does one whose outcome stays unknown, as
/// long as a failure would. A payment that was paid and reversed gives its place back.
///
/// # The phone
///
/// 10 failures in a row are let happen and the 11th push is refused, until 24 hours after the last failure. Then one
/// push at a time is let through: paid, it ends the run; failed, it closes the phone for another 24 hours. No
/// gateway says that it forgets a run with time, so neither does the guard, for 30 days. A payment that is paid ends
/// the run of what failed before its own push was sent; a push that was under way at the same time may have failed
/// after it, and goes on counting.
///
/// # The account
///
/// The guard prevents a block, it does not copy one: at 49 places within a sliding six hours it refuses, and opens as
/// soon as one of them is given back or is six hours old. So the gateway's own count never gets to 50, and a
/// merchant waits minutes where the gateway's block would have lasted hours. If more pushes failed all the same
/// (another program's, or those from before a restart), the gateway has probably blocked the account, and the guard
/// closes it for as long: 4, 24 or 72 hours. Then it opens, as the gateway does; the next failure closes it anew while
/// the window is still full.
///
/// A block that the gateway announces closes the account or the phone until it ends, 72 hours at most, so that one
/// request, not many, learns of it.
///
/// # Who counts together
///
/// All clients of one account in this process: those with the same gateway, base URL and keys. A client with a guard
/// of its own ([`ClientBuilder::guard`](crate::client::ClientBuilder::guard)) or a clock of its own counts by itself.
/// Several processes count each for itself, unless they share a ledger, where their counts are exact, or a [`Store`].
///
/// # It has to be told
///
/// Everything that settles a payment of this process's clients tells the guard: [`Client::wait`](crate::Client::wait),
/// [`Client::receive_callback`](crate::Client::receive_callback), [`PaymentHandle::notify`](crate::PaymentHandle::notify),
/// [`Client::resume`](crate::Client::resume) of a payment that another worker settled; and so does
/// [`Client::stk_query`](crate::Client::stk_query) of a push that this process sent. Where your own code learns an
/// outcome in another way, hand it to [`Guard::learn_outcome`], or set [`Limits::unsettled_for`] to a few minutes.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use lipia::PhoneNumber;
/// use lipia::guard::{Guard, Limits};
/// use lipia::values::{Clock, SystemClock};
/// let guard = Guard::new(Limits::default());
/// let phone = PhoneNumber::parse("0712345678")?;
/// let standing = guard.standing(&phone, SystemClock.now()).await?;
/// assert!(standing.is_open() && !standing.warning());
/// # Ok::<(), lipia::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Guard {
    shared: Arc<Shared>,
}

impl Guard {
    /// A guard that counts in this process's memory.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self::with_store(limits, Arc::new(MemoryStore::new()))
    }

    /// A guard that counts in a store of its own or one that several processes share. The store belongs to one
    /// account at one gateway.
    #[must_use]
    pub fn with_store(limits: Limits, store: Arc<dyn Store>) -> Self {
        Self::over(limits, store, Arc::default(), None)
    }

    /// A guard over the counts that all clients of an account share: in the store of a ledger, or else in this process's memory.
    pub(crate) fn of_account(
        limits: Limits,
        account: &Arc<Account>,
        store: Option<Arc<dyn Store>>,
    ) -> Self {
        let store = store.unwrap_or_else(|| Arc::<MemoryStore>::clone(&account.store));
        let pushed = Arc::clone(&account.pushed);
        Self::over(limits, store, pushed, Some(Arc::clone(account)))
    }

    fn over(
        limits: Limits,
        store: Arc<dyn Store>,
        pushed: Arc<Pushed>,
        account: Option<Arc<Account>>,
    ) -> Self {
        // The rules are the same for every phone, so any phone's will do.
        let any_phone = PhoneNumber::parse("254700000000").map(Key::Phone);
        let shared = Shared {
            phone_rules: any_phone.map_or_else(|_| Vec::new(), |key| limits.rules(&key)),
            account_rules: limits.rules(&Key::Account),
            limits,
            store,
            pushed,
            _account: account,
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// A guard that counts nothing and holds back only while the gateway itself has banned the account.
    #[must_use]
    pub fn ban_only() -> Self {
        Self::new(Limits::none())
    }

    /// Its limits.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    /// How close this phone and the account are to being refused. Changes nothing.
    ///
    /// # Errors
    /// `guard_store_failed` where the store did not answer.
    pub async fn standing(&self, phone: &PhoneNumber, now: EatTime) -> Result<Standing, Error> {
        let shared = &*self.shared;
        let key = Key::Phone(phone.clone());
        let phone_tally = shared.store.tally(&key, &shared.phone_rules, now).await;
        let account = shared
            .store
            .tally(&Key::Account, &shared.account_rules, now)
            .await;
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| {
            Error::new(
                ErrorCode::GuardStoreFailed,
                Disposition::NotSent,
                format!("The guard's store did not answer: {source}."),
            )
        };
        Ok(Standing::new(
            &shared.limits,
            (&shared.phone_rules, &phone_tally.map_err(failed)?),
            (&shared.account_rules, &account.map_err(failed)?),
        ))
    }

    /// Tells the guard what became of a push, where the client's own calls did not learn it. `sent_at` is
    /// [`Payment::sent_at`](crate::Payment::sent_at). Tell an outcome once: a success that is told again later
    /// changes nothing, a failure counts again once it was cleared.
    pub async fn learn_outcome(
        &self,
        payment: &PaymentId,
        phone: &PhoneNumber,
        outcome: Outcome,
        sent_at: EatTime,
        now: EatTime,
    ) {
        let push = GuardedPush {
            payment,
            phone,
            sent_at,
        };
        self.learn_at(push, outcome, now, now).await;
    }
}

/// The push that the guard is asked about or told of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GuardedPush<'a> {
    /// Whose place it is: one payment is pushed once.
    pub(crate) payment: &'a PaymentId,
    pub(crate) phone: &'a PhoneNumber,
    /// When its push was begun.
    pub(crate) sent_at: EatTime,
}

/// Asked before every push and told what came of it.
impl Guard {
    /// Lets the push through, or refuses it before anything is sent.
    pub(crate) async fn let_through(
        &self,
        push: GuardedPush<'_>,
        now: EatTime,
    ) -> Result<(), Error> {
        self.shared.take_places(push, now).await?;
        self.shared.pushed.begin(push);
        Ok(())
    }

    /// The gateway took the push, and this is how it names it.
    pub(crate) fn accepted(&self, payment: &PaymentId, acceptance: &Acceptance) {
        let prompt = acceptance.checkout_request_id.as_ref();
        let ids = [
            acceptance.transaction_id.as_deref(),
            prompt.map(CheckoutRequestId::as_str),
        ];
        self.shared
            .pushed
            .accepted(payment, ids.into_iter().flatten());
    }

    /// Asked before a push that was refused before acting, or never connected, is sent again: its places it holds, but the
    /// gateway may have shut the door since. Then it gives them back.
    pub(crate) async fn may_resend(
        &self,
        push: GuardedPush<'_>,
        now: EatTime,
    ) -> Result<(), Error> {
        let phone = Key::Phone(push.phone.clone());
        for key in [&phone, &Key::Account] {
            let tally = self.shared.store.tally(key, &[], now).await;
            let closed = known("tally", tally).filter(|tally| tally.opens_at().is_some());
            if let Some(closed) = closed {
                self.shared.release(&phone, push.payment).await;
                return Err(match key {
                    Key::Phone(_) => refusal::phone_closed(&[], &closed, now),
                    Key::Account => refusal::account_closed(&[], &closed, now),
                });
            }
        }
        Ok(())
    }

    /// Learns that the push did not end in an acceptance, and why.
    pub(crate) async fn refused(&self, push: GuardedPush<'_>, error: &Error, now: EatTime) {
        // What the guard itself refused holds no place.
        if !refusal::is_own(error) {
            let consequence = decide::of_refusal(error);
            self.shared.act(push, consequence, now, now).await;
        }
    }

    /// Learns what a client learnt of a payment.
    pub(crate) async fn learn(&self, learnt: &Learnt, now: EatTime) {
        let failed = decide::of_outcome(learnt.outcome) == Consequence::Count;
        if learnt.was_settled && failed && !self.shared.pushed.is_open(&learnt.payment) {
            return;
        }
        let push = GuardedPush {
            payment: &learnt.payment,
            phone: &learnt.phone,
            sent_at: learnt.sent_at,
        };
        let settled_at = learnt.settled_at.unwrap_or(now);
        self.learn_at(push, learnt.outcome, settled_at, now).await;
    }

    /// Learns an outcome of which nothing is known but the id that the gateway was asked by.
    pub(crate) async fn learn_of_prompt(&self, prompt: &str, outcome: Outcome, now: EatTime) {
        if let Some((payment, of)) = self.shared.pushed.of_prompt(prompt) {
            let push = GuardedPush {
                payment: &payment,
                phone: &of.phone,
                sent_at: of.sent_at,
            };
            self.learn_at(push, outcome, now, now).await;
        }
    }

    async fn learn_at(&self, push: GuardedPush<'_>, outcome: Outcome, at: EatTime, now: EatTime) {
        let consequence = decide::of_outcome(outcome);
        if consequence != Consequence::Wait {
            self.shared.pushed.settled(push.payment);
        }
        self.shared.act(push, consequence, at, now).await;
    }
}

#[cfg(test)]
mod tests;
