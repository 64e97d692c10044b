//! The error of the app's own code that the library calls.

use crate::error::ErrorDetails;
use crate::words::Disposition;
use std::error::Error;

/// The error that the app's credentials provider throws when it fails. Any other error that the provider throws counts as this one.
#[allow(
    clippy::large_enum_variant,
    reason = "the border takes no box, and a provider that fails is rare"
)]
#[derive(Clone, Debug, thiserror::Error, uniffi::Error)]
pub enum AppError {
    /// A failure of the app's own code.
    #[error("{reason}")]
    Failed {
        /// The reason, for the developer. It must not have a secret.
        reason: String,
    },
    /// An error of Lipia's own that the app's code met. The call that asked the app ends with that one.
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
