//! What events say of a success that the gateway has yet to confirm. A claim binds nothing: it tells what to ask about, and
//! has the receipt that a query does not.

use crate::{EatTime, Event, Money, PhoneNumber};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How many are kept: somebody who knows a payment's URL could otherwise fill a disk.
const MOST_CLAIMS: usize = 4;

/// What an event says of the money, beyond that it came.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Claim {
    pub(super) checkout_request_id: Option<String>,
    pub(super) merchant_request_id: Option<String>,
    pub(super) receipt: Option<String>,
    pub(super) amount: Option<Money>,
    pub(super) phone: Option<PhoneNumber>,
    pub(super) date: Option<EatTime>,
}

impl Claim {
    pub(super) fn of(event: &Event) -> Self {
        Self {
            checkout_request_id: event.checkout_request_id.clone(),
            merchant_request_id: event.merchant_request_id.clone(),
            receipt: event.receipt.clone(),
            amount: event.amount,
            phone: event.phone.clone(),
            date: event.date,
        }
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

/// The claims of one payment, one for each prompt that is named; the next question is about the first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Claims(Vec<Claim>);

impl Claims {
    /// The one that is believed.
    pub(super) fn only(claim: Claim) -> Self {
        Self(vec![claim])
    }

    /// The one to ask about next.
    pub(super) fn first(&self) -> Option<&Claim> {
        self.0.first()
    }

    /// Keeps a claim, unless one about the same prompt says as much. Whether it was kept.
    pub(super) fn keep(&mut self, claim: Claim) -> bool {
        let known = self
            .0
            .iter_mut()
            .find(|known| known.checkout_request_id == claim.checkout_request_id);
        match known {
            Some(known) if known.receipt.is_none() && claim.receipt.is_some() => *known = claim,
            Some(_) => return false,
            None => {
                if self.0.len() == MOST_CLAIMS {
                    self.0.remove(0);
                }
                self.0.push(claim);
            }
        }
        true
    }

    /// The gateway did not tell: the next question is about the next one, so that a made-up claim never stands before a
    /// true one for good. Whether there is another.
    pub(super) fn turn(&mut self) -> bool {
        let has_another = self.0.len() > 1;
        if has_another {
            self.0.rotate_left(1);
        }
        has_another
    }

    /// Drops what is claimed about a prompt. Whether anything was.
    pub(super) fn drop_about(&mut self, checkout_request_id: &str) -> bool {
        let before = self.0.len();
        self.0
            .retain(|claim| claim.checkout_request_id.as_deref() != Some(checkout_request_id));
        self.0.len() < before
    }

    /// Hands out what is claimed about the prompt that was paid, and forgets the rest.
    pub(super) fn take(&mut self, checkout_request_id: Option<&str>) -> Option<Claim> {
        std::mem::take(&mut self.0)
            .into_iter()
            .find(|claim| claim.checkout_request_id.as_deref() == checkout_request_id)
    }
}
