//! A ledger's operations on a payment: take over what a process learnt, release its order, record a person's decision.

use super::flag_reason::FlagReason;
use super::gain::Gain;
use super::names::Doubt;
use super::{Change, Payment, PaymentState, names};
use crate::error::ids::Receipt;
use crate::meaning::outcome::Outcome;
use crate::values::clock::EatTime;

impl Payment {
    /// The payment as a ledger has it: [`Payment::begin_sending`] refuses it from now on.
    pub(crate) fn of_ledger(mut self) -> Self {
        self.in_ledger = true;
        self
    }

    /// Whether a ledger has it.
    pub(crate) fn is_in_ledger(&self) -> bool {
        self.in_ledger
    }

    /// Takes over what a process learnt of this payment in a copy of its own. `is_leased`: the process that sends its push is
    /// taken to be alive.
    pub(crate) fn learn(&mut self, learnt: &Self, is_leased: bool) -> Gain {
        let is_open_here = matches!(self.state, PaymentState::Sending | PaymentState::Unknown)
            && self.acceptance.is_none();
        // Only the sender's own copy says that a push which was begun did not leave.
        let is_refusal = learnt.state == PaymentState::Reserved && learnt.pushes > 0;
        if is_refusal && is_open_here {
            let mut concluded = learnt.clone();
            if self.heard() != learnt.heard() {
                // A callback came to another process meanwhile: it proves that the push arrived.
                concluded.merge(self);
                concluded.state = PaymentState::Unknown;
                concluded.outcome = Outcome::Unknown;
            }
            *self = concluded.replacing(self);
            return Gain::Keep;
        }
        let is_guess = learnt.state == PaymentState::Unknown && !learnt.made_here;
        if is_leased && is_guess && self.state == PaymentState::Sending {
            // Another process could not know that the push is still on its way.
            let mut learnt = learnt.clone();
            learnt.state = PaymentState::Sending;
            return self.merge(&learnt);
        }
        let before = self.clone();
        let gain = self.take_over(learnt);
        self.keep_reason_of(&before);
        gain
    }

    /// Keeps the reason for which a payment failed that the ledger had first: the shop was told of that one, and another reason
    /// for the same failure is not news.
    fn keep_reason_of(&mut self, in_ledger: &Self) {
        if self.is_failed() && in_ledger.is_failed() {
            self.outcome = in_ledger.outcome;
            self.result_code.clone_from(&in_ledger.result_code);
        }
    }

    /// Takes over what another process saved, in the process that may be sending the push of this payment. While the push is in
    /// flight here, the other process could not know that, and its `unknown` says nothing.
    pub(crate) fn catch_up(&mut self, saved: &Self) -> Gain {
        if self.state == PaymentState::Sending && saved.state == PaymentState::Unknown {
            return self.take_over(&Self {
                state: self.state,
                outcome: self.outcome,
                ..saved.clone()
            });
        }
        let gain = self.take_over(saved);
        self.keep_reason_of(saved);
        gain
    }

    /// Merges another copy, but for what that copy only guesses: the sender of a payment of a ledger knows that its push was
    /// refused, and a process that could not know says `unknown`. A copy that has heard something of the prompt is right.
    pub(crate) fn take_over(&mut self, other: &Self) -> Gain {
        let is_refused = self.in_ledger && self.state == PaymentState::Reserved && self.pushes > 0;
        let may_guess = other.state == PaymentState::Unknown && other.acceptance.is_none();
        if is_refused && may_guess && self.pushes == other.pushes {
            let mut kept = self.clone();
            let gain = kept.merge(&Self {
                state: self.state,
                outcome: self.outcome,
                sent_at: self.sent_at,
                last_error: self.last_error.clone(),
                ..other.clone()
            });
            if kept.heard() == self.heard() {
                *self = kept;
                return gain;
            }
        }
        self.merge(other)
    }

    /// Refuses what a process learnt of this payment, since it names what another payment has. The phone may have been
    /// prompted all the same.
    pub(crate) fn refuse_learnt(&mut self, learnt: &Self, doubt: Doubt, now: EatTime) {
        if self.state == PaymentState::Sending && learnt.state != PaymentState::Sending {
            self.state = PaymentState::Unknown;
            self.outcome = Outcome::Unknown;
            self.last_error = Some(names::not_its_own(doubt).of_payment(&self.id));
        }
        let stated = names::stated_as_text(&names::of_payment(learnt));
        self.flag(doubt.reason(), Some(stated), now);
    }

    /// Whether its order is free: the push was refused, or it failed and no later success is expected.
    pub(crate) fn lets_its_order_go(&self) -> bool {
        match self.state {
            PaymentState::Reserved => true,
            PaymentState::Settled => {
                self.is_failed() && (self.order_free_at().is_none() || self.failure_confirmed)
            }
            PaymentState::Sending | PaymentState::Unknown | PaymentState::Accepted => false,
        }
    }

    /// Whether it is flagged as paid for an order that another payment had paid.
    pub(crate) fn is_flagged_paid_twice(&self) -> bool {
        self.flags()
            .iter()
            .any(|flag| flag.reason == FlagReason::OrderPaidTwice.as_str())
    }

    /// Flags it as paid for an order that another payment has paid.
    pub(crate) fn flag_paid_twice(&mut self, now: EatTime) -> Change {
        self.flag(FlagReason::OrderPaidTwice, None, now)
    }

    /// Settles an open payment as a person decided who has seen the merchant's statement: paid with that receipt, or not
    /// paid. A payment that is settled stays as it is.
    ///
    /// "Not paid" is a failure that is asked about again: a statement does not show what the customer pays later. It holds
    /// its order as long as the prompt may be open.
    pub(crate) fn resolve(&mut self, receipt: Option<Receipt>, now: EatTime) -> Change {
        let is_open = matches!(self.state, PaymentState::Unknown | PaymentState::Accepted);
        if !is_open {
            return Change::Unchanged;
        }
        match receipt {
            Some(receipt) => {
                self.take_claim();
                self.receipt = Some(receipt);
                self.settle(Outcome::Success, None, now)
            }
            None => {
                let change = self.settle(Outcome::Failed, None, now);
                self.provisional = true;
                self.failure_confirmed |=
                    !self.may_have_its_prompt_open(now) && !self.is_claimed_paid();
                change
            }
        }
    }

    /// Whether its order is free, now that its prompt cannot be open any more, although no look has found its failure again:
    /// the gateway cannot be asked about it, so that no look ever will.
    pub(crate) fn lets_its_order_go_unasked(&self, now: EatTime) -> bool {
        self.has_nothing_to_ask_by()
            && !self.is_claimed_paid()
            && self.order_free_at().is_some_and(|free_at| free_at <= now)
    }

    /// Whether no gateway can be asked about it: neither its prompt nor its transaction has an id that is known.
    pub(crate) fn has_nothing_to_ask_by(&self) -> bool {
        self.id_to_ask_by().is_none() && self.transaction_id().is_none()
    }
}
