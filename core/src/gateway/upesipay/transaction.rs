//! All that UpesiPay or PayHero tells of a transaction.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::error::ids::{CheckoutRequestId, MerchantRequestId, Receipt};
use crate::gateway::{flat, reading};
use crate::json;
use crate::json::Json;
use crate::values::money::Money;
use serde::Serialize;
use std::fmt;

/// All that UpesiPay, or PayHero, tells of a transaction, in either generation of its interface: in the answer to a push or a
/// query ([`Acceptance::details`](crate::Acceptance::details), [`Status::details`](crate::Status::details)), or in
/// a callback ([`Event::raw`](crate::Event::raw)). What is missing there is `None` here. The documents are thin:
/// what a name stands for is UpesiPay's to say.
///
/// ```
/// use lipia::gateway::UpesiPayTransaction;
/// let answer = r#"{"success":true,"status":"QUEUED","reference":"E8UWT7CLUW","CheckoutRequestID":"ws_CO_1"}"#;
/// let transaction = UpesiPayTransaction::from_json(answer).unwrap();
/// assert_eq!(transaction.reference.as_deref(), Some("E8UWT7CLUW"));
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UpesiPayTransaction {
    /// Generation 1: UpesiPay's own reference, which queries name.
    pub reference: Option<String>,
    /// Generation 2: what `data.id` holds. Clients disagree whether it is a receipt; Lipia does not take it for one.
    pub id: Option<String>,
    /// M-Pesa's `CheckoutRequestID`. It embeds the payer's phone number.
    pub checkout_request_id: Option<CheckoutRequestId>,
    /// M-Pesa's `MerchantRequestID`.
    pub merchant_request_id: Option<MerchantRequestId>,
    /// `QUEUED`, `SUCCESS`, `FAILED`; in generation 2 `sent`, `success`, `failed`, `cancelled`, `timeout` …
    pub status: Option<String>,
    /// What kind of transaction it is, in UpesiPay's words.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// `m-pesa`.
    pub provider: Option<String>,
    /// Who is paid, by name.
    pub merchant: Option<String>,
    /// What was asked for.
    pub amount: Option<Money>,
    /// What UpesiPay takes for it.
    pub charge: Option<Money>,
    /// Who pays.
    pub phone_number: Option<String>,
    /// What the merchant knows the sale by.
    pub external_reference: Option<String>,
    /// M-Pesa's receipt, from whichever member has one that looks like it.
    pub receipt: Option<Receipt>,
    /// A reference that the documents do not explain.
    pub payment_reference: Option<String>,
    /// In the documents' sample M-Pesa's receipt.
    pub provider_reference: Option<String>,
    /// In the documents' sample M-Pesa's receipt.
    pub third_party_reference: Option<String>,
    /// M-Pesa's code, of a callback of generation 1.
    pub result_code: Option<String>,
    /// M-Pesa's prose.
    pub result_desc: Option<String>,
    /// When it was, as UpesiPay writes it.
    pub transaction_date: Option<String>,
    /// When it was made, as UpesiPay writes it.
    pub created_at: Option<String>,
    /// When it last changed, as UpesiPay writes it.
    pub updated_at: Option<String>,
}

impl UpesiPayTransaction {
    /// Reads a transaction from the `details` of an acceptance or a status, from a whole answer, or from a callback.
    ///
    /// # Errors
    /// `transaction_unreadable` where there is none in it.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let unreadable = || {
            Error::invalid(
                "transaction",
                ErrorCode::TransactionUnreadable,
                "The value does not hold a transaction of UpesiPay or PayHero.",
            )
            .with_hint(
                "Give the `details` of an acceptance or a status, or the body of a callback.",
            )
        };
        let json = json::read(text.as_bytes(), json::MAX_BYTES)
            .map_err(|error| unreadable().with_source(error))?;
        let read = Self::read(json.object("response").unwrap_or(&json));
        let has_id = read.reference.is_some() || read.checkout_request_id.is_some();
        if has_id || read.id.is_some() {
            Ok(read)
        } else {
            Err(unreadable())
        }
    }

    /// Reads the members of an answer: at its top in generation 1, under `data` in generation 2.
    pub(super) fn read(json: &Json<'_>) -> Self {
        let data = json.object("data").unwrap_or(json);
        let text = |names: &[&str]| flat::text(data, names);
        let reference = text(&["reference"]);
        let receipt = receipt(data, reference.as_deref());
        Self {
            id: text(&["id"]),
            checkout_request_id: flat::checkout_request_id(
                data,
                &[
                    "CheckoutRequestID",
                    "checkout_request_id",
                    "checkoutRequestId",
                ],
            ),
            merchant_request_id: flat::merchant_request_id(
                data,
                &[
                    "MerchantRequestID",
                    "merchant_request_id",
                    "merchantRequestId",
                ],
            ),
            status: text(&["status", "Status"]),
            kind: text(&["type"]),
            provider: text(&["provider"]),
            merchant: text(&["merchant"]),
            amount: flat::money(data, &["amount", "Amount"]),
            charge: flat::money(data, &["charge"]),
            phone_number: text(&["phone_number", "Phone"]),
            external_reference: text(&["external_reference", "ExternalReference"]),
            payment_reference: text(&["payment_reference"]),
            provider_reference: text(&["provider_reference"]),
            third_party_reference: text(&["third_party_reference"]),
            result_code: text(&["result_code", "ResultCode"]),
            result_desc: text(&["result_desc", "ResultDesc"]),
            transaction_date: text(&["transaction_date"]),
            created_at: text(&["created_at"]),
            updated_at: text(&["updated_at"]),
            reference,
            receipt,
        }
    }

    /// The text that [`UpesiPayTransaction::from_json`] reads.
    pub(super) fn details(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}

/// The receipt, if everything that looks like one says the same. UpesiPay's own reference has the same form and
/// is not one.
fn receipt(data: &Json<'_>, reference: Option<&str>) -> Option<Receipt> {
    const NAMES: [&str; 6] = [
        "receipt",
        "MpesaReceiptNumber",
        "mpesa_receipt_number",
        "receipt_number",
        "provider_reference",
        "third_party_reference",
    ];
    let mut stated = NAMES
        .iter()
        .filter_map(|name| reading::receipt(data.get(name)?).value)
        .filter(|receipt| Some(receipt.as_str()) != reference);
    let first = stated.next()?;
    stated.all(|other| other == first).then_some(first)
}

impl fmt::Debug for UpesiPayTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phone = self.phone_number.as_deref().map(crate::error::mask::phone);
        f.debug_struct("UpesiPayTransaction")
            .field("reference", &self.reference)
            .field("id", &self.id)
            .field("checkout_request_id", &self.checkout_request_id)
            .field("status", &self.status)
            .field("amount", &self.amount)
            .field("phone_number", &phone)
            .field("receipt", &self.receipt)
            .finish_non_exhaustive()
    }
}
