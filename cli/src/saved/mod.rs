//! A payment in a file: written before the push leaves and whenever it changes, read back by another run.
//!
//! Processes may hold one file at once. Each change is read, compared and written under an advisory lock, so that what
//! one process learnt is never written over by what another knew before.

mod file;
mod lock;
mod refusals;

use crate::refusal::Refusal;
use futures_util::future::BoxFuture;
use lipia::Payment;
use lipia::payment::{PaymentState, PaymentStore, Step};
use lipia::values::Push;
use lock::Lock;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// One payment's file, as one run of the command uses it.
#[derive(Debug)]
pub(crate) struct SavedPayment {
    path: PathBuf,
    /// Whether this run has written the payment. The first time it may only take the place of a reserved one.
    has_begun: AtomicBool,
    /// Why the last change could not be saved.
    trouble: Mutex<Option<String>>,
}

impl SavedPayment {
    /// The file of a payment that is about to be pushed.
    pub(crate) fn to_push(path: PathBuf) -> Self {
        Self::new(path, false)
    }

    /// The file of a payment that was pushed before.
    pub(crate) fn pushed(path: PathBuf) -> Self {
        Self::new(path, true)
    }

    fn new(path: PathBuf, has_begun: bool) -> Self {
        file::survive_size_limits();
        Self {
            path,
            has_begun: AtomicBool::new(has_begun),
            trouble: Mutex::new(None),
        }
    }

    /// Reads the payment.
    ///
    /// # Errors
    /// Where the file cannot be read, is not a regular file, or holds something else.
    pub(crate) fn read(&self) -> Result<Payment, Box<Refusal>> {
        let stored = file::read(&self.path).and_then(|text| {
            text.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "there is no such file"))
        });
        let text = stored.map_err(|error| refusals::unreadable(&self.path, &error))?;
        Payment::from_json(&text).map_err(|error| refusals::not_a_payment(&self.path, &error))
    }

    /// Takes the file for a payment that is about to be pushed: it is new, or holds the same ask that was never sent.
    ///
    /// # Errors
    /// Where the file holds anything else. Nothing was sent then.
    pub(crate) fn claim(
        &self,
        payment: &Payment,
        own_callback_url: bool,
    ) -> Result<(), Box<Refusal>> {
        let _lock =
            Lock::hold(&self.path).map_err(|error| refusals::not_writable(&self.path, &error))?;
        let stored = file::read(&self.path);
        if let Some(text) = stored.map_err(|error| refusals::unreadable(&self.path, &error))? {
            let stored = Payment::from_json(&text)
                .map_err(|error| refusals::not_a_payment(&self.path, &error))?;
            if stored.state() != PaymentState::Reserved || !stored.flags().is_empty() {
                return Err(refusals::already_sent(&self.path, &stored));
            }
            if !asks_the_same(&stored, payment, own_callback_url) {
                return Err(refusals::another_ask(&self.path, &stored));
            }
        }
        file::write(&self.path, &payment.to_json())
            .map_err(|error| refusals::not_writable(&self.path, &error))
    }

    /// Saves what is known now, and returns what the file holds then: it may know more, from another process. None
    /// where it could not be saved; [`SavedPayment::trouble`] says why.
    pub(crate) fn keep(&self, payment: &Payment) -> Option<Payment> {
        let kept = self.merge(payment);
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        *trouble = kept.as_ref().err().map(ToString::to_string);
        kept.ok()
    }

    /// Why the last change could not be saved.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn merge(&self, payment: &Payment) -> io::Result<Payment> {
        let _lock = Lock::hold(&self.path)?;
        let stored = match file::read(&self.path)? {
            None => None,
            Some(text) => Some(Payment::from_json(&text).map_err(io::Error::other)?),
        };
        let has_begun = self.has_begun.load(Ordering::Acquire);
        let kept = match stored {
            None => payment.clone(),
            Some(stored) if stored.id() != payment.id() => {
                return Err(io::Error::other("the file holds another payment now"));
            }
            Some(stored) if !has_begun && stored.state() != PaymentState::Reserved => {
                return Err(io::Error::other(
                    "another process pushes the payment of this file",
                ));
            }
            Some(mut stored) => {
                if stored.merge(payment) == Step::Nothing {
                    self.has_begun.store(true, Ordering::Release);
                    return Ok(stored);
                }
                stored
            }
        };
        file::write(&self.path, &kept.to_json())?;
        self.has_begun.store(true, Ordering::Release);
        Ok(kept)
    }
}

/// Whether two payments ask the same of the same customer. Their callback URLs differ by design, unless the caller
/// gave one.
fn asks_the_same(stored: &Payment, wanted: &Payment, own_callback_url: bool) -> bool {
    let (one, other): (&Push, &Push) = (stored.push(), wanted.push());
    stored.gateway() == wanted.gateway()
        && one.phone_number == other.phone_number
        && one.amount == other.amount
        && one.account_reference == other.account_reference
        && one.transaction_desc == other.transaction_desc
        && one.options().eq(other.options())
        && (!own_callback_url || one.callback_url == other.callback_url)
}

impl PaymentStore for SavedPayment {
    fn save<'a>(
        &'a self,
        payment: &'a Payment,
    ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(async move {
            match self.keep(payment) {
                Some(_) => Ok(()),
                None => Err(self.trouble().unwrap_or_default().into()),
            }
        })
    }
}
