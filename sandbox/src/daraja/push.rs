//! Accepts a push and starts its prompt.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde::Serialize;

use super::errors::{DarajaError, refuse};
use super::fields::{Fields, check_token};
use super::push_request;
use crate::answer::Answer;
use crate::clock::{day_first, seconds};
use crate::engine::Engine;
use crate::gateway::Gateway;
use crate::payment::{Asked, Payment};
use crate::payment_run;
use crate::scenario::Scenario;
use crate::step::Received;
use crate::timeline::timeline;
use crate::world::World;

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
            engine.with(|world| {
                world.counters.push_refused = world.counters.push_refused.saturating_add(1)
            });
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
        let scenario = world.scenario(&asked.phone);
        if scenario == Scenario::RefuseBusy || world.phone_is_held(&asked.phone, now) {
            return Err(DarajaError::PHONE_IS_HELD);
        }
        let number = world.next_number();
        let merchant_request_id = world.dice.request_id(number);
        let checkout_request_id = new_checkout_request_id(engine, world, &asked, now);
        world.accept(Payment {
            gateway: Gateway::Daraja,
            checkout_request_id: checkout_request_id.clone(),
            merchant_request_id: merchant_request_id.clone(),
            asked,
            scenario,
            accepted_at: now,
            prompt_until: timeline(scenario)
                .prompt_seconds
                .map(|prompt| now.saturating_add(seconds(prompt))),
            ending: None,
            settled_at: None,
            receipt: None,
            acted: false,
            finished_polls: 0,
            callbacks: 0,
        });
        Ok(Accepted {
            merchant_request_id,
            checkout_request_id,
            response_code: "0",
            response_description: "Success. Request accepted for processing",
            customer_message: "Success. Request accepted for processing",
        })
    })
}

/// An id no payment has: the time in Nairobi, three digits, and the phone's nine national digits.
fn new_checkout_request_id(engine: &Engine, world: &World, asked: &Asked, now: Duration) -> String {
    let national = asked.phone.strip_prefix("254").unwrap_or(&asked.phone);
    let mut tries: u64 = 0;
    loop {
        // A thousand pushes to one phone in one second use up its ids; the next ones are of the next second.
        let at = engine
            .clock
            .nairobi(now.saturating_add(Duration::from_secs(tries / 1000)));
        let id = format!("ws_CO_{}{:03}{national}", day_first(at), tries % 1000);
        if world.payment(&id).is_none() {
            return id;
        }
        tries = tries.saturating_add(1);
    }
}
