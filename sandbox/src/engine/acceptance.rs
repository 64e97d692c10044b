//! The acceptance of a push at any gateway: its ids, its prompt, and the news of it.

use std::time::Duration;

use crate::engine::Engine;
use crate::engine::world::World;
use crate::records::payment::{Payment, PushRequest};
use crate::scenarios::Scenario;
use crate::scenarios::table::SCENARIOS;
use crate::scenarios::timeline::timeline;
use crate::values::clock::{day_first, seconds};
use crate::values::gateway::Gateway;

/// What M-Pesa says about a push that it took.
pub(crate) const ACCEPTED: &str = "Success. Request accepted for processing";

/// A push that its gateway found to be in order.
#[derive(Debug)]
pub(crate) struct ValidPush {
    pub(crate) gateway: Gateway,
    pub(crate) generation: Option<u8>,
    /// The gateway's own id.
    pub(crate) transaction_id: Option<String>,
    pub(crate) request: PushRequest,
    /// What the world says that the phone leads to now.
    pub(crate) scenario: Scenario,
}

/// Keeps a push under M-Pesa's two ids, and prompts its phone unless that is busy.
pub(crate) fn accept(
    engine: &Engine,
    world: &mut World,
    push: ValidPush,
    now: Duration,
) -> Payment {
    let number = world.next_number();
    let scenario = push.scenario;
    let payment = Payment {
        gateway: push.gateway,
        checkout_request_id: new_checkout_request_id(engine, world, &push.request, now),
        merchant_request_id: world.random_ids.request_id(number),
        transaction_id: push.transaction_id,
        generation: push.generation,
        push: push.request,
        scenario,
        prompted: scenario != Scenario::RefuseBusy,
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
    };
    world.accept(payment.clone());
    engine.tell("prompted", payment.gateway, || described(&payment));
    payment
}

fn described(payment: &Payment) -> String {
    let push = &payment.push;
    let what = format!(
        "{} for KES {} ({:?}), {}",
        push.phone, push.amount, push.reference, payment.checkout_request_id
    );
    if !payment.prompted {
        return format!("took a push to {what}: the phone is busy and was not prompted");
    }
    let row = SCENARIOS
        .iter()
        .find(|row| row.scenario == payment.scenario);
    let about = row.map_or("", |row| row.about);
    format!("prompted {what}: {about}")
}

/// An id no payment has: the time in Nairobi, three digits, and the phone's nine national digits.
fn new_checkout_request_id(
    engine: &Engine,
    world: &World,
    push: &PushRequest,
    now: Duration,
) -> String {
    let national = push.phone.strip_prefix("254").unwrap_or(&push.phone);
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
