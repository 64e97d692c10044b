//! A gateway's acceptance of a push.

use crate::error::ids::{CheckoutRequestId, MerchantRequestId};
use crate::meaning::redaction::{Redaction, Worded, redact_text};
use crate::values::gateway_name::GatewayName;
use crate::values::money::Money;
use crate::values::warning::Warning;
use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// The gateway's "accepted for processing". **Not** a payment.
///
/// At least one id is there: [`Acceptance::id`] is the one that the gateway is asked by.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Acceptance {
    /// Who accepted it.
    pub gateway: GatewayName,
    /// M-Pesa's id for the prompt (`CheckoutRequestID`). It embeds the payer's phone number. Daraja always gives it;
    /// PalPluss, UpesiPay and PayHero may leave it out.
    #[serde(default)]
    pub checkout_request_id: Option<CheckoutRequestId>,
    /// The request's id, where the gateway gives one.
    pub merchant_request_id: Option<MerchantRequestId>,
    /// The gateway's own id for the transaction, where it has one beside the two above.
    pub transaction_id: Option<String>,
    /// What the gateway says of the request, for a log.
    pub description: Option<String>,
    /// What the gateway suggests to show the customer.
    pub customer_message: Option<String>,
    /// The gateway's id for this very request, which its support desk asks for. Daraja gives none with an acceptance.
    #[serde(default)]
    pub request_id: Option<String>,
    /// What the gateway takes for the push, where it says so.
    #[serde(default)]
    pub fee: Option<Money>,
    /// What only this gateway tells of the transaction (provider ids, timestamps …), as JSON text for that
    /// gateway's own type to read: [`PalPlussTransaction::from_json`](crate::gateway::PalPlussTransaction::from_json),
    /// [`UpesiPayTransaction::from_json`](crate::gateway::UpesiPayTransaction::from_json). Daraja tells nothing more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
    /// Remarks on what is valid in the push and may still make it fail; the gateway says none of them.
    #[serde(default)]
    pub warnings: Vec<Warning>,
}

impl Acceptance {
    /// The id that the gateway is asked by: its own where it has one, else the `CheckoutRequestID`. `stk_query` and
    /// `wait_by_id` take it. It may embed the payer's phone number.
    ///
    /// ```no_run
    /// # async fn example(client: lipia::Client) -> Result<(), lipia::Error> {
    /// let acceptance = client.stk_push(lipia::StkPush::new("0712345678", 150, "INV-001")).await?;
    /// let status = client.stk_query(acceptance.id()).await?;
    /// # let _ = status; Ok(()) }
    /// ```
    #[must_use]
    pub fn id(&self) -> &str {
        self.transaction_id
            .as_deref()
            .or(self
                .checkout_request_id
                .as_ref()
                .map(CheckoutRequestId::as_str))
            .unwrap_or_default()
    }

    /// An acceptance of which nothing is known but the prompt's id.
    pub(crate) fn new(gateway: GatewayName, checkout_request_id: impl Into<String>) -> Self {
        Self {
            gateway,
            checkout_request_id: Some(CheckoutRequestId::as_stated(checkout_request_id)),
            merchant_request_id: None,
            transaction_id: None,
            description: None,
            customer_message: None,
            request_id: None,
            fee: None,
            details: None,
            warnings: Vec::new(),
        }
    }
}

impl Serialize for Acceptance {
    /// With `id`, so that every language asks by the id that the core chose. Reading ignores it. What most gateways do not
    /// tell is left out.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let told = [
            self.request_id.is_some(),
            self.fee.is_some(),
            self.details.is_some(),
            !self.warnings.is_empty(),
        ];
        let fields = 7 + told.into_iter().filter(|is_told| *is_told).count();
        let mut acceptance = serializer.serialize_struct("Acceptance", fields)?;
        acceptance.serialize_field("gateway", &self.gateway)?;
        acceptance.serialize_field("id", self.id())?;
        acceptance.serialize_field("checkout_request_id", &self.checkout_request_id)?;
        acceptance.serialize_field("merchant_request_id", &self.merchant_request_id)?;
        acceptance.serialize_field("transaction_id", &self.transaction_id)?;
        acceptance.serialize_field("description", &self.description)?;
        acceptance.serialize_field("customer_message", &self.customer_message)?;
        match &self.request_id {
            Some(id) => acceptance.serialize_field("request_id", id)?,
            None => acceptance.skip_field("request_id")?,
        }
        match &self.fee {
            Some(fee) => acceptance.serialize_field("fee", fee)?,
            None => acceptance.skip_field("fee")?,
        }
        match &self.details {
            Some(details) => acceptance.serialize_field("details", details)?,
            None => acceptance.skip_field("details")?,
        }
        if self.warnings.is_empty() {
            acceptance.skip_field("warnings")?;
        } else {
            acceptance.serialize_field("warnings", &self.warnings)?;
        }
        acceptance.end()
    }
}

impl fmt::Debug for Acceptance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acceptance")
            .field("gateway", &self.gateway)
            .field("checkout_request_id", &self.checkout_request_id)
            .field("merchant_request_id", &self.merchant_request_id)
            .field("transaction_id", &self.transaction_id)
            .field("description", &self.description)
            .finish_non_exhaustive()
    }
}

impl Worded for Acceptance {
    fn redact(&mut self, redaction: &Redaction) {
        redact_text(&mut self.description, redaction);
        redact_text(&mut self.customer_message, redaction);
        if let Some(id) = &mut self.request_id {
            *id = redaction.word(id);
        }
    }
}
