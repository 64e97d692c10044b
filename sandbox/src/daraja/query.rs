//! Answers what became of a push.

use std::sync::Arc;

use http::StatusCode;
use serde::Serialize;

use super::errors::{DarajaError, refuse};
use super::fields::{Fields, Merchant, check_token};
use crate::answer::Answer;
use crate::engine::Engine;
use crate::gateway::Gateway;
use crate::payment::Payment;
use crate::results::result;
use crate::step::Received;
use crate::timeline::{FinishedPoll, InFlight, finished_poll, in_flight};

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
}

pub(super) async fn answer(engine: Arc<Engine>, request: Received) -> Answer {
    look_up(&engine, &request).unwrap_or_else(|error| refuse(&engine, &error))
}

fn look_up(engine: &Engine, request: &Received) -> Result<Answer, DarajaError> {
    check_token(
        engine,
        &request.headers,
        engine.clock.now(),
        DarajaError::QUERY_TOKEN,
    )?;
    let fields = Fields::read(request)?;
    let merchant = Merchant::read(&fields)?;
    let id = fields.checked("CheckoutRequestID", |_| true)?;
    merchant.check(&engine.options, DarajaError::QUERY_PASSWORD)?;
    engine.with(|world| {
        let payment = world.payment_mut(&id);
        let payment = payment
            .filter(|payment| payment.gateway == Gateway::Daraja)
            .ok_or(DarajaError::NO_TRANSACTION)?;
        payment.count_poll();
        Ok(status(payment))
    })
}

/// What a query says about a payment.
fn status(payment: &Payment) -> Answer {
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
            },
        )
    };
    let refuse = |error: DarajaError| error.answer(&payment.checkout_request_id);
    match payment.ending {
        None => match in_flight(payment.scenario) {
            InFlight::BeingProcessed => refuse(DarajaError::BEING_PROCESSED),
            InFlight::UnderProcessing => say("4999", "The transaction is still under processing"),
        },
        Some(ending) => match finished_poll(payment.scenario, payment.finished_polls) {
            FinishedPoll::Result => say(result(ending).code, result(ending).in_query),
            FinishedPoll::EmptyError => refuse(DarajaError::EMPTY),
            FinishedPoll::EmptyErrorUnder200 => refuse(DarajaError::EMPTY_UNDER_200),
        },
    }
}
