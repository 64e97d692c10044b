//! The status that a query returns.

use crate::error::ids::{CheckoutRequestId, MerchantRequestId, Receipt};
use crate::meaning::outcome::Outcome;
use crate::meaning::redaction::{Redaction, Worded, redact_text};
use crate::meaning::result_codes;
use crate::meaning::result_codes::ResultCode;
use crate::values::clock::EatTime;
use crate::values::money::Money;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The status of a push, as a gateway tells it when asked. It comes over the merchant's own authenticated connection, so unlike
/// an [`Event`](crate::Event) it cannot be forged; but it says less.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Status {
    /// What became of it, as far as the gateway can tell now.
    pub outcome: Outcome,
    /// Whether no later answer is expected to change that.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// M-Pesa's code, where the answer has one.
    pub result_code: Option<String>,
    /// The gateway's prose. It differs by year and channel and never decides anything.
    pub result_desc: Option<String>,
    /// The prompt that was asked about. It embeds the payer's phone number.
    pub checkout_request_id: Option<CheckoutRequestId>,
    /// The request's id, where the gateway gives one.
    pub merchant_request_id: Option<MerchantRequestId>,
    /// M-Pesa's receipt. Daraja's query has one in version 2 alone ([`QueryVersion`](crate::gateway::QueryVersion)); without
    /// it, the receipt comes with the callback.
    pub receipt: Option<Receipt>,
    /// What was paid, where the gateway says so.
    pub amount: Option<Money>,
    /// What only this gateway tells of the transaction, as in [`Acceptance::details`](crate::Acceptance::details).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
    /// The gateway's own id for the transaction, where it names one.
    #[serde(skip)]
    pub(crate) transaction_id: Option<String>,
    /// When the transaction was made, where it was found in a list by phone, amount and reference: another payment may have
    /// the same.
    #[serde(skip)]
    pub(crate) searched: Option<EatTime>,
}

impl Status {
    /// A status that says nothing beyond its outcome.
    pub(crate) fn new(outcome: Outcome) -> Self {
        Self {
            outcome,
            is_final: outcome.is_final(),
            result_code: None,
            result_desc: None,
            checkout_request_id: None,
            merchant_request_id: None,
            receipt: None,
            amount: None,
            details: None,
            transaction_id: None,
            searched: None,
        }
    }

    /// Describes the status: what its code means, and a sentence for the customer; without a code that is known, what its
    /// outcome means.
    #[must_use]
    pub fn describe(&self) -> &'static ResultCode {
        result_codes::describe_outcome(self.outcome, self.result_code.as_deref())
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Status")
            .field("outcome", &self.outcome)
            .field("is_final", &self.is_final)
            .field("result_code", &self.result_code)
            .field("result_desc", &self.result_desc)
            .field("checkout_request_id", &self.checkout_request_id)
            .finish_non_exhaustive()
    }
}

impl Worded for Status {
    fn redact(&mut self, redaction: &Redaction) {
        redact_text(&mut self.result_desc, redaction);
    }
}
