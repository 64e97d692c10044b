//! The push endpoint of either generation: accepts a push and starts its prompt.

use std::sync::Arc;

use http::StatusCode;
use serde_json::json;

use super::UpesiPay;
use super::errors::UpesiPayError;
use super::generation::Generation;
use super::push_request;
use crate::engine::Engine;
use crate::engine::acceptance::{self, ValidPush};
use crate::engine::payment_run;
use crate::records::counters::bump;
use crate::records::payment::Payment;
use crate::wire::answer::Answer;
use crate::wire::request::Received;
use crate::wire::request::{BadBody, json_object};

pub(super) async fn answer(
    gateway: Arc<UpesiPay>,
    engine: Arc<Engine>,
    request: Received,
) -> Result<Answer, UpesiPayError> {
    let generation = gateway.generation_of(&request.uri);
    let payment = accept(&gateway, &engine, &request, generation)?;
    let answer = match generation {
        Generation::First => queued(&payment),
        Generation::Second => sent(&engine, &payment),
    };
    payment_run::start(&engine, payment.checkout_request_id).await;
    Ok(answer)
}

fn accept(
    gateway: &UpesiPay,
    engine: &Engine,
    request: &Received,
    generation: Generation,
) -> Result<Payment, UpesiPayError> {
    let now = engine.clock.now();
    let members = json_object(request).map_err(|bad| match bad {
        BadBody::ContentType => UpesiPayError::Invalid("Content-Type"),
        BadBody::Payload => UpesiPayError::Invalid("body"),
    })?;
    let pushed = push_request::read(&members, generation, &gateway.options)?;
    engine.with(|world| {
        if let Some(blocked) = gateway.account(|account| account.blocked(&pushed.phone, now)) {
            bump(&mut world.counters.of_mut(gateway.name).refused_while_blocked);
            return Err(UpesiPayError::Blocked(blocked));
        }
        let own_id = match generation {
            Generation::First => world.random_ids.receipt(),
            Generation::Second => world.random_ids.uuid(),
        };
        let push = ValidPush {
            gateway: gateway.name,
            generation: Some(generation.number()),
            transaction_id: Some(own_id),
            scenario: world.scenario(&pushed.phone, now),
            request: pushed,
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
    let request_id = engine.with(|world| world.random_ids.uuid());
    Answer::json(
        StatusCode::OK,
        &json!({
            "success": true,
            "status_code": 200,
            "message": "Payment request sent",
            "data": {
                "checkout_request_id": payment.checkout_request_id,
                "merchant_request_id": payment.merchant_request_id,
                "phone_number": payment.push.phone,
                "amount": payment.push.amount,
                "status": "sent",
            },
            "request_id": request_id,
        }),
    )
}
