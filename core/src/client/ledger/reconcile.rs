//! Passes over a ledger: senders that died, callbacks that were not judged, questions that are due, and what is owed.

use crate::callback::received::{Confirm, Verdict};
use crate::client::call_options::CallOptions;
use crate::client::ledger::Handler;
use crate::client::ledger::background::{Background, Running};
use crate::client::ledger::lasting::LastingTrouble;
use crate::client::ledger::pass::{PAUSE, Pass, Reconciled};
use crate::client::ledger::telling::keep_telling;
use crate::client::spans::end_reconciling;
use crate::client::{Client, Shared};
use crate::error::Error;
use crate::guard::pace::Asker;
use crate::ledger::contract::Party;
use crate::ledger::engine::asking::{QUESTION_LEASE, is_being_asked};
use crate::ledger::engine::learning;
use crate::ledger::row::{Callback, Row};
use crate::ledger::writer::answered;
use crate::payment::PaymentState;
use crate::telemetry::names::{Attribute, SpanName};
use futures_util::future::{join, join_all};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use std::pin::pin;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::Instant;

/// How many rows one command of a pass returns.
const BATCH: usize = 16;

/// How many questions one process has open at once in its background work. A question that hangs takes one place until its
/// lease ends.
const MAX_QUESTIONS: usize = 64;

/// How long a callback that this version cannot read is left for a later version, which may run beside this one.
const LEFT_FOR: Duration = Duration::from_secs(7 * 24 * 3_600);

/// What a pass finds for which the gateway may have to be asked.
enum Due {
    /// A callback that nobody has judged.
    Callback(Callback),
    /// A payment whose time to be asked about has come.
    Payment(Box<Row>),
}

impl Client {
    /// One pass, without the tellings where no handler is set. Every step runs, whatever became of the others.
    ///
    /// # Errors
    /// The first that a step met.
    pub(crate) async fn reconcile(&self, of_pass: Option<Handler>) -> Result<Reconciled, Error> {
        let mut span = self.span(SpanName::Reconcile, |_| {});
        let reconciled = span
            .within(pin!(self.reconcile_now(of_pass.as_ref())))
            .await;
        end_reconciling(&mut span, reconciled.as_ref().err());
        reconciled
    }

    async fn reconcile_now(&self, of_pass: Option<&Handler>) -> Result<Reconciled, Error> {
        // What is owed does not wait for a slow gateway, nor the gateway for a slow handler.
        let (told, learnt) = join(self.tell_owed(of_pass), self.learn_due()).await;
        let told_of_what_was_learnt = self.tell_owed(of_pass).await;
        told.and(learnt).and(told_of_what_was_learnt).end()
    }

    /// The tellings of a pass alone.
    ///
    /// # Errors
    /// The first that a telling met.
    pub(crate) async fn tell(&self, handler: Handler) -> Result<Reconciled, Error> {
        self.tell_owed(Some(&handler)).await.end()
    }

    /// Everything of a pass but the tellings. No question waits for another one.
    async fn learn_due(&self) -> Pass {
        let mut pass = self.forget_senders().await;
        pass.take(self.drain_spool().await);
        let due = self.find_due(&mut pass, BATCH).await;
        let learnt = due.into_iter().map(|due| learn(self.clone(), due));
        let learnt = join_all(learnt).await;
        learnt.into_iter().fold(pass, Pass::and)
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

    /// What a pass in the background begins with, and what it finds.
    async fn begin_pass(&self, most: usize) -> (Pass, Vec<Due>) {
        let mut pass = self.forget_senders().await;
        let due = self.find_due(&mut pass, most.min(BATCH)).await;
        (pass, due)
    }

    /// The callbacks and payments for which it is time, at most `most` of each.
    async fn find_due(&self, pass: &mut Pass, most: usize) -> Vec<Due> {
        let account = pass.take(self.account_to_reconcile().await);
        let Some(account) = account.flatten().filter(|_| most > 0) else {
            return Vec::new();
        };
        let ledger = &self.shared.ledger;
        let party = Party {
            scope: &ledger.writer.scope,
            account: &account,
        };
        // The oldest come first, and those that are left alone are among them.
        let waiting = ledger
            .store()
            .waiting(party, most + ledger.left_alone.count());
        let mut waiting = pass.take(answered(waiting.await)).unwrap_or_default();
        ledger.left_alone.take_out_of(&mut waiting);
        waiting.truncate(most);
        let due = answered(ledger.store().due(party, most).await);
        let due = pass.take(due).unwrap_or_default();
        let waiting = waiting.into_iter().map(Due::Callback);
        waiting
            .chain(due.into_iter().map(Box::new).map(Due::Payment))
            .collect()
    }

    /// Judges a callback, unless another process asks about its payment now. Whether it was judged.
    async fn judge_again(&self, mut callback: Callback) -> Result<bool, Error> {
        let ledger = &self.shared.ledger;
        let loaded = ledger.writer.load(&callback.payment).await;
        // Sixteen of a payment that cannot be read would else be all that a pass ever sees.
        let Some(row) = loaded.inspect_err(|_| ledger.left_alone.add(&callback))? else {
            return Ok(false);
        };
        if row.payment.gateway() != self.shared.gateway.name() {
            // A client of another gateway with the same account reads its own callbacks.
            ledger.left_alone.add(&callback);
            return Ok(false);
        }
        let Ok(mut event) = self.parse_callback(&callback.body) else {
            if row.read_at.since(callback.received_at) < LEFT_FOR {
                // Once judged it would not be judged again.
                tracing::warn!(target: "lipia", payment_id = %row.id(), "a callback cannot be read by this version of Lipia, and is left to a later one");
                ledger.left_alone.add(&callback);
                return Ok(false);
            }
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

/// Judges a callback or asks about a payment.
async fn learn(client: Client, due: Due) -> Pass {
    let mut span = match &due {
        Due::Callback(callback) => client.span(SpanName::Reconcile, |span| {
            span.set(Attribute::PaymentId, callback.payment.as_str());
        }),
        Due::Payment(row) => client.span_of_row(SpanName::Reconcile, row),
    };
    let pass = span.within(pin!(learn_now(&client, due))).await;
    end_reconciling(&mut span, pass.trouble());
    pass
}

async fn learn_now(client: &Client, due: Due) -> Pass {
    let mut pass = Pass::default();
    match due {
        Due::Callback(callback) => {
            let judged = client.judge_again(callback).await;
            pass.done.judged = usize::from(pass.take(judged) == Some(true));
        }
        Due::Payment(row) => {
            // Who looks at a settled payment once more lets those go first who wait for one.
            let asker = match row.payment.state() {
                PaymentState::Settled => Asker::Look,
                _ => Asker::Wait,
            };
            let asked = client.ask_row(&row, asker).await;
            pass.done.asked = usize::from(pass.take(asked) == Some(true));
        }
    }
    pass
}

/// Reconciles until the run is told to end or the last client is gone. A question that hangs keeps no other one from being put,
/// and one that is dropped has taken its turn, and is put again when its lease ends.
async fn keep_reconciling(shared: Weak<Shared>, options: CallOptions, background: &Background) {
    let mut open = FuturesUnordered::new();
    let (mut trouble, mut trouble_of_one) = (LastingTrouble::default(), LastingTrouble::default());
    while background.goes_on() {
        let Some(shared) = shared.upgrade() else {
            return;
        };
        let store = Arc::clone(&shared.ledger.writer.store);
        let mut changed = pin!(tokio::time::timeout(PAUSE, store.changed()));
        let client = Client { shared, options };
        client.keep_draining();
        {
            let mut pass = pin!(client.begin_pass(MAX_QUESTIONS.saturating_sub(open.len())));
            let (pass, due) = loop {
                // In this order, so that a run with a seed can be repeated.
                tokio::select! {
                    biased;
                    () = background.stopping() => return,
                    Some(learnt) = open.next() => log_trouble(&mut trouble_of_one, learnt),
                    begun = &mut pass => break begun,
                }
            };
            if pass.is_good() && trouble.is_over() {
                tracing::info!(target: "lipia", "the ledger is reconciled again");
            }
            log_trouble(&mut trouble, pass);
            open.extend(due.into_iter().map(|due| learn(client.clone(), due)));
        }
        drop(client);
        loop {
            tokio::select! {
                biased;
                () = background.stopping() => return,
                Some(learnt) = open.next() => log_trouble(&mut trouble_of_one, learnt),
                _woken = &mut changed => break,
            }
        }
    }
}

fn log_trouble(trouble: &mut LastingTrouble, pass: Pass) {
    if let Err(error) = pass.end()
        && trouble.is_news(error.code(), Instant::now())
    {
        tracing::error!(target: "lipia", code = error.code(), %error, "the ledger could not be reconciled");
    }
}
