//! A prompt on a customer's phone: the truth about it, and the claims that a body makes of it.

use super::messages::PushAsk;
use super::responses::national;
use crate::plan::Behaviour;
use lipia::GatewayName;

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
    /// Whether the gateway said that it had done nothing.
    pub(crate) is_denied: bool,
    /// Whether the shop has believed a callback about it.
    pub(crate) is_heard: bool,
    /// Whether an answer that names it has reached the shop.
    pub(crate) is_named: bool,
    /// Whether it was paid after it had ended unpaid.
    pub(crate) is_paid_after_all: bool,
    /// Whether the gateway leaves its prompt's id out.
    pub(crate) ids_left_out: bool,
}

impl Prompt {
    /// The prompt that a push opens: the gateway numbers them, and everything else of its own follows from the number.
    pub(super) fn open(
        number: usize,
        ask: &PushAsk,
        gateway: GatewayName,
        behaviour: Behaviour,
        now_ms: u64,
    ) -> Self {
        Self {
            number,
            sale: ask.sale,
            own_id: match gateway {
                GatewayName::PalPluss => format!("fa98a577-0000-4000-8000-{number:012x}"),
                // It looks like a receipt, and is none.
                _ => format!("UPE{number:07}"),
            },
            reference: ask.reference.clone(),
            made_at_ms: now_ms,
            checkout_request_id: format!(
                "ws_CO_22112026{number:09}{}",
                national(&ask.phone_number)
            ),
            merchant_request_id: format!("29115-{number:08}-1"),
            amount: ask.amount,
            phone_number: ask.phone_number.clone(),
            callback_path: ask.callback_path.clone(),
            receipt: format!("SIM{number:07}"),
            behaviour,
            decided: None,
            decided_at_ms: 0,
            address_leaked: false,
            is_denied: false,
            is_heard: false,
            is_named: false,
            is_paid_after_all: false,
            ids_left_out: false,
        }
    }

    /// Whether the customer has paid.
    pub(crate) fn is_paid(&self) -> bool {
        self.decided == Some(0)
    }

    /// Whether the shop cannot know of it: the gateway denied it, and the shop has yet to believe a callback.
    pub(crate) fn is_hidden(&self) -> bool {
        self.is_denied && !self.is_heard
    }
}

/// Whether a push may open a prompt now, given those that were opened for the same sale before.
pub(crate) fn may_prompt<'a>(earlier: impl Iterator<Item = &'a Prompt>) -> Result<(), String> {
    for prompt in earlier {
        match prompt.decided {
            None => {
                return Err("a second prompt reaches the phone while the first is open".to_owned());
            }
            Some(0) => {
                return Err("a second prompt reaches the phone after the first was paid".to_owned());
            }
            Some(_) => {}
        }
    }
    Ok(())
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
