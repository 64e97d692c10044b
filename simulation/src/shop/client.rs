//! The shop's client: whom it asks, and with what settings.

use super::WallClock;
use super::keeping::ShopStore;
use crate::chance::CoreChance;
use crate::network::Carrier;
use crate::plan::Keeping;
use crate::world::World;
use lipia::{
    Client, ClientBuilder, Daraja, Error, GatewayName, Guard, GuardLimits, PalPluss, UpesiPay,
    UpesiPayGeneration,
};
use std::sync::Arc;
use std::time::Duration;

/// The client of one life of the shop's process.
///
/// # Errors
/// Why there is none.
pub(super) fn build(world: &World, life: u32) -> Result<Client, Error> {
    match world.plan().gateway {
        GatewayName::PalPluss => {
            let builder = PalPluss::builder().api_key("pp_live_0123456789");
            settled(builder, world, life).build()
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
            settled(builder, world, life).build()
        }
        _ => {
            let builder = Daraja::builder()
                .consumer_key("key")
                .consumer_secret("secret")
                .short_code("174379")
                .pass_key("bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919");
            settled(builder, world, life).build()
        }
    }
}

/// What is set for whichever gateway.
fn settled<Keys>(builder: ClientBuilder<Keys>, world: &World, life: u32) -> ClientBuilder<Keys> {
    let plan = world.plan();
    let mut builder = builder
        .callback_url("https://shop.example.co.ke/pay")
        .callback_secrets(["a secret of the shop's, long enough"])
        .timeout(Duration::from_millis(plan.timeout_ms))
        .clock(Arc::new(WallClock(world.clone())))
        .simulated(
            Arc::new(Carrier::new(world.clone())),
            Arc::new(CoreChance::of(plan.seed, life.into())),
        );
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
        GatewayName::Daraja => GuardLimits::default(),
        GatewayName::PalPluss => return None,
        _ if plan.crashes.is_empty() => return None,
        _ => GuardLimits::default().unsettled_for(Duration::from_secs(15 * 60)),
    };
    Some(Guard::with_store(limits, world.guard_store()))
}
