//! `wait`: waits for an outcome, as a thin loop around [`crate::payment::schedule`].

use crate::client::Client;
use crate::error::codes::ErrorCode;
use crate::error::{Disposition, Error};
use crate::guard::pace::Asker;
use crate::meaning::status::Status;
use crate::payment::handle::PaymentHandle;
use crate::payment::schedule::{NextAction, Progress, Schedule, WaitOptions};
use crate::payment::{Payment, PaymentState};
use futures_util::stream::{self, Stream};
use std::fmt;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

impl Client {
    /// Waits until a payment is settled or the time is up, asking the gateway now and then. Ends at once when a
    /// callback that settles it is handed in.
    ///
    /// Returns the payment as it is then. One whose time is up is `pending` or `unknown`: it may yet be paid, so
    /// wait again later rather than push again.
    ///
    /// # Errors
    /// `payment_not_sent` where it was never pushed. A question that fails is not an error: the wait goes on.
    pub async fn wait(
        &self,
        payment: &PaymentHandle,
        options: WaitOptions,
    ) -> Result<Payment, Error> {
        let mut watch = self.watch(payment, options)?;
        while let Some(progress) = watch.next().await {
            if let Progress::Settled(payment) | Progress::TimedOut(payment) = progress {
                return Ok(*payment);
            }
        }
        Ok(payment.snapshot())
    }

    /// Waits like [`Client::wait`] and tells what happens meanwhile.
    ///
    /// # Errors
    /// `payment_not_sent` where it was never pushed.
    ///
    /// ```no_run
    /// # async fn example(client: lipia::Client, payment: lipia::PaymentHandle) -> Result<(), lipia::Error> {
    /// let mut watch = client.watch(&payment, lipia::WaitOptions::default())?;
    /// while let Some(progress) = watch.next().await {
    ///     println!("{progress:?}");
    /// }
    /// # Ok(()) }
    /// ```
    pub fn watch(&self, payment: &PaymentHandle, options: WaitOptions) -> Result<Watch, Error> {
        must_be_pushed(payment)?;
        self.start();
        let now = payment.now();
        let sent_at = payment.read(Payment::sent_at).unwrap_or(now);
        let since_asked = payment.asked_at().map(|asked| now.since(asked));
        Ok(Watch {
            client: self.clone(),
            payment: payment.clone(),
            news: payment.news(),
            began: Instant::now(),
            schedule: Schedule::of_a_push(options, now.since(sent_at), since_asked),
            ended: false,
            refused: None,
        })
    }

    /// Waits for a prompt of which nothing is known but its id: by asking alone. Returns the last answer.
    ///
    /// # Errors
    /// The last question's, where none was ever answered.
    pub async fn wait_by_id(
        &self,
        checkout_request_id: &str,
        options: WaitOptions,
    ) -> Result<Status, Error> {
        let mut schedule = Schedule::new(options);
        let began = Instant::now();
        let ends = began + schedule.timeout();
        let mut known = Err(not_told_in_time());
        loop {
            let settled = known.as_ref().is_ok_and(|status: &Status| status.is_final);
            match schedule.next_action(began.elapsed(), settled, true) {
                NextAction::Settled | NextAction::TimedOut => return known,
                NextAction::SleepUntil(then) => tokio::time::sleep_until(began + then).await,
                NextAction::Ask => {
                    let question = self.query_prompt(checkout_request_id, Asker::Wait);
                    let Ok(asked) = tokio::time::timeout_at(ends, question).await else {
                        return known;
                    };
                    schedule.asked(began.elapsed());
                    match asked {
                        Err(error) if error.is_validation() => return Err(error),
                        // What was learnt once outlives a question that fails later.
                        Err(_) if known.is_ok() => {}
                        asked => known = asked,
                    }
                }
            }
        }
    }
}

/// A payment that was never pushed has nothing to be learnt about.
pub(super) fn must_be_pushed(payment: &PaymentHandle) -> Result<(), Error> {
    if payment.read(Payment::state) != PaymentState::Reserved {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::PaymentNotSent,
        Disposition::NotSent,
        "This payment was not pushed, so there is nothing to wait for.",
    )
    .with_hint("Push it first, or use `collect`, which does both.")
    .of_payment(payment.id()))
}

fn not_told_in_time() -> Error {
    Error::new(
        ErrorCode::NotToldInTime,
        Disposition::Unknown,
        "The gateway told nothing in the time that there was.",
    )
    .with_hint("Ask again later, or wait longer; do not push again.")
    .of_a_reading_call()
    .of_a_question()
}

impl Client {
    /// Says in the log why a wait learnt nothing: under a key that was revoked it would end without a word.
    fn say_what_kept_it_open(&self, payment: &PaymentHandle) {
        let code = payment.read(|payment| {
            let error = payment
                .last_error()
                .filter(|error| error.is_of_a_question());
            error.map(|error| error.code().to_owned())
        });
        if let Some(code) = code {
            tracing::warn!(target: "lipia", payment_id = %payment.id(), code, "the wait ended, and the last question brought no answer");
        }
    }
}

/// A wait that tells what happens. Ask it for the next piece of news with [`Watch::next`], or make it a
/// [`Stream`] with [`Watch::into_stream`]. Dropping it ends the wait and leaves the payment as it is.
pub struct Watch {
    client: Client,
    payment: PaymentHandle,
    news: watch::Receiver<u64>,
    began: Instant,
    schedule: Schedule,
    ended: bool,
    /// The payment of a ledger once its sender, in another process, has written that its push was refused.
    refused: Option<Box<Payment>>,
}

impl Watch {
    /// The next piece of news; `None` once `Settled` or `TimedOut` was given.
    pub async fn next(&mut self) -> Option<Progress> {
        if self.ended {
            return None;
        }
        loop {
            let settled = self.payment.read(Payment::state) == PaymentState::Settled;
            match self.schedule.next_action(
                self.elapsed(),
                settled,
                self.client.can_ask(&self.payment),
            ) {
                NextAction::Settled => {
                    self.ended = true;
                    self.client.tell_guard().await;
                    return Some(Progress::Settled(Box::new(self.payment.snapshot())));
                }
                NextAction::TimedOut => {
                    self.client.say_what_kept_it_open(&self.payment);
                    self.ended = true;
                    return Some(Progress::TimedOut(Box::new(self.payment.snapshot())));
                }
                NextAction::Ask => {
                    if let Some(progress) = self.ask().await {
                        return Some(progress);
                    }
                }
                NextAction::SleepUntil(then) => {
                    let is_news = self.sleep_until(then).await;
                    if let Some(refused) = self.refused.take() {
                        self.ended = true;
                        return Some(Progress::TimedOut(refused));
                    }
                    if is_news {
                        let elapsed = self.elapsed();
                        if self.payment.read(Payment::state) != PaymentState::Settled {
                            self.schedule.news(elapsed);
                            return Some(Progress::CallbackReceived { elapsed });
                        }
                    }
                }
            }
        }
    }

    /// The wait as a stream of its progress.
    pub fn into_stream(self) -> impl Stream<Item = Progress> + Send {
        stream::unfold(self, |mut watch| async move {
            watch.next().await.map(|progress| (progress, watch))
        })
    }

    /// Asks, unless something that settles the payment is handed in first, or the time is up.
    async fn ask(&mut self) -> Option<Progress> {
        let (client, payment) = (self.client.clone(), self.payment.clone());
        let rest = self.schedule.rest();
        // Boxed: of ten thousand waits few ask at the same moment, and only those pay for it.
        let mut question = Box::pin(async move {
            // The semaphore is never closed; were it, asking unhindered is the lesser evil.
            let _turn = client.shared.questions.acquire().await;
            // A question that another process asks is not asked here: what it brings, this wait hears of.
            if !client.may_ask(&payment, rest).await {
                return None;
            }
            Some(client.ask_about(&payment, Asker::Wait).await)
        });
        let ends = self.began + self.schedule.timeout();
        let answer = loop {
            // In this order, so that a run with a seed can be repeated: an answer that came by the last moment counts.
            tokio::select! {
                biased;
                answer = &mut question => break answer,
                () = tokio::time::sleep_until(ends) => return None,
                changed = self.news.changed() => {
                    if changed.is_ok() && self.payment.read(Payment::state) == PaymentState::Settled {
                        return None;
                    }
                }
            }
        };
        drop(question);
        // What the answer itself changed is not news.
        self.news.mark_unchanged();
        let elapsed = self.elapsed();
        self.schedule.asked(elapsed);
        let answer = answer?;
        self.client.save_and_go_on(&self.payment).await;
        self.client.asked(&self.payment).await;
        Some(match answer {
            Ok(status) => Progress::Queried { elapsed, status },
            Err(error) => Progress::QueryFailed { elapsed, error },
        })
    }

    /// Sleeps; true where something was handed in before the time had passed, in this process or, for a payment of a ledger,
    /// in another.
    async fn sleep_until(&mut self, then: Duration) -> bool {
        let deadline = self.began + then;
        let slept = tokio::time::timeout_at(deadline, self.news.changed());
        if !self.payment.is_in_ledger() {
            return matches!(slept.await, Ok(Ok(())));
        }
        tokio::select! {
            biased;
            slept = slept => matches!(slept, Ok(Ok(()))),
            row = self.client.follow(&self.payment) => {
                self.refused = Some(Box::new(row.payment));
                false
            }
        }
    }

    fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("payment", &self.payment)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
