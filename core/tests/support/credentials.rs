//! A credentials provider that a test steers.

use futures_util::future::BoxFuture;
use lipia::Credentials;
use lipia::client::CredentialsProvider;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// What a provider says that fails: as others do, it tells what it was about.
pub(crate) const LOCKED: &str = "the keystore is locked for token 4711";

/// Gives one after the other, the last one again and again; `None` fails.
pub(crate) struct Script {
    turns: Mutex<VecDeque<Option<Credentials>>>,
    asked: watch::Sender<usize>,
    is_open: watch::Sender<bool>,
}

impl Script {
    pub(crate) fn new(turns: impl IntoIterator<Item = Option<Credentials>>) -> Arc<Self> {
        Arc::new(Self {
            turns: Mutex::new(turns.into_iter().collect()),
            asked: watch::Sender::new(0),
            is_open: watch::Sender::new(true),
        })
    }

    pub(crate) fn always(credentials: Credentials) -> Arc<Self> {
        Self::new([Some(credentials)])
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        *self.asked.borrow()
    }

    pub(crate) async fn until_asked(&self, times: usize) {
        let mut asked = self.asked.subscribe();
        super::bounded(asked.wait_for(|asked| *asked >= times))
            .await
            .unwrap();
    }

    /// From now on whoever asks has to wait.
    pub(crate) fn close(&self) {
        self.is_open.send_replace(false);
    }

    pub(crate) fn open(&self) {
        self.is_open.send_replace(true);
    }
}

impl CredentialsProvider for Script {
    fn credentials(
        &self,
    ) -> BoxFuture<'_, Result<Credentials, Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(async {
            self.asked.send_modify(|asked| *asked += 1);
            self.is_open
                .subscribe()
                .wait_for(|is_open| *is_open)
                .await?;
            let mut turns = self.turns.lock().unwrap();
            let turn = match turns.len() {
                1 => turns.front().cloned(),
                _ => turns.pop_front(),
            };
            turn.flatten().ok_or_else(|| LOCKED.into())
        })
    }
}

impl fmt::Debug for Script {
    /// Like a provider whose author derived this.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a provider that shows 4711")
    }
}
