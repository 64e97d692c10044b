//! The background work of a client's ledger: whether it runs, and the signal that ends it.

use std::sync::Arc;
use tokio::sync::watch;

/// One run of the background work, from its start until it has ended.
#[derive(Debug)]
pub(crate) struct Background {
    stops: watch::Sender<bool>,
    /// Without a value that matters: it is closed when the run has ended, by a panic or with its runtime too.
    ended: watch::Receiver<()>,
}

/// Stands for a run that goes on. Dropping it ends the run for everybody who waits.
#[derive(Debug)]
pub(crate) struct Running(#[expect(dead_code, reason = "dropped")] watch::Sender<()>);

impl Background {
    /// A run that starts now.
    pub(crate) fn begin() -> (Arc<Self>, Running) {
        let (ends, ended) = watch::channel(());
        let background = Arc::new(Self {
            stops: watch::Sender::new(false),
            ended,
        });
        (background, Running(ends))
    }

    /// Whether the run goes on and was not told to end.
    pub(crate) fn goes_on(&self) -> bool {
        !*self.stops.borrow() && self.ended.has_changed().is_ok()
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
