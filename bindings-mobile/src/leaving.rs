//! How a caller whose language cannot drop a future says that it leaves.

use crate::error::NativeError;
use std::future::Future;
use std::sync::Arc;
use tokio::sync::watch;

/// Ends the calls that were given it. Swift's tasks need it, whose cancellation stops at the border; a Kotlin coroutine's
/// does not.
#[derive(Debug, uniffi::Object)]
pub struct NativeLeaving {
    has_left: watch::Sender<bool>,
}

#[uniffi::export]
impl NativeLeaving {
    /// Nobody has left yet.
    #[uniffi::constructor]
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            has_left: watch::Sender::new(false),
        })
    }

    /// The caller leaves: its calls end at once. A push goes on without it.
    pub fn leave(&self) {
        self.has_left.send_replace(true);
    }
}

/// Runs a call until it ends or its caller leaves. What is dropped then is the asking: a send goes on by itself.
pub(crate) async fn unless_left<T>(
    leaving: Option<Arc<NativeLeaving>>,
    call: impl Future<Output = Result<T, lipia::Error>>,
) -> Result<T, NativeError> {
    let Some(leaving) = leaving else {
        return Ok(call.await?);
    };
    let mut has_left = leaving.has_left.subscribe();
    tokio::select! {
        biased;
        // The sender lives as long as `leaving`, so this never ends for want of one.
        _ = has_left.wait_for(|has_left| *has_left) => Err(NativeError::Left),
        result = call => Ok(result?),
    }
}
