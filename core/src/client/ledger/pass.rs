//! The account of a pass over a ledger: what it did, and what kept it from doing more.

use crate::error::Error;
use std::time::Duration;

/// The pause between two passes where nothing changes.
pub(super) const PAUSE: Duration = Duration::from_secs(1);

/// The account of a pass over a ledger: what it did.
///
/// ```no_run
/// # async fn example(client: lipia::Client) -> Result<(), lipia::Error> {
/// let pass = client.payments().reconcile().await?;
/// println!("{} asked, {} told, {} failed to be told", pass.asked, pass.told, pass.not_told);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reconciled {
    /// Payments whose sender died, and that are `unknown` now.
    pub senders_died: usize,
    /// Callbacks that were judged.
    pub judged: usize,
    /// Payments that the gateway was asked about.
    pub asked: usize,
    /// Payments that the handler was told of, or that were superseded.
    pub told: usize,
    /// Payments of which the handler failed to hear, or whose order was claimed again: they are told later.
    pub not_told: usize,
}

/// What a pass has done so far, and the first error that it met: what fails keeps nothing else from being done.
#[derive(Default)]
pub(super) struct Pass {
    pub(super) done: Reconciled,
    trouble: Option<Error>,
}

impl Pass {
    /// The value of a step; `None` where the step failed.
    pub(super) fn take<T>(&mut self, step: Result<T, Error>) -> Option<T> {
        match step {
            Ok(value) => Some(value),
            Err(error) => {
                self.trouble.get_or_insert(error);
                None
            }
        }
    }

    /// The first error that a step met.
    pub(super) fn trouble(&self) -> Option<&Error> {
        self.trouble.as_ref()
    }

    /// Whether no step failed.
    pub(super) fn is_good(&self) -> bool {
        self.trouble.is_none()
    }

    /// Counts a telling, by whether the handler took the news.
    pub(super) fn note_told(&mut self, told: Result<bool, Error>) {
        match self.take(told) {
            Some(true) => self.done.told += 1,
            Some(false) => self.done.not_told += 1,
            None => {}
        }
    }

    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        let (one, two) = (self.done, other.done);
        Self {
            done: Reconciled {
                senders_died: one.senders_died + two.senders_died,
                judged: one.judged + two.judged,
                asked: one.asked + two.asked,
                told: one.told + two.told,
                not_told: one.not_told + two.not_told,
            },
            trouble: self.trouble.or(other.trouble),
        }
    }

    /// What the pass did.
    ///
    /// # Errors
    /// The first that a step met.
    pub(super) fn end(self) -> Result<Reconciled, Error> {
        match self.trouble {
            None => Ok(self.done),
            Some(error) => Err(error),
        }
    }
}
