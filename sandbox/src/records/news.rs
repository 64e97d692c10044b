//! News for listeners: prompts, endings, callbacks, refusals, as they happen.

use crate::values::gateway::Gateway;
use serde::Serialize;
use std::collections::VecDeque;
use std::fmt;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How much waits for a listener that is slow. What is beyond is not told.
const KEPT: usize = 1024;

/// How much news is kept for a page that is opened later.
const REMEMBERED: usize = 200;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct News {
    /// When, in sandbox seconds since the start.
    pub at_seconds: f64,
    /// What: `prompted`, `settled`, `called_back`, `callback_refused`, `callback_not_sent`, `refused`.
    pub event: &'static str,
    /// At which gateway.
    pub gateway: Gateway,
    /// A sentence for people, with what to do where something is wrong.
    pub text: String,
}

impl fmt::Display for News {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:>7.1} s  {:<8}  {}",
            self.at_seconds,
            self.gateway.name(),
            self.text
        )
    }
}

/// Who listens, and the last news for who comes later.
#[derive(Debug, Default)]
pub(crate) struct Listeners(Mutex<Told>);

#[derive(Debug, Default)]
struct Told {
    listeners: Vec<SyncSender<News>>,
    /// How many there were ever.
    count: u64,
    /// The last news, oldest first.
    last: VecDeque<News>,
}

impl Listeners {
    pub(crate) fn add(&self) -> Receiver<News> {
        let (sender, receiver) = sync_channel(KEPT);
        self.lock().listeners.push(sender);
        receiver
    }

    /// Tells everybody who listens, and remembers it.
    pub(crate) fn tell(
        &self,
        at: Duration,
        event: &'static str,
        gateway: Gateway,
        text: impl FnOnce() -> String,
    ) {
        let mut told = self.lock();
        let news = News {
            at_seconds: at.as_secs_f64(),
            event,
            gateway,
            text: text(),
        };
        told.listeners.retain(|listener| {
            !matches!(
                listener.try_send(news.clone()),
                Err(TrySendError::Disconnected(_))
            )
        });
        told.count = told.count.saturating_add(1);
        if told.last.len() >= REMEMBERED {
            told.last.pop_front();
        }
        told.last.push_back(news);
    }

    /// The last news, oldest first, each with its number since the start.
    pub(crate) fn last(&self) -> Vec<(u64, News)> {
        let told = self.lock();
        let mut number = told.count;
        let mut last = Vec::new();
        for news in told.last.iter().rev() {
            last.push((number, news.clone()));
            number = number.saturating_sub(1);
        }
        last.reverse();
        last
    }

    /// Forgets the news that was told.
    pub(crate) fn forget(&self) {
        self.lock().last.clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
