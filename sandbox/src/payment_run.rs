//! Plays a payment's scenario, and what somebody does in the customer's place.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::seconds;
use crate::delivery;
use crate::engine::Engine;
use crate::gateway::{Gateway, Step};
use crate::scenario::Ending;
use crate::timeline::{CallbackShape, Happening, timeline};
use crate::{daraja, palpluss, upesipay};

/// How long a push waits for what is to happen before its answer, in real time.
const BEFORE_ANSWER: Duration = Duration::from_secs(5);

/// Starts what follows the acceptance of a push.
pub(crate) async fn start(engine: &Arc<Engine>, id: String) {
    let before_answer = engine.with(|world| {
        world
            .payment(&id)
            .is_some_and(|payment| timeline(payment.scenario).before_answer)
    });
    let running = run(Arc::clone(engine), id);
    if before_answer {
        tokio::time::timeout(BEFORE_ANSWER, running).await.ok();
    } else {
        engine.background.spawn(running);
    }
}

async fn run(engine: Arc<Engine>, id: String) {
    let Some((accepted_at, scenario)) = engine.with(|world| {
        world
            .payment(&id)
            .map(|payment| (payment.accepted_at, payment.scenario))
    }) else {
        return;
    };
    for event in timeline(scenario).events {
        engine
            .clock
            .sleep_until(accepted_at.saturating_add(seconds(event.after_seconds)))
            .await;
        let now = engine.clock.now();
        let goes_on = engine.with(|world| {
            let goes_on = world.payment(&id).is_some_and(|payment| !payment.acted);
            if let (true, Happening::Settle(ending)) = (goes_on, event.happening) {
                world.settle(&id, ending, now, &engine.options);
            }
            goes_on
        });
        if !goes_on {
            return;
        }
        if let Happening::Callback(shape) = event.happening {
            call_back(&engine, &id, shape).await;
        }
    }
}

/// Why nobody can act on a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CannotAct {
    Unknown,
    AlreadyDecided(Ending),
}

/// Decides an open payment in the customer's place and sends its callback.
pub(crate) fn act(engine: &Arc<Engine>, id: &str, ending: Ending) -> Result<(), CannotAct> {
    let now = engine.clock.now();
    let id = engine.with(|world| {
        let id = world.checkout_id(id).ok_or(CannotAct::Unknown)?;
        let payment = world.payment_mut(&id).ok_or(CannotAct::Unknown)?;
        if let Some(decided) = payment.ending {
            return Err(CannotAct::AlreadyDecided(decided));
        }
        payment.acted = true;
        world.settle(&id, ending, now, &engine.options);
        Ok(id)
    })?;
    let engine_of_task = Arc::clone(engine);
    engine
        .background
        .spawn(async move { call_back(&engine_of_task, &id, CallbackShape::Truth).await });
    Ok(())
}

/// Sends one callback, or what a fault makes of it.
async fn call_back(engine: &Arc<Engine>, id: &str, shape: CallbackShape) {
    let now = engine.clock.now();
    let taken = engine.with(|world| {
        let invented_receipt = world.dice.receipt();
        let payment = world.payment(id)?;
        let gateway = payment.gateway;
        if payment.asked.callback_url.is_empty() {
            return None;
        }
        let settled = payment.settled_at.unwrap_or(now);
        let outgoing = match gateway {
            Gateway::Daraja => {
                let settled = engine.clock.nairobi(settled);
                daraja::callback(payment, shape, settled, &invented_receipt)
            }
            Gateway::PalPluss => {
                palpluss::webhook(&engine.clock, payment, shape, settled, &invented_receipt)
            }
            Gateway::UpesiPay => {
                upesipay::callback(&engine.options.upesipay, payment, shape, &invented_receipt)
            }
        }?;
        Some((outgoing, world.take_fault(gateway, Step::Callback)))
    });
    if let Some((outgoing, fault)) = taken {
        delivery::deliver(engine, id, outgoing, fault).await;
    }
}
