//! The changes that answers, events and statuses share: settling, adopting ids, taking a claim, flagging.

use super::flag_reason::FlagReason;
use super::flags::Flag;
use super::{Change, Payment, PaymentState};
use crate::error::ids::{CheckoutRequestId, MerchantRequestId};
use crate::meaning::outcome::Outcome;
use crate::payment::acceptance::Acceptance;
use crate::values::clock::EatTime;

impl Payment {
    /// Takes what was claimed of the money, now that it is believed; a claim about another prompt is dropped.
    pub(super) fn take_claim(&mut self) {
        let checkout_request_id = self.checkout_request_id().cloned();
        if let Some(claim) = self.claims.take(checkout_request_id.as_ref()) {
            self.receipt = claim.receipt;
            self.paid_amount = claim.amount;
            self.paid_by = claim.phone;
            self.paid_at = claim.date;
        }
    }

    pub(super) fn settle(
        &mut self,
        outcome: Outcome,
        result_code: Option<String>,
        now: EatTime,
    ) -> Change {
        self.state = PaymentState::Settled;
        self.outcome = outcome;
        self.result_code = result_code.or_else(|| self.result_code.take());
        self.provisional = false;
        self.settled_at = self.settled_at.or(Some(now));
        self.revision += 1;
        Change::Applied
    }

    /// Takes the ids that an event or a query brought where the acceptance was lost, or came without them.
    pub(super) fn adopt_ids(
        &mut self,
        checkout_request_id: Option<&CheckoutRequestId>,
        merchant_request_id: Option<&MerchantRequestId>,
        transaction_id: Option<&String>,
    ) {
        let named = self.claims.transaction_id(checkout_request_id);
        let transaction_id = transaction_id.or(named.as_ref());
        if checkout_request_id.is_none() && transaction_id.is_none() {
            return;
        }
        let acceptance = self.acceptance.get_or_insert_with(|| Acceptance {
            checkout_request_id: None,
            merchant_request_id: merchant_request_id.cloned(),
            warnings: self.push.warnings().to_vec(),
            ..Acceptance::new(self.gateway, "")
        });
        fn fill<T: Clone>(id: &mut Option<T>, told: Option<&T>) {
            if id.is_none() {
                *id = told.cloned();
            }
        }
        fill(&mut acceptance.checkout_request_id, checkout_request_id);
        fill(&mut acceptance.transaction_id, transaction_id);
    }

    /// Whether it is known that nothing of it ever left: this process made it, and its push was not begun once.
    pub(super) fn was_never_sent(&self) -> bool {
        self.made_here
            && self.state == PaymentState::Reserved
            && self.pushes == 0
            && self.last_error.is_none()
    }

    /// Whether a callback claims that its prompt was paid, and the gateway has yet to confirm it.
    pub(super) fn is_claimed_paid(&self) -> bool {
        !self.is_paid() && self.claims.is_about(self.checkout_request_id())
    }

    pub(super) fn flag(
        &mut self,
        reason: FlagReason,
        body: Option<String>,
        now: EatTime,
    ) -> Change {
        let reason = reason.as_str();
        if !self.flags.holds(reason, body.as_deref()) {
            let dropped = self.flags.add(Flag {
                at: now,
                reason: reason.to_owned(),
                body,
            });
            self.flags_dropped = self.flags_dropped.saturating_add(dropped);
            self.revision += 1;
        }
        Change::Suspicious
    }
}
