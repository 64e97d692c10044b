//! One call of the core, ready to run: in the thread that calls, or for an event loop. Each verb makes one.

use crate::blocking::block_on;
use crate::claim;
use crate::data::Handover;
use crate::errors::{exception_about, raised};
use crate::event_loop::{Calls, Task};
use lipia::client::UntilClaimed;
use lipia::{Client, Disposition, Error, PaymentHandle};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

/// The payment that a call is about, which its error names.
pub(crate) enum About {
    Nothing,
    /// A payment of the client that the call does not know before it ends: its error names it.
    PaymentOfError,
    Payment(PaymentHandle),
    /// A payment that only this call knows, kept should its caller leave before the result has arrived.
    NewPayment(PaymentHandle),
}

/// What makes Python's data of a result.
pub(crate) type Value = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;

/// The future of a call, of whichever verb.
pub(crate) type Work = Pin<Box<dyn Future<Output = Result<Value, Error>> + Send>>;

/// A call that has not begun.
pub(crate) struct Ready {
    /// The client that makes the call, and whose background work goes on after it.
    pub(crate) client: Option<Client>,
    pub(crate) about: About,
    pub(crate) work: Work,
}

/// A call of the core that Python runs once: [`run`](Self::run) or [`start`](Self::start).
#[pyclass(frozen, module = "lipia._native")]
pub(crate) struct NativeCall {
    ready: Mutex<Option<Ready>>,
}

impl NativeCall {
    /// A call of a client.
    pub(crate) fn new<T: Handover, F>(
        client: Client,
        about: About,
        call: impl FnOnce(Client) -> F,
    ) -> Self
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let work = call(client.clone());
        Self::of(Some(client), about, work)
    }

    /// A call that leaves nothing behind for the client to do.
    pub(crate) fn apart<T: Handover>(
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Self {
        Self::of(None, About::Nothing, work)
    }

    fn of<T: Handover>(
        client: Option<Client>,
        about: About,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Self {
        let work: Work = Box::pin(async move {
            let value = work.await?;
            Ok(Box::new(move |py: Python<'_>| value.hand_over(py)) as Value)
        });
        Self {
            ready: Mutex::new(Some(Ready {
                client,
                about,
                work,
            })),
        }
    }

    fn take(&self) -> PyResult<Ready> {
        let ready = self
            .ready
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        ready.ok_or_else(|| PyRuntimeError::new_err("this call has begun before"))
    }
}

#[pymethods]
impl NativeCall {
    /// Makes the call in this thread. With `make`, which is called with the plain data and a claim, the payment that the call
    /// made is the caller's.
    #[pyo3(signature = (make=None))]
    fn run(&self, py: Python<'_>, make: Option<&Bound<'_, PyAny>>) -> PyResult<Py<PyAny>> {
        let Ready {
            client,
            about,
            work,
        } = self.take()?;
        let until_claimed = about.until_claimed(client.as_ref());
        match block_on(py, client.as_ref(), work)? {
            Ok(value) => {
                let data = value(py)?;
                match (until_claimed, make) {
                    (Some(until_claimed), Some(make)) => {
                        claim::hand_over(py, make, data, until_claimed)
                    }
                    _ => Ok(data),
                }
            }
            Err(error) => {
                let payment = about.payment(client.as_ref(), &error);
                let until_claimed = of_error(until_claimed, &error);
                let exception = exception_about(py, &error, payment.as_ref(), until_claimed);
                Err(raised(exception))
            }
        }
    }

    /// Makes the call for an `asyncio.Future`, which is settled with the plain data or the error.
    fn start(&self, py: Python<'_>, calls: &Calls, future: Py<PyAny>) -> PyResult<Task> {
        calls.start(py, future, self.take()?)
    }
}

impl About {
    /// What keeps a payment that only this call knows, from now on.
    pub(crate) fn until_claimed(&self, client: Option<&Client>) -> Option<UntilClaimed> {
        match (self, client) {
            (Self::NewPayment(payment), Some(client)) => {
                Some(UntilClaimed::new(client, payment.clone()))
            }
            _ => None,
        }
    }

    /// The live payment that an error of the call concerns.
    pub(crate) fn payment(&self, client: Option<&Client>, error: &Error) -> Option<PaymentHandle> {
        match self {
            Self::Nothing => None,
            Self::PaymentOfError => client?.find(error.payment_id()?),
            Self::Payment(payment) | Self::NewPayment(payment) => Some(payment.clone()),
        }
    }
}

/// What keeps the payment of an error: an "unknown" has the payment until somebody takes it from there. After any other error the
/// payment is nobody's, because it was not sent.
fn of_error(until_claimed: Option<UntilClaimed>, error: &Error) -> Option<UntilClaimed> {
    if error.disposition() == Disposition::Unknown {
        return until_claimed;
    }
    if let Some(until_claimed) = until_claimed {
        until_claimed.claimed();
    }
    None
}

/// Yes or no.
pub(crate) struct Whether(pub(crate) bool);

impl Handover for Whether {
    fn hand_over(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok(self.0.into_pyobject(py)?.to_owned().into_any().unbind())
    }
}
