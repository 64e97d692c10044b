//! Claims: what events say of a success that the gateway has yet to confirm. A claim binds nothing: it tells what to ask about, and
//! has the receipt that a query does not.

use crate::error::ids::{CheckoutRequestId, MerchantRequestId, NamedPrompt, Receipt};
use crate::meaning::event::Event;
use crate::values::clock::EatTime;
use crate::values::money::Money;
use crate::values::phone::PhoneNumber;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How many are kept: somebody who knows a payment's URL could otherwise fill a disk.
const MAX_CLAIMS: usize = 8;

/// What an event says of the money, beyond that it came.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Claim {
    pub(super) checkout_request_id: Option<CheckoutRequestId>,
    /// The gateway's own id, which the answer to the push named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) transaction_id: Option<String>,
    /// Whether the answer to the payment's own push named the prompt, as opposed to an event. What the gateway then says
    /// of it is this payment's outcome, a failure too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) of_push_answer: bool,
    pub(super) merchant_request_id: Option<MerchantRequestId>,
    pub(super) receipt: Option<Receipt>,
    pub(super) amount: Option<Money>,
    pub(super) phone: Option<PhoneNumber>,
    pub(super) date: Option<EatTime>,
}

impl Claim {
    pub(super) fn of(event: &Event) -> Self {
        Self {
            checkout_request_id: event.checkout_request_id.clone(),
            transaction_id: None,
            of_push_answer: false,
            merchant_request_id: event.merchant_request_id.clone(),
            receipt: event.receipt.clone(),
            amount: event.amount,
            phone: event.phone.clone(),
            date: event.date,
        }
    }

    /// The prompt that the answer to a push named without accepting it.
    pub(super) fn of_answer(named: &NamedPrompt) -> Self {
        Self {
            checkout_request_id: named.checkout_request_id.clone(),
            transaction_id: named.transaction_id.clone(),
            of_push_answer: true,
            merchant_request_id: None,
            receipt: None,
            amount: None,
            phone: None,
            date: None,
        }
    }
}

impl Claim {
    fn is_about_the_prompt_of(&self, other: &Self) -> bool {
        self.checkout_request_id == other.checkout_request_id
            && (self.checkout_request_id.is_some() || self.transaction_id == other.transaction_id)
    }

    /// Whether the other claim says all that this one says.
    fn says_no_more_than(&self, other: &Self) -> bool {
        fn is_in<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
            one.is_none() || one == other
        }
        self.is_about_the_prompt_of(other)
            && (!self.of_push_answer || other.of_push_answer)
            && is_in(self.transaction_id.as_ref(), other.transaction_id.as_ref())
            && is_in(
                self.merchant_request_id.as_ref(),
                other.merchant_request_id.as_ref(),
            )
            && is_in(self.receipt.as_ref(), other.receipt.as_ref())
            && is_in(self.amount.as_ref(), other.amount.as_ref())
            && is_in(self.phone.as_ref(), other.phone.as_ref())
            && is_in(self.date.as_ref(), other.date.as_ref())
    }
}

impl fmt::Debug for Claim {
    /// The prompt's id embeds the customer's number, and is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim")
            .field("receipt", &self.receipt)
            .field("amount", &self.amount)
            .finish_non_exhaustive()
    }
}

/// The claims of one payment, one for each prompt and receipt that is named.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Claims(Vec<Claim>);

impl Claims {
    /// The one that is believed.
    pub(super) fn only(claim: Claim) -> Self {
        Self(vec![claim])
    }

    /// How many are kept.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The one to ask about next, after so many questions that brought nothing: each has its turn, so that a made-up claim never
    /// stands before a true one for good.
    pub(super) fn next(&self, turns: u32) -> Option<&Claim> {
        let place = usize::try_from(turns).ok()?.checked_rem(self.0.len())?;
        self.0.get(place)
    }

    /// Keeps a claim, unless another says as much. Whether it was kept.
    ///
    /// A claim that says less than another goes, whichever came first, so that copies of a payment which heard the same
    /// events in another order hold the same claims.
    pub(super) fn keep(&mut self, mut claim: Claim) -> bool {
        let mut is_new = false;
        // How a prompt became known, and the gateway's own id for it, hold for every claim about the prompt.
        for known in &mut self.0 {
            if !known.is_about_the_prompt_of(&claim) {
                continue;
            }
            is_new |= !known.of_push_answer && claim.of_push_answer
                || known.transaction_id.is_none() && claim.transaction_id.is_some();
            let of_push_answer = known.of_push_answer || claim.of_push_answer;
            let transaction_id = match (known.transaction_id.take(), claim.transaction_id.take()) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
            (known.of_push_answer, claim.of_push_answer) = (of_push_answer, of_push_answer);
            known.transaction_id.clone_from(&transaction_id);
            claim.transaction_id = transaction_id;
        }
        if self.0.iter().any(|known| claim.says_no_more_than(known)) {
            return is_new;
        }
        let place = self
            .0
            .iter()
            .position(|known| known.says_no_more_than(&claim));
        self.0.retain(|known| !known.says_no_more_than(&claim));
        if self.0.len() == MAX_CLAIMS {
            warn_of_dropped_claims();
            self.0.remove(0);
        }
        let place = place.unwrap_or(self.0.len()).min(self.0.len());
        self.0.insert(place, claim);
        true
    }

    /// The claims of both, in an order that does not depend on which one is asked.
    pub(super) fn united(mut self, other: &Self) -> Self {
        for claim in &other.0 {
            self.keep(claim.clone());
        }
        self.0.sort_by_cached_key(|claim| {
            (
                claim.receipt.is_none(),
                serde_json::to_string(claim).unwrap_or_default(),
            )
        });
        self
    }

    /// Whether an event claims that a prompt was paid; where the prompt's id is not known, any prompt.
    pub(super) fn is_about(&self, checkout_request_id: Option<&CheckoutRequestId>) -> bool {
        let claims_money = |claim: &&Claim| !claim.of_push_answer || claim.receipt.is_some();
        self.0.iter().filter(claims_money).any(|claim| {
            checkout_request_id.is_none()
                || claim.checkout_request_id.as_ref() == checkout_request_id
        })
    }

    /// The first receipt that is claimed for a prompt.
    pub(super) fn receipt_of<'a>(
        &'a self,
        checkout_request_id: Option<&'a CheckoutRequestId>,
    ) -> Option<&'a Receipt> {
        self.about(checkout_request_id)
            .find_map(|claim| claim.receipt.as_ref())
    }

    /// The claims about a prompt that name a receipt.
    pub(super) fn of_receipt<'a>(
        &'a self,
        checkout_request_id: Option<&'a CheckoutRequestId>,
        receipt: &'a Receipt,
    ) -> impl Iterator<Item = &'a Claim> {
        self.about(checkout_request_id)
            .filter(move |claim| claim.receipt.as_ref() == Some(receipt))
    }

    fn about<'a>(
        &'a self,
        checkout_request_id: Option<&'a CheckoutRequestId>,
    ) -> impl Iterator<Item = &'a Claim> {
        self.0
            .iter()
            .filter(move |claim| claim.checkout_request_id.as_ref() == checkout_request_id)
    }

    /// The gateway's own id of a prompt, where the answer to the push named it.
    pub(super) fn transaction_id(
        &self,
        checkout_request_id: Option<&CheckoutRequestId>,
    ) -> Option<String> {
        let mut named = self.0.iter().filter(|claim| claim.transaction_id.is_some());
        let fits = |claim: &&Claim| {
            claim.checkout_request_id.is_none()
                || claim.checkout_request_id.as_ref() == checkout_request_id
        };
        named.find(fits)?.transaction_id.clone()
    }

    /// Whether the answer to the payment's own push named this prompt.
    pub(super) fn push_answer_named(
        &self,
        checkout_request_id: Option<&CheckoutRequestId>,
    ) -> bool {
        self.0.iter().any(|claim| {
            let id = claim.checkout_request_id.as_ref();
            claim.of_push_answer && (id.is_none() || id == checkout_request_id)
        })
    }

    /// Whether events name this prompt, and the answer to the payment's own push does not.
    pub(super) fn events_alone_named(
        &self,
        checkout_request_id: Option<&CheckoutRequestId>,
    ) -> bool {
        let is_named = self.0.iter().any(|claim| {
            let id = claim.checkout_request_id.as_ref();
            id.is_some() && id == checkout_request_id
        });
        is_named && !self.push_answer_named(checkout_request_id)
    }

    /// Drops what is claimed about a prompt. Whether anything was.
    pub(super) fn drop_about(&mut self, checkout_request_id: &CheckoutRequestId) -> bool {
        let before = self.0.len();
        self.0
            .retain(|claim| claim.checkout_request_id.as_ref() != Some(checkout_request_id));
        self.0.len() < before
    }

    /// Hands out what is claimed about the prompt that was paid, and forgets the rest.
    pub(super) fn take(
        &mut self,
        checkout_request_id: Option<&CheckoutRequestId>,
    ) -> Option<Claim> {
        std::mem::take(&mut self.0)
            .into_iter()
            .find(|claim| claim.checkout_request_id.as_ref() == checkout_request_id)
    }
}

/// What the event of a dropped claim said stays in the payment's flags.
fn warn_of_dropped_claims() {
    tracing::warn!(target: "lipia", "a payment has more claims than are kept, and one was dropped");
}
