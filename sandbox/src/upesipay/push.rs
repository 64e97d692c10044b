//! Accepts a push of either generation and starts its prompt.

use std::sync::Arc;

use http::StatusCode;
use serde_json::json;

use super::errors::UpesiPayError;
use super::{Generation, push_request};
use crate::acceptance::{self, GoodPush};
use crate::answer::Answer;
use crate::counters::bump;
use crate::engine::Engine;
use crate::gateway::Gateway;
use crate::payment::Payment;
use crate::payment_run;
use crate::request::{BadBody, json_object};
use crate::step::Received;

pub(super) async fn answer(
    engine: Arc<Engine>,
    request: Received,
) -> Result<Answer, UpesiPayError> {
    let generation = Generation::of_request(&request.uri);
    let payment = accept(&engine, &request, generation)?;
    let answer = match generation {
        Generation::First => queued(&payment),
        Generation::Second => sent(&engine, &payment),
    };
    payment_run::start(&engine, payment.checkout_request_id).await;
    Ok(answer)
}

fn accept(
    engine: &Engine,
    request: &Received,
    generation: Generation,
) -> Result<Payment, UpesiPayError> {
    let now = engine.clock.now();
    let members = json_object(request).map_err(|bad| match bad {
        BadBody::ContentType => UpesiPayError::Invalid("Content-Type"),
        BadBody::Payload => UpesiPayError::Invalid("body"),
    })?;
    let asked = push_request::read(&members, generation, &engine.options.upesipay)?;
    engine.with(|world| {
        if let Some(blocked) = world.upesipay.blocked(&asked.phone, now) {
            bump(&mut world.counters.upesipay.refused_while_blocked);
            return Err(UpesiPayError::Blocked(blocked));
        }
        let own_id = match generation {
            Generation::First => world.dice.receipt(),
            Generation::Second => world.dice.uuid(),
        };
        let push = GoodPush {
            gateway: Gateway::UpesiPay,
            generation: Some(generation),
            transaction_id: Some(own_id),
            scenario: world.scenario(&asked.phone, now),
            asked,
        };
        Ok(acceptance::accept(engine, world, push, now))
    })
}

/// The first generation's answer.
fn queued(payment: &Payment) -> Answer {
    Answer::json(
        StatusCode::CREATED,
        &json!({
            "success": true,
            "status": "QUEUED",
            "reference": payment.transaction_id,
            "CheckoutRequestID": payment.checkout_request_id,
        }),
    )
}

/// The second generation's answer.
fn sent(engine: &Engine, payment: &Payment) -> Answer {
    let request_id = engine.with(|world| world.dice.uuid());
    Answer::json(
        StatusCode::OK,
        &json!({
            "success": true,
            "status_code": 200,
            "message": "Payment request sent",
            "data": {
                "checkout_request_id": payment.checkout_request_id,
                "merchant_request_id": payment.merchant_request_id,
                "phone_number": payment.asked.phone,
                "amount": payment.asked.amount,
                "status": "sent",
            },
            "request_id": request_id,
        }),
    )
}
