//! One pass over a ledger: senders that died, callbacks that were not judged, questions that are due, and what is owed.

use crate::callback::received::{Confirm, Verdict};
use crate::client::ledger::background::{Background, Running};
use crate::client::ledger::pass::{PAUSE, Pass, Reconciled};
use crate::client::ledger::telling::keep_telling;
use crate::client::{CallOptions, Client, Shared};
use crate::error::Error;
use crate::guard::pace::Asker;
use crate::ledger::contract::Party;
use crate::ledger::engine::asking::{QUESTION_LEASE, is_being_asked};
use crate::ledger::engine::learning;
use crate::ledger::row::{Callback, Row};
use crate::ledger::writer::answered;
use crate::payment::PaymentState;
use futures_util::future::{Either, join, join_all, select};
use std::pin::pin;
use std::sync::{Arc, Weak};

/// How many rows one command of a pass returns.
const BATCH: usize = 16;

impl Client {
    /// One pass, without the tellings where no handler is set. Every step runs, whatever became of the others.
    ///
    /// # Errors
    /// The first that a step met.
    pub(crate) async fn reconcile(&self) -> Result<Reconciled, Error> {
        // What is owed does not wait for a slow gateway, nor the gateway for a slow handler.
        let (told, learnt) = join(self.tell_owed(), self.learn_due()).await;
        let told_of_what_was_learnt = self.tell_owed().await;
        told.and(learnt).and(told_of_what_was_learnt).end()
    }

    /// Everything of a pass but the tellings.
    async fn learn_due(&self) -> Pass {
        let mut forgotten = self.forget_senders().await;
        forgotten.take(self.drain_spool().await);
        let account = forgotten.take(self.account_to_reconcile().await);
        let Some(account) = account.flatten() else {
            return forgotten;
        };
        let party = Party {
            scope: &self.shared.ledger.writer.scope,
            account: &account,
        };
        let (judged, asked) = join(self.judge_waiting(party), self.ask_due(party)).await;
        forgotten.and(judged).and(asked)
    }

    async fn forget_senders(&self) -> Pass {
        let mut pass = Pass::default();
        let writer = &self.shared.ledger.writer;
        let forgotten = answered(writer.store.forgotten(&writer.scope, BATCH).await);
        for row in pass.take(forgotten).unwrap_or_default() {
            tracing::warn!(target: "lipia", payment_id = %row.id(), "the process that sent a push died, or was stopped for long: whether the phone was prompted is not known");
            let written = writer.change(row.id(), learning::forget_sender).await;
            pass.done.senders_died += usize::from(pass.take(written).is_some());
        }
        pass
    }

    async fn judge_waiting(&self, party: Party<'_>) -> Pass {
        let mut pass = Pass::default();
        let waiting = answered(self.shared.ledger.store().waiting(party, BATCH).await);
        for callback in pass.take(waiting).unwrap_or_default() {
            let judged = self.judge_again(callback).await;
            pass.done.judged += usize::from(pass.take(judged) == Some(true));
        }
        pass
    }

    /// Judges a callback, unless another process asks about its payment now. Whether it was judged.
    async fn judge_again(&self, mut callback: Callback) -> Result<bool, Error> {
        let ledger = &self.shared.ledger;
        let Some(row) = ledger.writer.load(&callback.payment).await? else {
            return Ok(false);
        };
        if row.payment.gateway() != self.shared.gateway.name() {
            // A client of another gateway with the same account reads its own callbacks.
            return Ok(false);
        }
        let Ok(mut event) = self.parse_callback(&callback.body) else {
            callback.verdict = Some(Verdict::NotUnderstood.as_str().to_owned());
            answered(ledger.store().keep(&callback, None).await)?;
            return Ok(true);
        };
        if is_being_asked(&row) {
            return Ok(false);
        }
        let Some(row) = self.take_question(&row).await? else {
            return Ok(false);
        };
        let payment = self.live(&row);
        // It was kept because it needs a question.
        let judged = self.judge_for_row(&payment, &mut callback, &mut event, Confirm::Successes);
        // After that time another process judges it.
        let judged = tokio::time::timeout(QUESTION_LEASE, judged).await;
        self.asked(&payment).await;
        match judged {
            Ok(judged) => judged.map(|_| true),
            Err(_) => Ok(false),
        }
    }

    async fn ask_due(&self, party: Party<'_>) -> Pass {
        let mut pass = Pass::default();
        let due = answered(self.shared.ledger.store().due(party, BATCH).await);
        let due = pass.take(due).unwrap_or_default();
        let asked = due.iter().map(|row| {
            // Who looks at a settled payment once more lets those go first who wait for one.
            let asker = match row.payment.state() {
                PaymentState::Settled => Asker::Look,
                _ => Asker::Wait,
            };
            self.ask_row(row, asker)
        });
        for asked in join_all(asked).await {
            pass.done.asked += usize::from(pass.take(asked) == Some(true));
        }
        pass
    }

    /// Asks about a row, unless somebody else does. Whether the gateway answered; what it said stands in the row then.
    ///
    /// # Errors
    /// `ledger_failed`: what the gateway said may not stand in the row, so nothing may be decided by it.
    pub(crate) async fn ask_row(&self, row: &Row, asker: Asker) -> Result<bool, Error> {
        let Some(row) = self.take_question(row).await? else {
            return Ok(false);
        };
        let payment = self.live(&row);
        // In a long line a wait's turn may come after the lease, when another process asks.
        let asked = tokio::time::timeout(QUESTION_LEASE, self.ask_about(&payment, asker)).await;
        if let Ok(Err(error)) = &asked {
            tracing::debug!(target: "lipia", payment_id = %row.id(), code = error.code(), "a question brought no answer");
        }
        let learnt = payment.snapshot();
        let written = self.shared.ledger.writer.learn(&learnt).await;
        self.after_writing(&learnt).await;
        self.asked(&payment).await;
        written?;
        Ok(matches!(asked, Ok(Ok(_))))
    }
}

/// The background work of a client: reconciles and tells, until it is told to end or the last client is gone. A runtime that
/// ends may never poll it, and drops `running` all the same.
pub(crate) async fn run(
    shared: Weak<Shared>,
    options: CallOptions,
    background: Arc<Background>,
    running: Running,
) {
    let _running = running;
    join(
        keep_reconciling(Weak::clone(&shared), options, &background),
        keep_telling(shared, options, &background),
    )
    .await;
}

async fn keep_reconciling(shared: Weak<Shared>, options: CallOptions, background: &Background) {
    while background.goes_on() {
        let Some(shared) = shared.upgrade() else {
            return;
        };
        let store = Arc::clone(&shared.ledger.writer.store);
        let changed = store.changed();
        let client = Client { shared, options };
        let learnt = {
            let learn = pin!(client.learn_due());
            let stopping = pin!(background.stopping());
            // A question that is dropped has taken its turn, and is put again when its lease ends.
            match select(learn, stopping).await {
                Either::Left((learnt, _)) => learnt.end(),
                Either::Right(_) => return,
            }
        };
        if let Err(error) = learnt {
            tracing::error!(target: "lipia", code = error.code(), "the ledger could not be reconciled");
        }
        drop(client);
        tokio::select! {
            () = background.stopping() => {}
            _woken = tokio::time::timeout(PAUSE, changed) => {}
        }
    }
}
