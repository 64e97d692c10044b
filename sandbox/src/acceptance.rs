//! Accepts a push, whichever gateway was asked for it.

use std::time::Duration;

use crate::clock::{day_first, seconds};
use crate::engine::Engine;
use crate::gateway::Gateway;
use crate::payment::{Asked, Payment};
use crate::scenario::Scenario;
use crate::timeline::timeline;
use crate::upesipay::Generation;
use crate::world::World;

/// What M-Pesa says about a push that it took.
pub(crate) const ACCEPTED: &str = "Success. Request accepted for processing";

/// A push that its gateway found to be in order.
#[derive(Debug)]
pub(crate) struct GoodPush {
    pub(crate) gateway: Gateway,
    pub(crate) generation: Option<Generation>,
    /// The gateway's own id.
    pub(crate) transaction_id: Option<String>,
    pub(crate) asked: Asked,
    /// What the world says that the phone leads to now.
    pub(crate) scenario: Scenario,
}

/// Keeps a push under M-Pesa's two ids, and prompts its phone unless that is busy.
pub(crate) fn accept(engine: &Engine, world: &mut World, push: GoodPush, now: Duration) -> Payment {
    let number = world.next_number();
    let scenario = push.scenario;
    let payment = Payment {
        gateway: push.gateway,
        checkout_request_id: new_checkout_request_id(engine, world, &push.asked, now),
        merchant_request_id: world.dice.request_id(number),
        transaction_id: push.transaction_id,
        generation: push.generation,
        asked: push.asked,
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
    payment
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
