//! The note that the ledger makes of a telling's end, for whoever waits for it.

use crate::error::Error;
use tokio::sync::watch;

/// The end of a telling as the ledger notes it, once it has.
#[derive(Clone, Debug)]
pub(crate) struct Noted(watch::Receiver<Option<Result<bool, Error>>>);

/// Writes a [`Noted`]. Dropping it without a word means that nothing was noted.
#[derive(Debug)]
pub(super) struct Notes(watch::Sender<Option<Result<bool, Error>>>);

impl Notes {
    /// A telling of which nothing is noted yet.
    pub(super) fn begin() -> (Self, Noted) {
        let (sender, receiver) = watch::channel(None);
        (Self(sender), Noted(receiver))
    }

    /// What became of the note: whether it counts, or why it could not be made.
    pub(super) fn end(self, noted: &Result<bool, Error>) {
        self.0.send_replace(Some(noted.clone()));
    }
}

impl Noted {
    /// Whether the note counts, once it was made.
    ///
    /// # Errors
    /// Why it could not be made.
    pub(super) async fn wait(mut self) -> Result<bool, Error> {
        match self.0.wait_for(Option::is_some).await {
            Ok(noted) => noted.clone().unwrap_or(Ok(false)),
            Err(_) => Ok(false),
        }
    }
}
