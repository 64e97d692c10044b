//! The shop's client, with the settings that the plan has for it.

use super::WallClock;
use super::store::ShopStore;
use crate::chance::CoreChance;
use crate::network::Carrier;
use crate::plan::Keeping;
use crate::world::World;
use crate::world::delivered::{Process, Server};
use lipia::client::ClientBuilder;
use lipia::gateway::UpesiPayGeneration;
use lipia::guard::{Guard, Limits, QuestionPace};
use lipia::ledger::LedgerStore;
use lipia::{Client, Daraja, Error, GatewayName, PalPluss, UpesiPay};
use std::sync::Arc;
use std::time::Duration;

/// The stream of chance from which the core draws in one life of a process.
fn chance_of(process: Process, life: u32) -> u64 {
    match process {
        Process::Till => u64::from(life),
        Process::Door => 1_000 + u64::from(life),
        Process::Server(server) => 10_000 + 1_000 * u64::from(server.number) + u64::from(life),
    }
}

/// The client of one life of the shop's process.
///
/// # Errors
/// Why there is none.
pub(super) fn build(world: &World, life: u32, process: Process) -> Result<Client, Error> {
    build_for(world, (life, process), None)
}

/// The client of one life of a process that shares a ledger.
///
/// # Errors
/// Why there is none.
pub(super) fn build_with(
    world: &World,
    server: Server,
    ledger: Arc<dyn LedgerStore>,
) -> Result<Client, Error> {
    let process = Process::Server(server);
    build_for(world, (server.life, process), Some(ledger))
}

fn build_for(
    world: &World,
    life: (u32, Process),
    ledger: Option<Arc<dyn LedgerStore>>,
) -> Result<Client, Error> {
    match world.plan().gateway {
        GatewayName::PalPluss => {
            let builder = PalPluss::builder().api_key("pp_live_0123456789");
            settled(builder, world, life, ledger).build()
        }
        GatewayName::UpesiPay => {
            let builder = UpesiPay::builder()
                .auth_token("Basic c2hvcDpzZWNyZXQ=")
                .channel_id("134")
                .generation(if world.plan().second_form {
                    UpesiPayGeneration::Two
                } else {
                    UpesiPayGeneration::One
                });
            settled(builder, world, life, ledger).build()
        }
        _ => {
            let builder = Daraja::builder()
                .consumer_key("key")
                .consumer_secret("secret")
                .short_code("174379")
                .pass_key("bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919");
            settled(builder, world, life, ledger).build()
        }
    }
}

/// So many sales are asked about at the gateway's own pace.
const FEW_SALES: usize = 8;

/// What is set for whichever gateway.
fn settled<Own>(
    builder: ClientBuilder<Own>,
    world: &World,
    (life, process): (u32, Process),
    ledger: Option<Arc<dyn LedgerStore>>,
) -> ClientBuilder<Own> {
    let plan = world.plan();
    let chance = chance_of(process, life);
    let mut builder = builder
        .callback_url("https://shop.example.co.ke/pay")
        .callback_secrets(["a secret of the shop's, long enough"])
        .timeout(Duration::from_millis(plan.timeout_ms))
        .clock(Arc::new(WallClock(world.clone())))
        .simulated(
            Arc::new(Carrier::new(world.clone(), process)),
            Arc::new(CoreChance::of(plan.seed, chance)),
        );
    // At the gateways' own pace the questions of a crowd, and of several processes, take longer than a world lasts.
    if plan.sales.len() > FEW_SALES || plan.has_ledger() {
        builder = builder.question_pace(QuestionPace::unlimited());
    }
    if let Some(ledger) = ledger {
        builder = builder.ledger(ledger);
    }
    if plan.keeping == Keeping::Store {
        builder = builder.store(Arc::new(ShopStore::new(world.clone())));
    }
    if plan.guarded {
        match guard(world) {
            Some(guard) => builder.guard(guard),
            None => builder,
        }
    } else {
        builder.without_guard()
    }
}

/// The guard that the shop sets itself; `None` leaves the gateway's usual one. A process that dies forgets what is
/// counted in its memory, so a shop to which that happens keeps it elsewhere.
fn guard(world: &World) -> Option<Guard> {
    let plan = world.plan();
    let limits = match plan.gateway {
        GatewayName::Daraja => Limits::default(),
        GatewayName::PalPluss => return None,
        _ if plan.crashes.is_empty() => return None,
        _ => Limits::default().unsettled_for(Duration::from_secs(15 * 60)),
    };
    Some(Guard::with_store(limits, world.guard_store()))
}
