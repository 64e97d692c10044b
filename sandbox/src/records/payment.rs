//! The record of an accepted push, which a test can read.

use std::time::Duration;

use serde::Serialize;

use crate::scenarios::{Ending, Scenario};
use crate::values::gateway::Gateway;

/// Whether a payment is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// Nothing is decided yet.
    Open,
    /// Money was received.
    Paid,
    /// It ended without money.
    NotPaid,
}

/// One accepted push, as [`Sandbox::payments`](crate::Sandbox::payments) shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PaymentView {
    /// The gateway that accepted it.
    pub gateway: Gateway,
    /// M-Pesa's id of the push; Daraja and the second generation of UpesiPay's API query with it.
    pub checkout_request_id: String,
    /// The gateway's own id, where it has one: PalPluss's transaction id, the reference of UpesiPay's first
    /// generation, the `id` of its second.
    pub transaction_id: Option<String>,
    /// Which generation of UpesiPay's API it was pushed with: 1 or 2.
    pub generation: Option<u8>,
    /// The other id of the answer.
    pub merchant_request_id: String,
    /// The phone that was prompted, 254 and nine digits.
    pub phone: String,
    /// Whole shillings.
    pub amount: u32,
    /// The reference, as it was sent; empty where none was.
    pub reference: String,
    /// The description, as it was sent.
    pub description: Option<String>,
    /// The transaction type, as it was sent; empty where the gateway does not ask for one.
    pub transaction_type: String,
    /// The receiving party, as it was sent; empty where the gateway does not ask for one.
    pub party_b: String,
    /// The short code, as it was sent; empty where the gateway does not ask for one.
    pub short_code: String,
    /// The channel, as it was sent, where a gateway knows channels.
    pub channel_id: Option<String>,
    /// Where the callback goes; empty where none is wanted.
    pub callback_url: String,
    /// The name of the scenario that is played.
    pub scenario: &'static str,
    /// Whether it is decided.
    pub state: PaymentState,
    /// How it ended, once it did.
    pub ending: Option<Ending>,
    /// The receipt, once paid.
    pub receipt: Option<String>,
    /// When it was accepted, in sandbox seconds since the start.
    pub accepted_at_seconds: f64,
    /// When it was last decided, in sandbox seconds since the start.
    pub settled_at_seconds: Option<f64>,
    /// Whether the phone was really asked to pay; false where a gateway took a push for a phone that was busy.
    pub prompted: bool,
    /// How many callbacks were begun for it, retries included.
    pub callbacks: u32,
}

/// What an accepted push asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct PushRequest {
    pub(crate) phone: String,
    pub(crate) amount: u32,
    pub(crate) reference: String,
    pub(crate) description: Option<String>,
    pub(crate) transaction_type: String,
    pub(crate) party_b: String,
    pub(crate) short_code: String,
    pub(crate) callback_url: String,
    pub(crate) channel_id: Option<String>,
}

/// One accepted push.
#[derive(Debug, Clone)]
pub(crate) struct Payment {
    pub(crate) gateway: Gateway,
    pub(crate) checkout_request_id: String,
    pub(crate) merchant_request_id: String,
    /// The gateway's own id.
    pub(crate) transaction_id: Option<String>,
    pub(crate) generation: Option<u8>,
    pub(crate) push: PushRequest,
    pub(crate) scenario: Scenario,
    /// Whether the phone was really asked to pay.
    pub(crate) prompted: bool,
    pub(crate) accepted_at: Duration,
    /// When the phone is free again although nothing was decided.
    pub(crate) prompt_until: Option<Duration>,
    pub(crate) ending: Option<Ending>,
    pub(crate) settled_at: Option<Duration>,
    pub(crate) receipt: Option<String>,
    /// Set once somebody acted for the customer: the scenario then no longer plays.
    pub(crate) acted: bool,
    /// Queries answered since it was decided.
    pub(crate) finished_polls: u32,
    pub(crate) callbacks: u32,
}

impl Payment {
    /// Whether the prompt still keeps its phone busy.
    pub(crate) fn holds_the_phone(&self, now: Duration) -> bool {
        self.ending.is_none() && self.prompt_until.is_none_or(|until| now < until)
    }

    /// Counts a query that is about to be answered, if the payment is decided.
    pub(crate) fn count_poll(&mut self) {
        if self.ending.is_some() {
            self.finished_polls = self.finished_polls.saturating_add(1);
        }
    }

    pub(crate) fn view(&self) -> PaymentView {
        let push = self.push.clone();
        PaymentView {
            gateway: self.gateway,
            checkout_request_id: self.checkout_request_id.clone(),
            merchant_request_id: self.merchant_request_id.clone(),
            transaction_id: self.transaction_id.clone(),
            generation: self.generation,
            phone: push.phone,
            amount: push.amount,
            reference: push.reference,
            description: push.description,
            transaction_type: push.transaction_type,
            party_b: push.party_b,
            short_code: push.short_code,
            channel_id: push.channel_id,
            callback_url: push.callback_url,
            scenario: self.scenario.name(),
            state: match self.ending {
                None => PaymentState::Open,
                Some(Ending::Pay) => PaymentState::Paid,
                Some(_) => PaymentState::NotPaid,
            },
            ending: self.ending,
            receipt: self.receipt.clone(),
            accepted_at_seconds: self.accepted_at.as_secs_f64(),
            settled_at_seconds: self.settled_at.map(|at| at.as_secs_f64()),
            prompted: self.prompted,
            callbacks: self.callbacks,
        }
    }
}
