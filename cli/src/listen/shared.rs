//! What the server and the forwarder of a relay share: the file, and the news that something arrived.

use super::kept::KeptFile;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::Notify;

/// The file, and a bell that rings for each callback that was kept.
pub(super) struct Shared {
    file: Mutex<KeptFile>,
    pub(super) arrivals: Notify,
}

impl Shared {
    pub(super) fn new(file: KeptFile) -> Arc<Self> {
        Arc::new(Self {
            file: Mutex::new(file),
            arrivals: Notify::new(),
        })
    }

    /// Works with the file, on the thread of the caller.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut KeptFile) -> T) -> T {
        work(&mut self.file.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Works with the file on a thread that may wait for the disk; `None` where the runtime ends.
pub(super) async fn blocking<T: Send + 'static>(
    shared: &Arc<Shared>,
    work: impl FnOnce(&mut KeptFile) -> T + Send + 'static,
) -> Option<T> {
    let shared = Arc::clone(shared);
    tokio::task::spawn_blocking(move || shared.with(work))
        .await
        .ok()
}

/// Milliseconds since 1970.
pub(super) fn now_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}
