//! The target of a query: what is known of the push that is asked about.

use crate::error::ids::{CheckoutRequestId, Receipt};
use crate::meaning::event::Event;
use crate::payment::Payment;

/// What is known of the push that is asked about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueryTarget<'a> {
    /// The prompt's id: the acceptance's, or where that was lost the one that an event claims.
    pub(crate) checkout_request_id: Option<&'a str>,
    /// The receipt that an event names, where the gateway has yet to confirm it.
    pub(crate) receipt: Option<&'a str>,
    /// Everything else: the gateway's own id, and what a list can be searched for.
    pub(crate) payment: Option<&'a Payment>,
}

impl<'a> QueryTarget<'a> {
    /// A prompt of which nothing is known but its id.
    pub(crate) fn prompt(id: &'a str) -> Self {
        Self {
            checkout_request_id: Some(id),
            receipt: None,
            payment: None,
        }
    }

    /// A payment, and what an event about it says where the payment does not know it yet.
    pub(crate) fn payment(payment: &'a Payment, event: Option<&'a Event>) -> Self {
        Self {
            checkout_request_id: payment
                .checkout_request_id()
                .or(event.and_then(|event| event.checkout_request_id.as_ref()))
                .or(payment.id_to_ask_by())
                .map(CheckoutRequestId::as_str),
            receipt: event
                .and_then(|event| event.receipt.as_ref())
                .or(payment.claimed_receipt())
                .map(Receipt::as_str),
            payment: Some(payment),
        }
    }
}
