//! The engine: what every handler and task of one sandbox shares, and how it plays a payment.

pub(crate) mod acceptance;
pub(crate) mod background;
pub(crate) mod contract;
pub(crate) mod delivery;
pub(crate) mod exchange;
pub(crate) mod fault_effects;
pub(crate) mod payment_run;
pub(crate) mod world;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use self::background::Background;
use self::contract::PlayedGateway;
use self::world::World;
use crate::records::news::Listeners;
use crate::values::clock::SandboxClock;
use crate::values::gateway::{Endpoint, Gateway};

#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) clock: SandboxClock,
    pub(crate) background: Background,
    pub(crate) listeners: Listeners,
    /// How long the prompt of a phone that a person holds stays open, in real time.
    pub(crate) held_prompt: Duration,
    /// Counts what the page with the phone shows anew.
    changes: AtomicU64,
    gateways: Vec<Arc<dyn PlayedGateway>>,
    world: Mutex<World>,
}

impl Engine {
    pub(crate) fn new(
        time_scale: f64,
        held_prompt: Duration,
        gateways: Vec<Arc<dyn PlayedGateway>>,
        background: Background,
    ) -> Self {
        Self {
            clock: SandboxClock::start(time_scale),
            background,
            listeners: Listeners::default(),
            held_prompt,
            changes: AtomicU64::new(1),
            gateways,
            world: Mutex::new(World::new()),
        }
    }

    pub(crate) fn gateways(&self) -> impl Iterator<Item = &Arc<dyn PlayedGateway>> {
        self.gateways.iter()
    }

    pub(crate) fn gateway(&self, name: Gateway) -> Option<&dyn PlayedGateway> {
        let mut gateways = self.gateways.iter().map(AsRef::as_ref);
        gateways.find(|gateway| gateway.name() == name)
    }

    /// The gateway and the step behind a path.
    pub(crate) fn endpoint_of_path(&self, path: &str) -> Option<Endpoint> {
        self.gateways.iter().find_map(|gateway| {
            let step = gateway.step_of_path(path)?;
            let gateway = gateway.name();
            Some(Endpoint { gateway, step })
        })
    }

    /// Tells every listener what happens now.
    pub(crate) fn tell(
        &self,
        event: &'static str,
        gateway: Gateway,
        text: impl FnOnce() -> String,
    ) {
        self.listeners.tell(self.clock.now(), event, gateway, text);
        self.has_changed();
    }

    /// The count of changes, for a page that waits for the next one.
    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    fn has_changed(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
    }

    /// Looks at or changes what the sandbox remembers. A plain function runs under the lock, so no await can.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.world.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes what the sandbox remembers, for the pages that show it.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let changed = self.with(change);
        self.has_changed();
        changed
    }

    /// Makes every access token of every gateway invalid.
    pub(crate) fn kill_tokens(&self) {
        for gateway in &self.gateways {
            gateway.kill_tokens();
        }
    }

    /// Forgets everything: in the world, and at each gateway.
    pub(crate) fn reset(&self) {
        self.listeners.forget();
        self.change(|world| {
            world.reset();
            for gateway in &self.gateways {
                gateway.reset();
            }
        });
    }
}
