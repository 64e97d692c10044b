//! The run of one world from its beginning to its end, and the checks at its end.

mod ledger;

use crate::events;
use crate::fault::FaultKind;
use crate::gateway::prompt::Prompt;
use crate::plan::Plan;
use crate::promises::{Broken, Promise};
use crate::shop::ledger::Servers;
use crate::shop::{Served, Shop};
use crate::time::HORIZON_MS;
use crate::world::order::{End, Order};
use crate::world::{State, World};
use std::io;
use std::sync::Arc;

/// What became of one world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What became of each sale.
    pub sales: Vec<SaleReport>,
    /// The first promise that was broken.
    pub broken: Option<Broken>,
    /// The story, where it was asked for.
    pub trace: Vec<String>,
}

/// What became of one sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaleReport {
    /// How it ended for the shop.
    pub end: End,
    /// Whether the customer paid.
    pub is_paid: bool,
    /// How often a phone was prompted.
    pub prompts: usize,
    /// The most prompts that one of its payments opened: a sale that ended unpaid may be tried again, with another.
    pub most_prompts_of_one_payment: usize,
    /// What went wrong on the way.
    pub faults: FaultKind,
}

/// How many lives a process has at most: each crash of the plan ends one.
const MAX_LIVES: usize = 8;

impl Plan {
    /// Runs the world.
    ///
    /// # Errors
    /// Where this machine gives no runtime.
    pub fn run(&self, is_told: bool) -> io::Result<Report> {
        let world = World::new(self.clone(), is_told);
        for _ in 0..MAX_LIVES {
            live(&world)?;
            if !world.is_dead() || world.is_broken() || world.now_ms() >= HORIZON_MS {
                break;
            }
            let down_ms = world.down_ms();
            world.lock().all_open_suffer(FaultKind::Crashed);
            events::pass(&world, world.now_ms() + down_ms);
            world.tell(|| "the shop's process begins again".to_owned());
        }
        Ok(report(&world))
    }
}

/// One life of the shop's process.
fn live(world: &World) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?;
    runtime.block_on(async {
        world.begin_life();
        if world.plan().has_ledger() {
            serve(world, Servers::begin(world)).await;
        } else {
            serve(world, Shop::begin(world)).await;
        }
        world.end_life();
    });
    Ok(())
}

/// Lets happen what happens to a shop.
async fn serve<Shop: Served>(world: &World, shop: Result<Arc<Shop>, lipia::Error>) {
    match shop {
        Ok(shop) => {
            tokio::select! {
                biased;
                () = world.death() => {}
                () = events::run(world, &shop) => {}
            }
            shop.end();
        }
        Err(error) => {
            world.broke(Promise::NothingLost, None, || {
                format!("the shop has no client: {error}")
            });
        }
    }
}

fn report(world: &World) -> Report {
    let mut state = world.lock();
    let broken = ledger::check_rows(&state, world.plan())
        .or_else(|| ledger::check_paid_twice(&state))
        .or_else(|| ledger::check_judged(&state));
    if let Some(broken) = broken {
        state.broke(broken.promise, broken.sale, || broken.what);
    }
    let mut sales = Vec::new();
    for sale in 0..world.plan().sales.len() {
        let order = state.orders.get(&sale).cloned().unwrap_or_default();
        let end = order.end.unwrap_or(if order.payment.is_some() {
            End::Open
        } else {
            End::NotPrompted
        });
        let is_anybodys = world.plan().is_anybodys(sale);
        if let Err((promise, what)) = check_end(&state, sale, &order, end, is_anybodys) {
            state.broke(promise, Some(sale), || what);
        }
        let prompts: Vec<&Prompt> = state.gateway.of_sale(sale).collect();
        sales.push(SaleReport {
            end,
            is_paid: prompts.iter().any(|prompt| prompt.is_paid()),
            prompts: prompts.len(),
            most_prompts_of_one_payment: most_prompts_of_one_payment(&prompts),
            faults: state.faults.get(sale).copied().unwrap_or_default(),
        });
    }
    Report {
        sales,
        broken: state.broken.clone(),
        trace: state.trace.take().unwrap_or_default(),
    }
}

/// Each payment's result is posted to an address of its own.
fn most_prompts_of_one_payment(prompts: &[&Prompt]) -> usize {
    let of_the_same = |one: &&Prompt| {
        let is_the_same = |other: &&&Prompt| other.callback_path == one.callback_path;
        prompts.iter().filter(is_the_same).count()
    };
    prompts.iter().map(of_the_same).max().unwrap_or(0)
}

/// Whether the process has never died: one that dies before it has saved an answer does not know it.
fn has_one_life(state: &State) -> bool {
    state.lives == 1 && !state.ledger.had_trouble
}

/// What was decided so long before the end must be known by then, where there was any way to learn it.
const TIME_TO_LEARN_MS: u64 = 700_000;

fn check_end(
    state: &State,
    sale: usize,
    order: &Order,
    end: End,
    is_anybodys: bool,
) -> Result<(), (Promise, String)> {
    let all: Vec<&Prompt> = state.gateway.of_sale(sale).collect();
    let has_paid = all.iter().any(|prompt| prompt.is_paid());
    // Of what the gateway has denied, and no callback has told yet, nobody can know.
    let prompts: Vec<&Prompt> = all
        .into_iter()
        .filter(|prompt| !prompt.is_hidden())
        .collect();
    let is_paid = prompts.iter().any(|prompt| prompt.is_paid());
    match end {
        End::Paid if !has_paid => Err((
            Promise::NothingForged,
            "the shop hands over goods that nobody paid".to_owned(),
        )),
        End::NotPaid if prompts.iter().any(|prompt| prompt.is_paid_after_all) => Err((
            Promise::NothingLost,
            "the gateway's books say that the customer has paid after all, and the shop says no"
                .to_owned(),
        )),
        End::NotPaid if is_paid => Err((
            Promise::NothingLost,
            "the customer has paid, and the shop says no".to_owned(),
        )),
        End::NotPrompted if is_paid => Err((
            Promise::NothingLost,
            "the customer has paid, and the shop believes that nobody was prompted".to_owned(),
        )),
        End::NotPrompted if !prompts.is_empty() && order.attempt == 0 => Err((
            Promise::OnePrompt,
            "a phone was prompted, and the shop believes that none was".to_owned(),
        )),
        End::Open => {
            // A look that is yet to come, a claim that the gateway's answers contradict, or a prompt that two sales could claim.
            if order.is_held || order.is_for_a_person || (is_anybodys && !order.knows_prompt) {
                return Ok(());
            }
            let long_ago = prompts.last().is_some_and(|prompt| {
                prompt.decided.is_some() && prompt.decided_at_ms + TIME_TO_LEARN_MS < HORIZON_MS
            });
            if long_ago && order.heard_truth {
                return Err((
                    Promise::NothingLost,
                    "the true callback was taken in, and the payment is still open".to_owned(),
                ));
            }
            // Of a sale that was tried again only the last payment is open.
            let is_of_payment = |prompt: &Prompt| {
                let id = order.payment_id.as_deref();
                id.map_or(order.attempt == 0, |id| prompt.callback_path.contains(id))
            };
            let is_named = prompts
                .last()
                .is_some_and(|prompt| prompt.is_named && is_of_payment(prompt));
            if long_ago && is_named && has_one_life(state) {
                return Err((
                    Promise::NothingLost,
                    "the gateway has named the prompt and knows the outcome, and the payment is still open".to_owned(),
                ));
            }
            if long_ago && order.knows_prompt {
                return Err((
                    Promise::NothingLost,
                    "the gateway knows the outcome, and the payment is still open".to_owned(),
                ));
            }
            Ok(())
        }
        End::Paid | End::NotPaid | End::NotPrompted => Ok(()),
    }
}
