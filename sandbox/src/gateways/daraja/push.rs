//! The push endpoint: accepts a push and starts its prompt.

use std::sync::Arc;

use http::StatusCode;
use serde::Serialize;

use super::Daraja;
use super::errors::{DarajaError, refuse};
use super::fields::{Fields, check_token};
use super::push_request;
use crate::engine::Engine;
use crate::engine::acceptance::{self, ACCEPTED, ValidPush};
use crate::engine::payment_run;
use crate::scenarios::Scenario;
use crate::values::gateway::Gateway;
use crate::wire::answer::Answer;
use crate::wire::request::Received;

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

pub(super) async fn answer(gateway: Arc<Daraja>, engine: Arc<Engine>, request: Received) -> Answer {
    match accept(&gateway, &engine, &request) {
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

fn accept(gateway: &Daraja, engine: &Engine, request: &Received) -> Result<Accepted, DarajaError> {
    let now = engine.clock.now();
    check_token(gateway, &request.headers, now, DarajaError::PUSH_TOKEN)?;
    let (merchant, pushed) = push_request::read(&Fields::read(request)?)?;
    merchant.check(&gateway.options, DarajaError::PUSH_PASSWORD)?;
    // One look under one lock: of two pushes that arrive together only one may get the phone.
    engine.with(|world| {
        let scenario = world.scenario(&pushed.phone, now);
        if scenario == Scenario::RefuseBusy {
            return Err(DarajaError::PHONE_IS_HELD);
        }
        let push = ValidPush {
            gateway: Gateway::Daraja,
            generation: None,
            transaction_id: None,
            request: pushed,
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
