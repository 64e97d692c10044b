//! `on_outcome`: tells the shop's handler what became of its payments.

use crate::client::Client;
use crate::client::ledger::Handler;
use crate::client::ledger::payment::LedgerPayment;
use crate::client::ledger::reconcile::run;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

/// The result of a handler of outcomes: nothing, or a `Result` whose error means "tell me again later".
pub trait Heard: Send + 'static {
    /// `Err` with the reason where the handler did not take the news.
    ///
    /// # Errors
    /// The handler's own.
    fn heard(self) -> Result<(), String>;
}

impl Heard for () {
    fn heard(self) -> Result<(), String> {
        Ok(())
    }
}

impl<E: fmt::Display + Send + 'static> Heard for Result<(), E> {
    fn heard(self) -> Result<(), String> {
        self.map_err(|error| error.to_string())
    }
}

/// A handler as the ledger calls it.
pub(crate) fn handler_of<F, Future_>(handler: F) -> Handler
where
    F: Fn(LedgerPayment) -> Future_ + Send + Sync + 'static,
    Future_: Future<Output: Heard> + Send + 'static,
{
    Arc::new(move |payment| {
        let told = handler(payment);
        Box::pin(async move { told.await.heard() })
    })
}

impl Client {
    /// Sets the handler of outcomes. It is called with every payment of the ledger that is settled, and again where more
    /// is learnt (a receipt, a reversal, a second payment of the same order), whichever process learnt it.
    ///
    /// A payment is told **at least once after its last change**. Where the handler returns an error, panics, takes longer
    /// than a minute, or its process dies, the payment is told again: 5 seconds after the first failure, then ever more
    /// seldom, up to an hour. (After a death the next telling waits until a minute after the last one began.) A handler that
    /// takes longer than a minute goes on beside the next telling, and so does one whose process was stopped:
    /// [`LedgerPayment::attempt`] of the later telling is higher. A failure whose order was claimed again or paid since is
    /// not told.
    ///
    /// A client with a handler reconciles in the background while a clone of it lives and the runtime runs: it asks about
    /// payments that stay open and looks again at failures. The work starts here within a Tokio runtime, else with the next
    /// request, wait or callback; these also start it again after its runtime has ended. A further call replaces the
    /// handler.
    ///
    /// ```no_run
    /// # mod orders { pub async fn mark_paid(_: &str, _: Option<&lipia::values::Receipt>) -> Result<(), std::io::Error> { Ok(()) } }
    /// # fn example(client: lipia::Client) {
    /// client.on_outcome(|payment| async move {
    ///     match payment.order() {
    ///         Some(order) if payment.is_paid() => orders::mark_paid(order, payment.receipt()).await,
    ///         _ => Ok(()),
    ///     }
    /// });
    /// # }
    /// ```
    pub fn on_outcome<F, Future_>(&self, handler: F)
    where
        F: Fn(LedgerPayment) -> Future_ + Send + Sync + 'static,
        Future_: Future<Output: Heard> + Send + 'static,
    {
        self.shared.ledger.set_handler(Some(handler_of(handler)));
        self.start();
    }

    /// Takes the handler of outcomes away and tells the background work to end, as [`Client::stop`] does: until the next handler
    /// is set, what is owed stays in the ledger. Tellings that were begun go on.
    ///
    /// ```
    /// # async fn example(client: lipia::Client) {
    /// client.on_outcome(|payment| async move { println!("{}", payment.outcome()) });
    /// client.forget_handler();
    /// client.start(); // does nothing: there is nobody to tell
    /// # }
    /// ```
    pub fn forget_handler(&self) {
        self.shared.ledger.set_handler(None);
        let _ended = self.stop();
    }

    /// Sets how many tellings run at once in this process; at least 1. Default: 64. A program whose handlers run one after the
    /// other gives 1, so that no telling waits for its turn while others could have it.
    pub fn set_max_tellings(&self, most: usize) {
        self.shared.ledger.set_max_tellings(most);
    }

    /// Starts the background work of the ledger within the Tokio runtime that this is called in, as [`Client::on_outcome`]
    /// says. Does nothing where it runs, where there is no handler, and outside of a runtime. A server calls it when it
    /// starts, so that what is owed is told before the first request.
    ///
    /// ```no_run
    /// # async fn example(client: lipia::Client) {
    /// client.on_outcome(|payment| async move { println!("{}", payment.outcome()) });
    /// client.start();
    /// # }
    /// ```
    pub fn start(&self) {
        let ledger = &self.shared.ledger;
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        if ledger.handler().is_none() {
            return;
        }
        if let Some((background, running)) = ledger.begin_background() {
            let shared = Arc::downgrade(&self.shared);
            runtime.spawn(run(shared, self.options, background, running));
        }
    }

    /// Tells the background work to end: it asks about nothing more and begins no telling. The future waits until the tellings
    /// that were begun have ended; give it a limit of your own. Dropping it takes nothing back. A later request, wait or
    /// callback starts the work again.
    ///
    /// ```no_run
    /// # async fn example(client: lipia::Client) {
    /// let five_seconds = std::time::Duration::from_secs(5);
    /// let _all_told = tokio::time::timeout(five_seconds, client.stop()).await;
    /// # }
    /// ```
    pub fn stop(&self) -> impl Future<Output = ()> + Send + use<> {
        let background = self.shared.ledger.background();
        if let Some(background) = &background {
            background.stop();
        }
        async move {
            if let Some(background) = background {
                background.ended().await;
            }
        }
    }
}
