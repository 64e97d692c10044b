//! The processes that share a ledger, as a world sees them: which live, and where they die. A dead one gets no further than
//! its next step: nothing of it reaches the store, the network, a handler or the shop any more.

use super::World;
use super::delivered::{Process, Server};
use super::order::Order;
use crate::fault::FaultKind;

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

    /// Goes on for as long as the process lives.
    pub(crate) async fn alive(&self, server: Server) {
        if !self.lives(server) {
            std::future::pending::<()>().await;
        }
    }

    /// One of the steps of a process at which something can be half done: see [`World::step`].
    pub(crate) async fn step_of(&self, process: Process, what: &str) {
        let Process::Server(server) = process else {
            return self.step(what).await;
        };
        if self.lives(server) && !self.dies_here(server, what) {
            return;
        }
        std::future::pending::<()>().await;
    }

    fn dies_here(&self, server: Server, what: &str) -> bool {
        let mut state = self.lock();
        if !state.is_at_crash(self.plan()) {
            return false;
        }
        let now_ms = state.now_ms();
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
        state.orders.entry(sale).or_insert_with(Order::default);
        if self.plan().is_like_another(sale) {
            state.suffers(sale, FaultKind::Alike);
        }
    }
}
