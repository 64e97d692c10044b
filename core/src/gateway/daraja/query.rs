//! The query: what became of a push, as far as Daraja tells.

use super::{Merchant, wire};
use crate::gateway::{self, Answer, Meaning, Reading, Refusal, Request};
use crate::{EatTime, Outcome, Secret, Status, result_codes};

pub(super) fn request(merchant: &Merchant, checkout_request_id: &str, now: EatTime) -> Request {
    let timestamp = now.to_wire();
    let password = merchant.password(now);
    let body = wire::QueryBody {
        business_short_code: merchant.short_code.as_str(),
        password: password.as_ref().map(Secret::expose),
        timestamp: &timestamp,
        checkout_request_id,
    };
    Request::post(wire::QUERY_PATH, &body)
}

pub(super) fn read_answer(asked_for: &str, answer: &Answer) -> Reading<Status> {
    let json = match wire::read(wire::Endpoint::Query, answer) {
        Ok(json) => json,
        Err(refusal) => return no_verdict(asked_for, *refusal),
    };
    let Some(code) = json
        .get("ResultCode")
        .and_then(gateway::reading::result_code)
    else {
        return Reading::Refused(Refusal::unreadable(answer, "it is no answer to a query"));
    };
    // An answer about another prompt would settle the wrong sale.
    if json
        .checkout_request_id()
        .is_some_and(|answered| answered != asked_for)
    {
        return Reading::Refused(Refusal::unreadable(
            answer,
            "it speaks of another CheckoutRequestID",
        ));
    }
    let meaning = result_codes::describe(&code);
    Reading::Done(Status {
        is_final: meaning.is_final,
        result_code: Some(code.into_owned()),
        result_desc: json.owned_text("ResultDesc"),
        checkout_request_id: Some(asked_for.to_owned()),
        merchant_request_id: json.owned_text("MerchantRequestID"),
        ..Status::new(meaning.outcome)
    })
}

/// Some of Daraja's error answers to a query are not errors: they say that it is too early, or that there is no
/// telling. Neither says anything final about the money.
fn no_verdict(asked_for: &str, refusal: Refusal) -> Reading<Status> {
    let outcome = match wire::query_state(&refusal.code, &refusal.message) {
        Some(wire::QueryState::StillProcessing) => Outcome::Pending,
        Some(wire::QueryState::NoInformation) if refusal.meaning != Meaning::TokenRefused => {
            Outcome::Unknown
        }
        Some(wire::QueryState::NoInformation) | None => return Reading::Refused(refusal),
    };
    Reading::Done(Status {
        is_final: false,
        result_desc: (!refusal.message.is_empty()).then_some(refusal.message),
        checkout_request_id: Some(asked_for.to_owned()),
        ..Status::new(outcome)
    })
}
