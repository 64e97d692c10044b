//! The run of one payment: its scenario over time, actions in the customer's place, and its callbacks.

use std::sync::Arc;
use std::time::Duration;

use super::contract::Said;
use super::world::World;
use super::{Engine, delivery};
use crate::scenarios::endings::result;
use crate::scenarios::timeline::{CallbackShape, Happening, timeline};
use crate::scenarios::{Ending, Scenario};
use crate::values::clock::seconds;
use crate::values::gateway::{Endpoint, Step};

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
    // A person's time is real time.
    let for_a_person = match scenario {
        Scenario::Held => engine.clock.sandbox(engine.held_prompt),
        _ => Duration::ZERO,
    };
    for event in timeline(scenario).events {
        let after = seconds(event.after_seconds).saturating_add(for_a_person);
        engine
            .clock
            .sleep_until(accepted_at.saturating_add(after))
            .await;
        let now = engine.clock.now();
        let goes_on = engine.with(|world| {
            let goes_on = world.payment(&id).is_some_and(|payment| !payment.acted);
            if let (true, Happening::Settle(ending)) = (goes_on, event.happening) {
                settle(&engine, world, &id, ending, now);
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
        settle(engine, world, &id, ending, now);
        Ok(id)
    })?;
    let engine_of_task = Arc::clone(engine);
    engine
        .background
        .spawn(async move { call_back(&engine_of_task, &id, CallbackShape::Truth).await });
    Ok(())
}

/// Makes an ending the truth about a payment: in the world, at its gateway, and for every listener.
fn settle(engine: &Engine, world: &mut World, id: &str, ending: Ending, now: Duration) {
    let is_first = world.settle(id, ending, now);
    let Some(payment) = world.payment(id).cloned() else {
        return;
    };
    if let Some(gateway) = engine.gateway(payment.gateway).filter(|_| is_first) {
        let counters = world.counters.of_mut(payment.gateway);
        gateway.push_ended(&payment, ending == Ending::Pay, now, counters);
    }
    engine.tell("settled", payment.gateway, || {
        let id = &payment.checkout_request_id;
        match &payment.receipt {
            Some(receipt) if ending == Ending::Pay => format!("{id} is paid: receipt {receipt}"),
            _ => format!(
                "{id} is not paid: {}, code {}",
                ending.name(),
                result(ending).code
            ),
        }
    });
}

/// Sends one callback, or what a fault makes of it.
async fn call_back(engine: &Arc<Engine>, id: &str, shape: CallbackShape) {
    let now = engine.clock.now();
    let taken = engine.with(|world| {
        let invented_receipt = world.random_ids.receipt();
        let payment = world.payment(id)?;
        if payment.push.callback_url.is_empty() {
            return None;
        }
        let said = Said {
            shape,
            settled_at: payment.settled_at.unwrap_or(now),
            invented_receipt,
        };
        let gateway = payment.gateway;
        let outgoing = engine
            .gateway(gateway)?
            .callback(&engine.clock, payment, &said)?;
        let step = Step::Callback;
        Some((outgoing, world.take_fault(Endpoint { gateway, step }, "")))
    });
    if let Some((outgoing, fault)) = taken {
        delivery::deliver(engine, id, outgoing, fault).await;
    }
}
