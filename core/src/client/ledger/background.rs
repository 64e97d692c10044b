//! The background work of a client's ledger: whether it runs, and the signal that ends it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;

/// One run of the background work, from its start until it has ended.
#[derive(Debug)]
pub(crate) struct Background {
    stops: watch::Sender<bool>,
    /// Without a value that matters: whoever waits for its sender to go waits for the end of the run.
    ended: watch::Receiver<()>,
    /// Whether a loop of the run has seen the signal, and a panic or an ended runtime has not ended the run.
    is_over: AtomicBool,
}

/// Stands for a run that goes on. Dropping it ends the run for everybody who waits.
#[derive(Debug)]
pub(crate) struct Running {
    background: Arc<Background>,
    _ends: watch::Sender<()>,
}

impl Background {
    /// A run that starts now.
    pub(crate) fn begin() -> (Arc<Self>, Running) {
        let (ends, ended) = watch::channel(());
        let background = Arc::new(Self {
            stops: watch::Sender::new(false),
            ended,
            is_over: AtomicBool::new(false),
        });
        let running = Running {
            background: Arc::clone(&background),
            _ends: ends,
        };
        (background, running)
    }

    /// Whether the run goes on and was not told to end.
    pub(crate) fn goes_on(&self) -> bool {
        !*self.stops.borrow() && !self.is_over.load(Ordering::Acquire)
    }

    /// Tells the run to end.
    pub(crate) fn stop(&self) {
        self.stops.send_replace(true);
    }

    /// Waits until the run is told to end.
    pub(crate) async fn stopping(&self) {
        let mut stops = self.stops.subscribe();
        // The sender lives in `self`.
        let _stopped = stops.wait_for(|stops| *stops).await;
    }

    /// Waits until the run has ended.
    pub(crate) async fn ended(&self) {
        let mut ended = self.ended.clone();
        while ended.changed().await.is_ok() {}
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.background.is_over.store(true, Ordering::Release);
    }
}
