//! The query: by UpesiPay's own reference, by M-Pesa's receipt, or by the prompt's id, whichever is known.

use super::{UpesiPayGeneration, UpesiPayTransaction, wire};
use crate::gateway::{Answer, Reading, Refusal, Request, Subject};
use crate::json::{self, Json};
use crate::{Outcome, Payment, PaymentState, PhoneNumber, Status};

pub(super) fn request(generation: UpesiPayGeneration, subject: &Subject<'_>) -> Option<Request> {
    asked_by(generation, subject).map(|id| Request::get(wire::status_path(id)))
}

/// What is asked by. Generation 1 documents its own reference and the receipt; clients of generation 2 ask by the
/// prompt's id. After a lost answer the receipt that an event names may be all that generation 1 can be asked by.
fn asked_by<'a>(generation: UpesiPayGeneration, subject: &Subject<'a>) -> Option<&'a str> {
    let reference = subject
        .payment
        .and_then(Payment::acceptance)
        .and_then(|acceptance| acceptance.transaction_id.as_deref());
    let (first, second) = match generation {
        UpesiPayGeneration::One => (subject.receipt, subject.checkout_request_id),
        UpesiPayGeneration::Two => (subject.checkout_request_id, subject.receipt),
    };
    reference.or(first).or(second)
}

pub(super) fn read_answer(
    generation: UpesiPayGeneration,
    subject: &Subject<'_>,
    answer: &Answer,
) -> Reading<Status> {
    if answer.status == 404 {
        return Reading::Done(not_found(subject, answer));
    }
    let json = match wire::read(answer) {
        Ok(json) => json,
        Err(refusal) => return Reading::Refused(*refusal),
    };
    let transaction = UpesiPayTransaction::read(&json);
    let Some(word) = transaction.status.as_deref() else {
        return Reading::Refused(Refusal::unreadable(answer, "it tells no status"));
    };
    let asked_by = asked_by(generation, subject).unwrap_or_default();
    if speaks_of_another(subject, asked_by, &transaction) {
        return Reading::Refused(Refusal::unreadable(
            answer,
            "it does not speak of the transaction that was asked for",
        ));
    }
    let outcome = wire::outcome(word);
    Reading::Done(Status {
        details: transaction.details(),
        result_desc: transaction.result_desc,
        checkout_request_id: transaction
            .checkout_request_id
            .or(subject.checkout_request_id.map(str::to_owned)),
        merchant_request_id: transaction.merchant_request_id,
        receipt: transaction.receipt.filter(|_| outcome.is_paid()),
        amount: transaction.amount,
        ..Status::new(outcome)
    })
}

/// "Not found" may be said right after a push. Of one that UpesiPay accepted it means "not yet"; of any other it
/// says nothing, no more than a 404 from something else than UpesiPay does.
fn not_found(subject: &Subject<'_>, answer: &Answer) -> Status {
    let is_json = matches!(
        json::read(&answer.body, json::MOST_BYTES),
        Ok(Json::Object(_))
    );
    let was_accepted = subject
        .payment
        .is_some_and(|payment| payment.state() >= PaymentState::Accepted);
    Status {
        result_desc: Some(answer.described()),
        checkout_request_id: subject.checkout_request_id.map(str::to_owned),
        ..Status::new(if is_json && was_accepted {
            Outcome::Pending
        } else {
            Outcome::Unknown
        })
    }
}

/// An answer about another transaction would settle the wrong sale. Answers of generation 2 may name no id at all;
/// then the phone must fit.
fn speaks_of_another(
    subject: &Subject<'_>,
    asked_by: &str,
    transaction: &UpesiPayTransaction,
) -> bool {
    let prompt = transaction.checkout_request_id.as_deref();
    if let (Some(_), Some(known), Some(told)) =
        (subject.payment, subject.checkout_request_id, prompt)
    {
        return known != told;
    }
    let identifying = [prompt, transaction.reference.as_deref()];
    let all = identifying.into_iter().chain([
        transaction.id.as_deref(),
        transaction.receipt.as_deref(),
        transaction.provider_reference.as_deref(),
        transaction.third_party_reference.as_deref(),
    ]);
    let names_others =
        identifying.iter().any(Option::is_some) && !all.flatten().any(|id| id == asked_by);
    let other_phone = match (subject.payment, transaction.phone_number.as_deref()) {
        (Some(payment), Some(phone)) => {
            PhoneNumber::parse(phone).is_ok_and(|phone| phone != payment.push().phone_number)
        }
        _ => false,
    };
    names_others || other_phone
}
