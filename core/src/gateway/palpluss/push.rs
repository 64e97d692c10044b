//! The push: what PalPluss is sent, and what its answer means.

use super::{PalPlussTransaction, Settings, wire};
use crate::gateway::{Acceptance, Answer, Reading, Refusal, Request, reading};
use crate::{GatewayName, Push};

pub(super) fn request(settings: &Settings, push: &Push) -> Request {
    let body = wire::PushBody {
        amount: push.amount.get(),
        phone: push.phone_number.as_str(),
        account_reference: push.account_reference.as_str(),
        transaction_desc: push.transaction_desc.as_str(),
        channel_id: settings.channel_id(push),
        callback_url: push.callback_url.as_str(),
        credential_id: settings.credential_id(push),
    };
    Request::post(wire::PUSH_PATH, &body)
}

pub(super) fn read_answer(answer: &Answer) -> Reading<Acceptance> {
    let json = match wire::read(answer) {
        Ok(json) => json,
        Err(refusal) => return Reading::Refused(*refusal),
    };
    let data = wire::data(&json);
    let checkout_request_id = ["providerCheckoutId", "provider_checkout_id"]
        .iter()
        .find_map(|name| data.get(name).and_then(reading::checkout_request_id));
    // Its status and code are not looked at: "0" and "PENDING" mean accepted, and of anything else that still
    // names a prompt the query tells more.
    let Some(checkout_request_id) = checkout_request_id else {
        return Reading::Refused(Refusal::unreadable(
            answer,
            "it names no prompt (providerCheckoutId)",
        ));
    };
    let transaction = PalPlussTransaction::read(data);
    Reading::Done(Acceptance {
        details: transaction.details(),
        merchant_request_id: transaction.provider_request_id,
        transaction_id: transaction.transaction_id,
        description: transaction.result_desc,
        ..Acceptance::new(GatewayName::PalPluss, checkout_request_id)
    })
}
