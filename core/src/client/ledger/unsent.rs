//! Claims whose push did not leave: the ledger is told, so that their orders are free at once and not `unknown` later.

use crate::client::Client;
use crate::error::codes::ErrorCode;
use crate::error::{Disposition, Error};
use crate::ledger::writer::LedgerWriter;
use crate::payment::Payment;
use crate::payment::handle::PaymentHandle;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::time::Instant;

/// The pauses between attempts to write that a push did not leave.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How long a claim is looked for that was on its way to the store when its request ended.
const MAX_LATENESS: Duration = Duration::from_secs(5);

/// What it means that the ledger has no row of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// There is nothing to write.
    IsTheEnd,
    /// The claim may be on its way.
    MayCome,
}

/// Writes that a push did not leave, and tries again until then where the store fails: other processes would else take the
/// sender for dead, and the order would be held by a payment of which nobody knows anything.
pub(crate) async fn insist(
    writer: &LedgerWriter,
    learnt: &Payment,
    until: Instant,
    missing: Missing,
) {
    let mut pause = FIRST_PAUSE;
    loop {
        let written = writer.learn(learnt).await;
        match &written {
            Ok(Some(_)) => return,
            Ok(None) if missing == Missing::IsTheEnd => return,
            Ok(None) | Err(_) => {}
        }
        if Instant::now() + pause >= until {
            if let Err(error) = written {
                tracing::error!(target: "lipia", payment_id = %learnt.id(), code = error.code(), "a push was not sent and the ledger could not note it: its payment becomes unknown, and holds its order");
            }
            return;
        }
        tokio::time::sleep(pause).await;
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}

impl Client {
    /// Concludes a claim that failed, and returns why. Writes it at once where that is possible, else in the background.
    pub(crate) async fn abandon(
        &self,
        payment: &PaymentHandle,
        lease_ends: Instant,
        error: Option<Error>,
    ) -> Error {
        let error = error.unwrap_or_else(not_sent);
        payment.not_sent(error.clone());
        let learnt = payment.snapshot();
        let writer = Arc::clone(&self.shared.ledger.writer);
        if !matches!(writer.learn(&learnt).await, Ok(Some(_))) {
            // Without the client, which may be dropped meanwhile. A drain waits for it.
            let counted = self.shared.context.in_flight.begin();
            tokio::spawn(async move {
                let _counted = counted;
                insist(&writer, &learnt, lease_ends, Missing::MayCome).await;
            });
        }
        error.of_payment(payment.id())
    }
}

/// Stands for a claim until its push has ended. Dropped earlier, with its runtime or by a panic, it writes that the push did
/// not leave, unless it may have left.
pub(crate) struct Unsent {
    writer: Arc<LedgerWriter>,
    payment: PaymentHandle,
    lease_ends: Instant,
    has_ended: bool,
}

impl Unsent {
    pub(crate) fn new(client: &Client, payment: &PaymentHandle, lease_ends: Instant) -> Self {
        Self {
            writer: Arc::clone(&client.shared.ledger.writer),
            payment: payment.clone(),
            lease_ends,
            // What a process of the simulation leaves behind when it is killed is what a killed process leaves behind.
            has_ended: client.shared.context.is_simulated,
        }
    }

    /// The push has ended, and its payment knows how.
    pub(crate) fn ended(mut self) {
        self.has_ended = true;
    }
}

impl Drop for Unsent {
    fn drop(&mut self) {
        if self.has_ended || self.payment.may_have_left() {
            return;
        }
        self.payment.not_sent(not_sent());
        let (writer, learnt) = (Arc::clone(&self.writer), self.payment.snapshot());
        let until = self.lease_ends.min(Instant::now() + MAX_LATENESS);
        // A thread and a runtime of its own: the one that this ran in is ending, perhaps.
        let written = thread::Builder::new()
            .name("lipia-unsent".to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                if let Ok(runtime) = runtime {
                    runtime.block_on(insist(&writer, &learnt, until, Missing::MayCome));
                }
            });
        if let Err(error) = written {
            tracing::error!(target: "lipia", payment_id = %self.payment.id(), %error, "a push was not sent, and no thread could be started to write it to the ledger");
        }
    }
}

/// The end of a request that was given up before its push left.
fn not_sent() -> Error {
    Error::new(
        ErrorCode::RequestAbandoned,
        Disposition::NotSent,
        "The request ended before its push left, with its runtime or by a panic. Nothing was sent.",
    )
    .with_hint("Request the order again.")
}
