//! The app's payment store.

use crate::payment::Payment;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// What the app's own part (a credentials provider, a payment store) throws when it fails. Whatever else it throws is taken
/// the same way.
#[derive(Clone, Debug, thiserror::Error, uniffi::Error)]
pub enum AppError {
    /// It failed.
    #[error("{reason}")]
    Failed {
        /// Why, for the developer. Put no secret in it.
        reason: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for AppError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed {
            reason: error.reason,
        }
    }
}

/// A store of the app's own for payments: a file, a database. A client with a store saves each payment before its push leaves
/// and after everything that it learns, so that an app that is killed at any moment finds it again.
#[uniffi::export(with_foreign)]
#[async_trait::async_trait]
pub trait PaymentStore: Send + Sync {
    /// Saves a payment: the text of `toJson()`, by its id. When this fails before a push, the push is not sent.
    async fn save(&self, payment: Payment) -> Result<(), AppError>;
}

/// The app's store, as the core knows one.
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
