//! `collect`: pushes and waits, one call for one sale.

use crate::client::Client;
use crate::client::until_claimed::UntilClaimed;
use crate::error::{Disposition, Error};
use crate::payment::handle::PaymentHandle;
use crate::payment::schedule::WaitOptions;
use crate::payment::{Payment, PaymentState};
use crate::values::push::StkPush;

impl Client {
    /// Prompts a phone once and waits for the outcome. Where the push's answer is lost it goes on waiting for the
    /// callback, which names the payment all the same.
    ///
    /// A push with an [order](StkPush::order) is requested, as with [`Client::request`]: where the order has a payment that
    /// may be paid, nothing is sent, and that payment is waited for, wherever its callback arrives. Without an order the payment
    /// is not in the ledger, as with [`Client::stk_push`].
    ///
    /// Returns the payment as it is when it is settled or the time is up: look at
    /// [`Payment::outcome`](crate::Payment::outcome). Where the future is dropped [`Client::unclaimed`] has the payment;
    /// where this fails with `unknown`, [`Client::find`] has it by [`Error::payment_id`].
    ///
    /// # Errors
    /// As [`Client::stk_push`]. `unknown` only after the whole wait brought nothing.
    pub async fn collect(&self, push: StkPush, options: WaitOptions) -> Result<Payment, Error> {
        if push.order.is_some() {
            return self.collect_order(push, options).await;
        }
        let payment = self.reserve(push)?;
        let until_claimed = UntilClaimed::new(self, payment.clone());
        let result = self.collect_payment(&payment, options).await;
        until_claimed.claimed();
        result
    }

    /// [`Client::collect`] for a payment that exists: one that was reserved is pushed, one that was pushed before
    /// (and resumed, say) is only waited for.
    ///
    /// # Errors
    /// As [`Client::collect`].
    pub async fn collect_payment(
        &self,
        payment: &PaymentHandle,
        options: WaitOptions,
    ) -> Result<Payment, Error> {
        let lost = if !payment.was_pushed() {
            match self.push(payment).await {
                Ok(_) => None,
                Err(error) if error.disposition() == Disposition::Unknown => Some(error),
                Err(error) => return Err(error),
            }
        } else {
            None
        };
        let payment = self.wait(payment, options).await?;
        match lost {
            Some(error) if payment.state() == PaymentState::Unknown => Err(error),
            _ => Ok(payment),
        }
    }
}
