//! Live copies of the ledger's payments in this process: they catch up with the rows, and the rows learn from them.

use crate::callback::received::{Confirm, Verdict};
use crate::client::Client;
use crate::error::Error;
use crate::error::ids::PaymentId;
use crate::ledger::contract::Version;
use crate::ledger::engine::asking::{QUESTION_LEASE, may_ask};
use crate::ledger::engine::learning;
use crate::ledger::row::{Callback, Row};
use crate::ledger::writer::answered;
use crate::meaning::event::Event;
use crate::meaning::redaction::{Redaction, Worded as _};
use crate::payment::handle::PaymentHandle;
use crate::payment::names::of_event;
use crate::payment::{Payment, PaymentState};
use crate::values::clock::EatTime;
use crate::values::hexadecimal::hexadecimal;
use ring::digest;
use std::time::Duration;

/// How often a wait looks for what other processes wrote, beside being woken.
const POLL: Duration = Duration::from_millis(500);

/// How often a process tries to take the right to ask while others write to the row.
const MAX_TRIES: usize = 8;

impl Client {
    /// The live copy of a row's payment, with what the row knows.
    pub(crate) fn live(&self, row: &Row) -> PaymentHandle {
        if let Some(live) = self.find(row.id()) {
            live.catch_up_where_behind(&row.payment, row.read_at);
            return live;
        }
        let mut payment = row.payment.clone();
        payment.after_restart();
        let live = self.ledger_handle(payment);
        live.learn_clock(row.read_at);
        live
    }

    /// Brings a live copy up to its row. Does nothing for a payment that the ledger does not have.
    ///
    /// # Errors
    /// `ledger_failed`.
    pub(crate) async fn catch_up(&self, payment: &PaymentHandle) -> Result<(), Error> {
        if payment.is_in_ledger()
            && let Some(row) = self.shared.ledger.writer.load(payment.id()).await?
        {
            payment.catch_up_where_behind(&row.payment, row.read_at);
        }
        Ok(())
    }

    /// Takes the right to ask about a payment, unless another process asked within `rest`. A payment that the ledger does
    /// not have may be asked about, and so may any payment while the ledger's store fails: asking prompts nobody.
    pub(crate) async fn may_ask(&self, payment: &PaymentHandle, rest: Duration) -> bool {
        if !payment.is_in_ledger() {
            return true;
        }
        match self.shared.ledger.writer.load(payment.id()).await {
            Ok(Some(row)) => {
                payment.catch_up_where_behind(&row.payment, row.read_at);
                may_ask(&row, rest)
                    && self
                        .take_question(&row)
                        .await
                        .is_ok_and(|row| row.is_some())
            }
            Ok(None) | Err(_) => true,
        }
    }

    /// Takes the right to ask about a row as it was read.
    ///
    /// # Errors
    /// `ledger_failed`.
    pub(crate) async fn take_question(&self, row: &Row) -> Result<Option<Row>, Error> {
        let store = self.shared.ledger.store();
        answered(store.claim_question(Version::of(row), QUESTION_LEASE).await)
    }

    /// Notes when a payment that was asked about is to be asked about next.
    pub(crate) async fn asked(&self, payment: &PaymentHandle) {
        if !payment.is_in_ledger() {
            return;
        }
        let writer = &self.shared.ledger.writer;
        if let Err(error) = writer.change(payment.id(), learning::asked).await {
            tracing::error!(target: "lipia", payment_id = %payment.id(), code = error.code(), "the ledger could not be written");
        }
    }

    /// Follows the row of a live copy, and brings the copy up to it. Ends where the row says that the push was refused, with
    /// that row.
    pub(crate) async fn follow(&self, payment: &PaymentHandle) -> Row {
        let ledger = &self.shared.ledger;
        let ids = [payment.id().clone()];
        let mut known = None;
        loop {
            let changed = ledger.store().changed();
            let version = ledger.store().versions(&ids).await.ok();
            let version =
                version.and_then(|versions| versions.first().map(|(_, version)| *version));
            if version != known
                && let Ok(Some(row)) = ledger.writer.load(payment.id()).await
            {
                known = Some(row.version);
                if row.payment.state() == PaymentState::Reserved {
                    return row;
                }
                payment.catch_up_where_behind(&row.payment, row.read_at);
            }
            let _woken = tokio::time::timeout(POLL, changed).await;
        }
    }

    /// Keeps a callback that this client cannot judge. Where the ledger has its payment, the client that has the payment's
    /// account judges it with its next pass.
    ///
    /// # Errors
    /// `ledger_failed`: it is not kept.
    pub(crate) async fn keep_unjudged(
        &self,
        payment: &PaymentId,
        body: &[u8],
    ) -> Result<(), Error> {
        let callback = unjudged(payment, body);
        answered(self.shared.ledger.store().keep(&callback, None).await)?;
        Ok(())
    }

    /// Takes in a callback for a payment of the ledger. When this returns, the body and what it taught are kept. `None` where
    /// another client of the ledger has to judge it: one of the payment's environment, shop and gateway, and of its account
    /// where the gateway is asked.
    ///
    /// # Errors
    /// `ledger_failed`: they are not.
    pub(crate) async fn receive_for_row(
        &self,
        row: &Row,
        body: &[u8],
        event: &mut Event,
        confirm: Confirm,
    ) -> Result<Option<Verdict>, Error> {
        event.redact(&Redaction::default().with_push(row.payment.push()));
        let is_ours = row.scope == self.shared.ledger.writer.scope
            && row.payment.gateway() == self.shared.gateway.name();
        if !is_ours {
            self.keep_unjudged(row.id(), body).await?;
            return Ok(None);
        }
        let payment = self.live(row);
        if self.must_ask(&payment, event, confirm) || event.contradicts_itself() {
            // The question may take long, and this process may die meanwhile.
            self.keep_unjudged(row.id(), body).await?;
            if self.is_of_another_account(row).await {
                return Ok(None);
            }
            return self
                .judge_with_question(&payment, body, event, confirm)
                .await
                .map(Some);
        }
        let mut callback = unjudged(row.id(), body);
        let judged = self.judge_for_row(&payment, &mut callback, event, confirm);
        judged.await.map(Some)
    }

    /// Judges a callback that is kept and needs a question, whoever else asks: what another process asked before it came says
    /// nothing of it. The passes of other processes leave it alone meanwhile.
    async fn judge_with_question(
        &self,
        payment: &PaymentHandle,
        body: &[u8],
        event: &mut Event,
        confirm: Confirm,
    ) -> Result<Verdict, Error> {
        for _ in 0..MAX_TRIES {
            let Some(row) = self.shared.ledger.writer.load(payment.id()).await? else {
                break;
            };
            payment.catch_up_where_behind(&row.payment, row.read_at);
            if self.take_question(&row).await?.is_some() {
                break;
            }
        }
        let mut callback = unjudged(payment.id(), body);
        let judged = self.judge_for_row(payment, &mut callback, event, confirm);
        let judged = judged.await;
        self.asked(payment).await;
        judged
    }

    /// Judges a callback, and keeps it with its verdict and what it taught.
    ///
    /// # Errors
    /// `ledger_failed`.
    pub(crate) async fn judge_for_row(
        &self,
        payment: &PaymentHandle,
        callback: &mut Callback,
        event: &mut Event,
        confirm: Confirm,
    ) -> Result<Verdict, Error> {
        let push = payment.read(|payment| payment.push().clone());
        event.redact(&Redaction::default().with_push(&push));
        self.learn_owners(payment, &of_event(event)).await?;
        let verdict = self.judge(payment, event, confirm).await;
        callback.verdict = Some(verdict.as_str().to_owned());
        let snapshot = payment.snapshot();
        let is_taken = self.shared.ledger.writer.keep(callback, &snapshot).await?;
        self.after_writing(&snapshot).await;
        Ok(if is_taken { verdict } else { Verdict::Mismatch })
    }

    /// What follows once the ledger has what was learnt: the guard is told, and the client's store beside the ledger.
    pub(crate) async fn after_writing(&self, learnt: &Payment) {
        self.tell_guard().await;
        if let Err(failure) = self.shared.ledger.writer.save_beside(learnt).await {
            tracing::error!(target: "lipia", payment_id = %learnt.id(), %failure, "the payment could not be saved beside the ledger");
        }
    }
}

/// A callback that nobody has judged. The store gives its time.
fn unjudged(payment: &PaymentId, body: &[u8]) -> Callback {
    Callback {
        payment: payment.clone(),
        digest: hexadecimal(digest::digest(&digest::SHA256, body).as_ref()),
        body: body.to_vec(),
        received_at: EatTime::from_unix_millis(0),
        verdict: None,
    }
}
