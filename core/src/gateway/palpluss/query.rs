//! The query: by PalPluss's own id where it is known, else by looking through the list of recent pushes.

use super::transaction::PalPlussTransaction;
use super::wire;
use crate::error::ids::CheckoutRequestId;
use crate::gateway::message::{Answer, Request};
use crate::gateway::query_target::QueryTarget;
use crate::gateway::refusal::{Reading, Refusal};
use crate::gateway::{flat, reading};
use crate::json::Json;
use crate::meaning::outcome::Outcome;
use crate::meaning::status::Status;
use crate::payment::Payment;
use crate::payment::names::{ARRIVES_WITHIN, CLOCKS_DIFFER_BY};
use crate::values::phone::PhoneNumber;
use crate::values::push::Push;

pub(super) fn request(target: &QueryTarget<'_>) -> Option<Request> {
    match (transaction_id(target), target.payment) {
        (Some(id), _) => Some(Request::get(wire::transaction_path(id))),
        (None, Some(payment)) => {
            let reference = payment.push().account_reference.as_str();
            Some(Request::get(wire::list_path(Some(reference))))
        }
        (None, None) => target
            .checkout_request_id
            .map(|_| Request::get(wire::list_path(None))),
    }
}

/// PalPluss's own id: of a payment the acceptance's, else what was asked for, if it has the form of one.
fn transaction_id<'a>(target: &QueryTarget<'a>) -> Option<&'a str> {
    match target.payment {
        Some(payment) => payment.transaction_id(),
        None => target.checkout_request_id.filter(|id| is_uuid(id)),
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

pub(super) fn read_answer(target: &QueryTarget<'_>, answer: &Answer) -> Reading<Status> {
    let json = match wire::read(answer) {
        Ok(json) => json,
        Err(refusal) => return Reading::Refused(*refusal),
    };
    match transaction_id(target) {
        Some(id) => read_transaction(target, id, answer, &json),
        None => match wire::items(&json) {
            Some(items) => Reading::Done(pick(target, items)),
            None => Reading::Refused(Refusal::unreadable(
                answer,
                "it is not a list of transactions",
            )),
        },
    }
}

fn read_transaction(
    target: &QueryTarget<'_>,
    asked_for: &str,
    answer: &Answer,
    json: &Json<'_>,
) -> Reading<Status> {
    let transaction = PalPlussTransaction::read(wire::data(json));
    let wrong = |why| Reading::Refused(Refusal::unreadable(answer, why));
    let prompt = target
        .payment
        .and_then(Payment::checkout_request_id)
        .map(CheckoutRequestId::as_str)
        .or(target.payment.and(target.checkout_request_id));
    if transaction.status.is_none() {
        return wrong("it is not a transaction");
    }
    // An answer about another transaction would settle the wrong sale.
    if !transaction
        .transaction_id
        .as_deref()
        .is_some_and(|id| id.eq_ignore_ascii_case(asked_for))
    {
        return wrong("it does not speak of the transaction that was asked for");
    }
    if let (Some(known), Some(told)) = (prompt, &transaction.provider_checkout_id)
        && told != known
    {
        return wrong("it speaks of another prompt");
    }
    // An id that only the answer to the push named, without accepting it, may be another sale's.
    let claimed = target
        .payment
        .filter(|payment| payment.acceptance().is_none());
    if claimed.is_some_and(|payment| is_another_sale(payment.push(), &transaction)) {
        return wrong("it speaks of another sale");
    }
    if !is_a_push_in_shillings(&transaction) {
        return wrong("it speaks of something else than an STK push in KES");
    }
    Reading::Done(status(transaction, prompt))
}

fn is_a_push_in_shillings(transaction: &PalPlussTransaction) -> bool {
    let says = |stated: &Option<String>, word: &str| {
        stated
            .as_deref()
            .is_none_or(|text| text.eq_ignore_ascii_case(word))
    };
    says(&transaction.kind, "STK") && says(&transaction.currency, "KES")
}

fn status(transaction: PalPlussTransaction, prompt: Option<&str>) -> Status {
    let outcome = transaction.outcome();
    Status {
        details: transaction.details(),
        // On anything but a success the code 0 only repeats that the push was accepted.
        result_code: transaction
            .result_code
            .filter(|code| outcome.is_paid() || code != "0"),
        result_desc: transaction.result_desc,
        checkout_request_id: transaction
            .provider_checkout_id
            .or(prompt.map(CheckoutRequestId::as_stated)),
        merchant_request_id: transaction.provider_request_id,
        transaction_id: transaction.transaction_id,
        receipt: transaction
            .mpesa_receipt
            .filter(|_| matches!(outcome, Outcome::Success | Outcome::Reversed))
            .and_then(|text| reading::receipt(&Json::Text(text.into())).value),
        amount: transaction.amount,
        ..Status::new(outcome)
    }
}

/// The one transaction of a list that is meant. None, or more than one, is not an answer: nobody guesses which sale a
/// customer paid for.
fn pick(target: &QueryTarget<'_>, items: &[Json<'_>]) -> Status {
    let fitting: Vec<PalPlussTransaction> = items
        .iter()
        .filter_map(|item| meant(target, item))
        .collect();
    // Another payment's push for the same sale has a callback URL of its own.
    let is_proof = |payment: &Payment, item: &Json<'_>| {
        names_url_of(payment, item) && meant(target, item).is_some()
    };
    let proven = target
        .payment
        .is_some_and(|payment| items.iter().any(|item| is_proof(payment, item)));
    let id = target.checkout_request_id;
    let named: Vec<&PalPlussTransaction> = fitting
        .iter()
        .filter(|transaction| id.is_some_and(|id| names(transaction, id)))
        .collect();
    match (named.as_slice(), fitting.as_slice()) {
        ([only], _) => status((*only).clone(), None),
        ([], [only]) => Status {
            searched: only.created_at.filter(|_| !proven),
            ..status(only.clone(), None)
        },
        _ => Status {
            result_desc: Some(
                "PalPluss's list of recent transactions does not tell which one it is.".to_owned(),
            ),
            checkout_request_id: id.map(CheckoutRequestId::as_stated),
            ..Status::new(Outcome::Unknown)
        },
    }
}

/// Whether a transaction has this id, M-Pesa's or PalPluss's own.
fn names(transaction: &PalPlussTransaction, id: &str) -> bool {
    let is_the_prompt = |prompt: &CheckoutRequestId| prompt == id;
    transaction
        .provider_checkout_id
        .as_ref()
        .is_some_and(is_the_prompt)
        || transaction.transaction_id.as_deref() == Some(id)
}

/// A transaction that can be the one that is asked about.
fn meant(target: &QueryTarget<'_>, item: &Json<'_>) -> Option<PalPlussTransaction> {
    let transaction = PalPlussTransaction::read(item);
    if transaction.status.is_none() || !is_a_push_in_shillings(&transaction) {
        return None;
    }
    let named = target
        .checkout_request_id
        .is_some_and(|id| names(&transaction, id));
    let fits = match target.payment {
        // The acceptance was lost. An id that an event claims is no more than a claim: the sale must fit as well.
        Some(payment) if payment.acceptance().is_none() => {
            is_same_sale(payment, &transaction, item)
                && (named || is_in_time(payment, &transaction))
        }
        _ => named,
    };
    fits.then_some(transaction)
}

/// Whether a transaction states a phone or an amount that a push does not have.
pub(super) fn is_another_sale(push: &Push, transaction: &PalPlussTransaction) -> bool {
    let phone = transaction.phone_number.as_deref().map(PhoneNumber::parse);
    matches!(phone, Some(Ok(phone)) if phone != push.phone_number)
        || transaction
            .amount
            .is_some_and(|amount| amount != push.amount)
}

/// Whether a transaction was made right after a payment's push left.
fn is_in_time(payment: &Payment, transaction: &PalPlussTransaction) -> bool {
    match (payment.sent_at(), transaction.created_at) {
        (Some(sent), Some(made)) => {
            made.plus(CLOCKS_DIFFER_BY) >= sent && made <= sent.plus(ARRIVES_WITHIN)
        }
        _ => false,
    }
}

/// Whether a transaction has a payment's reference, phone and amount and, where it names its callback URL, the
/// payment's own.
fn is_same_sale(payment: &Payment, transaction: &PalPlussTransaction, item: &Json<'_>) -> bool {
    let push = payment.push();
    let own_url = stated_url(item).is_none() || names_url_of(payment, item);
    let phone = transaction.phone_number.as_deref().map(PhoneNumber::parse);
    own_url
        && transaction.account_reference.as_deref() == Some(push.account_reference.as_str())
        && matches!(phone, Some(Ok(phone)) if phone == push.phone_number)
        && transaction
            .amount
            .is_some_and(|amount| amount == push.amount)
}

fn stated_url<'j>(item: &'j Json<'j>) -> Option<&'j Json<'j>> {
    flat::get(item, &["callback_url", "callbackUrl"])
}

fn names_url_of(payment: &Payment, item: &Json<'_>) -> bool {
    let url = stated_url(item).and_then(Json::as_text);
    url == Some(payment.push().callback_url.as_str())
}
