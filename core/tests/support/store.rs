//! Payment stores for tests: a file, a map, or a disk that is full.

use futures_util::future::BoxFuture;
use lipia::Payment;
use lipia::payment::PaymentStore;
use std::path::PathBuf;
use std::sync::Mutex;

type Saved = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Writes the latest text of the one payment there is to a file.
#[derive(Debug)]
pub(crate) struct FileStore(pub(crate) PathBuf);

impl PaymentStore for FileStore {
    fn save<'a>(&'a self, payment: &'a Payment) -> BoxFuture<'a, Saved> {
        Box::pin(async move {
            // Whole or not at all: the reader may look at any moment.
            let draft = self.0.with_extension("draft");
            std::fs::write(&draft, payment.to_json())?;
            Ok(std::fs::rename(&draft, &self.0)?)
        })
    }
}

/// Remembers everything that it was given.
#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<Vec<Payment>>);

impl Memory {
    pub(crate) fn saved(&self) -> Vec<Payment> {
        self.0.lock().unwrap().clone()
    }
}

impl PaymentStore for Memory {
    fn save<'a>(&'a self, payment: &'a Payment) -> BoxFuture<'a, Saved> {
        Box::pin(async move {
            self.0.lock().unwrap().push(payment.clone());
            Ok(())
        })
    }
}

/// Takes so many payments, and then none.
#[derive(Debug)]
pub(crate) struct FullAfter(Mutex<usize>);

impl FullAfter {
    pub(crate) fn new(saves: usize) -> Self {
        Self(Mutex::new(saves))
    }
}

impl PaymentStore for FullAfter {
    fn save<'a>(&'a self, _: &'a Payment) -> BoxFuture<'a, Saved> {
        Box::pin(async move {
            let mut left = self.0.lock().unwrap();
            *left = left.checked_sub(1).ok_or("the disk is full")?;
            Ok(())
        })
    }
}
