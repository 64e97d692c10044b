//! A payment that one call alone knows, kept should its caller not learn what came of it.

use crate::error::NativeError;
use crate::leaving::{NativeLeaving, unless_left};
use crate::payment::Payment;
use crate::status::Acceptance;
use lipia::{Client, Error, PaymentHandle, UntilClaimed};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// The payment of a `stkPush` or `collect` under way. A result can be lost between Rust and its caller: the coroutine was
/// cancelled, the task has ended. So the caller says when it has the result; where it lets this go without a word, the
/// payment is among the client's unclaimed ones.
#[derive(uniffi::Object)]
pub struct NativeSale {
    client: Client,
    wait: lipia::WaitOptions,
    payment: PaymentHandle,
    kept: Mutex<Option<UntilClaimed>>,
}

impl NativeSale {
    pub(crate) fn new(
        client: Client,
        wait: lipia::WaitOptions,
        payment: PaymentHandle,
    ) -> Arc<Self> {
        let kept = UntilClaimed::new(&client, payment.clone());
        Arc::new(Self {
            client,
            wait,
            payment,
            kept: Mutex::new(Some(kept)),
        })
    }

    fn kept(&self) -> Option<UntilClaimed> {
        self.kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// A failure is the end of it: with `unknown` the payment is what the caller has to look with, so that is kept; else
    /// nobody was prompted, and there is nothing to keep.
    fn ended<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        if result.is_err()
            && let Some(until_claimed) = self.kept()
        {
            until_claimed.unless_unknown(&result);
        }
        result
    }
}

impl fmt::Debug for NativeSale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NativeSale")
            .field("payment", &self.payment)
            .finish_non_exhaustive()
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl NativeSale {
    /// Prompts the customer.
    pub async fn push(
        &self,
        leaving: Option<Arc<NativeLeaving>>,
    ) -> Result<Acceptance, NativeError> {
        unless_left(leaving, async {
            let accepted = self.ended(self.client.push(&self.payment).await)?;
            Ok(Acceptance::from(&accepted))
        })
        .await
    }

    /// Prompts the customer and waits for the outcome.
    pub async fn collect(
        &self,
        leaving: Option<Arc<NativeLeaving>>,
    ) -> Result<Payment, NativeError> {
        unless_left(leaving, async {
            let ended = self.client.collect_payment(&self.payment, self.wait).await;
            Ok(Payment::from(&self.ended(ended)?))
        })
        .await
    }

    /// The caller has the result.
    pub fn told(&self) {
        if let Some(until_claimed) = self.kept() {
            until_claimed.unless_unknown(&Ok(()));
        }
    }
}
