//! Waiting for the outcome: the thin loop around [`crate::wait`].

use crate::wait::{Schedule, Step};
use crate::{
    Client, Disposition, Error, ErrorKind, Payment, PaymentHandle, PaymentState, Progress, Status,
    WaitOptions,
};
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
    /// `payment_not_sent` where it was never pushed. A question that fails is no error: the wait goes on.
    pub async fn wait(
        &self,
        payment: &PaymentHandle,
        options: WaitOptions,
    ) -> Result<Payment, Error> {
        let mut watch = self.watch(payment, options)?;
        while let Some(progress) = watch.next().await {
            if let Progress::Settled(payment) | Progress::StillOpen(payment) = progress {
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
        if payment.read(Payment::state) == PaymentState::Reserved {
            return Err(Error::new(
                ErrorKind::PaymentState,
                Disposition::NotSent,
                "payment_not_sent",
                "This payment was not pushed, so there is nothing to wait for.",
            )
            .with_hint("Push it first, or use `collect`, which does both."));
        }
        Ok(Watch {
            client: self.clone(),
            payment: payment.clone(),
            news: payment.news(),
            began: Instant::now(),
            schedule: Schedule::new(options),
            ended: false,
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
            match schedule.step(began.elapsed(), settled, true) {
                Step::Settled | Step::StillOpen => return known,
                Step::SleepUntil(then) => tokio::time::sleep_until(began + then).await,
                Step::Ask => {
                    let question = self.stk_query(checkout_request_id);
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

fn not_told_in_time() -> Error {
    Error::new(
        ErrorKind::NoAnswer,
        Disposition::Unknown,
        "not_told_in_time",
        "The gateway told nothing in the time that there was.",
    )
    .with_hint("Ask again later, or wait longer; do not push again.")
    .of_a_reading_call()
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
}

impl Watch {
    /// The next piece of news; `None` once `Settled` or `StillOpen` was given.
    pub async fn next(&mut self) -> Option<Progress> {
        if self.ended {
            return None;
        }
        loop {
            let settled = self.payment.read(Payment::state) == PaymentState::Settled;
            match self
                .schedule
                .step(self.elapsed(), settled, self.client.can_ask(&self.payment))
            {
                Step::Settled => {
                    self.ended = true;
                    self.client.tell_guard(&self.payment).await;
                    return Some(Progress::Settled(Box::new(self.payment.snapshot())));
                }
                Step::StillOpen => {
                    self.ended = true;
                    return Some(Progress::StillOpen(Box::new(self.payment.snapshot())));
                }
                Step::Ask => {
                    if let Some(progress) = self.ask().await {
                        return Some(progress);
                    }
                }
                Step::SleepUntil(then) => {
                    if self.sleep_until(then).await {
                        let elapsed = self.elapsed();
                        if self.payment.read(Payment::state) != PaymentState::Settled {
                            self.schedule.news(elapsed);
                            return Some(Progress::News { elapsed });
                        }
                    }
                }
            }
        }
    }

    /// The same, as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Progress> + Send {
        stream::unfold(self, |mut watch| async move {
            watch.next().await.map(|progress| (progress, watch))
        })
    }

    /// Asks, unless something that settles the payment is handed in first, or the time is up.
    async fn ask(&mut self) -> Option<Progress> {
        let (client, payment) = (self.client.clone(), self.payment.clone());
        // Boxed: of ten thousand waits few ask at the same moment, and only those pay for it.
        let mut question = Box::pin(async move {
            // The semaphore is never closed; were it, asking unhindered is the lesser evil.
            let _turn = client.shared.questions.acquire().await;
            client.ask_about(&payment).await
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
        // What the answer itself changed is no news.
        self.news.mark_unchanged();
        let elapsed = self.elapsed();
        self.schedule.asked(elapsed);
        self.client.save_and_go_on(&self.payment).await;
        Some(match answer {
            Ok(status) => Progress::Asked { elapsed, status },
            Err(error) => Progress::NotTold { elapsed, error },
        })
    }

    /// Sleeps; true where something was handed in before the time had passed.
    async fn sleep_until(&mut self, then: Duration) -> bool {
        let deadline = self.began + then;
        matches!(
            tokio::time::timeout_at(deadline, self.news.changed()).await,
            Ok(Ok(()))
        )
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
