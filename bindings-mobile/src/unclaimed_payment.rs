//! The payment that only one call knows. It becomes unclaimed unless the caller gets the call's result.

use crate::cancellation::{NativeCancellation, unless_cancelled};
use crate::error::NativeError;
use crate::payment::Payment;
use crate::status::Acceptance;
use lipia::client::UntilClaimed;
use lipia::{Client, Disposition, Error, PaymentHandle};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// The payment of a `stkPush` or `collect` in flight. A result can be lost between Rust and its caller, because the
/// coroutine was cancelled or the task has ended. So the caller says when it has the result. Where it drops this object
/// without saying so, the payment is among the client's unclaimed ones.
#[derive(uniffi::Object)]
pub struct NativeUnclaimedPayment {
    client: Client,
    wait: lipia::WaitOptions,
    payment: PaymentHandle,
    kept: Mutex<Option<UntilClaimed>>,
}

impl NativeUnclaimedPayment {
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

    /// A failure after which nobody was prompted leaves nothing to keep. After any other one the payment is kept until the
    /// caller has the error, which has the payment.
    fn ended<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        let was_prompted =
            !matches!(&result, Err(error) if error.disposition() != Disposition::Unknown);
        if !was_prompted && let Some(until_claimed) = self.kept() {
            until_claimed.claimed();
        }
        result
    }
}

impl fmt::Debug for NativeUnclaimedPayment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NativeUnclaimedPayment")
            .field("payment", &self.payment)
            .finish_non_exhaustive()
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl NativeUnclaimedPayment {
    /// Prompts the customer.
    pub async fn push(
        &self,
        cancellation: Option<Arc<NativeCancellation>>,
    ) -> Result<Acceptance, NativeError> {
        unless_cancelled(cancellation, async {
            let accepted = self.ended(self.client.push(&self.payment).await)?;
            Ok(Acceptance::from(&accepted))
        })
        .await
    }

    /// Prompts the customer and waits for the outcome.
    pub async fn collect(
        &self,
        cancellation: Option<Arc<NativeCancellation>>,
    ) -> Result<Payment, NativeError> {
        unless_cancelled(cancellation, async {
            let ended = self.client.collect_payment(&self.payment, self.wait).await;
            Ok(Payment::from(&self.ended(ended)?))
        })
        .await
    }

    /// The caller has the result, or the error with the payment.
    pub fn told(&self) {
        if let Some(until_claimed) = self.kept() {
            until_claimed.claimed();
        }
    }
}
