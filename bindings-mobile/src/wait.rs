//! The wait for a payment, and its progress.

use crate::cancellation::{NativeCancellation, unless_cancelled};
use crate::error::{ErrorDetails, NativeError};
use crate::integers::Seconds;
use crate::payment::Payment;
use crate::status::Status;
use std::fmt;
use std::sync::Arc;
use tokio::sync::Mutex;

/// The progress of a wait. The shells make their own type of it, whose errors can be thrown.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
#[allow(
    clippy::large_enum_variant,
    reason = "it crosses the border one at a time"
)]
pub enum NativeProgress {
    /// The gateway was asked, and answered.
    Queried {
        /// The time since the wait began.
        elapsed: Seconds,
        /// The answer.
        status: Status,
    },
    /// A query failed. The wait goes on.
    QueryFailed {
        /// The time since the wait began.
        elapsed: Seconds,
        /// The error of the query.
        error: ErrorDetails,
    },
    /// A callback came that did not settle the payment.
    CallbackReceived {
        /// The time since the wait began.
        elapsed: Seconds,
    },
    /// The payment is settled. The last item.
    Settled {
        /// The payment.
        payment: Payment,
    },
    /// The time is up, and the payment may yet be paid. The last item.
    TimedOut {
        /// The payment.
        payment: Payment,
    },
}

impl NativeProgress {
    async fn of(progress: lipia::Progress, client: &lipia::Client) -> Self {
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
                payment: Payment::waited_for(&payment, client).await,
            },
            lipia::Progress::TimedOut(payment) => Self::TimedOut {
                payment: Payment::waited_for(&payment, client).await,
            },
            // A kind of news that this version has no name for is still news.
            _ => Self::CallbackReceived {
                elapsed: Seconds(0.0),
            },
        }
    }
}

/// A wait for a payment. Dropping it ends the wait and leaves the payment as it is.
#[derive(uniffi::Object)]
pub struct NativeWatch {
    watch: Mutex<lipia::client::Watch>,
    client: lipia::Client,
}

impl NativeWatch {
    pub(crate) fn new(watch: lipia::client::Watch, client: lipia::Client) -> Arc<Self> {
        Arc::new(Self {
            watch: Mutex::new(watch),
            client,
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
    /// The next progress; nothing after the last.
    pub async fn next(
        &self,
        cancellation: Option<Arc<NativeCancellation>>,
    ) -> Result<Option<NativeProgress>, NativeError> {
        unless_cancelled(cancellation, async {
            Ok(match self.watch.lock().await.next().await {
                Some(progress) => Some(NativeProgress::of(progress, &self.client).await),
                None => None,
            })
        })
        .await
    }
}
