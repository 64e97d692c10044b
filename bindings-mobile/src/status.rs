//! Answers of a gateway: the acceptance of a push, and the status that a query returns.

use crate::integers::Money;
use crate::result_code::{ResultCode, described};
use crate::values::Remark;
use crate::words::{GatewayName, Outcome};
use std::fmt;

/// The gateway's "accepted for processing". **Not** a payment.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Display)]
pub struct Acceptance {
    /// The gateway that accepted the push.
    pub gateway: GatewayName,
    /// The id for queries: the gateway's own where it has one, else `checkoutRequestId`.
    pub id: String,
    /// M-Pesa's id for the prompt. It embeds the payer's phone number. PalPluss, UpesiPay and PayHero may leave
    /// it out.
    pub checkout_request_id: Option<String>,
    /// The request's id, where the gateway gives one.
    pub merchant_request_id: Option<String>,
    /// The gateway's own id for the transaction, where it has one besides the two above.
    pub transaction_id: Option<String>,
    /// What the gateway says of the request, for a log.
    pub description: Option<String>,
    /// The text that the gateway suggests to show the customer.
    pub customer_message: Option<String>,
    /// The gateway's id for this very request, which its support desk asks for. Daraja does not give one with an acceptance.
    pub request_id: Option<String>,
    /// The gateway's fee for the push in KES, where the gateway states it.
    pub fee: Option<Money>,
    /// Details that only this gateway gives about the transaction, as JSON text. Daraja does not give any.
    pub details: Option<String>,
    /// Remarks on a push that is valid and may still fail: odd characters in the reference, words in the callback URL.
    pub warnings: Vec<Remark>,
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
            id: acceptance.id().to_owned(),
            checkout_request_id: acceptance.checkout_request_id.map(String::from),
            merchant_request_id: acceptance.merchant_request_id.map(String::from),
            transaction_id: acceptance.transaction_id,
            description: acceptance.description,
            customer_message: acceptance.customer_message,
            request_id: acceptance.request_id,
            fee: acceptance.fee.map(Money::from),
            details: acceptance.details,
            warnings: acceptance.warnings.iter().map(Remark::from).collect(),
        }
    }
}

/// The gateway's answer to a query. It cannot be forged, but it says less than an event.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Display)]
pub struct Status {
    /// The outcome of the push, as far as the gateway can tell now; `pending` while the customer is being asked.
    pub outcome: Outcome,
    /// Whether no later answer is expected to change the outcome.
    pub is_final: bool,
    /// M-Pesa's code for the outcome, once there is one.
    pub result_code: Option<String>,
    /// The gateway's own text, for a log.
    pub result_desc: Option<String>,
    /// The prompt's id. It embeds the payer's phone number.
    pub checkout_request_id: Option<String>,
    /// The request's id.
    pub merchant_request_id: Option<String>,
    /// M-Pesa's receipt. With Daraja only version 2 of the query has it; else it comes with the callback.
    pub receipt: Option<String>,
    /// The amount paid in KES, where the gateway states it.
    pub amount: Option<Money>,
    /// Details that only this gateway gives about the transaction, as JSON text. Daraja does not give any.
    pub details: Option<String>,
}

#[uniffi::export]
impl Status {
    /// The meaning of the result code, with a sentence for the customer.
    pub fn describe(&self) -> ResultCode {
        described(self.outcome, self.result_code.as_deref())
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
            checkout_request_id: status.checkout_request_id.map(String::from),
            merchant_request_id: status.merchant_request_id.map(String::from),
            receipt: status.receipt.map(String::from),
            amount: status.amount.map(Money::from),
            details: status.details,
        }
    }
}
