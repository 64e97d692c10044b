//! A prompt, and what is said of it.

use crate::plan::Behaviour;

/// What was opened on somebody's phone, and what came of it: the truth.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    /// Which one it is, counted from the first.
    pub(crate) number: usize,
    pub(crate) sale: usize,
    /// The id that the gateway itself gives, where it has one.
    pub(crate) own_id: String,
    /// What the shop calls the sale.
    pub(crate) reference: String,
    pub(crate) made_at_ms: u64,
    pub(crate) checkout_request_id: String,
    pub(crate) merchant_request_id: String,
    pub(crate) amount: u32,
    pub(crate) phone_number: String,
    /// Where its result is posted.
    pub(crate) callback_path: String,
    pub(crate) receipt: String,
    pub(crate) behaviour: Behaviour,
    pub(crate) decided: Option<u32>,
    pub(crate) decided_at_ms: u64,
    /// Whether a stranger knows its address.
    pub(crate) address_leaked: bool,
}

/// What a success says of the money.
#[derive(Clone, Debug)]
pub(crate) struct Claims<'a> {
    pub(crate) own_id: &'a str,
    pub(crate) reference: &'a str,
    pub(crate) merchant_request_id: &'a str,
    pub(crate) checkout_request_id: &'a str,
    pub(crate) amount: u32,
    pub(crate) phone_number: &'a str,
    pub(crate) receipt: &'a str,
}

impl<'a> Claims<'a> {
    pub(crate) fn of(prompt: &'a Prompt) -> Self {
        Self {
            own_id: &prompt.own_id,
            reference: &prompt.reference,
            merchant_request_id: &prompt.merchant_request_id,
            checkout_request_id: &prompt.checkout_request_id,
            amount: prompt.amount,
            phone_number: &prompt.phone_number,
            receipt: &prompt.receipt,
        }
    }
}
