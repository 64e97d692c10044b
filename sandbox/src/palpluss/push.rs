//! Accepts a push and starts its prompt.

use std::sync::Arc;

use serde_json::{Value, json};

use super::errors::{PalPlussError, success};
use super::{FEE, TENANT_ID, push_request};
use crate::acceptance::{self, ACCEPTED, GoodPush};
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
) -> Result<Answer, PalPlussError> {
    let payment = accept(&engine, &request)?;
    let answer = success(&engine, &accepted(&engine, &payment));
    payment_run::start(&engine, payment.checkout_request_id).await;
    Ok(answer)
}

fn accept(engine: &Engine, request: &Received) -> Result<Payment, PalPlussError> {
    let now = engine.clock.now();
    let members = json_object(request).map_err(|bad| PalPlussError::Validation {
        what: match bad {
            BadBody::ContentType => "Content-Type",
            BadBody::Payload => "body",
        },
    })?;
    let asked = push_request::read(&members, &engine.options.palpluss)?;
    engine.with(|world| {
        if let Some(left) = world.palpluss.ban_left(now) {
            bump(&mut world.counters.palpluss.refused_while_blocked);
            return Err(PalPlussError::Banned { left });
        }
        let push = GoodPush {
            gateway: Gateway::PalPluss,
            generation: None,
            transaction_id: Some(world.dice.uuid()),
            scenario: world.scenario(&asked.phone, now),
            asked,
        };
        Ok(acceptance::accept(engine, world, push, now))
    })
}

/// Result code 0 on a pending transaction says that M-Pesa took it, not that anybody paid.
fn accepted(engine: &Engine, payment: &Payment) -> Value {
    let asked = &payment.asked;
    let created = engine.clock.utc_text(payment.accepted_at);
    json!({
        "transactionId": payment.transaction_id,
        "tenantId": TENANT_ID,
        "channelId": asked.channel_id,
        "type": "STK",
        "status": "PENDING",
        "amount": asked.amount,
        "currency": "KES",
        "phone": asked.phone,
        "accountReference": (!asked.reference.is_empty()).then_some(&asked.reference),
        "transactionDesc": asked.description,
        "providerRequestId": payment.merchant_request_id,
        "providerCheckoutId": payment.checkout_request_id,
        "transactionFee": FEE,
        "resultCode": "0",
        "resultDescription": ACCEPTED,
        "createdAt": created,
        "updatedAt": created,
    })
}
