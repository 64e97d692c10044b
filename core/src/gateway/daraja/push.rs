//! The push: what Daraja is sent, and what its answer means.

use super::{Merchant, wire};
use crate::gateway::{Acceptance, Answer, Reading, Refusal, Request, reading};
use crate::json::Json;
use crate::{EatTime, GatewayName, Push, Secret};

pub(super) fn request(merchant: &Merchant, push: &Push, now: EatTime) -> Request {
    let transaction_type = merchant.settings.transaction_type(push);
    let timestamp = now.to_wire();
    let password = merchant.password(now);
    let body = wire::PushBody {
        business_short_code: merchant.short_code.as_str(),
        password: password.as_ref().map(Secret::expose),
        timestamp: &timestamp,
        transaction_type: transaction_type.as_str(),
        amount: &push.amount.get().to_string(),
        party_a: push.phone_number.as_str(),
        party_b: merchant.party_b(push),
        phone_number: push.phone_number.as_str(),
        callback_url: push.callback_url.as_str(),
        account_reference: push.account_reference.as_str(),
        transaction_desc: push.transaction_desc.as_str(),
    };
    Request::post(wire::PUSH_PATH, &body)
}

pub(super) fn read_answer(answer: &Answer) -> Reading<Acceptance> {
    let json = match wire::read(wire::Endpoint::Push, answer) {
        Ok(json) => json,
        Err(refusal) => return Reading::Refused(*refusal),
    };
    match (
        json.text_or_number("ResponseCode"),
        json.checkout_request_id(),
    ) {
        (Some("0"), Some(checkout_request_id)) => Reading::Done(Acceptance {
            merchant_request_id: json.owned_text("MerchantRequestID"),
            description: json.owned_text("ResponseDescription"),
            customer_message: json.owned_text("CustomerMessage"),
            ..Acceptance::new(GatewayName::Daraja, checkout_request_id)
        }),
        // Accepted, but the id that everything hangs on is missing: the phone is being prompted all the same.
        (Some("0"), None) => Reading::Refused(Refusal::unreadable(
            answer,
            "it accepts the push but names no CheckoutRequestID",
        )),
        (Some(code), _) if is_refusal(&json) => Reading::Refused(wire::refused_with_response_code(
            answer,
            code,
            json.text("ResponseDescription")
                .unwrap_or("The push was not accepted."),
        )),
        _ => Reading::Refused(Refusal::unreadable(answer, "it is no answer to a push")),
    }
}

/// Whether the response code is one, and not 0: `"00"`, `0.0` and `""` are no refusal either, so nobody can tell.
fn is_refusal(json: &Json<'_>) -> bool {
    let code = json.get("ResponseCode").and_then(reading::result_code);
    code.is_some_and(|code| code.bytes().any(|byte| byte != b'0'))
}
