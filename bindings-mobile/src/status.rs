//! What a gateway answers: to a push, and to a question.

use crate::numbers::Money;
use crate::result_code::{ResultCode, describe};
use crate::words::{GatewayName, Outcome};
use std::fmt;

/// The gateway's "accepted for processing". **Not** a payment.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Display)]
pub struct Acceptance {
    /// Who accepted it.
    pub gateway: GatewayName,
    /// The prompt's id; query and callback name it. It embeds the payer's phone number.
    pub checkout_request_id: String,
    /// The request's id, where the gateway gives one.
    pub merchant_request_id: Option<String>,
    /// The gateway's own id for the transaction, where it has one beside the two above.
    pub transaction_id: Option<String>,
    /// What the gateway says of the request, for a log.
    pub description: Option<String>,
    /// What the gateway suggests to show the customer.
    pub customer_message: Option<String>,
    /// What only this gateway tells of the transaction, as JSON text. Daraja tells nothing more.
    pub details: Option<String>,
}

impl fmt::Display for Acceptance {
    /// Without the prompt's id, which embeds the customer's number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Acceptance(gateway={})", self.gateway.word())
    }
}

impl From<&lipia::Acceptance> for Acceptance {
    fn from(acceptance: &lipia::Acceptance) -> Self {
        let acceptance = acceptance.clone();
        Self {
            gateway: acceptance.gateway.into(),
            checkout_request_id: acceptance.checkout_request_id,
            merchant_request_id: acceptance.merchant_request_id,
            transaction_id: acceptance.transaction_id,
            description: acceptance.description,
            customer_message: acceptance.customer_message,
            details: acceptance.details,
        }
    }
}

/// What a query tells of a prompt.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Display)]
pub struct Status {
    /// What became of it; `pending` while the customer is still being asked.
    pub outcome: Outcome,
    /// Whether no later answer is expected to change that.
    pub is_final: bool,
    /// M-Pesa's code for the outcome, once there is one.
    pub result_code: Option<String>,
    /// What the gateway says of it, for a log.
    pub result_desc: Option<String>,
    /// The prompt's id. It embeds the payer's phone number.
    pub checkout_request_id: Option<String>,
    /// The request's id.
    pub merchant_request_id: Option<String>,
    /// M-Pesa's receipt. Daraja tells it in the callback alone.
    pub receipt: Option<String>,
    /// What was paid in KES, where the gateway tells it.
    pub amount: Option<Money>,
    /// What only this gateway tells of the transaction, as JSON text. Daraja tells nothing more.
    pub details: Option<String>,
}

#[uniffi::export]
impl Status {
    /// What its result code means, and what to tell the customer.
    pub fn describe(&self) -> ResultCode {
        describe(self.result_code.as_deref().unwrap_or_default())
    }
}

impl fmt::Display for Status {
    /// Without the prompt's id, which embeds the customer's number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.result_code.as_deref().unwrap_or("none");
        write!(
            f,
            "Status(outcome={}, isFinal={}, resultCode={code})",
            self.outcome.word(),
            self.is_final
        )
    }
}

impl From<&lipia::Status> for Status {
    fn from(status: &lipia::Status) -> Self {
        let status = status.clone();
        Self {
            outcome: status.outcome.into(),
            is_final: status.is_final,
            result_code: status.result_code,
            result_desc: status.result_desc,
            checkout_request_id: status.checkout_request_id,
            merchant_request_id: status.merchant_request_id,
            receipt: status.receipt,
            amount: status.amount.map(Money::from),
            details: status.details,
        }
    }
}
