//! Telling the shop's handler what the ledger owes it.

use crate::client::call_options::CallOptions;
use crate::client::ledger::Handler;
use crate::client::ledger::background::Background;
use crate::client::ledger::lasting::LastingTrouble;
use crate::client::ledger::noted::Notes;
use crate::client::ledger::pass::{PAUSE, Pass};
use crate::client::ledger::payment::LedgerPayment;
use crate::client::{Client, Shared};
use crate::error::Error;
use crate::ledger::contract::{LedgerStore, TellingEnd};
use crate::ledger::engine::telling::{TELLING_LEASE, Tell, pause_after_failure, tell};
use crate::ledger::log::log_row;
use crate::ledger::row::{Row, Telling};
use crate::ledger::writer::answered;
use crate::telemetry::names::{Attribute, SpanName};
use crate::values::deadline::Deadline;
use futures_util::FutureExt as _;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use std::pin::pin;
use std::sync::{Arc, Weak};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::Instrument as _;

impl Client {
    /// Tells what is owed until nothing is. Does nothing without a handler: neither one of this pass alone nor one that is set.
    pub(super) async fn tell_owed(&self, of_pass: Option<&Handler>) -> Pass {
        let mut pass = Pass::default();
        let mut tellings = FuturesUnordered::new();
        loop {
            let owed = pass.take(self.owed(of_pass, tellings.len()).await);
            let begun = owed.unwrap_or_default().into_iter();
            tellings.extend(begun.map(|(telling, until)| self.tell_one(of_pass, telling, until)));
            let Some(told) = tellings.next().await else {
                return pass;
            };
            pass.note_told(told);
            while let Some(Some(told)) = tellings.next().now_or_never() {
                pass.note_told(told);
            }
        }
    }

    /// Leases what is owed, as far as there are places beside the tellings that run; with the end of each lease, which has begun no
    /// earlier than this process asked for it.
    ///
    /// # Errors
    /// `ledger_failed`.
    async fn owed(
        &self,
        of_pass: Option<&Handler>,
        running: usize,
    ) -> Result<Vec<(Telling, Deadline)>, Error> {
        let ledger = &self.shared.ledger;
        let free = ledger.max_tellings().saturating_sub(running);
        if free == 0 || self.handler(of_pass).is_none() {
            return Ok(Vec::new());
        }
        let writer = &ledger.writer;
        let until = Deadline::after(TELLING_LEASE, &self.shared.context.clock);
        let owed = answered(writer.store.owed(&writer.scope, TELLING_LEASE, free).await)?;
        let leased = owed.into_iter().map(|telling| (telling, until.clone()));
        Ok(leased.collect())
    }

    /// The handler of one pass alone, else the one that is set.
    fn handler(&self, of_pass: Option<&Handler>) -> Option<Handler> {
        of_pass.cloned().or_else(|| self.shared.ledger.handler())
    }

    /// Tells the handler of one payment. Whether it took the news.
    async fn tell_one(
        &self,
        of_pass: Option<&Handler>,
        telling: Telling,
        until: Deadline,
    ) -> Result<bool, Error> {
        let mut span = self.span_of_row(SpanName::Telling, &telling.row);
        let told = span
            .within(pin!(self.tell_now(of_pass, telling, until)))
            .await;
        match &told {
            Ok(true) => span.set(Attribute::Result, "taken"),
            Ok(false) => {
                span.set(Attribute::Result, "not_taken");
                span.fail_with("not_taken");
            }
            Err(error) => span.fail("failed", error),
        }
        told
    }

    async fn tell_now(
        &self,
        of_pass: Option<&Handler>,
        mut telling: Telling,
        until: Deadline,
    ) -> Result<bool, Error> {
        // What was told and not noted when a process ends is told again.
        let _counted = self.shared.context.in_flight.begin();
        let writer = &self.shared.ledger.writer;
        if telling.row.payment.is_paid() {
            // A process may have died between the second success and its flag.
            writer.flag_paid_twice(&telling.row).await?;
            if let Some(row) = writer.load(telling.row.id()).await? {
                telling.row = Row {
                    attempts: telling.row.attempts,
                    ..row
                };
            }
        }
        let row = &telling.row;
        let of_order = match &row.order {
            Some(order) if row.payment.is_failed() => {
                answered(writer.store.earlier(&row.scope, order).await)?.rows
            }
            _ => Vec::new(),
        };
        let decision = tell(&telling, &of_order);
        if until.is_over() {
            // Another process tells it by now, or something newer: of this payment nobody must hear an old word last.
            return Ok(false);
        }
        let (heard, notes) = match decision {
            Tell::Superseded => (Ok(()), None),
            Tell::Say => self.hand_over(of_pass, &telling, &until).await,
            Tell::NotYet => (Err("the order was claimed again".to_owned()), None),
        };
        let is_taken = heard.is_ok();
        let end = match heard {
            Ok(()) => TellingEnd::Taken { news: row.news },
            Err(trouble) if decision == Tell::NotYet => TellingEnd::Failed {
                again_in: pause_after_failure(row),
                trouble,
            },
            Err(trouble) => {
                log_row!(
                    error,
                    row,
                    attempt = row.attempts,
                    trouble,
                    "the handler of outcomes failed, and is called again later"
                );
                TellingEnd::Failed {
                    again_in: pause_after_failure(row),
                    trouble,
                }
            }
        };
        note_end(writer.store.as_ref(), row, &end, notes).await?;
        Ok(is_taken)
    }

    /// Hands a payment to the handler. How that ended, and who waits for the note of it.
    async fn hand_over(
        &self,
        of_pass: Option<&Handler>,
        telling: &Telling,
        until: &Deadline,
    ) -> (Result<(), String>, Option<Notes>) {
        let Some(handler) = self.handler(of_pass) else {
            return (Err("the handler is gone".to_owned()), None);
        };
        let (notes, noted) = Notes::begin();
        let payment = LedgerPayment::of_telling(telling, until.clone(), noted);
        // A task of its own, in which the handler is called as well: one that panics ends nothing but itself.
        let calling = async move { handler(payment).await }.in_current_span();
        let mut called = tokio::spawn(calling);
        match tokio::time::timeout(until.left(), &mut called).await {
            Ok(Ok(heard)) => (heard, Some(notes)),
            Ok(Err(ended)) => (
                Err(format!("the handler did not end: {ended}")),
                Some(notes),
            ),
            // It may be in the middle of the shop's own work, so it goes on.
            Err(_) => {
                let store = Arc::clone(&self.shared.ledger.writer.store);
                tokio::spawn(note_when_taken(store, telling.row.clone(), called, notes));
                let trouble = format!(
                    "the handler took longer than {} seconds",
                    TELLING_LEASE.as_secs()
                );
                (Err(trouble), None)
            }
        }
    }
}

/// Tells until the run is told to end or the last client is gone; the tellings that were begun end first. A handler that is
/// slow keeps nobody else from being told.
pub(super) async fn keep_telling(
    shared: Weak<Shared>,
    options: CallOptions,
    background: &Background,
) {
    let mut tellings = FuturesUnordered::new();
    let mut trouble = LastingTrouble::default();
    while background.goes_on() {
        let Some(shared) = shared.upgrade() else {
            return;
        };
        let store = Arc::clone(&shared.ledger.writer.store);
        let changed = store.changed();
        let client = Client { shared, options };
        match client.owed(None, tellings.len()).await {
            Ok(owed) => {
                if trouble.is_over() {
                    tracing::info!(target: "lipia", "what the ledger owes the handler of outcomes can be read again");
                }
                let begun = owed.into_iter();
                tellings.extend(begun.map(|leased| tell_for(client.clone(), leased)));
            }
            Err(error) if trouble.is_news(error.code(), Instant::now()) => {
                tracing::error!(target: "lipia", code = error.code(), %error, "what the ledger owes the handler of outcomes could not be read");
            }
            Err(_) => {}
        }
        drop(client);
        // In this order, so that a run with a seed can be repeated.
        tokio::select! {
            biased;
            Some(()) = tellings.next() => while let Some(Some(())) = tellings.next().now_or_never() {},
            () = background.stopping() => {}
            _woken = tokio::time::timeout(PAUSE, changed) => {}
        }
    }
    while tellings.next().await.is_some() {}
}

/// Notes that a handler which took longer than the lease of its telling took the news in the end, unless the payment was told
/// again since.
async fn note_when_taken(
    store: Arc<dyn LedgerStore>,
    row: Row,
    called: JoinHandle<Result<(), String>>,
    notes: Notes,
) {
    if let Ok(Ok(())) = called.await {
        let end = TellingEnd::Taken { news: row.news };
        // A failure is logged, and there is nobody else to tell.
        let _noted = note_end(store.as_ref(), &row, &end, Some(notes)).await;
    }
}

/// Notes how a telling ended, and tells it to whoever waits for the note.
///
/// # Errors
/// `ledger_failed`, which is logged.
async fn note_end(
    store: &dyn LedgerStore,
    row: &Row,
    end: &TellingEnd,
    notes: Option<Notes>,
) -> Result<(), Error> {
    let told = answered(store.told(row.id(), row.attempts, end).await);
    if let Some(notes) = notes {
        notes.end(&told);
    }
    if let Err(error) = &told {
        log_row!(
            error,
            row,
            code = error.code(),
            "a payment was told and the ledger could not note it: it is told again"
        );
    }
    told.map(|_| ())
}

async fn tell_for(client: Client, (telling, until): (Telling, Deadline)) {
    if let Err(error) = client.tell_one(None, telling, until).await {
        tracing::error!(target: "lipia", code = error.code(), "a payment could not be told, and is told again later");
    }
}
