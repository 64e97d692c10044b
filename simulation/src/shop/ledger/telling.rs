//! The shop's handler of outcomes, and what it may be told.

use crate::plan::ledger::Hearing;
use crate::promises::{Promise, check};
use crate::world::World;
use crate::world::delivered::{Process, Server};
use crate::world::ledger::News;
use lipia::Client;
use lipia::client::LedgerPayment;
use std::time::Duration;

/// A handler that takes so long is taken for one that failed.
const LONGEST_TELLING_MS: u64 = 60_000;

/// Has a client tell the shop.
pub(super) fn listen(client: &Client, world: &World, server: Server) {
    let world = world.clone();
    client.on_outcome(move |payment| {
        let world = world.clone();
        async move { hear(&world, server, &payment).await }
    });
}

async fn hear(world: &World, server: Server, payment: &LedgerPayment) -> Result<(), &'static str> {
    let process = Process::Server(server);
    world.step_of(process, "the handler is called").await;
    let taken_ms = note(world, server, payment)?;
    if taken_ms > 0 {
        tokio::time::sleep(Duration::from_millis(taken_ms)).await;
    }
    world
        .step_of(process, "the handler has noted the news")
        .await;
    Ok(())
}

/// Notes the news in the shop's database. How long the handler goes on with other work, in milliseconds.
fn note(world: &World, server: Server, payment: &LedgerPayment) -> Result<u64, &'static str> {
    let sale = world.lock().sale_of(payment);
    mind_truth(world, sale, payment);
    let hearing = next_hearing(world, sale);
    let mut state = world.lock();
    let now_ms = state.now_ms();
    let id = payment.id().to_string();
    let number = sale.unwrap_or_default();
    let taken_ms = match hearing {
        Some(Hearing::Fails) => {
            state.tell(|| format!("the handler fails to hear of sale {number}"));
            state.ledger.excuse(&id);
            state.ledger.trouble(now_ms);
            return Err("the shop's database is away");
        }
        Some(Hearing::Takes { ms }) => ms,
        None => 0,
    };
    state.tell(|| {
        let outcome = payment.outcome();
        format!(
            "process {} is told of sale {number}: {outcome}",
            server.number
        )
    });
    if let Some(news) = News::of(payment) {
        state.ledger.told.entry(id.clone()).or_default().push(news);
    }
    if taken_ms >= LONGEST_TELLING_MS {
        state.ledger.excuse(&id);
        state.ledger.trouble(now_ms + taken_ms);
    }
    Ok(taken_ms)
}

fn next_hearing(world: &World, sale: Option<usize>) -> Option<Hearing> {
    let sale = sale?;
    let mut state = world.lock();
    let place = state.ledger.hearings.entry(sale).or_default();
    *place += 1;
    let planned = world.plan().sales.get(sale)?;
    planned.hearings.get(*place - 1).copied()
}

/// What is told is true of the payment, and was true of its order when the telling was leased.
fn mind_truth(world: &World, sale: Option<usize>, payment: &LedgerPayment) {
    let mut state = world.lock();
    let key = (payment.id().to_string(), payment.attempt());
    let leased = state.ledger.leased.get(&key).copied();
    let now_ms = state.now_ms();
    if leased.is_some_and(|leased| leased.at_ms + LONGEST_TELLING_MS <= now_ms) {
        // Its process stood still. The handler sees by the attempt that another telling may have begun.
        return;
    }
    let told = check(payment, state.gateway.of_payment(payment.id().as_str()));
    if let Err((_, what)) = told {
        state.broke(Promise::ToldTrue, sale, || what);
    }
    if News::of(payment).is_none() {
        state.broke(Promise::ToldTrue, sale, || {
            "a payment is told that is not settled".to_owned()
        });
    }
    let Some(leased) = leased else {
        return state.broke(Promise::ToldTrue, sale, || {
            "a payment is told that nobody has leased".to_owned()
        });
    };
    let is_failure = !payment.is_paid();
    if is_failure && (leased.order_is_paid || leased.is_held_by_another) {
        state.broke(Promise::ToldTrue, sale, || {
            "a failure is told though its order was paid or claimed again".to_owned()
        });
    }
    if leased.order_is_paid && !payment.order_is_paid() {
        state.broke(Promise::ToldTrue, sale, || {
            "the order is told as not paid, and it is".to_owned()
        });
    }
}
