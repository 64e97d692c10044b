//! One sale's life: `reserved -> sending -> accepted | unknown -> settled`. A pure, serialisable state machine.
//!
//! It does no IO and reads no clock. Answers, query results and events move it forward and never back; whoever
//! keeps payments (a Django model, a map, a file on a phone) only saves what it says.

pub(crate) mod acceptance;
pub(crate) mod answer;
pub(crate) mod changes;
pub(crate) mod claims;
pub(crate) mod event;
pub(crate) mod flag_reason;
pub(crate) mod flags;
pub(crate) mod for_customer;
pub(crate) mod gain;
pub(crate) mod handle;
pub(crate) mod learnt;
pub(crate) mod looks;
pub(crate) mod merge;
pub(crate) mod names;
pub(crate) mod of_order;
pub(crate) mod pruning;
pub(crate) mod saved;
pub(crate) mod schedule;
pub(crate) mod status;

pub use crate::error::ids::PaymentId;
pub use acceptance::Acceptance;
pub use flags::Flag;
pub use for_customer::CustomerView;
pub use gain::Gain;
pub use handle::{PaymentHandle, PaymentStore};
pub use schedule::{Progress, WaitOptions, WaitSeconds};

use crate::error::Error;
use crate::error::ids::{CheckoutRequestId, Receipt};
use crate::meaning::outcome::Outcome;
use crate::meaning::result_codes;
use crate::meaning::result_codes::ResultCode;
use crate::values::clock::EatTime;
use crate::values::gateway_name::GatewayName;
use crate::values::money::Money;
use crate::values::phone::PhoneNumber;
use crate::values::push::Push;
use crate::values::warning::Warning;
use claims::{Claim, Claims};
use flags::Flags;
use serde::{Deserialize, Serialize};

word_list! {
    /// How far a payment has come.
    #[derive(PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum PaymentState {
        /// Nothing was sent, or the push was refused.
        Reserved = "reserved",
        /// Its push is on the way. Read from storage after a crash, this means: it may have been sent.
        Sending = "sending",
        /// The answer to its push was lost. The phone may have been prompted; it is never pushed again.
        Unknown = "unknown",
        /// The gateway took the push. Not a payment yet.
        Accepted = "accepted",
        /// Its outcome is known.
        Settled = "settled",
    }
}

word_list! {
    /// What handing something to a payment did.
    pub enum Change {
        /// The payment moved forward.
        Applied = "applied",
        /// The payment knew it already: a duplicate, or older news.
        Unchanged = "unchanged",
        /// It does not fit this payment. It is kept and flagged, and nothing was believed.
        Suspicious = "suspicious",
    }
}

/// A payment: one sale's life, from before the first byte leaves.
///
/// Save it with [`Payment::to_json`] whenever it changes and read it back with [`Payment::from_json`], in this
/// process or another. It holds the customer's phone number and an unguessable URL: treat it as you treat an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Payment {
    form: u32,
    id: PaymentId,
    gateway: GatewayName,
    state: PaymentState,
    outcome: Outcome,
    push: Push,
    acceptance: Option<Acceptance>,
    result_code: Option<String>,
    receipt: Option<Receipt>,
    paid_amount: Option<Money>,
    paid_by: Option<PhoneNumber>,
    paid_at: Option<EatTime>,
    /// Whether a success counts only once the gateway, when asked, has said the same.
    #[serde(default)]
    success_needs_query: bool,
    /// What events said of a success that the gateway has yet to confirm.
    #[serde(default)]
    claims: Claims,
    /// How many questions brought nothing while there were several claims, so that the next one is about another claim. A
    /// count, which the later of two copies always has more of: an order of the claims would be lost when copies merge.
    #[serde(default)]
    claim_turns: u32,
    reserved_at: EatTime,
    sent_at: Option<EatTime>,
    /// How often its push was begun.
    #[serde(default)]
    pushes: u32,
    settled_at: Option<EatTime>,
    /// Whether its failure only says that nobody answered in time, or is a person's word, so that it is asked about again.
    #[serde(default)]
    provisional: bool,
    /// When it was last asked about after such a failure.
    #[serde(default)]
    looked_at: Option<EatTime>,
    /// Whether such a look, once its order's grace was over, found the failure again, or a person called it not paid then.
    #[serde(default)]
    failure_confirmed: bool,
    /// Counts changes: a store can refuse to overwrite a later one with an earlier.
    revision: u64,
    flags: Flags,
    /// The number of flags that were dropped because there were too many.
    #[serde(default)]
    flags_dropped: u32,
    last_error: Option<Error>,
    /// Whether a ledger has it: its push is sent by the request that claimed its order, and by nobody else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    in_ledger: bool,
    /// Whether this process made it. One that says `reserved` and was read from storage may have been pushed by a process
    /// that ended before it saved more.
    #[serde(skip)]
    made_here: bool,
}

impl Payment {
    /// A payment that exists and was not sent.
    pub(crate) fn reserve(id: PaymentId, gateway: GatewayName, push: Push, now: EatTime) -> Self {
        Self {
            form: saved::FORM,
            id,
            gateway,
            state: PaymentState::Reserved,
            outcome: Outcome::Pending,
            push,
            acceptance: None,
            result_code: None,
            receipt: None,
            paid_amount: None,
            paid_by: None,
            paid_at: None,
            success_needs_query: false,
            claims: Claims::default(),
            claim_turns: 0,
            reserved_at: now,
            sent_at: None,
            pushes: 0,
            settled_at: None,
            provisional: false,
            looked_at: None,
            failure_confirmed: false,
            revision: 0,
            flags: Flags::default(),
            flags_dropped: 0,
            last_error: None,
            in_ledger: false,
            made_here: true,
        }
    }

    /// The same payment, which believes a success only once the gateway, when asked, has said the same.
    pub(crate) fn confirming_successes(mut self, needs_query: bool) -> Self {
        self.success_needs_query = needs_query;
        self
    }

    /// Its own id.
    #[must_use]
    pub fn id(&self) -> &PaymentId {
        &self.id
    }

    /// The gateway that is asked to prompt the phone.
    #[must_use]
    pub fn gateway(&self) -> GatewayName {
        self.gateway
    }

    /// The state: how far the payment has come.
    #[must_use]
    pub fn state(&self) -> PaymentState {
        self.state
    }

    /// The outcome of the payment. Only [`Outcome::Success`] is money; `pending` and `unknown` are still being asked.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Whether the money was received.
    #[must_use]
    pub fn is_paid(&self) -> bool {
        self.outcome.is_paid()
    }

    /// The push: what was asked of whom.
    #[must_use]
    pub fn push(&self) -> &Push {
        &self.push
    }

    /// Remarks on what is valid in its push and may still make it fail.
    ///
    /// ```
    /// # fn example() -> Result<(), lipia::Error> {
    /// # let shop = lipia::PalPluss::builder().api_key("key").callback_url("https://shop.example/pay").build()?;
    /// let payment = shop.reserve(lipia::StkPush::new("0712345678", 150, "INV#9"))?.snapshot();
    /// assert_eq!(payment.warnings()[0].code(), "account_reference_unusual_character");
    /// # Ok(()) }
    /// # example().unwrap();
    /// ```
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        self.push.warnings()
    }

    /// The gateway's acceptance, once there is one.
    #[must_use]
    pub fn acceptance(&self) -> Option<&Acceptance> {
        self.acceptance.as_ref()
    }

    /// The prompt's id, once it is known. It embeds the payer's phone number.
    #[must_use]
    pub fn checkout_request_id(&self) -> Option<&CheckoutRequestId> {
        self.acceptance.as_ref()?.checkout_request_id.as_ref()
    }

    /// The id to ask by: the prompt's, or where that is lost the one that an event claimed. A claim does not bind the
    /// payment: only the gateway's answer to the question does.
    pub(crate) fn id_to_ask_by(&self) -> Option<&CheckoutRequestId> {
        let claimed = || self.next_claim()?.checkout_request_id.as_ref();
        self.checkout_request_id().or_else(claimed)
    }

    /// The gateway's own id: the acceptance's, or where that is lost the one that the answer to the push named.
    pub(crate) fn transaction_id(&self) -> Option<&str> {
        match &self.acceptance {
            Some(acceptance) => acceptance.transaction_id.as_deref(),
            None => self.next_claim()?.transaction_id.as_deref(),
        }
    }

    /// M-Pesa's code for the outcome, once there is one.
    #[must_use]
    pub fn result_code(&self) -> Option<&str> {
        self.result_code.as_deref()
    }

    /// Describes the outcome: what its code means, and a sentence for the customer; without a code that is known, what its
    /// outcome means.
    #[must_use]
    pub fn describe(&self) -> &'static ResultCode {
        result_codes::describe_outcome(self.outcome, self.result_code())
    }

    /// M-Pesa's receipt. With Daraja it comes with the callback, or with version 2 of the query
    /// ([`QueryVersion`](crate::gateway::QueryVersion)): a payment that version 1 settled has none until the callback arrives.
    #[must_use]
    pub fn receipt(&self) -> Option<&Receipt> {
        self.receipt.as_ref()
    }

    /// The receipt that an event named and that the gateway has yet to confirm.
    pub(crate) fn claimed_receipt(&self) -> Option<&Receipt> {
        self.next_claim()?.receipt.as_ref()
    }

    fn next_claim(&self) -> Option<&Claim> {
        self.claims.next(self.claim_turns)
    }

    /// The sum that was paid, once an event or a query says so.
    #[must_use]
    pub fn paid_amount(&self) -> Option<Money> {
        self.paid_amount
    }

    /// The phone number that paid, once an event says so.
    #[must_use]
    pub fn paid_by(&self) -> Option<&PhoneNumber> {
        self.paid_by.as_ref()
    }

    /// When it was paid by M-Pesa's clock, once an event says so.
    #[must_use]
    pub fn paid_at(&self) -> Option<EatTime> {
        self.paid_at
    }

    /// When it was reserved.
    #[must_use]
    pub fn reserved_at(&self) -> EatTime {
        self.reserved_at
    }

    /// When its push was last begun.
    #[must_use]
    pub fn sent_at(&self) -> Option<EatTime> {
        self.sent_at
    }

    /// When its outcome was first known.
    #[must_use]
    pub fn settled_at(&self) -> Option<EatTime> {
        self.settled_at
    }

    /// Counts its changes: a store can refuse to overwrite a later one with an earlier.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The flags, for what was handed in and not believed: the newest 16, of every reason at least the newest one.
    #[must_use]
    pub fn flags(&self) -> &[Flag] {
        self.flags.as_slice()
    }

    /// The number of flags that were dropped because there were more than 16.
    #[must_use]
    pub fn flags_dropped(&self) -> u32 {
        self.flags_dropped
    }

    /// Why its last push did not end in an acceptance, or why the last question about it brought no answer.
    #[must_use]
    pub fn last_error(&self) -> Option<&Error> {
        self.last_error.as_ref()
    }
}

#[cfg(test)]
mod tests;
