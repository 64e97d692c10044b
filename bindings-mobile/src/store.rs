//! The payment store of the app.

use crate::error::ErrorDetails;
use crate::payment::Payment;
use crate::words::Disposition;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// The error that the app's own part (a credentials provider, a payment store) throws when it fails. Any other error that
/// it throws counts as this one.
#[allow(
    clippy::large_enum_variant,
    reason = "the border takes no box, and a provider that fails is rare"
)]
#[derive(Clone, Debug, thiserror::Error, uniffi::Error)]
pub enum AppError {
    /// It failed.
    #[error("{reason}")]
    Failed {
        /// The reason, for the developer. It must not have a secret.
        reason: String,
    },
    /// It met an error of Lipia's own. The call that asked the app ends with that one.
    #[error("{details}")]
    Lipia {
        /// The error.
        details: ErrorDetails,
    },
}

impl AppError {
    /// The error of Lipia's own that the app's part met, somewhere beneath another error. One that says that a phone may have been
    /// prompted is about another payment than the call's: it stays a cause.
    pub(crate) fn beneath(error: &lipia::Error) -> Option<&ErrorDetails> {
        std::iter::successors(Error::source(error), |cause| (*cause).source())
            .find_map(|cause| cause.downcast_ref())
            .and_then(|app| match app {
                Self::Lipia { details } => Some(details),
                Self::Failed { .. } => None,
            })
            .filter(|details| details.disposition != Disposition::Unknown)
    }
}

impl From<uniffi::UnexpectedUniFFICallbackError> for AppError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed {
            reason: error.reason,
        }
    }
}

/// The app's own store for payments, such as a file or a database. A client with a store saves each payment before its push
/// and after every change, so that an app that is killed at any moment finds the payment again.
#[uniffi::export(with_foreign)]
#[async_trait::async_trait]
pub trait PaymentStore: Send + Sync {
    /// Saves a payment: the text of `toJson()`, by its id. When this fails before a push, the push is not sent.
    async fn save(&self, payment: Payment) -> Result<(), AppError>;
}

/// The app's store in the core's terms.
pub(crate) struct AppStore(pub(crate) Arc<dyn PaymentStore>);

impl fmt::Debug for AppStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppStore")
    }
}

impl lipia::payment::PaymentStore for AppStore {
    fn save<'a>(
        &'a self,
        payment: &'a lipia::Payment,
    ) -> BoxFuture<'a, Result<(), Box<dyn Error + Send + Sync>>> {
        let saved = self.0.save(Payment::from(payment));
        saved.map(|result| result.map_err(Box::from)).boxed()
    }
}
