//! The query endpoints, which answer with the outcome of a push.

use std::sync::Arc;

use http::StatusCode;
use serde::Serialize;

use super::Daraja;
use super::errors::{DarajaError, refuse};
use super::fields::{Fields, Merchant, check_token};
use crate::engine::Engine;
use crate::records::payment::Payment;
use crate::scenarios::Ending;
use crate::scenarios::endings::{UNRESOLVED, result};
use crate::scenarios::timeline::{FinishedPoll, InFlight, finished_poll, in_flight};
use crate::values::gateway::Gateway;
use crate::wire::answer::Answer;
use crate::wire::request::Received;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Status<'a> {
    response_code: &'static str,
    response_description: &'static str,
    #[serde(rename = "MerchantRequestID")]
    merchant_request_id: &'a str,
    #[serde(rename = "CheckoutRequestID")]
    checkout_request_id: &'a str,
    result_code: &'static str,
    result_desc: &'static str,
    /// Version 2, once paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    mpesa_receipt_number: Option<&'a str>,
}

/// Which version of the query is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    /// With the receipt of what was paid.
    Two,
}

pub(super) async fn answer(gateway: Arc<Daraja>, engine: Arc<Engine>, request: Received) -> Answer {
    look_up(&gateway, &engine, &request, Version::One)
        .unwrap_or_else(|error| refuse(&engine, &error))
}

pub(super) async fn answer_with_receipt(
    gateway: Arc<Daraja>,
    engine: Arc<Engine>,
    request: Received,
) -> Answer {
    look_up(&gateway, &engine, &request, Version::Two)
        .unwrap_or_else(|error| refuse(&engine, &error))
}

fn look_up(
    gateway: &Daraja,
    engine: &Engine,
    request: &Received,
    version: Version,
) -> Result<Answer, DarajaError> {
    check_token(
        gateway,
        &request.headers,
        engine.clock.now(),
        DarajaError::QUERY_TOKEN,
    )?;
    let fields = Fields::read(request)?;
    let merchant = Merchant::read(&fields)?;
    let id = fields.checked("CheckoutRequestID", |_| true)?;
    merchant.check(&gateway.options, DarajaError::QUERY_PASSWORD)?;
    engine.with(|world| {
        let payment = world.payment_mut(&id);
        let payment = payment
            .filter(|payment| payment.gateway == Gateway::Daraja)
            .ok_or(DarajaError::NO_TRANSACTION)?;
        payment.count_poll();
        Ok(status(payment, version))
    })
}

/// What a query says about a payment.
fn status(payment: &Payment, version: Version) -> Answer {
    let receipt = payment.receipt.as_deref();
    let receipt =
        receipt.filter(|_| version == Version::Two && payment.ending == Some(Ending::Pay));
    let say = |result_code, result_desc| {
        Answer::json(
            StatusCode::OK,
            &Status {
                response_code: "0",
                // The spelling is the real one's.
                response_description: "The service request has been accepted successsfully",
                merchant_request_id: &payment.merchant_request_id,
                checkout_request_id: &payment.checkout_request_id,
                result_code,
                result_desc,
                mpesa_receipt_number: receipt,
            },
        )
    };
    let refuse = |error: DarajaError| error.answer(&payment.checkout_request_id);
    match payment.ending {
        None => match in_flight(payment.scenario) {
            InFlight::BeingProcessed => refuse(DarajaError::BEING_PROCESSED),
            InFlight::UnderProcessing => say("4999", "The transaction is still under processing"),
            InFlight::Unresolved => say("2029", UNRESOLVED),
        },
        Some(ending) => match finished_poll(payment.scenario, payment.finished_polls) {
            FinishedPoll::Result => say(result(ending).code, result(ending).in_query),
            FinishedPoll::EmptyError => refuse(DarajaError::EMPTY),
            FinishedPoll::EmptyErrorUnder200 => refuse(DarajaError::EMPTY_UNDER_200),
        },
    }
}
