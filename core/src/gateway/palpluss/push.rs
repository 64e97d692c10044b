//! The push: what PalPluss is sent, and what its answer means.

use super::transaction::PalPlussTransaction;
use super::wire;
use crate::error::ids::CheckoutRequestId;
use crate::gateway::flat;
use crate::gateway::message::{Answer, Request};
use crate::gateway::named::is_an_id;
use crate::gateway::palpluss::merchant::Settings;
use crate::gateway::refusal::{Reading, Refusal};
use crate::payment::acceptance::Acceptance;
use crate::values::gateway_name::GatewayName;
use crate::values::push::Push;

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
        .find_map(|name| data.text(name).filter(|id| is_an_id(id)));
    let transaction = PalPlussTransaction::read(data);
    let transaction_id = transaction.transaction_id.clone().filter(|id| is_an_id(id));
    if checkout_request_id.is_none() && transaction_id.is_none() {
        return Reading::Refused(Refusal::unreadable(
            answer,
            "it names neither a transaction (transactionId) nor a prompt (providerCheckoutId)",
        ));
    }
    // "0" and "PENDING" mean accepted. Of anything that has ended, only the answer to a question tells.
    if transaction.outcome().is_final() || transaction.mpesa_receipt.is_some() {
        return Reading::Refused(Refusal::unreadable(
            answer,
            "it tells of a transaction that has ended, which is not the answer to a push",
        ));
    }
    Reading::Done(Acceptance {
        details: transaction.details(),
        checkout_request_id: checkout_request_id.map(CheckoutRequestId::as_stated),
        merchant_request_id: transaction.provider_request_id,
        transaction_id,
        description: transaction.result_desc,
        request_id: flat::text(&json, &["requestId", "request_id"]),
        fee: transaction.transaction_fee,
        ..Acceptance::new(GatewayName::PalPluss, "")
    })
}
