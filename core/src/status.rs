//! What a query tells.

use crate::{Money, Outcome, ResultCode, result_codes};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a gateway says of a push when asked. It comes over the merchant's own authenticated connection, so unlike
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
    pub checkout_request_id: Option<String>,
    /// The request's id, where the gateway gives one.
    pub merchant_request_id: Option<String>,
    /// M-Pesa's receipt. Daraja's query never has one: it comes with the callback alone.
    pub receipt: Option<String>,
    /// What was paid, where the gateway says so.
    pub amount: Option<Money>,
    /// What only this gateway tells of the transaction, as in [`Acceptance::details`](crate::Acceptance::details).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
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
        }
    }

    /// The row of the table for its code, or for "any other code" where it has none.
    #[must_use]
    pub fn describe(&self) -> &'static ResultCode {
        result_codes::describe(self.result_code.as_deref().unwrap_or_default())
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Status")
            .field("outcome", &self.outcome)
            .field("is_final", &self.is_final)
            .field("result_code", &self.result_code)
            .field("result_desc", &self.result_desc)
            .field(
                "checkout_request_id",
                &self
                    .checkout_request_id
                    .as_deref()
                    .map(crate::mask::checkout_request_id),
            )
            .finish_non_exhaustive()
    }
}
