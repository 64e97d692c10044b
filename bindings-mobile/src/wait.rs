//! A wait that tells what happens.

use crate::cancellation::{NativeCancellation, unless_cancelled};
use crate::error::{ErrorDetails, NativeError};
use crate::integers::Seconds;
use crate::payment::Payment;
use crate::status::Status;
use std::fmt;
use std::sync::Arc;
use tokio::sync::Mutex;

/// A piece of news of a wait. The shells make their own of it, whose errors can be thrown.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
#[allow(
    clippy::large_enum_variant,
    reason = "it crosses the border one at a time"
)]
pub enum NativeProgress {
    /// The gateway was asked, and answered.
    Queried {
        /// Since the wait began.
        elapsed: Seconds,
        /// The answer.
        status: Status,
    },
    /// The gateway was asked, and did not tell. The wait goes on.
    QueryFailed {
        /// Since the wait began.
        elapsed: Seconds,
        /// Why.
        error: ErrorDetails,
    },
    /// Something about the payment was handed in, and it is not settled yet.
    CallbackReceived {
        /// Since the wait began.
        elapsed: Seconds,
    },
    /// The outcome is known: the last news.
    Settled {
        /// The payment as it is.
        payment: Payment,
    },
    /// The time is up, and the outcome is not known: the last news. It may yet be paid.
    TimedOut {
        /// The payment as it is.
        payment: Payment,
    },
}

impl From<lipia::Progress> for NativeProgress {
    fn from(progress: lipia::Progress) -> Self {
        match progress {
            lipia::Progress::Queried { elapsed, status } => Self::Queried {
                elapsed: elapsed.into(),
                status: Status::from(&status),
            },
            lipia::Progress::QueryFailed { elapsed, error } => Self::QueryFailed {
                elapsed: elapsed.into(),
                error: ErrorDetails::from(&error),
            },
            lipia::Progress::CallbackReceived { elapsed } => Self::CallbackReceived {
                elapsed: elapsed.into(),
            },
            lipia::Progress::Settled(payment) => Self::Settled {
                payment: Payment::from(payment.as_ref()),
            },
            lipia::Progress::TimedOut(payment) => Self::TimedOut {
                payment: Payment::from(payment.as_ref()),
            },
            // A kind of news that this version has no name for is still news.
            _ => Self::CallbackReceived {
                elapsed: Seconds(0.0),
            },
        }
    }
}

/// A wait under way. Letting it go ends the wait and leaves the payment as it is.
#[derive(uniffi::Object)]
pub struct NativeWatch {
    watch: Mutex<lipia::client::Watch>,
}

impl NativeWatch {
    pub(crate) fn new(watch: lipia::client::Watch) -> Arc<Self> {
        Arc::new(Self {
            watch: Mutex::new(watch),
        })
    }
}

impl fmt::Debug for NativeWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NativeWatch")
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl NativeWatch {
    /// The next piece of news; nothing once the last was given.
    pub async fn next(
        &self,
        cancellation: Option<Arc<NativeCancellation>>,
    ) -> Result<Option<NativeProgress>, NativeError> {
        unless_cancelled(cancellation, async {
            let progress = self.watch.lock().await.next().await;
            Ok(progress.map(NativeProgress::from))
        })
        .await
    }
}
