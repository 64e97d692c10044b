//! The processes that share a ledger, as a world sees them: which live, and where they die. A dead one gets no further than
//! its next step: nothing of it reaches the store, the network, a handler or the shop any more.

use super::World;
use super::delivered::{Process, Server};
use crate::fault::FaultKind;
use std::time::Duration;
use tokio::sync::futures::Notified;

impl World {
    /// A process begins its next life.
    pub(crate) fn begin_server(&self, number: u32) -> Server {
        let mut state = self.lock();
        let lives = &mut state.ledger.lives;
        let place = number as usize;
        while lives.len() <= place {
            lives.push((0, true));
        }
        let mut life = 0;
        if let Some((last, is_dead)) = lives.get_mut(place) {
            *last += 1;
            *is_dead = false;
            life = *last;
        }
        Server { number, life }
    }

    /// Whether a process lives, in this life of its.
    pub(crate) fn lives(&self, server: Server) -> bool {
        let state = self.lock();
        let known = state.ledger.lives.get(server.number as usize);
        known == Some(&(server.life, false))
    }

    /// Goes on for as long as the process lives, once it no longer stands still.
    pub(crate) async fn alive(&self, server: Server) {
        while let Some(ms) = self.stands_still_for(server) {
            tokio::time::sleep(Duration::from_millis(ms)).await;
        }
        if !self.lives(server) {
            std::future::pending::<()>().await;
        }
    }

    fn stands_still_for(&self, server: Server) -> Option<u64> {
        let state = self.lock();
        let until_ms = *state.ledger.stalled_until_ms.get(&server.number)?;
        until_ms.checked_sub(state.now_ms()).filter(|ms| *ms > 0)
    }

    /// One of the steps of a process at which something can be half done: see [`World::step`].
    pub(crate) async fn step_of(&self, process: Process, what: &str) {
        let Process::Server(server) = process else {
            return self.step(what).await;
        };
        self.alive(server).await;
        if self.dies_here(server, what) {
            std::future::pending::<()>().await;
        }
        self.alive(server).await;
    }

    fn dies_here(&self, server: Server, what: &str) -> bool {
        let mut state = self.lock();
        let at_step = state.steps;
        let is_at_crash = state.is_at_crash(self.plan());
        let now_ms = state.now_ms();
        let stalls = &self.plan().stalls;
        if let Some(stall) = stalls.iter().find(|stall| stall.at_step == at_step) {
            let until_ms = now_ms + stall.for_ms;
            state.ledger.trouble(until_ms);
            state.ledger.stalls += 1;
            state
                .ledger
                .stalled_until_ms
                .insert(server.number, until_ms);
            state.tell(|| {
                format!(
                    "process {} stands still for {} ms: {what}",
                    server.number, stall.for_ms
                )
            });
        }
        if !is_at_crash {
            return false;
        }
        state.ledger.trouble(now_ms);
        if let Some((_, is_dead)) = state.ledger.lives.get_mut(server.number as usize) {
            *is_dead = true;
        }
        state.ledger.deaths.push_back(server.number);
        state.all_open_suffer(FaultKind::Crashed);
        state.tell(|| format!("process {} dies: {what}", server.number));
        drop(state);
        self.0.server_died.notify_one();
        true
    }

    /// Wakes whoever waits for the ledger, in the order in which they began to.
    pub(crate) fn ledger_is_written(&self) {
        self.0.ledger_written.notify_waiters();
    }

    /// Ends once the ledger is written to.
    pub(crate) fn ledger_written(&self) -> Notified<'_> {
        self.0.ledger_written.notified()
    }

    /// The next process that has died.
    pub(crate) async fn next_death(&self) -> u32 {
        loop {
            let died = self.lock().ledger.deaths.pop_front();
            if let Some(number) = died {
                return number;
            }
            self.0.server_died.notified().await;
        }
    }

    /// Notes that a payment was claimed for a sale.
    pub(crate) fn claims(&self, payment_id: &str, sale: usize) {
        let mut state = self.lock();
        state.sales_of_payments.insert(payment_id.to_owned(), sale);
        state.orders.entry(sale).or_default();
        if self.plan().is_like_another(sale) {
            state.suffers(sale, FaultKind::Alike);
        }
    }
}
