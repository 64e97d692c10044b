//! The schedule of a world: the events that will happen, in the order of their times.

use super::delivered::{ConnectionId, Delivered};
use super::post::Post;
use crate::gateway::messages::{Answered, Ask, Trouble};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use tokio::sync::oneshot;

/// How the other end of a request is told.
pub(crate) struct Reply {
    /// Its answer.
    pub(crate) answer: oneshot::Sender<Delivered>,
    /// What follows on the same connection, where anything does.
    pub(crate) second: oneshot::Sender<Delivered>,
    pub(crate) connection: ConnectionId,
}

/// What will happen.
pub(crate) enum Event {
    /// A request arrives at the gateway.
    Arrives {
        ask: Ask,
        trouble: Trouble,
        reply: Reply,
    },
    /// An answer, or the end of its connection, arrives at the shop.
    Answers {
        answered: Box<Answered>,
        reply: oneshot::Sender<Delivered>,
        /// The connection of an answer that follows another: it comes as soon as a further request waits there.
        follows_on: Option<ConnectionId>,
    },
    /// A customer decides.
    Decides { prompt: usize },
    /// A customer pays whose prompt has ended.
    PaysAfterAll { prompt: usize },
    /// Somebody posts to the shop.
    Posts(Post),
    /// A failure of what was paid is posted.
    Contradicts { prompt: usize },
    /// All tokens become invalid.
    TokensEnd,
    /// A stranger makes a callback up.
    Forges { forgery: usize },
}

impl Event {
    /// The answer to a request, by itself on its connection.
    pub(crate) fn answer(answered: Answered, reply: oneshot::Sender<Delivered>) -> Self {
        Self::Answers {
            answered: Box::new(answered),
            reply,
            follows_on: None,
        }
    }
}

/// The events that will happen, by their times, and at one time by the order in which they were planned.
#[derive(Default)]
pub(crate) struct Schedule {
    queue: BinaryHeap<Reverse<Scheduled>>,
    /// How many events were ever planned.
    planned: u64,
}

impl Schedule {
    pub(crate) fn add(&mut self, at_ms: u64, event: Event) {
        self.planned += 1;
        let scheduled = Scheduled {
            at_ms,
            number: self.planned,
            event,
        };
        self.queue.push(Reverse(scheduled));
    }

    /// The next event, once its time has come.
    pub(crate) fn take_due(&mut self, now_ms: u64, ends_at_ms: u64) -> Due {
        match self.queue.peek() {
            Some(Reverse(next)) if next.at_ms <= now_ms => self
                .queue
                .pop()
                .map_or(Due::Nothing, |Reverse(due)| Due::Now(due.event)),
            Some(Reverse(next)) if next.at_ms <= ends_at_ms => Due::At(next.at_ms),
            _ => Due::Nothing,
        }
    }

    /// Moves what has yet to follow an earlier answer on a connection to an earlier time.
    pub(crate) fn hasten(&mut self, connection: ConnectionId, at_ms: u64) {
        let follows = |event: &Event| matches!(event, Event::Answers { follows_on, .. } if *follows_on == Some(connection));
        if !self.queue.iter().any(|next| follows(&next.0.event)) {
            return;
        }
        let mut queue = std::mem::take(&mut self.queue).into_vec();
        for Reverse(next) in &mut queue {
            if follows(&next.event) {
                next.at_ms = next.at_ms.min(at_ms);
            }
        }
        self.queue = queue.into();
    }
}

/// What is next in a schedule.
#[allow(
    clippy::large_enum_variant,
    reason = "there is one at a time, on the stack"
)]
pub(crate) enum Due {
    /// An event whose time has come.
    Now(Event),
    /// Nothing before this time.
    At(u64),
    /// Nothing before the world ends.
    Nothing,
}

struct Scheduled {
    at_ms: u64,
    number: u64,
    event: Event,
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        (self.at_ms, self.number) == (other.at_ms, other.number)
    }
}

impl Eq for Scheduled {}

impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scheduled {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at_ms, self.number).cmp(&(other.at_ms, other.number))
    }
}
