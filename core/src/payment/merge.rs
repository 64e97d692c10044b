//! The merge of two copies of one payment that different processes have changed: the result knows what both knew.

use super::claims::Claims;
use super::flag_reason::FlagReason;
use super::flags::Flag;
use super::gain::Gain;
use super::{Payment, PaymentState};
use crate::error::{Disposition, Error};
use crate::payment::acceptance::Acceptance;

impl Payment {
    /// Takes over what another copy of the same payment knows, and returns what this copy learnt from it. Claims, flags,
    /// receipts, acceptance and the last error of both are kept. A copy of another payment changes nothing.
    ///
    /// The order of merging does not matter, and merging twice changes nothing. Where the contents change, the revision is
    /// above that of both copies.
    ///
    /// ```no_run
    /// # fn example(stored: String, known: &lipia::Payment) -> Result<(), lipia::Error> {
    /// use lipia::Payment;
    /// use lipia::payment::Gain;
    /// let mut payment = Payment::from_json(&stored)?;
    /// if payment.merge(known) != Gain::Nothing {
    ///     // save payment.to_json() in place of what was stored
    /// }
    /// # Ok(()) }
    /// ```
    pub fn merge(&mut self, other: &Self) -> Gain {
        if self.id != other.id || self.gateway != other.gateway {
            return Gain::Nothing;
        }
        let standing = self.standing();
        let (mine, theirs) = (self.content(), other.content());
        if mine == theirs {
            self.revision = self.revision.max(other.revision);
            return Gain::Nothing;
        }
        let revision = self.revision.max(other.revision);
        let mut merged = self.joined(other);
        merged.adopt_claimed_receipt();
        let content = merged.content();
        let known_to_self = content == mine;
        let is_new = |known: bool, of: u64| !known && of == revision;
        merged.revision = revision
            + u64::from(
                is_new(known_to_self, self.revision) || is_new(content == theirs, other.revision),
            );
        *self = merged;
        if self.standing() > standing && self.state == PaymentState::Settled {
            Gain::Forward
        } else if known_to_self {
            Gain::Nothing
        } else {
            Gain::Keep
        }
    }

    /// Everything but the revision.
    fn content(&self) -> String {
        let mut payment = self.clone();
        payment.revision = 0;
        payment.to_json()
    }

    fn joined(&self, other: &Self) -> Self {
        let sent = if other.sending_key() > self.sending_key() {
            other
        } else {
            self
        };
        let ended = if other.ending_key() > self.ending_key() {
            other
        } else {
            self
        };
        let mut flags = self.flags.clone();
        let dropped = flags.unite(&other.flags, self.differences(other));
        Self {
            form: self.form,
            id: self.id.clone(),
            gateway: self.gateway,
            push: self.push.clone(),
            // A copy that was accepted or settled says more than one that was not; below that, the later sending counts.
            state: if ended.state >= PaymentState::Accepted {
                ended.state
            } else {
                sent.state
            },
            outcome: if ended.state >= PaymentState::Accepted {
                ended.outcome
            } else {
                sent.outcome
            },
            result_code: ended.result_code.clone(),
            provisional: ended.provisional,
            acceptance: acceptance(self.acceptance.as_ref(), other.acceptance.as_ref()),
            receipt: one(self.receipt.as_ref(), other.receipt.as_ref(), Ord::min),
            paid_amount: one(
                self.paid_amount.as_ref(),
                other.paid_amount.as_ref(),
                Ord::min,
            ),
            paid_by: one(self.paid_by.as_ref(), other.paid_by.as_ref(), |a, b| {
                if a.as_str() <= b.as_str() { a } else { b }
            }),
            paid_at: one(self.paid_at.as_ref(), other.paid_at.as_ref(), Ord::min),
            success_needs_query: self.success_needs_query || other.success_needs_query,
            claims: self.claims.clone().united(&other.claims),
            claim_turns: self.claim_turns.max(other.claim_turns),
            reserved_at: self.reserved_at.min(other.reserved_at),
            sent_at: sent.sent_at,
            pushes: sent.pushes,
            settled_at: one(
                self.settled_at.as_ref(),
                other.settled_at.as_ref(),
                Ord::min,
            ),
            looked_at: self.looked_at.max(other.looked_at),
            failure_confirmed: self.failure_confirmed || other.failure_confirmed,
            revision: 0,
            flags,
            flags_dropped: self
                .flags_dropped
                .max(other.flags_dropped)
                .saturating_add(dropped),
            last_error: last_error(self.last_error.as_ref(), other.last_error.as_ref()),
            in_ledger: self.in_ledger || other.in_ledger,
            made_here: self.made_here,
        }
    }

    /// Flags for what both copies have and of which only one can be kept.
    fn differences(&self, other: &Self) -> Vec<Flag> {
        let mut differences = Vec::new();
        let mut keep_both = |reason: FlagReason, bodies: [String; 2]| {
            differences.extend(bodies.map(|body| Flag {
                at: self.reserved_at.min(other.reserved_at),
                reason: reason.as_str().to_owned(),
                body: Some(body),
            }));
        };
        if let (Some(a), Some(b)) = (&self.receipt, &other.receipt)
            && a != b
        {
            keep_both(FlagReason::ReceiptDiffers, [a.to_string(), b.to_string()]);
        }
        if let (Some(a), Some(b)) = (&self.acceptance, &other.acceptance)
            && contradict(a, b)
        {
            keep_both(FlagReason::CheckoutRequestIdDiffers, [ids(a), ids(b)]);
        }
        differences
    }

    /// How far its sending has come, so that the greater of two copies never says "not sent" where the other knows better.
    fn sending_key(&self) -> (bool, u32, u8, Option<crate::values::clock::EatTime>) {
        let phase = match self.state {
            PaymentState::Reserved if self.pushes == 0 && self.last_error.is_none() => 0,
            PaymentState::Sending => 1,
            PaymentState::Reserved => 2,
            PaymentState::Unknown => 3,
            PaymentState::Accepted | PaymentState::Settled => 4,
        };
        (phase == 4, self.pushes, phase, self.sent_at)
    }

    /// How far it has come as money counts, and what decides between two copies that have come as far.
    fn ending_key(&self) -> (u8, bool, &str, Option<&str>) {
        let stage = self.stage();
        let outcome = if stage == 0 {
            ""
        } else {
            self.outcome.as_str()
        };
        (
            stage,
            !self.provisional,
            outcome,
            self.result_code.as_deref(),
        )
    }

    /// Takes what one copy had as a claim about the money, where the other knows that the prompt was paid.
    fn adopt_claimed_receipt(&mut self) {
        if !self.is_paid() {
            return;
        }
        let prompt = self.checkout_request_id().cloned();
        let claimed = |claims: &Claims| claims.receipt_of(prompt.as_ref()).cloned();
        let Some(receipt) = self.receipt.take().or_else(|| claimed(&self.claims)) else {
            return;
        };
        for claim in self.claims.of_receipt(prompt.as_ref(), &receipt) {
            self.paid_amount = self.paid_amount.or(claim.amount);
            self.paid_by = self.paid_by.take().or_else(|| claim.phone.clone());
            self.paid_at = self.paid_at.or(claim.date);
        }
        self.receipt = Some(receipt);
    }
}

/// One of two values: the one that is there, or what `choose` makes of both.
fn one<'a, T: Clone>(
    a: Option<&'a T>,
    b: Option<&'a T>,
    choose: fn(&'a T, &'a T) -> &'a T,
) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(choose(a, b).clone()),
        (a, b) => a.or(b).cloned(),
    }
}

/// The ids of an acceptance as text, to compare it by.
fn ids(acceptance: &Acceptance) -> String {
    serde_json::to_string(&serde_json::json!({
        "checkout_request_id": acceptance.checkout_request_id,
        "transaction_id": acceptance.transaction_id,
    }))
    .unwrap_or_default()
}

/// Whether two acceptances cannot be of the same prompt.
fn contradict(a: &Acceptance, b: &Acceptance) -> bool {
    fn differ<T: PartialEq>(a: &Option<T>, b: &Option<T>) -> bool {
        a.is_some() && b.is_some() && a != b
    }
    differ(&a.checkout_request_id, &b.checkout_request_id)
        || differ(&a.transaction_id, &b.transaction_id)
}

/// One of two acceptances. Two that name the same prompt complete each other.
fn acceptance(a: Option<&Acceptance>, b: Option<&Acceptance>) -> Option<Acceptance> {
    let (Some(a), Some(b)) = (a, b) else {
        return a.or(b).cloned();
    };
    if contradict(a, b) {
        return Some(if ids(a) <= ids(b) { a } else { b }.clone());
    }
    fn lesser<T: Clone + Ord>(a: &Option<T>, b: &Option<T>) -> Option<T> {
        one(a.as_ref(), b.as_ref(), Ord::min)
    }
    Some(Acceptance {
        gateway: a.gateway,
        checkout_request_id: lesser(&a.checkout_request_id, &b.checkout_request_id),
        merchant_request_id: lesser(&a.merchant_request_id, &b.merchant_request_id),
        transaction_id: lesser(&a.transaction_id, &b.transaction_id),
        description: lesser(&a.description, &b.description),
        customer_message: lesser(&a.customer_message, &b.customer_message),
        request_id: lesser(&a.request_id, &b.request_id),
        fee: one(a.fee.as_ref(), b.fee.as_ref(), Ord::min),
        details: lesser(&a.details, &b.details),
        warnings: a.warnings.clone().max(b.warnings.clone()),
    })
}

/// One of two errors: one that leaves the money unknown says more than a refusal.
fn last_error(a: Option<&Error>, b: Option<&Error>) -> Option<Error> {
    fn key(error: &Error) -> (bool, String) {
        let unknown = error.disposition() == Disposition::Unknown;
        (unknown, serde_json::to_string(error).unwrap_or_default())
    }
    one(a, b, |a, b| if key(a) >= key(b) { a } else { b })
}
