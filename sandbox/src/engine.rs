//! What every handler and task of one sandbox shares.

use std::sync::{Mutex, PoisonError};

use crate::background::Background;
use crate::clock::SandboxClock;
use crate::options::SandboxOptions;
use crate::world::World;

#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) options: SandboxOptions,
    pub(crate) clock: SandboxClock,
    pub(crate) background: Background,
    world: Mutex<World>,
}

impl Engine {
    pub(crate) fn new(options: SandboxOptions, background: Background) -> Self {
        let clock = SandboxClock::start(options.time_scale);
        Self {
            options,
            clock,
            background,
            world: Mutex::new(World::new()),
        }
    }

    /// Looks at or changes what the sandbox remembers. A plain function runs under the lock, so no await can.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.world.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
