//! The push: what Daraja is sent, and what its answer means.

use super::endpoint::Endpoint;
use super::wire;
use crate::gateway::daraja::merchant::Merchant;
use crate::gateway::message::{Answer, Request};
use crate::gateway::named::is_an_id;
use crate::gateway::reading;
use crate::gateway::refusal::{Reading, Refusal};
use crate::json::Json;
use crate::payment::acceptance::Acceptance;
use crate::values::clock::EatTime;
use crate::values::daraja_credentials::Secret;
use crate::values::gateway_name::GatewayName;
use crate::values::push::Push;

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

pub(crate) fn read_answer(answer: &Answer) -> Reading<Acceptance> {
    let json = match wire::read(Endpoint::Push, answer) {
        Ok(json) => json,
        Err(refusal) => return Reading::Refused(*refusal),
    };
    let id = json.text("CheckoutRequestID").filter(|id| is_an_id(id));
    match (json.get("ResponseCode"), id) {
        (Some(code), Some(id)) if is_zero(code) => Reading::Done(Acceptance {
            merchant_request_id: json.merchant_request_id(),
            description: json.owned_text("ResponseDescription"),
            customer_message: json.owned_text("CustomerMessage"),
            ..Acceptance::new(GatewayName::Daraja, id)
        }),
        // Accepted, but the id that everything hangs on is missing: the phone is being prompted all the same.
        (Some(code), None) if is_zero(code) => Reading::Refused(Refusal::unreadable(
            answer,
            "it accepts the push but names no CheckoutRequestID",
        )),
        (Some(code), None) if is_refusal(code) => {
            Reading::Refused(wire::refused_with_response_code(
                answer,
                code.as_text_or_number().unwrap_or_default(),
                json.text("ResponseDescription")
                    .unwrap_or("The push was not accepted."),
            ))
        }
        (Some(_), Some(_)) => Reading::Refused(Refusal::unreadable(
            answer,
            "it names a CheckoutRequestID, and its ResponseCode is not 0",
        )),
        _ => Reading::Refused(Refusal::unreadable(answer, "it is not an answer to a push")),
    }
}

/// Whether a response code is zero, however it is written: `"0"`, `0.0`, `"00"`, `-0`.
fn is_zero(code: &Json<'_>) -> bool {
    let text = code.as_text_or_number().unwrap_or_default().trim();
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    mantissa.contains('0')
        && mantissa.bytes().all(|byte| matches!(byte, b'0' | b'.'))
        && !exponent.is_empty()
        && exponent.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a response code is one, with a digit that is not zero: a word such as "Success" is not a refusal.
fn is_refusal(code: &Json<'_>) -> bool {
    let code = reading::result_code(code);
    code.is_some_and(|code| code.bytes().any(|byte| matches!(byte, b'1'..=b'9')))
}
