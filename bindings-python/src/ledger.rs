//! The client's ledger that Python's half of the package calls: orders, tellings to the shop's handler, and payments.

use crate::call::{About, NativeCall, Whether};
use crate::client::NativeClient;
use crate::data::{Handover, from_python, to_python};
use crate::payments::{Answer, Question};
use crate::per_process::PerProcess;
use crate::runtime;
use futures_util::future::BoxFuture;
use lipia::client::LedgerPayment;
use lipia::values::EatTime;
use lipia::{Client, Error, Payment, StkPush, WaitOptions};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{oneshot, watch};

/// Closes the files of all ledgers of this process, which is about to fork.
#[pyfunction]
pub(crate) fn before_fork(py: Python<'_>) {
    py.detach(lipia::ledger::SqliteLedger::before_fork);
}

/// Lets the ledgers of this process open their files again: it has forked.
#[pyfunction]
pub(crate) fn after_fork() {
    lipia::ledger::SqliteLedger::after_fork();
}

/// The ledger of one client.
#[pyclass(frozen, module = "lipia._native")]
pub(crate) struct NativeLedger {
    client: NativeClient,
}

impl NativeLedger {
    pub(crate) fn new(client: NativeClient) -> Self {
        Self { client }
    }
}

#[pymethods]
impl NativeLedger {
    fn request(&self, py: Python<'_>, push: &Bound<'_, PyAny>) -> PyResult<NativeCall> {
        let client = self.client.client(py)?;
        let push: StkPush = from_python(push)?;
        Ok(NativeCall::new(
            client,
            About::PaymentOfError,
            |client| async move { client.request(push).await },
        ))
    }

    /// Requests the order of a push and waits for what becomes of its payment.
    fn collect(
        &self,
        py: Python<'_>,
        push: &Bound<'_, PyAny>,
        wait: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<NativeCall> {
        let options = self.client.wait_options(py, wait)?;
        let client = self.client.client(py)?;
        let push: StkPush = from_python(push)?;
        Ok(NativeCall::new(
            client,
            About::PaymentOfError,
            |client| async move { collected(&client, push, options).await },
        ))
    }

    fn payments(&self, py: Python<'_>, question: &Bound<'_, PyAny>) -> PyResult<NativeCall> {
        let client = self.client.client(py)?;
        let question: Question = from_python(question)?;
        Ok(NativeCall::new(
            client,
            About::PaymentOfError,
            |client| async move { question.answer(&client).await },
        ))
    }

    /// Makes what is owed to the shop come out of the tellings that are returned, at most so many at once, and starts the
    /// background work: beside asyncio, or in a thread that drives the calls that block. Earlier tellings end.
    fn listen(&self, py: Python<'_>, most: usize, beside: bool) -> PyResult<NativeTellings> {
        let client = self.client.client(py)?;
        let (sender, receiver) = unbounded_channel();
        client.set_max_tellings(most);
        let begin = || {
            client.on_outcome(into_queue(sender));
            client.start();
        };
        if beside {
            let runtime = runtime::asyncio()?;
            let _inside = runtime.enter();
            begin();
        } else {
            let blocking = runtime::blocking()?;
            let _inside = blocking.runtime.enter();
            begin();
            runtime::drive_blocking()?;
        }
        Ok(NativeTellings::of(receiver))
    }

    /// Makes one pass, or its tellings alone. `deliver` is given the tellings before the pass begins: they come one after the
    /// other, and end with it. No background work is started.
    fn pass_over(
        &self,
        py: Python<'_>,
        only_tell: bool,
        deliver: &Bound<'_, PyAny>,
    ) -> PyResult<NativeCall> {
        let client = self.client.client(py)?;
        let (sender, receiver) = unbounded_channel();
        client.set_max_tellings(1);
        deliver.call1((NativeTellings::of(receiver),))?;
        let handler = into_queue(sender);
        Ok(NativeCall::new(
            client,
            About::Nothing,
            |client| async move {
                let payments = client.payments();
                let pass = if only_tell {
                    payments.tell(handler).await
                } else {
                    payments.reconcile_with(handler).await
                };
                pass.map(Answer::Pass)
            },
        ))
    }

    /// Tells the background work to end.
    fn end(&self, py: Python<'_>) -> PyResult<()> {
        drop(stopped(&self.client.client(py)?, 0.0));
        Ok(())
    }

    /// Tells the background work to end, and waits for the tellings that were begun, so long; whether they ended.
    fn stop(&self, py: Python<'_>, timeout_seconds: f64) -> PyResult<NativeCall> {
        let stopped = stopped(&self.client.client(py)?, timeout_seconds);
        Ok(NativeCall::apart(async move { Ok(Whether(stopped.await)) }))
    }
}

/// A handler that puts what it is told into a queue, and waits for the answer.
fn into_queue(
    sender: UnboundedSender<NativeTelling>,
) -> impl Fn(LedgerPayment) -> BoxFuture<'static, Result<(), String>> + Send + Sync + 'static {
    move |payment| {
        let (answers, answer) = oneshot::channel();
        let sent = sender.send(NativeTelling {
            owed: PerProcess::of(Mutex::new(Some((payment, answers)))),
        });
        Box::pin(async move {
            match sent {
                Ok(()) => answer.await.unwrap_or_else(|_| {
                    Err("the handler was not called, or did not end".to_owned())
                }),
                Err(_) => Err("nobody calls the handler in this process any more".to_owned()),
            }
        })
    }
}

/// Tells a client's background work to end, at once, and then waits for the tellings that were begun; whether they ended.
fn stopped(client: &Client, timeout_seconds: f64) -> impl Future<Output = bool> + Send + use<> {
    let stopped = client.stop();
    let longest = Duration::try_from_secs_f64(timeout_seconds).unwrap_or(Duration::MAX);
    async move { tokio::time::timeout(longest, stopped).await.is_ok() }
}

/// Collects an order, and what the ledger knows of its payment.
async fn collected(
    client: &Client,
    push: StkPush,
    options: WaitOptions,
) -> Result<Collected, Error> {
    let order = push.order.clone();
    let payment = client.collect(push, options).await?;
    Ok(Collected { payment, order })
}

/// The payment that came of an order.
struct Collected {
    payment: Payment,
    order: Option<String>,
}

impl Handover for Collected {
    fn hand_over(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let data = self.payment.hand_over(py)?;
        data.bind(py)
            .cast::<PyDict>()?
            .set_item("order", self.order)?;
        Ok(data)
    }
}

impl Handover for LedgerPayment {
    /// The payment's own fields, with its order and what a handler needs to know.
    fn hand_over(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let data = self.payment().clone().hand_over(py)?;
        let fields = data.bind(py).cast::<PyDict>()?;
        fields.set_item("order", self.order())?;
        fields.set_item("order_is_paid", self.order_is_paid())?;
        fields.set_item("attempt", self.attempt())?;
        fields.set_item("is_existing", self.is_existing())?;
        Ok(data)
    }
}

/// What is owed to the shop's handler in this process, and whether anybody still asks for it.
struct Queue {
    receiver: tokio::sync::Mutex<UnboundedReceiver<NativeTelling>>,
    has_ended: watch::Sender<bool>,
}

impl Queue {
    /// The next telling; `None` once there is none to come.
    async fn next(&self) -> Option<NativeTelling> {
        let mut has_ended = self.has_ended.subscribe();
        let mut receiver = self.receiver.lock().await;
        tokio::select! {
            biased;
            _ended = has_ended.wait_for(|has_ended| *has_ended) => {
                // What waits here is told by whoever listens next.
                receiver.close();
                while receiver.try_recv().is_ok() {}
                None
            }
            telling = receiver.recv() => telling,
        }
    }
}

/// What is owed to the shop's handler in this process, one after the other.
#[pyclass(frozen, module = "lipia._native")]
pub(crate) struct NativeTellings {
    queue: PerProcess<Arc<Queue>>,
}

impl NativeTellings {
    fn of(receiver: UnboundedReceiver<NativeTelling>) -> Self {
        Self {
            queue: PerProcess::of(Arc::new(Queue {
                receiver: tokio::sync::Mutex::new(receiver),
                has_ended: watch::Sender::new(false),
            })),
        }
    }
}

#[pymethods]
impl NativeTellings {
    /// The next telling, or `None` once there is none to come: the client is gone, another handler was set, or it was ended.
    fn next(&self) -> NativeCall {
        let queue = self.queue.get().map(|queue| Arc::clone(&queue));
        NativeCall::apart(async move {
            match queue {
                Some(queue) => Ok(queue.next().await),
                None => Ok(None),
            }
        })
    }

    /// Ends it: whoever waits for the next telling gets `None`.
    fn end(&self) {
        if let Some(queue) = self.queue.get() {
            queue.has_ended.send_replace(true);
        }
    }
}

impl Handover for Option<NativeTelling> {
    fn hand_over(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok(self.into_pyobject(py)?.into_any().unbind())
    }
}

type Answers = oneshot::Sender<Result<(), String>>;

/// One payment that the shop is told of. One that is dropped without an answer is told again later.
#[pyclass(frozen, module = "lipia._native")]
pub(crate) struct NativeTelling {
    owed: PerProcess<Mutex<Option<(LedgerPayment, Answers)>>>,
}

impl NativeTelling {
    fn end(&self, heard: Result<(), String>) {
        let Some(owed) = self.owed.get() else { return };
        let taken = owed.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((_, answers)) = taken {
            // Nobody waits for it where the telling took longer than its lease.
            let _ = answers.send(heard);
        }
    }
}

#[pymethods]
impl NativeTelling {
    /// The payment; `None` once the telling has ended, or has waited so long behind another one that it is told again.
    fn payment(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let Some(owed) = self.owed.get() else {
            return Ok(None);
        };
        let payment = {
            let mut owed = owed.lock().unwrap_or_else(PoisonError::into_inner);
            // Dropped without an answer: the shop may know more of it by now.
            let _overdue = owed.take_if(|(payment, _)| payment.is_overdue());
            owed.as_ref().map(|(payment, _)| payment.clone())
        };
        payment.map(|payment| payment.hand_over(py)).transpose()
    }

    /// The shop took the news.
    fn taken(&self) {
        self.end(Ok(()));
    }

    /// The shop did not take the news, and why.
    fn failed(&self, trouble: String) {
        self.end(Err(trouble));
    }
}

/// What a customer may be shown of a payment that was saved as JSON.
#[pyfunction]
pub(crate) fn for_customer(py: Python<'_>, json: &str) -> PyResult<Py<PyAny>> {
    let payment = crate::errors::or_raise(py, Payment::from_json(json))?;
    let shown = payment.for_customer();
    let data = to_python(py, &shown)?.cast_into::<PyDict>()?;
    data.set_item("order_free_at", shown.order_free_at.map(EatTime::to_iso))?;
    Ok(data.into_any().unbind())
}
