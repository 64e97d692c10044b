//! The push: what UpesiPay is sent, and what its answer means.

use super::transaction::UpesiPayTransaction;
use super::{options, wire};
use crate::gateway::flat;
use crate::gateway::message::{Answer, Request};
use crate::gateway::named::is_an_id;
use crate::gateway::refusal::{Reading, Refusal};
use crate::gateway::upesipay::generation::UpesiPayGeneration;
use crate::gateway::upesipay::merchant::Settings;
use crate::meaning::outcome::Outcome;
use crate::payment::acceptance::Acceptance;
use crate::values::gateway_name::GatewayName;
use crate::values::push::Push;

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
pub(super) fn read_answer(gateway: GatewayName, answer: &Answer) -> Reading<Acceptance> {
    let json = match wire::read(answer) {
        Ok(json) => json,
        Err(refusal) => return Reading::Refused(*refusal),
    };
    let transaction = UpesiPayTransaction::read(&json);
    let checkout_request_id = transaction
        .checkout_request_id
        .clone()
        .filter(|id| is_an_id(id.as_str()));
    let reference = transaction.reference.clone().filter(|id| is_an_id(id));
    if checkout_request_id.is_none() && reference.is_none() {
        return Reading::Refused(Refusal::unreadable(
            answer,
            "it names neither a transaction (reference) nor a prompt (CheckoutRequestID)",
        ));
    }
    let outcome = transaction.status.as_deref().map(wire::outcome);
    if outcome.is_some_and(Outcome::is_final) || transaction.receipt.is_some() {
        return Reading::Refused(Refusal::unreadable(
            answer,
            "it tells of a transaction that has ended, which is not the answer to a push",
        ));
    }
    Reading::Done(Acceptance {
        details: transaction.details(),
        checkout_request_id,
        merchant_request_id: transaction.merchant_request_id,
        transaction_id: reference,
        request_id: flat::text(&json, &["request_id", "requestId"]),
        fee: transaction.charge,
        description: flat::text(&json, &["message"]).or(transaction.status),
        ..Acceptance::new(gateway, "")
    })
}
