//! The guard of a payment whose caller may go away: the client keeps the payment until the caller has it.

use crate::client::Client;
use crate::payment::handle::PaymentHandle;

/// Keeps a payment for [`Client::unclaimed`] should the caller who waits for it go away: dropping this value keeps the
/// payment.
///
/// The verbs use it themselves. It is for a binding, whose caller can leave after the call has ended in Rust and
/// before its result has arrived in the other language.
#[derive(Debug)]
pub struct UntilClaimed {
    client: Client,
    payment: Option<PaymentHandle>,
}

impl UntilClaimed {
    /// Keeps this payment for the client from now on.
    #[must_use]
    pub fn new(client: &Client, payment: PaymentHandle) -> Self {
        Self {
            client: client.clone(),
            payment: Some(payment),
        }
    }

    /// The call has ended, and its caller has the result: the acceptance, or an error whose
    /// [`payment_id`](crate::Error::payment_id) finds the payment. The payment is nobody else's.
    pub fn claimed(mut self) {
        self.payment = None;
    }
}

impl Drop for UntilClaimed {
    fn drop(&mut self) {
        if let Some(payment) = self.payment.take() {
            self.client.shared.keep_unclaimed(payment);
        }
    }
}
