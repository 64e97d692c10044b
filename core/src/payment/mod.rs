//! One sale's life: `reserved -> sending -> accepted | unknown -> settled`. A pure, serialisable state machine.
//!
//! It does no IO and reads no clock. Answers, query results and events move it forward and never back; whoever
//! keeps payments (a Django model, a map, a file on a phone) only saves what it says.

mod answer;
mod claims;
mod event;
mod handle;
mod id;
mod status;
mod step;

pub(crate) use handle::Registry;
pub use handle::{PaymentHandle, PaymentStore};
pub use id::PaymentId;
pub(crate) use id::hexadecimal;
pub use step::Step;

use claims::Claims;

use crate::{Acceptance, EatTime, Error, GatewayName, Money, Outcome, PhoneNumber, Push};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How far a payment has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// It exists and nothing of it was sent, or what was sent was refused: pushing it prompts nobody twice.
    Reserved,
    /// Its push is on the way. Read from storage after a crash, this means: it may have been sent.
    Sending,
    /// The answer to its push was lost. The phone may have been prompted; it is never pushed again.
    Unknown,
    /// The gateway took the push. Not a payment yet.
    Accepted,
    /// Its outcome is known.
    Settled,
}

impl PaymentState {
    /// The word, as it is written in JSON, logs and every other language.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::Accepted => "accepted",
            Self::Settled => "settled",
        }
    }
}

/// What handing something to a payment did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It moved forward.
    Moved,
    /// It knew that already: a duplicate, or older news.
    Nothing,
    /// It does not fit this payment. It is kept and flagged, and nothing was believed.
    Flagged,
}

impl Change {
    /// The word, as every language has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Moved => "moved",
            Self::Nothing => "nothing",
            Self::Flagged => "flagged",
        }
    }
}

/// Something that was handed to a payment and not believed, kept for a person to look at.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Flag {
    /// When it came.
    pub at: EatTime,
    /// Why it was not believed: `amount_differs`, `phone_differs`, `checkout_request_id_differs`,
    /// `success_incomplete`, `contradicts_success`, `reversal_reported` …
    pub reason: String,
    /// The body as it came, where it was an event; cut at 4 KiB.
    pub body: Option<String>,
}

impl fmt::Debug for Flag {
    /// The body holds the customer's number, and is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flag")
            .field("at", &self.at)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// How many flags a payment keeps: somebody who knows its URL could otherwise fill a disk.
const MOST_FLAGS: usize = 16;

/// The JSON form this version writes.
const FORM: u32 = 1;

/// One sale's life, from before the first byte leaves.
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
    receipt: Option<String>,
    paid_amount: Option<Money>,
    paid_by: Option<PhoneNumber>,
    paid_at: Option<EatTime>,
    /// Whether a success counts only once the gateway, when asked, has said the same.
    #[serde(default)]
    success_needs_query: bool,
    /// What events said of a success that the gateway has yet to confirm.
    #[serde(default)]
    claims: Claims,
    reserved_at: EatTime,
    sent_at: Option<EatTime>,
    settled_at: Option<EatTime>,
    /// Counts changes: a store can refuse to overwrite a later one with an earlier.
    revision: u64,
    flags: Vec<Flag>,
    last_error: Option<Error>,
}

impl Payment {
    /// A payment that exists and was not sent.
    pub(crate) fn reserve(id: PaymentId, gateway: GatewayName, push: Push, now: EatTime) -> Self {
        Self {
            form: FORM,
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
            reserved_at: now,
            sent_at: None,
            settled_at: None,
            revision: 0,
            flags: Vec::new(),
            last_error: None,
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

    /// Who is asked to prompt the phone.
    #[must_use]
    pub fn gateway(&self) -> GatewayName {
        self.gateway
    }

    /// How far it has come.
    #[must_use]
    pub fn state(&self) -> PaymentState {
        self.state
    }

    /// What became of it. Only [`Outcome::Success`] is money; `pending` and `unknown` are still being asked.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Whether the money was received.
    #[must_use]
    pub fn is_paid(&self) -> bool {
        self.outcome.is_paid()
    }

    /// What was asked of whom.
    #[must_use]
    pub fn push(&self) -> &Push {
        &self.push
    }

    /// The gateway's acceptance, once there is one.
    #[must_use]
    pub fn acceptance(&self) -> Option<&Acceptance> {
        self.acceptance.as_ref()
    }

    /// The prompt's id, once it is known. It embeds the payer's phone number.
    #[must_use]
    pub fn checkout_request_id(&self) -> Option<&str> {
        self.acceptance
            .as_ref()
            .map(|acceptance| acceptance.checkout_request_id.as_str())
    }

    /// The id to ask by: the prompt's, or where that is lost the one that an event claimed. A claim does not bind the
    /// payment: only the gateway's answer to the question does.
    pub(crate) fn id_to_ask_by(&self) -> Option<&str> {
        let claimed = || self.claims.first()?.checkout_request_id.as_deref();
        self.checkout_request_id().or_else(claimed)
    }

    /// M-Pesa's code for the outcome, once there is one.
    #[must_use]
    pub fn result_code(&self) -> Option<&str> {
        self.result_code.as_deref()
    }

    /// M-Pesa's receipt. With Daraja it comes with the callback alone: a payment that a query settled has none
    /// until the callback arrives.
    #[must_use]
    pub fn receipt(&self) -> Option<&str> {
        self.receipt.as_deref()
    }

    /// The receipt that an event named and that the gateway has yet to confirm.
    pub(crate) fn claimed_receipt(&self) -> Option<&str> {
        self.claims.first()?.receipt.as_deref()
    }

    /// What was paid, once an event or a query says so.
    #[must_use]
    pub fn paid_amount(&self) -> Option<Money> {
        self.paid_amount
    }

    /// Who paid, once an event says so.
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

    /// What was handed in and not believed.
    #[must_use]
    pub fn flags(&self) -> &[Flag] {
        &self.flags
    }

    /// Why its last push did not end in an acceptance.
    #[must_use]
    pub fn last_error(&self) -> Option<&Error> {
        self.last_error.as_ref()
    }

    /// Takes what was claimed of the money, now that it is believed; a claim about another prompt is dropped.
    fn take_claim(&mut self) {
        let checkout_request_id = self.checkout_request_id().map(str::to_owned);
        if let Some(claim) = self.claims.take(checkout_request_id.as_deref()) {
            self.receipt = claim.receipt;
            self.paid_amount = claim.amount;
            self.paid_by = claim.phone;
            self.paid_at = claim.date;
        }
    }

    fn settle(&mut self, outcome: Outcome, result_code: Option<String>, now: EatTime) -> Change {
        self.state = PaymentState::Settled;
        self.outcome = outcome;
        self.result_code = result_code.or_else(|| self.result_code.take());
        self.settled_at = self.settled_at.or(Some(now));
        self.revision += 1;
        Change::Moved
    }

    /// Takes the ids that an event or a query brought where the acceptance was lost.
    fn adopt_ids(&mut self, checkout_request_id: &str, merchant_request_id: Option<String>) {
        if self.acceptance.is_none() {
            self.acceptance = Some(Acceptance {
                merchant_request_id,
                ..Acceptance::new(self.gateway, checkout_request_id)
            });
        }
    }

    fn flag(&mut self, reason: &str, body: Option<String>, now: EatTime) -> Change {
        let known = self
            .flags
            .iter()
            .any(|flag| flag.reason == reason && flag.body == body);
        if !known && self.flags.len() < MOST_FLAGS {
            self.flags.push(Flag {
                at: now,
                reason: reason.to_owned(),
                body,
            });
            self.revision += 1;
        }
        Change::Flagged
    }

    /// The payment as JSON text, to save.
    #[must_use]
    pub fn to_json(&self) -> String {
        // A struct of texts and numbers always serialises.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// A payment that was saved with [`Payment::to_json`].
    ///
    /// # Errors
    /// `payment_unreadable` for anything else, `payment_form_unknown` for one that a later version of Lipia wrote.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Form {
            form: u32,
        }
        let unreadable = |source: serde_json::Error| {
            Error::invalid(
                "payment",
                "payment_unreadable",
                "This is not a payment that Lipia saved.",
            )
            .with_hint("Give the whole text that `to_json` returned.")
            .with_source(source)
        };
        let Form { form } = serde_json::from_str(text).map_err(unreadable)?;
        if form != FORM {
            return Err(Error::invalid(
                "payment",
                "payment_form_unknown",
                format!("This payment was saved in form {form}, and this version of Lipia reads form {FORM}."),
            )
            .with_hint("Update Lipia before you resume it."));
        }
        serde_json::from_str(text).map_err(unreadable)
    }
}

#[cfg(test)]
mod tests;
