//! The query: what became of a push, as far as Daraja tells.

use super::endpoint::Endpoint;
use super::wire;
use crate::error::ids::CheckoutRequestId;
use crate::gateway;
use crate::gateway::contract::QueryAddress;
use crate::gateway::daraja::merchant::Merchant;
use crate::gateway::message::{Answer, Request};
use crate::gateway::refusal::{Meaning, Reading, Refusal};
use crate::meaning::outcome::Outcome;
use crate::meaning::result_codes;
use crate::meaning::status::Status;
use crate::values::clock::EatTime;
use crate::values::daraja_credentials::Secret;

pub(super) fn request(
    merchant: &Merchant,
    checkout_request_id: &str,
    address: QueryAddress,
    now: EatTime,
) -> Request {
    let timestamp = now.to_wire();
    let password = merchant.password(now);
    let body = wire::QueryBody {
        business_short_code: merchant.short_code.as_str(),
        password: password.as_ref().map(Secret::expose),
        timestamp: &timestamp,
        checkout_request_id,
    };
    let path = match address {
        QueryAddress::Usual => wire::QUERY_PATH,
        QueryAddress::Newer => wire::QUERY_PATH_V2,
    };
    Request::post(path, &body)
}

pub(crate) fn read_answer(asked_for: &str, answer: &Answer) -> Reading<Status> {
    let json = match wire::read(Endpoint::Query, answer) {
        Ok(json) => json,
        Err(refusal) => return no_verdict(asked_for, *refusal),
    };
    let Some(code) = json
        .get("ResultCode")
        .and_then(gateway::reading::result_code)
    else {
        return Reading::Refused(Refusal::unreadable(
            answer,
            "it is not an answer to a query",
        ));
    };
    // An answer about another prompt would settle the wrong sale, and one that names none may be another's.
    if json.text("CheckoutRequestID") != Some(asked_for) {
        return Reading::Refused(Refusal::unreadable(
            answer,
            "it does not name the CheckoutRequestID that was asked for",
        ));
    }
    let outcome = result_codes::describe(&code).by_query;
    // Version 2 alone has it. The receipt of what is not paid would be somebody else's.
    let receipt = json
        .get("MpesaReceiptNumber")
        .filter(|_| outcome.is_paid())
        .and_then(|json| gateway::reading::receipt(json).value);
    Reading::Done(Status {
        result_code: Some(code.into_owned()),
        result_desc: json.owned_text("ResultDesc"),
        checkout_request_id: Some(CheckoutRequestId::as_stated(asked_for)),
        merchant_request_id: json.merchant_request_id(),
        receipt,
        ..Status::new(outcome)
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
        checkout_request_id: Some(CheckoutRequestId::as_stated(asked_for)),
        ..Status::new(outcome)
    })
}

#[cfg(test)]
mod tests {
    use super::read_answer;
    use crate::gateway::message::Answer;
    use crate::gateway::refusal::Reading;
    use bytes::Bytes;
    use http::HeaderMap;

    #[test]
    fn an_answer_is_read_only_where_it_names_the_prompt_that_was_asked_about() {
        let ids = [
            (r#""CheckoutRequestID":"ws_CO_1","#, true),
            (r#""CheckoutRequestID":"ws_CO_2","#, false),
            (r#""CheckoutRequestID":"","#, false),
            (r#""MerchantRequestID":"1-2-3","#, false),
            ("", false),
        ];
        for (ids, is_read) in ids {
            for code in ["0", "1032", "4999"] {
                let body = format!(
                    r#"{{{ids}"ResponseCode":"0","ResultCode":"{code}","ResultDesc":"x"}}"#
                );
                let answer = Answer {
                    status: 200,
                    headers: HeaderMap::new(),
                    body: Bytes::from(body),
                };
                let reading = read_answer("ws_CO_1", &answer);
                assert_eq!(matches!(reading, Reading::Done(_)), is_read, "{ids} {code}");
            }
        }
    }
}
