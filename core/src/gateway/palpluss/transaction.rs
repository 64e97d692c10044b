//! All that PalPluss tells of a transaction.

use super::wire;
use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::error::ids::{CheckoutRequestId, MerchantRequestId};
use crate::gateway::flat;
use crate::json;
use crate::json::Json;
use crate::meaning::outcome::Outcome;
use crate::values::clock::EatTime;
use crate::values::money::Money;
use serde::Serialize;
use std::fmt;

/// All that PalPluss tells of a transaction, whichever way it spells the names: in the answer to a push or a
/// query ([`Acceptance::details`](crate::Acceptance::details), [`Status::details`](crate::Status::details)), or in
/// a webhook ([`Event::raw`](crate::Event::raw)). What is missing or unreadable there is `None` here.
///
/// The callback URL is left out although some answers have it: it holds what makes a callback believable.
///
/// ```
/// use lipia::gateway::PalPlussTransaction;
/// let webhook = r#"{"event":"transaction.updated","transaction":{"id":"fa98a577","status":"SUCCESS",
///     "transaction_fee":2.5,"created_at":"2026-03-01T08:00:00.000Z"}}"#;
/// let transaction = PalPlussTransaction::from_json(webhook).unwrap();
/// assert_eq!(transaction.transaction_fee.unwrap().to_string(), "2.5");
/// assert_eq!(transaction.created_at.unwrap().to_iso(), "2026-03-01T11:00:00+03:00");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PalPlussTransaction {
    /// PalPluss's own id for it, a UUID.
    pub transaction_id: Option<String>,
    /// The merchant's account at PalPluss.
    pub tenant_id: Option<String>,
    /// The channel that is paid; `None` for the default one.
    pub channel_id: Option<String>,
    /// `STK`, `B2C` or a kind of top-up.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// `PENDING`, `PROCESSING`, `SUCCESS`, `FAILED`, `CANCELLED`, `EXPIRED` or `REVERSED`.
    pub status: Option<String>,
    /// What was asked for.
    pub amount: Option<Money>,
    /// `KES`.
    pub currency: Option<String>,
    /// Who pays; it may be masked.
    pub phone_number: Option<String>,
    /// What the merchant knows the sale by.
    pub account_reference: Option<String>,
    /// What the sale is.
    pub transaction_desc: Option<String>,
    /// Who pays, by name.
    pub customer_name: Option<String>,
    /// `m-pesa`, in one spelling or another.
    pub provider: Option<String>,
    /// M-Pesa's `MerchantRequestID`.
    pub provider_request_id: Option<MerchantRequestId>,
    /// M-Pesa's `CheckoutRequestID`. It embeds the payer's phone number.
    pub provider_checkout_id: Option<CheckoutRequestId>,
    /// What PalPluss takes for it from the service wallet. Zero where it came to nothing.
    pub transaction_fee: Option<Money>,
    /// M-Pesa's receipt.
    pub mpesa_receipt: Option<String>,
    /// M-Pesa's code. `0` means "accepted" on a pending transaction and "paid" on a success.
    pub result_code: Option<String>,
    /// M-Pesa's prose.
    pub result_desc: Option<String>,
    /// When it was made.
    pub created_at: Option<EatTime>,
    /// When it last changed.
    pub updated_at: Option<EatTime>,
}

/// The members whose names differ between webhooks, the documents' answers and the developer API: all are read
/// everywhere.
pub(super) mod names {
    pub(crate) const PHONE: [&str; 3] = ["phone_number", "phoneNumber", "phone"];
    pub(crate) const REFERENCE: [&str; 4] = [
        "external_reference",
        "account_reference",
        "accountReference",
        "externalReference",
    ];
    pub(crate) const MERCHANT_REQUEST: [&str; 2] = ["provider_request_id", "providerRequestId"];
    pub(crate) const CHECKOUT: [&str; 2] = ["provider_checkout_id", "providerCheckoutId"];
    pub(crate) const RECEIPT: [&str; 2] = ["mpesa_receipt", "mpesaReceipt"];
    pub(crate) const RESULT_CODE: [&str; 2] = ["result_code", "resultCode"];
    pub(crate) const RESULT_DESC: [&str; 4] = [
        "result_desc",
        "resultDesc",
        "result_description",
        "resultDescription",
    ];
    pub(crate) const UPDATED_AT: [&str; 2] = ["updated_at", "updatedAt"];
}

impl PalPlussTransaction {
    /// Reads a transaction from the `details` of an acceptance or a status, from a whole answer, or from a webhook.
    ///
    /// # Errors
    /// `transaction_unreadable` where there is none in it.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let unreadable = || {
            Error::invalid(
                "transaction",
                ErrorCode::TransactionUnreadable,
                "The value does not hold a PalPluss transaction.",
            )
            .with_hint("Give the `details` of an acceptance or a status, or the body of a webhook.")
        };
        let json = json::read(text.as_bytes(), json::MAX_BYTES)
            .map_err(|error| unreadable().with_source(error))?;
        let transaction = ["transaction", "data"]
            .iter()
            .find_map(|name| json.object(name))
            .unwrap_or(&json);
        let read = Self::read(transaction);
        if read.transaction_id.is_none() && read.provider_checkout_id.is_none() {
            return Err(unreadable());
        }
        Ok(read)
    }

    /// The outcome of the transaction. Code `0` on a pending transaction is not a payment, and a status that its code
    /// contradicts is `unknown`.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.verdict().outcome
    }

    pub(super) fn verdict(&self) -> wire::Verdict {
        wire::verdict(
            self.status.as_deref().unwrap_or_default(),
            self.result_code.as_deref(),
            self.mpesa_receipt.is_some(),
        )
    }

    /// Reads the members of one transaction in both spellings.
    pub(super) fn read(json: &Json<'_>) -> Self {
        let text = |names: &[&str]| flat::text(json, names);
        Self {
            transaction_id: text(&["transaction_id", "transactionId", "id"]),
            tenant_id: text(&["tenant_id", "tenantId"]),
            channel_id: text(&["channel_id", "channelId"]),
            kind: text(&["type"]),
            status: text(&["status"]),
            amount: flat::money(json, &["amount"]),
            currency: text(&["currency"]),
            phone_number: text(&names::PHONE),
            account_reference: text(&names::REFERENCE),
            transaction_desc: text(&["transaction_desc", "transactionDesc"]),
            customer_name: text(&["customer_name", "customerName"]),
            provider: text(&["provider"]),
            provider_request_id: flat::merchant_request_id(json, &names::MERCHANT_REQUEST),
            provider_checkout_id: flat::checkout_request_id(json, &names::CHECKOUT),
            transaction_fee: flat::money(json, &["transaction_fee", "transactionFee"]),
            mpesa_receipt: text(&names::RECEIPT),
            result_code: text(&names::RESULT_CODE),
            result_desc: text(&names::RESULT_DESC),
            created_at: flat::time(json, &["created_at", "createdAt"]),
            updated_at: flat::time(json, &names::UPDATED_AT),
        }
    }

    /// The text that [`PalPlussTransaction::from_json`] reads.
    pub(super) fn details(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}

impl fmt::Debug for PalPlussTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phone = self.phone_number.as_deref().map(crate::error::mask::phone);
        f.debug_struct("PalPlussTransaction")
            .field("transaction_id", &self.transaction_id)
            .field("kind", &self.kind)
            .field("status", &self.status)
            .field("amount", &self.amount)
            .field("phone_number", &phone)
            .field("account_reference", &self.account_reference)
            .field("provider_checkout_id", &self.provider_checkout_id)
            .field("transaction_fee", &self.transaction_fee)
            .field("mpesa_receipt", &self.mpesa_receipt)
            .field("result_code", &self.result_code)
            .field("created_at", &self.created_at)
            .field("updated_at", &self.updated_at)
            .finish_non_exhaustive()
    }
}
