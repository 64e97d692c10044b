//! Cancellation of calls, for a language that cannot drop a future.

use crate::error::NativeError;
use std::future::Future;
use std::sync::Arc;
use tokio::sync::watch;

/// The cancellation of the calls that it was given to. Swift needs it, because a task's cancellation stops at the border; a
/// Kotlin coroutine's does not.
#[derive(Debug, uniffi::Object)]
pub struct NativeCancellation {
    is_cancelled: watch::Sender<bool>,
}

#[uniffi::export]
impl NativeCancellation {
    /// Makes a cancellation that is not requested yet.
    #[uniffi::constructor]
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            is_cancelled: watch::Sender::new(false),
        })
    }

    /// Ends the calls at once. A push goes on without its caller.
    pub fn cancel(&self) {
        self.is_cancelled.send_replace(true);
    }
}

/// Runs a call until it ends or is cancelled. Cancelling drops only the wait for its result: a push goes on by itself.
pub(crate) async fn unless_cancelled<T>(
    cancellation: Option<Arc<NativeCancellation>>,
    call: impl Future<Output = Result<T, lipia::Error>>,
) -> Result<T, NativeError> {
    let Some(cancellation) = cancellation else {
        return Ok(call.await?);
    };
    let mut is_cancelled = cancellation.is_cancelled.subscribe();
    tokio::select! {
        biased;
        // The sender lives as long as `cancellation`, so this never ends for want of one.
        _ = is_cancelled.wait_for(|is_cancelled| *is_cancelled) => Err(NativeError::Cancelled),
        result = call => Ok(result?),
    }
}
