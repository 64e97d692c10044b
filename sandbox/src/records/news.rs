//! News for listeners: prompts, endings, callbacks, refusals, as they happen.

use crate::values::gateway::Gateway;
use serde::Serialize;
use std::fmt;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How much waits for a listener that is slow. What is beyond is not told.
const KEPT: usize = 1024;

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

/// Who listens.
#[derive(Debug, Default)]
pub(crate) struct Listeners(Mutex<Vec<SyncSender<News>>>);

impl Listeners {
    pub(crate) fn add(&self) -> Receiver<News> {
        let (sender, receiver) = sync_channel(KEPT);
        self.lock().push(sender);
        receiver
    }

    /// Tells everybody who listens. The text is made only where somebody does.
    pub(crate) fn tell(
        &self,
        at: Duration,
        event: &'static str,
        gateway: Gateway,
        text: impl FnOnce() -> String,
    ) {
        let mut listeners = self.lock();
        if listeners.is_empty() {
            return;
        }
        let news = News {
            at_seconds: at.as_secs_f64(),
            event,
            gateway,
            text: text(),
        };
        listeners.retain(|listener| {
            !matches!(
                listener.try_send(news.clone()),
                Err(TrySendError::Disconnected(_))
            )
        });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<SyncSender<News>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
