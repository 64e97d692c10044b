//! A shop of several processes that share a ledger. Each has a client of its own, requests orders, takes in callbacks, and is
//! told of outcomes; each can die and begin again while the others go on.

mod callbacks;
mod ending;
mod requests;
mod store;
mod telling;

use self::store::SimulatedLedger;
use super::{Served, client};
use crate::time::{HORIZON_MS, eat_time};
use crate::world::World;
use crate::world::delivered::Server;
use crate::world::post::Post;
use lipia::Client;
use lipia::ledger::MemoryLedger;
use lipia::values::{Clock, EatTime};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// How often it is looked whether the world can end.
const LOOKS_EVERY: Duration = Duration::from_secs(2);

/// The store's own clock.
#[derive(Debug)]
struct StoreClock {
    began: Instant,
}

impl Clock for StoreClock {
    fn now(&self) -> EatTime {
        let ms = self.began.elapsed().as_millis();
        eat_time(u64::try_from(ms).unwrap_or(u64::MAX))
    }
}

/// A process that lives.
struct Running {
    server: Server,
    client: Client,
    /// What the shop's own code does in it.
    work: Vec<AbortHandle>,
    /// What was posted to it and is not answered.
    unanswered: BTreeMap<u64, Post>,
}

/// The shop.
pub(crate) struct Servers {
    world: World,
    tables: Arc<MemoryLedger>,
    running: Mutex<BTreeMap<u32, Running>>,
    /// Requests and callbacks that go on, and processes that are down.
    in_flight: AtomicUsize,
    done: Notify,
}

/// Counts work for as long as it goes on, be it stopped or done.
struct InFlight(Arc<Servers>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::AcqRel);
        self.0.done.notify_one();
    }
}

impl Servers {
    /// Begins: all processes, and all requests.
    ///
    /// # Errors
    /// Why there is no client.
    pub(crate) fn begin(world: &World) -> Result<Arc<Self>, lipia::Error> {
        let clock = StoreClock {
            began: Instant::now(),
        };
        let servers = Arc::new(Self {
            world: world.clone(),
            tables: Arc::new(MemoryLedger::with_clock(Arc::new(clock))),
            running: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            done: Notify::new(),
        });
        for number in 0..world.plan().servers.max(1) {
            servers.start(number)?;
        }
        let keeper = Arc::clone(&servers);
        tokio::spawn(async move { keeper.replace_the_dead().await });
        let watch = Arc::clone(&servers);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(LOOKS_EVERY).await;
                watch.done.notify_one();
            }
        });
        Ok(servers)
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<u32, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A process begins, and requests what its lives before have not.
    fn start(self: &Arc<Self>, number: u32) -> Result<(), lipia::Error> {
        let server = self.world.begin_server(number);
        let store = SimulatedLedger::new(self.world.clone(), server, Arc::clone(&self.tables));
        let client = client::build_with(&self.world, server, Arc::new(store))?;
        telling::listen(&client, &self.world, server);
        self.running().insert(
            number,
            Running {
                server,
                client: client.clone(),
                work: Vec::new(),
                unanswered: BTreeMap::new(),
            },
        );
        self.request_all(server, &client);
        Ok(())
    }

    /// Does something in a process, until it dies.
    fn work<F: Future<Output = ()> + Send + 'static>(self: &Arc<Self>, server: Server, work: F) {
        self.in_flight.fetch_add(1, Ordering::AcqRel);
        let counted = InFlight(Arc::clone(self));
        let task = tokio::spawn(async move {
            let _counted = counted;
            work.await;
        });
        if let Some(running) = self.running().get_mut(&server.number) {
            running.work.push(task.abort_handle());
        }
    }

    /// Ends what a dead process was doing, and begins it again after a while.
    async fn replace_the_dead(self: Arc<Self>) {
        loop {
            let number = self.world.next_death().await;
            let down_ms = self.world.down_ms();
            self.in_flight.fetch_add(1, Ordering::AcqRel);
            let counted = InFlight(Arc::clone(&self));
            let dead = self.running().remove(&number);
            if let Some(dead) = dead {
                for work in dead.work {
                    work.abort();
                }
                for post in dead.unanswered.into_values() {
                    self.world.post_again(post);
                }
            }
            let servers = Arc::clone(&self);
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(down_ms)).await;
                servers
                    .world
                    .tell(|| format!("process {number} begins again"));
                // The settings are those of its first life.
                let _started = servers.start(number);
                drop(counted);
            });
        }
    }
}

impl Served for Servers {
    fn is_posted_to(self: &Arc<Self>, post: Post) {
        let posted = {
            let mut state = self.world.lock();
            state.posted += 1;
            state.posted
        };
        let chosen = {
            let mut running = self.running();
            let lives = running
                .values_mut()
                .filter(|running| self.world.lives(running.server));
            let mut lives: Vec<&mut Running> = lives.collect();
            let place = usize::try_from(posted).unwrap_or(0) % lives.len().max(1);
            lives.get_mut(place).map(|chosen| {
                chosen.unanswered.insert(posted, post.clone());
                (chosen.server, chosen.client.clone())
            })
        };
        let Some((server, client)) = chosen else {
            self.world.tell(|| format!("{} finds nobody", post.what));
            return self.world.post_again(post);
        };
        let servers = Arc::clone(self);
        self.work(server, async move {
            callbacks::take_in(&servers.world, server, &client, &servers.tables, post).await;
            if let Some(running) = servers.running().get_mut(&server.number) {
                running.unanswered.remove(&posted);
            }
        });
    }

    fn is_done(&self) -> bool {
        self.world.now_ms() >= HORIZON_MS
            || (self.in_flight.load(Ordering::Acquire) == 0 && self.is_quiet())
    }

    async fn done(&self) {
        self.done.notified().await;
    }

    fn end(&self) {
        self.note_the_end();
    }
}
