//! The push endpoint: accepts a push and starts its prompt.

use std::sync::Arc;

use serde_json::{Value, json};

use super::PalPluss;
use super::errors::{PalPlussError, success};
use super::{FEE, TENANT_ID, push_request};
use crate::engine::Engine;
use crate::engine::acceptance::{self, ACCEPTED, ValidPush};
use crate::engine::payment_run;
use crate::records::counters::bump;
use crate::records::payment::Payment;
use crate::values::gateway::Gateway;
use crate::wire::answer::Answer;
use crate::wire::request::Received;
use crate::wire::request::{BadBody, json_object};

pub(super) async fn answer(
    gateway: Arc<PalPluss>,
    engine: Arc<Engine>,
    request: Received,
) -> Result<Answer, PalPlussError> {
    let payment = accept(&gateway, &engine, &request)?;
    let answer = success(&engine, &accepted(&engine, &payment));
    payment_run::start(&engine, payment.checkout_request_id).await;
    Ok(answer)
}

fn accept(
    gateway: &PalPluss,
    engine: &Engine,
    request: &Received,
) -> Result<Payment, PalPlussError> {
    let now = engine.clock.now();
    let members = json_object(request).map_err(|bad| PalPlussError::Validation {
        what: match bad {
            BadBody::ContentType => "Content-Type",
            BadBody::Payload => "body",
        },
    })?;
    let pushed = push_request::read(&members, &gateway.options)?;
    engine.with(|world| {
        if let Some(left) = gateway.account(|account| account.ban_left(now)) {
            bump(&mut world.counters.palpluss.refused_while_blocked);
            return Err(PalPlussError::Banned { left });
        }
        let push = ValidPush {
            gateway: Gateway::PalPluss,
            generation: None,
            transaction_id: Some(world.random_ids.uuid()),
            scenario: world.scenario(&pushed.phone, now),
            request: pushed,
        };
        Ok(acceptance::accept(engine, world, push, now))
    })
}

/// Result code 0 on a pending transaction says that M-Pesa took it, not that anybody paid.
fn accepted(engine: &Engine, payment: &Payment) -> Value {
    let pushed = &payment.push;
    let created = engine.clock.utc_text(payment.accepted_at);
    json!({
        "transactionId": payment.transaction_id,
        "tenantId": TENANT_ID,
        "channelId": pushed.channel_id,
        "type": "STK",
        "status": "PENDING",
        "amount": pushed.amount,
        "currency": "KES",
        "phone": pushed.phone,
        "accountReference": (!pushed.reference.is_empty()).then_some(&pushed.reference),
        "transactionDesc": pushed.description,
        "providerRequestId": payment.merchant_request_id,
        "providerCheckoutId": payment.checkout_request_id,
        "transactionFee": FEE,
        "resultCode": "0",
        "resultDescription": ACCEPTED,
        "createdAt": created,
        "updatedAt": created,
    })
}
