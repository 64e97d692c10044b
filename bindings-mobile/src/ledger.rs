//! The ledger of a client: orders that are requested once, and tellings of what became of their payments.

use crate::cancellation::{NativeCancellation, unless_cancelled};
use crate::client::NativeClient;
use crate::error::NativeError;
use crate::integers::{Seconds, WholeNumber};
use crate::payment::{Payment, StkPush};
use crate::settings::WaitOptions;
use lipia::Client;
use lipia::client::LedgerPayment;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::{oneshot, watch};

/// The most tellings that are on their way to the app at once. An app takes them one after the other, and whoever waits longer than
/// a telling's lease is told anew, so this stays small.
const MAX_TELLINGS: usize = 16;

#[uniffi::export(async_runtime = "tokio")]
impl NativeClient {
    /// Requests the payment of an order: claims the order in the ledger, then prompts. An order that has a payment which may be
    /// paid gets that payment, and nobody is prompted.
    pub async fn request(
        &self,
        push: StkPush,
        order: Option<String>,
        timeout: Option<Seconds>,
        cancellation: Option<Arc<NativeCancellation>>,
    ) -> Result<Payment, NativeError> {
        unless_cancelled(cancellation, async {
            let client = self.client(timeout)?;
            let payment = client.request(ordered(push, order)).await?;
            Ok(Payment::of_ledger(&payment))
        })
        .await
    }

    /// Requests the payment of an order and waits for its outcome, wherever its callback arrives.
    pub async fn collect_order(
        &self,
        push: StkPush,
        order: String,
        wait: Option<WaitOptions>,
        cancellation: Option<Arc<NativeCancellation>>,
    ) -> Result<Payment, NativeError> {
        unless_cancelled(cancellation, async {
            let options = self.wait(wait)?;
            let push = ordered(push, Some(order.clone()));
            let ended = self.core().collect(push, options).await?;
            Ok(Payment {
                order: Some(order),
                ..Payment::waited_for(&ended, self.core()).await
            })
        })
        .await
    }

    /// Begins to take what the ledger owes the app. While one of what this returns lives, the ledger is reconciled in the
    /// background. Those that live at once share the tellings: each goes to one of them.
    pub async fn listen(&self) -> Arc<NativeTellings> {
        self.listeners().listen(self.core())
    }

    /// Ends all that `NativeClient::listen` has begun: whoever waits for a telling gets nothing. What is owed stays in the
    /// ledger.
    pub fn stop_listening(&self) {
        self.listeners().end();
    }
}

fn ordered(push: StkPush, order: Option<String>) -> lipia::StkPush {
    let push = lipia::StkPush::from(push);
    match order {
        Some(order) => push.order(order),
        None => push,
    }
}

/// Listeners that take the tellings of one client. The last one that goes ends the queue, under the same lock as the first begins it.
#[derive(Debug, Default)]
pub(crate) struct Listeners {
    listening: Mutex<Option<Listening>>,
}

#[derive(Debug)]
struct Listening {
    queue: Arc<Queue>,
    listeners: usize,
}

impl Listeners {
    fn listen(self: &Arc<Self>, client: &Client) -> Arc<NativeTellings> {
        let mut listening = self
            .listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let now = listening.get_or_insert_with(|| Listening {
            queue: Queue::begin(client),
            listeners: 0,
        });
        now.listeners += 1;
        // The background work may have ended with an earlier runtime.
        client.start();
        Arc::new(NativeTellings {
            listeners: Arc::clone(self),
            queue: Arc::clone(&now.queue),
        })
    }

    /// One listener less of that queue.
    fn leave(&self, queue: &Arc<Queue>) {
        let mut listening = self
            .listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let Some(now) = listening
            .as_mut()
            .filter(|now| Arc::ptr_eq(&now.queue, queue))
        else {
            return;
        };
        now.listeners = now.listeners.saturating_sub(1);
        if now.listeners == 0 {
            now.queue.end();
            *listening = None;
        }
    }

    fn end(&self) {
        let mut listening = self
            .listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(now) = listening.take() {
            now.queue.end();
        }
    }
}

/// The queue of what is owed to the app.
struct Queue {
    client: Client,
    waiting: tokio::sync::Mutex<UnboundedReceiver<NativeTelling>>,
    ended: watch::Sender<bool>,
}

impl Queue {
    fn begin(client: &Client) -> Arc<Self> {
        let (sender, waiting) = unbounded_channel();
        client.set_max_tellings(MAX_TELLINGS);
        client.on_outcome(move |payment: LedgerPayment| {
            let (answers, answer) = oneshot::channel();
            let sent = sender.send(NativeTelling {
                payment,
                answer: Mutex::new(Answer::Awaited(answers)),
            });
            async move {
                match sent {
                    Ok(()) => answer
                        .await
                        .unwrap_or_else(|_| Err("the app did not acknowledge it".to_owned())),
                    Err(_) => Err("nobody listens in this process any more".to_owned()),
                }
            }
        });
        Arc::new(Self {
            client: client.clone(),
            waiting: tokio::sync::Mutex::new(waiting),
            ended: watch::Sender::new(false),
        })
    }

    fn end(&self) {
        self.ended.send_replace(true);
        self.client.forget_handler();
    }

    /// The next telling; `None` once there is none to come.
    async fn next(&self) -> Option<NativeTelling> {
        let mut ended = self.ended.subscribe();
        let taken = async {
            let mut waiting = self.waiting.lock().await;
            // One that waited longer than its lease is told anew, and the app may know more of it by then.
            loop {
                let telling = waiting.recv().await?;
                if !telling.payment.is_overdue() {
                    return Some(telling);
                }
            }
        };
        tokio::select! {
            biased;
            // The sender lives in `self`.
            _ended = ended.wait_for(|ended| *ended) => None,
            telling = taken => telling,
        }
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Queue")
    }
}

/// Tellings of what the ledger owes the app, one after the other.
#[derive(Debug, uniffi::Object)]
pub struct NativeTellings {
    listeners: Arc<Listeners>,
    queue: Arc<Queue>,
}

impl Drop for NativeTellings {
    fn drop(&mut self) {
        self.listeners.leave(&self.queue);
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl NativeTellings {
    /// The next telling, as soon as there is one; nothing once the client was told to stop.
    pub async fn next(
        &self,
        cancellation: Option<Arc<NativeCancellation>>,
    ) -> Result<Option<Arc<NativeTelling>>, NativeError> {
        unless_cancelled(cancellation, async {
            Ok(self.queue.next().await.map(Arc::new))
        })
        .await
    }
}

/// News of one payment, leased to this process for a minute. Until it is acknowledged it is told again, by this process or
/// the next.
#[derive(Debug, uniffi::Object)]
pub struct NativeTelling {
    payment: LedgerPayment,
    answer: Mutex<Answer>,
}

/// The app's answer to a telling: the first one counts.
#[derive(Debug)]
enum Answer {
    Awaited(oneshot::Sender<Result<(), String>>),
    Done,
    Failed,
}

impl NativeTelling {
    /// Whether the telling is done, by this answer or an earlier one.
    fn answer(&self, heard: Result<(), String>) -> bool {
        let mut answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        let now = match (&*answer, &heard) {
            (Answer::Done, _) | (Answer::Awaited(_), Ok(())) => Answer::Done,
            (Answer::Failed, _) | (Answer::Awaited(_), Err(_)) => Answer::Failed,
        };
        let is_done = matches!(now, Answer::Done);
        if let Answer::Awaited(answers) = std::mem::replace(&mut *answer, now) {
            // Nobody waits for it where the runtime has ended.
            let _heard = answers.send(heard);
        }
        is_done
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl NativeTelling {
    /// The payment, as the ledger had it when this was told.
    pub fn payment(&self) -> Payment {
        Payment::of_ledger(&self.payment)
    }

    /// The number of times that the payment was told, this telling counted in. Of two tellings of one payment the later has the higher number.
    pub fn attempt(&self) -> WholeNumber {
        WholeNumber(i32::try_from(self.payment.attempt()).unwrap_or(i32::MAX))
    }

    /// Acknowledges the telling, and returns once the ledger has written that down: it is not told again, unless more is
    /// learnt. Whether the acknowledgement counts; it does not where the payment was told again since, or handed back before.
    pub async fn done(&self) -> Result<bool, NativeError> {
        let noted = self.payment.noted();
        Ok(self.answer(Ok(())) && noted.await?)
    }

    /// Hands the telling back: it is told again after a pause. Does nothing where it was acknowledged.
    pub fn failed(&self, reason: String) {
        let _is_done = self.answer(Err(reason));
    }
}
