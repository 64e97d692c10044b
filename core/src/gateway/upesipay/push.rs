//! The push: what UpesiPay is sent, and what its answer means.

use super::{Settings, UpesiPayGeneration, UpesiPayTransaction, options, wire};
use crate::gateway::{Acceptance, Answer, Reading, Refusal, Request, flat, reading};
use crate::{GatewayName, Push};

pub(super) fn request(settings: &Settings, push: &Push) -> Request {
    // A push without a channel is refused before it is reserved; see `check_options`.
    let channel_id = settings.channel_id(push).unwrap_or_default();
    let channel_id = channel_id
        .parse()
        .map_or(wire::ChannelId::Word(channel_id), wire::ChannelId::Number);
    let amount = push.amount.get();
    let phone_number = push.phone_number.as_str();
    let external_reference = push.account_reference.as_str();
    let customer_name = push.option(options::CUSTOMER_NAME);
    let callback_url = push.callback_url.as_str();
    match settings.generation {
        UpesiPayGeneration::One => Request::post(
            wire::PUSH_PATH_ONE,
            &wire::PushBodyOne {
                amount,
                phone_number,
                channel_id,
                provider: "m-pesa",
                external_reference,
                customer_name,
                callback_url,
                credential_id: settings.credential_id(push),
            },
        ),
        UpesiPayGeneration::Two => Request::post(
            wire::PUSH_PATH_TWO,
            &wire::PushBodyTwo {
                channel_id,
                phone_number,
                amount,
                callback_url,
                external_reference,
                customer_name,
            },
        ),
    }
}

/// Both generations' answers are taken, whichever was asked.
pub(super) fn read_answer(answer: &Answer) -> Reading<Acceptance> {
    let json = match wire::read(answer) {
        Ok(json) => json,
        Err(refusal) => return Reading::Refused(*refusal),
    };
    let data = json.object("data").unwrap_or(&json);
    let checkout_request_id = flat::get(data, &["CheckoutRequestID", "checkout_request_id"])
        .and_then(reading::checkout_request_id);
    let Some(checkout_request_id) = checkout_request_id else {
        return Reading::Refused(Refusal::unreadable(
            answer,
            "it names no prompt (CheckoutRequestID)",
        ));
    };
    let transaction = UpesiPayTransaction::read(&json);
    Reading::Done(Acceptance {
        details: transaction.details(),
        merchant_request_id: transaction.merchant_request_id,
        transaction_id: transaction.reference,
        description: flat::text(&json, &["message"]).or(transaction.status),
        ..Acceptance::new(GatewayName::UpesiPay, checkout_request_id)
    })
}
