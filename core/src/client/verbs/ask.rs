//! `ask`: queries the gateway about one payment now.

use crate::client::Client;
use crate::error::Error;
use crate::guard::pace::Asker;
use crate::payment::handle::PaymentHandle;
use crate::payment::{Payment, PaymentState};

impl Client {
    /// Asks the gateway about a payment now, and writes what is learnt into it: the payment is saved where the client has a
    /// store, the guard is told, and a wait for the payment ends where it is settled. Prompts nobody.
    ///
    /// A payment that is settled is asked about as well: a success that is found behind a failure is money
    /// ([`Payment::look_again_at`] says when to look), and a success may have been reversed. Returns the payment as it is
    /// then; one that the gateway has not decided about is still `pending` or `unknown`.
    ///
    /// # Errors
    /// `payment_not_sent` where it was never pushed, `nothing_to_ask_by` where the answer to its push was lost; else where
    /// the question could not be asked or the answer not be understood. [`Error::payment_id`] names the payment.
    ///
    /// ```no_run
    /// # async fn example(client: lipia::Client, payment: lipia::PaymentHandle) -> Result<(), lipia::Error> {
    /// let payment = client.ask(&payment).await?;
    /// println!("{}", payment.outcome());
    /// # Ok(()) }
    /// ```
    pub async fn ask(&self, payment: &PaymentHandle) -> Result<Payment, Error> {
        super::wait::must_be_pushed(payment)?;
        // Who looks at a settled payment once more lets those go first who wait for one.
        let asker = match payment.read(Payment::state) {
            PaymentState::Settled => Asker::Look,
            _ => Asker::Person,
        };
        let asked = self.ask_about(payment, asker).await;
        self.save_and_go_on(payment).await;
        self.asked(payment).await;
        match asked {
            Ok(_) => Ok(payment.snapshot()),
            Err(error) => Err(error.of_payment(payment.id())),
        }
    }
}
