//! Accepts a push and starts its prompt.

use std::sync::Arc;

use http::StatusCode;
use serde::Serialize;

use super::errors::{DarajaError, refuse};
use super::fields::{Fields, check_token};
use super::push_request;
use crate::acceptance::{self, ACCEPTED, GoodPush};
use crate::answer::Answer;
use crate::engine::Engine;
use crate::gateway::Gateway;
use crate::payment_run;
use crate::scenario::Scenario;
use crate::step::Received;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Accepted {
    #[serde(rename = "MerchantRequestID")]
    merchant_request_id: String,
    #[serde(rename = "CheckoutRequestID")]
    checkout_request_id: String,
    response_code: &'static str,
    response_description: &'static str,
    customer_message: &'static str,
}

pub(super) async fn answer(engine: Arc<Engine>, request: Received) -> Answer {
    match accept(&engine, &request) {
        Ok(accepted) => {
            payment_run::start(&engine, accepted.checkout_request_id.clone()).await;
            Answer::json(StatusCode::OK, &accepted)
        }
        Err(error) => {
            engine.with(|world| world.counters.refuse_push(Gateway::Daraja));
            refuse(&engine, &error)
        }
    }
}

fn accept(engine: &Engine, request: &Received) -> Result<Accepted, DarajaError> {
    let now = engine.clock.now();
    check_token(engine, &request.headers, now, DarajaError::PUSH_TOKEN)?;
    let (merchant, asked) = push_request::read(&Fields::read(request)?)?;
    merchant.check(&engine.options, DarajaError::PUSH_PASSWORD)?;
    // One look under one lock: of two pushes that arrive together only one may get the phone.
    engine.with(|world| {
        let scenario = world.scenario(&asked.phone, now);
        if scenario == Scenario::RefuseBusy {
            return Err(DarajaError::PHONE_IS_HELD);
        }
        let push = GoodPush {
            gateway: Gateway::Daraja,
            generation: None,
            transaction_id: None,
            asked,
            scenario,
        };
        let payment = acceptance::accept(engine, world, push, now);
        Ok(Accepted {
            merchant_request_id: payment.merchant_request_id,
            checkout_request_id: payment.checkout_request_id,
            response_code: "0",
            response_description: ACCEPTED,
            customer_message: ACCEPTED,
        })
    })
}
