//! Claims whose push did not leave or was answered, and whose process could not write it at once: the ledger is told, so that their
//! orders are free at once and not `unknown` later.

use crate::client::Client;
use crate::error::codes::ErrorCode;
use crate::error::{Disposition, Error};
use crate::ledger::writer::LedgerWriter;
use crate::payment::handle::PaymentHandle;
use crate::payment::{Payment, PaymentState};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::time::Instant;

/// The pauses between attempts to write what came of a push.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The pause between attempts to write the answer to a push once its sender's lease is over, and for how long they go on: what
/// is open after a day, a person has to look up.
const LATE_PAUSE: Duration = Duration::from_secs(10);
const LATEST: Duration = Duration::from_secs(24 * 3_600);

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

/// Writes what came of a push, and tries again until then where the store fails: other processes would else take the
/// sender for dead, and the order would be held by a payment of which nobody knows anything. Whether nothing is left to write.
pub(crate) async fn insist(
    writer: &LedgerWriter,
    learnt: &Payment,
    until: Instant,
    missing: Missing,
) -> bool {
    let mut pause = FIRST_PAUSE;
    loop {
        let written = writer.learn(learnt).await;
        match &written {
            Ok(Some(_)) => return true,
            Ok(None) if missing == Missing::IsTheEnd => return true,
            Ok(None) | Err(_) => {}
        }
        if Instant::now() + pause >= until {
            let Err(error) = written else {
                return true;
            };
            tracing::error!(target: "lipia", payment_id = %learnt.id(), code = error.code(), "the ledger could not note what came of a push: its payment becomes unknown, and holds its order");
            return false;
        }
        tokio::time::sleep(pause).await;
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}

/// Writes the answer to a push, however long the store was away: it names the prompt, and nobody else can ask about the payment,
/// which is unknown in the ledger by now.
async fn write_late(writer: &LedgerWriter, learnt: &Payment) {
    let until = Instant::now() + LATEST;
    while Instant::now() < until {
        tokio::time::sleep(LATE_PAUSE).await;
        if writer.learn(learnt).await.is_ok() {
            return;
        }
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
        let writer = &self.shared.ledger.writer;
        if !matches!(writer.learn(&payment.snapshot()).await, Ok(Some(_))) {
            self.insist_in_background(payment, lease_ends, Missing::MayCome);
        }
        error.of_payment(payment.id())
    }

    /// [`insist`] without the client, which may be dropped meanwhile. A drain waits for it, and not for what is written later.
    pub(crate) fn insist_in_background(
        &self,
        payment: &PaymentHandle,
        until: Instant,
        missing: Missing,
    ) {
        let (writer, learnt) = (Arc::clone(&self.shared.ledger.writer), payment.snapshot());
        let counted = self.shared.context.in_flight.begin();
        tokio::spawn(async move {
            let is_over = insist(&writer, &learnt, until, missing).await;
            drop(counted);
            // A refusal is not taken from a sender whose lease is over.
            if !is_over && learnt.state() != PaymentState::Reserved {
                write_late(&writer, &learnt).await;
            }
        });
    }
}

/// Stands for a claim until the ledger has what came of its push. Dropped earlier, with its runtime or by a panic, it writes what is
/// known: the answer, or that the push did not leave. A push that left without an answer is left to the lease.
pub(crate) struct Unwritten {
    writer: Arc<LedgerWriter>,
    payment: PaymentHandle,
    lease_ends: Instant,
    is_written: bool,
}

impl Unwritten {
    pub(crate) fn new(client: &Client, payment: &PaymentHandle, lease_ends: Instant) -> Self {
        Self {
            writer: Arc::clone(&client.shared.ledger.writer),
            payment: payment.clone(),
            lease_ends,
            // What a process of the simulation leaves behind when it is killed is what a killed process leaves behind.
            is_written: client.shared.context.is_simulated,
        }
    }

    /// Another payment holds the order. Of this one nothing leaves, so no transaction that a gateway lists for the sale is its own.
    pub(crate) fn held_by_another(self) {
        self.payment.not_sent(not_sent());
        self.written();
    }

    /// The ledger has what came of the push, or somebody else writes it.
    pub(crate) fn written(mut self) {
        self.is_written = true;
    }
}

impl Drop for Unwritten {
    fn drop(&mut self) {
        if self.is_written {
            return;
        }
        if !self.payment.may_have_left() {
            self.payment.not_sent(not_sent());
        }
        let learnt = self.payment.snapshot();
        if learnt.state() == PaymentState::Sending {
            return;
        }
        let writer = Arc::clone(&self.writer);
        let until = self.lease_ends.min(Instant::now() + MAX_LATENESS);
        // A thread and a runtime of its own: the one that this ran in is ending, perhaps.
        let written = thread::Builder::new()
            .name("lipia-unwritten".to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                if let Ok(runtime) = runtime {
                    let _over = runtime.block_on(insist(&writer, &learnt, until, Missing::MayCome));
                }
            });
        if let Err(error) = written {
            tracing::error!(target: "lipia", payment_id = %self.payment.id(), %error, "no thread could be started to write to the ledger what came of a push");
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
