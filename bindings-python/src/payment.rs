//! A live payment, and a wait for one.

use crate::call::{About, NativeCall};
use crate::data::{Handover, to_python};
use crate::errors::{or_raise, or_raise_about};
use crate::per_process::{Held, PerProcess};
use lipia::client::{LedgerPayment, Watch};
use lipia::{Client, Payment, PaymentHandle, Progress};
use pyo3::prelude::*;
use std::sync::Arc;
use tokio::sync::Mutex;

/// A live payment of this process.
#[pyclass(frozen, module = "lipia._native")]
pub(crate) struct NativePayment {
    handle: PerProcess<PaymentHandle>,
}

impl NativePayment {
    pub(crate) fn new(handle: PaymentHandle) -> Self {
        Self {
            handle: PerProcess::of(handle),
        }
    }

    /// The handle, in the process that made it.
    pub(crate) fn handle(&self, py: Python<'_>) -> PyResult<Held<PaymentHandle>> {
        self.handle.get().ok_or_else(|| of_another_process(py))
    }
}

fn of_another_process(py: Python<'_>) -> PyErr {
    let exception = py
        .import("lipia._errors")
        .and_then(|errors| errors.call_method0("payment_of_another_process"));
    match exception {
        Ok(exception) => PyErr::from_value(exception),
        Err(trouble) => trouble,
    }
}

#[pymethods]
impl NativePayment {
    #[getter]
    fn id(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.handle(py)?.id().as_str().to_owned())
    }

    #[getter]
    fn gateway(&self, py: Python<'_>) -> PyResult<&'static str> {
        Ok(self.handle(py)?.gateway().as_str())
    }

    fn snapshot(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.handle(py)?.snapshot().hand_over(py)
    }

    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.handle(py)?.to_json())
    }

    /// Announces that the push is about to leave.
    fn begin(&self, py: Python<'_>) -> PyResult<()> {
        let payment = self.handle(py)?;
        or_raise_about(py, Some(&payment), payment.begin())
    }

    /// Hands in the body of a callback; what that did.
    fn notify(&self, py: Python<'_>, body: &[u8]) -> PyResult<&'static str> {
        let handle = self.handle(py)?;
        let event = or_raise(py, lipia::parse_callback(Some(handle.gateway()), body))?;
        Ok(handle.notify(&event).as_str())
    }
}

/// The fields of a payment that was saved as JSON.
#[pyfunction]
pub(crate) fn read_payment(py: Python<'_>, json: &str) -> PyResult<Py<PyAny>> {
    or_raise(py, Payment::from_json(json))?.hand_over(py)
}

/// What a stored copy of a payment learns from another copy, and both merged, to be saved.
#[pyfunction]
pub(crate) fn gain_between(
    py: Python<'_>,
    stored: &str,
    known: &str,
) -> PyResult<(&'static str, Py<PyAny>)> {
    let mut stored = or_raise(py, Payment::from_json(stored))?;
    let known = or_raise(py, Payment::from_json(known))?;
    let gain = stored.merge(&known).as_str();
    Ok((gain, stored.hand_over(py)?))
}

/// A wait that tells what happens.
#[pyclass(frozen, module = "lipia._native")]
pub(crate) struct NativeWatch {
    watch: PerProcess<Arc<Mutex<Watch>>>,
    client: PerProcess<Client>,
    payment: PerProcess<PaymentHandle>,
}

impl NativeWatch {
    pub(crate) fn new(client: Client, payment: PaymentHandle, watch: Watch) -> Self {
        Self {
            watch: PerProcess::of(Arc::new(Mutex::new(watch))),
            client: PerProcess::of(client),
            payment: PerProcess::of(payment),
        }
    }
}

#[pymethods]
impl NativeWatch {
    /// The next piece of news, or `None` after the last.
    fn next(&self, py: Python<'_>) -> PyResult<NativeCall> {
        let (Some(watch), Some(client)) = (self.watch.get(), self.client.get()) else {
            return Err(of_another_process(py));
        };
        let watch = Arc::clone(&watch);
        let payment = self
            .payment
            .get()
            .map(|payment| PaymentHandle::clone(&payment));
        let client = Client::clone(&client);
        Ok(NativeCall::new(
            client,
            About::Nothing,
            |client| async move {
                let progress = watch.lock().await.next().await;
                let ended = match &progress {
                    Some(Progress::Settled(ended) | Progress::TimedOut(ended)) => {
                        Some(Waited::new(Payment::clone(ended), &client).await)
                    }
                    _ => None,
                };
                Ok(Told {
                    progress,
                    payment,
                    ended,
                })
            },
        ))
    }
}

/// The payment that a wait ended with, and how the ledger has it.
pub(crate) struct Waited {
    ended: Payment,
    of_ledger: Option<LedgerPayment>,
}

impl Waited {
    pub(crate) async fn new(ended: Payment, client: &Client) -> Self {
        let of_ledger = client.payments().of_collected(&ended).await;
        Self { ended, of_ledger }
    }
}

impl Handover for Waited {
    /// With its order, where the ledger has the payment.
    fn hand_over(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match self.of_ledger {
            Some(of_ledger) => of_ledger.hand_over(py),
            None => self.ended.hand_over(py),
        }
    }
}

/// What a wait tells, and the payment that it is about.
pub(crate) struct Told {
    pub(crate) progress: Option<Progress>,
    pub(crate) payment: Option<PaymentHandle>,
    /// The payment that the wait ended with, where this is its last piece of news.
    pub(crate) ended: Option<Waited>,
}

/// What was made of a callback.
pub(crate) struct Received(pub(crate) lipia::callback::ReceivedCallback);

impl Handover for Received {
    fn hand_over(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let Self(received) = self;
        let (verdict, is_kept) = (
            received.verdict.map(lipia::Verdict::as_str),
            received.is_kept(),
        );
        let fields = (
            received.payment_id.as_str().to_owned(),
            received.event.hand_over(py)?,
            verdict,
            is_kept,
        );
        Ok(fields.into_pyobject(py)?.into_any().unbind())
    }
}

/// The word of a verdict.
pub(crate) struct VerdictWord(pub(crate) lipia::Verdict);

impl Handover for VerdictWord {
    fn hand_over(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok(to_python(py, &self.0.as_str())?.unbind())
    }
}
