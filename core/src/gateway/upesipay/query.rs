//! The query: by UpesiPay's own reference, by M-Pesa's receipt, or by the prompt's id, whichever is known.

use super::transaction::UpesiPayTransaction;
use super::wire;
use crate::error::ids::{CheckoutRequestId, Receipt};
use crate::gateway::message::{Answer, Request};
use crate::gateway::query_target::QueryTarget;
use crate::gateway::refusal::{Reading, Refusal};
use crate::gateway::upesipay::generation::UpesiPayGeneration;
use crate::json;
use crate::json::Json;
use crate::meaning::outcome::Outcome;
use crate::meaning::status::Status;
use crate::payment::{Payment, PaymentState};
use crate::values::phone::PhoneNumber;
use crate::values::push::Push;

pub(super) fn request(generation: UpesiPayGeneration, target: &QueryTarget<'_>) -> Option<Request> {
    asked_by(generation, target).map(|id| Request::get(wire::status_path(id)))
}

/// What is asked by. Generation 1 documents its own reference and the receipt; clients of generation 2 ask by the
/// prompt's id. After a lost answer the receipt that an event names may be all that generation 1 can be asked by.
fn asked_by<'a>(generation: UpesiPayGeneration, target: &QueryTarget<'a>) -> Option<&'a str> {
    let reference = target.payment.and_then(Payment::transaction_id);
    let (first, second) = match generation {
        UpesiPayGeneration::One => (target.receipt, target.checkout_request_id),
        UpesiPayGeneration::Two => (target.checkout_request_id, target.receipt),
    };
    reference.or(first).or(second)
}

pub(super) fn read_answer(
    generation: UpesiPayGeneration,
    target: &QueryTarget<'_>,
    answer: &Answer,
) -> Reading<Status> {
    if answer.status == 404 {
        return Reading::Done(not_found(target, answer));
    }
    let json = match wire::read(answer) {
        Ok(json) => json,
        Err(refusal) => return Reading::Refused(*refusal),
    };
    let transaction = UpesiPayTransaction::read(&json);
    let Some(word) = transaction.status.as_deref() else {
        return Reading::Refused(Refusal::unreadable(answer, "it tells no status"));
    };
    let asked_by = asked_by(generation, target).unwrap_or_default();
    if !names_what_was_asked(target, asked_by, &transaction) {
        return Reading::Refused(Refusal::unreadable(
            answer,
            "it does not name the transaction that was asked for",
        ));
    }
    let outcome = wire::outcome(word);
    Reading::Done(Status {
        details: transaction.details(),
        result_desc: transaction.result_desc,
        checkout_request_id: transaction
            .checkout_request_id
            .or(target.checkout_request_id.map(CheckoutRequestId::as_stated)),
        merchant_request_id: transaction.merchant_request_id,
        transaction_id: transaction.reference,
        receipt: transaction.receipt.filter(|_| outcome.is_paid()),
        amount: transaction.amount,
        ..Status::new(outcome)
    })
}

/// "Not found" may be said right after a push. Of one that UpesiPay accepted it means "not yet"; of any other it
/// says nothing, no more than a 404 from something else than UpesiPay does.
fn not_found(target: &QueryTarget<'_>, answer: &Answer) -> Status {
    let is_json = matches!(
        json::read(&answer.body, json::MAX_BYTES),
        Ok(Json::Object(_))
    );
    let was_accepted = target
        .payment
        .is_some_and(|payment| payment.state() >= PaymentState::Accepted);
    Status {
        result_desc: Some(answer.described()),
        checkout_request_id: target.checkout_request_id.map(CheckoutRequestId::as_stated),
        ..Status::new(if is_json && was_accepted {
            Outcome::Pending
        } else {
            Outcome::Unknown
        })
    }
}

/// Whether an answer is about the transaction that was asked for: it names an id of it, or at least a phone and an amount
/// that fit. An answer about another one would settle the wrong sale, and one that names nothing may be another's.
fn names_what_was_asked(
    target: &QueryTarget<'_>,
    asked_by: &str,
    transaction: &UpesiPayTransaction,
) -> bool {
    let push = target.payment.map(Payment::push);
    let phone = transaction.phone_number.as_deref();
    let phone = phone.and_then(|phone| PhoneNumber::parse(phone).ok());
    if let (Some(push), Some(phone)) = (push, &phone)
        && push.phone_number != *phone
    {
        return false;
    }
    let prompt = transaction
        .checkout_request_id
        .as_ref()
        .map(CheckoutRequestId::as_str);
    if let (Some(_), Some(known), Some(told)) = (target.payment, target.checkout_request_id, prompt)
    {
        return known == told;
    }
    let identifying = [prompt, transaction.reference.as_deref()];
    let mut all = identifying.into_iter().chain([
        transaction.id.as_deref(),
        transaction.receipt.as_ref().map(Receipt::as_str),
        transaction.provider_reference.as_deref(),
        transaction.third_party_reference.as_deref(),
    ]);
    if all.any(|id| id == Some(asked_by)) {
        return true;
    }
    // Answers of generation 2 may name no id at all. Then phone and amount must fit, or at least the phone that a prompt's id
    // ends with. Another amount of what was paid is left to the payment, which flags it, where the prompt that was asked about is
    // the payment's own: of one that an event alone named, the answer may be about anything.
    let (Some(phone), Some(amount)) = (phone, transaction.amount) else {
        return false;
    };
    let is_paid = transaction.status.as_deref().map(wire::outcome) == Some(Outcome::Success);
    let is_of_acceptance = target
        .payment
        .is_some_and(|payment| payment.acceptance().is_some());
    identifying.iter().all(Option::is_none)
        && match push {
            Some(push) => amount == push.amount || (is_paid && is_of_acceptance),
            None => phone
                .as_str()
                .strip_prefix("254")
                .is_some_and(|digits| asked_by.ends_with(digits)),
        }
}

/// Whether a transaction states a phone or an amount that a push does not have.
pub(super) fn is_another_sale(push: &Push, transaction: &UpesiPayTransaction) -> bool {
    let phone = transaction.phone_number.as_deref().map(PhoneNumber::parse);
    matches!(phone, Some(Ok(phone)) if phone != push.phone_number)
        || transaction
            .amount
            .is_some_and(|amount| amount != push.amount)
}
