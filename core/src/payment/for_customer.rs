//! The customer's view of a payment: what a page may show.

use super::{Payment, PaymentState};
use crate::meaning::outcome::Outcome;
use crate::meaning::result_codes::CustomerMessage;
use crate::values::clock::EatTime;
use serde::Serialize;

/// The customer's view of a payment: no phone number, no id, nothing that a gateway wrote. Made by
/// [`Payment::for_customer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CustomerView {
    /// How far the payment has come.
    pub state: PaymentState,
    /// What became of it.
    pub outcome: Outcome,
    /// A sentence for the customer, in English and in Swahili.
    pub message: CustomerMessage,
    /// Until when a failure holds its order: a page offers to pay again after that. See [`Payment::order_free_at`].
    pub order_free_at: Option<EatTime>,
}

impl Payment {
    /// The customer's view of the payment.
    ///
    /// ```no_run
    /// # async fn example(client: lipia::Client) -> Result<(), lipia::Error> {
    /// let push = lipia::StkPush::new("0712345678", 150, "INV-017").order("order-17");
    /// let shown = client.request(push).await?.for_customer();
    /// println!("{}: {}", shown.outcome, shown.message.en);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn for_customer(&self) -> CustomerView {
        let row = self.describe();
        let message = match (self.state, &self.last_error) {
            // Its push was refused, so the phone was not prompted and the order is free.
            (PaymentState::Reserved, Some(error)) => error.customer_message(),
            _ => CustomerMessage {
                en: row.customer_message_en,
                sw: row.customer_message_sw,
            },
        };
        CustomerView {
            state: self.state,
            outcome: self.outcome,
            message,
            order_free_at: self.order_free_at(),
        }
    }
}
