//! A payment in a file: written before the push leaves and whenever it changes, read back by another run.

use futures_util::future::BoxFuture;
use lipia::{Error, Payment, PaymentStore};
use std::io::{self, Write};
use std::path::PathBuf;

/// One payment's file.
#[derive(Debug)]
pub(crate) struct SavedPayment {
    path: PathBuf,
}

impl SavedPayment {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Reads the payment.
    pub(crate) fn read(&self) -> Result<Result<Payment, Error>, io::Error> {
        Ok(Payment::from_json(&std::fs::read_to_string(&self.path)?))
    }

    /// A file that is half written when the machine stops is a payment lost: it is written beside, flushed, and
    /// put in place whole.
    fn write(&self, text: &str) -> io::Result<()> {
        let mut beside = self.path.clone().into_os_string();
        beside.push(".new");
        let mut file = std::fs::File::create(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&beside, &self.path)
    }
}

impl PaymentStore for SavedPayment {
    fn save<'a>(
        &'a self,
        payment: &'a Payment,
    ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(async move { Ok(self.write(&payment.to_json())?) })
    }
}
