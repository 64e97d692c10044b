//! Asyncio calls, whose results are handed to an event loop.
//!
//! The runtime's thread asks for the GIL once for however many results have come since the loop last looked, not
//! once for each.

use crate::call::Ready;
use crate::{claim, ending, errors, log, runtime, telemetry};
use lipia::Disposition;
use lipia::client::UntilClaimed;
use pyo3::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::AbortHandle;

/// The results that wait for one event loop.
#[pyclass(frozen, skip_from_py_object, module = "lipia._native")]
#[derive(Clone)]
pub(crate) struct Calls {
    shared: Arc<Shared>,
}

struct Shared {
    event_loop: Py<PyAny>,
    arrived: Mutex<Vec<Arrived>>,
    /// Whether the loop was told that something has arrived.
    told: AtomicBool,
}

/// A result, and the `asyncio.Future` that waits for it.
struct Arrived {
    future: Py<PyAny>,
    result: Box<Conversion>,
    kept: Arc<Mutex<Option<UntilClaimed>>>,
}

/// Makes of a result what the `asyncio.Future` is settled with: a value or an exception.
type Conversion = dyn FnOnce(Python<'_>) -> PyResult<Result<Py<PyAny>, Py<PyAny>>> + Send;

#[pymethods]
impl Calls {
    #[new]
    fn new(event_loop: Py<PyAny>) -> Self {
        Self {
            shared: Arc::new(Shared {
                event_loop,
                arrived: Mutex::default(),
                told: AtomicBool::new(false),
            }),
        }
    }

    /// Hands over what has arrived. The loop calls it in its own thread.
    fn __call__(&self, py: Python<'_>) {
        self.shared.told.store(false, Ordering::Release);
        let arrived = std::mem::take(&mut *self.shared.lock());
        log::pass_on(py);
        for Arrived { future, result, .. } in arrived {
            if let Err(trouble) = settle(future.bind(py), result(py)) {
                trouble.write_unraisable(py, Some(future.bind(py)));
            }
        }
    }
}

/// Settles an `asyncio.Future`, unless it is settled: cancelled, because whoever waited for it has left.
fn settle(
    future: &Bound<'_, PyAny>,
    result: PyResult<Result<Py<PyAny>, Py<PyAny>>>,
) -> PyResult<()> {
    if future.call_method0("done")?.is_truthy()? {
        return Ok(());
    }
    match result {
        Ok(Ok(value)) => future.call_method1("set_result", (value,))?,
        Ok(Err(exception)) => future.call_method1("set_exception", (exception,))?,
        Err(trouble) => future.call_method1("set_exception", (trouble,))?,
    };
    Ok(())
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Arrived>> {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Calls {
    /// Runs a call of the core for an `asyncio.Future`.
    pub(crate) fn start(&self, py: Python<'_>, future: Py<PyAny>, ready: Ready) -> PyResult<Task> {
        log::look_at_level(py);
        let caller = telemetry::caller(py);
        let calls = self.clone();
        let Ready {
            client,
            about,
            mut work,
        } = ready;
        let kept = Arc::new(Mutex::new(about.until_claimed(client.as_ref())));
        let until_claimed = Arc::clone(&kept);
        let running = runtime::asyncio()?.spawn(async move {
            runtime::hear_of_closed_connections().await;
            let result = caller.run(work.as_mut()).await;
            let of_error = Arc::clone(&until_claimed);
            calls.arrive(Arrived {
                future,
                kept: until_claimed,
                result: Box::new(move |py| match result {
                    Ok(value) => value(py).map(Ok),
                    Err(error) => {
                        let payment = about.payment(client.as_ref(), &error);
                        let is_unknown = error.disposition() == Disposition::Unknown;
                        let of_error = if is_unknown { take(&of_error) } else { None };
                        errors::exception_about(py, &error, payment.as_ref(), of_error)
                            .map(|error| Err(error.unbind()))
                    }
                }),
            });
        });
        Ok(Task {
            abort: running.abort_handle(),
            kept,
        })
    }

    fn arrive(&self, arrived: Arrived) {
        self.shared.lock().push(arrived);
        if self.shared.told.swap(true, Ordering::AcqRel) {
            return;
        }
        // An interpreter that is ending has nobody left to tell.
        let Some(_inside) = ending::enter() else {
            return;
        };
        Python::try_attach(|py| {
            let told = self.clone().into_pyobject(py).and_then(|calls| {
                self.shared
                    .event_loop
                    .call_method1(py, "call_soon_threadsafe", (calls,))
            });
            if told.is_err() {
                // The loop is closed, and nobody waits in it any more.
                self.shared.told.store(false, Ordering::Release);
                for unheard in std::mem::take(&mut *self.shared.lock()) {
                    drop(take(&unheard.kept));
                }
            }
        });
    }
}

/// A call that is under way. Python says of each how it ended; one of which it says nothing was left.
#[pyclass(frozen, module = "lipia._native")]
pub(crate) struct Task {
    abort: AbortHandle,
    kept: Arc<Mutex<Option<UntilClaimed>>>,
}

fn take(kept: &Mutex<Option<UntilClaimed>>) -> Option<UntilClaimed> {
    kept.lock().unwrap_or_else(PoisonError::into_inner).take()
}

#[pymethods]
impl Task {
    /// Python's result of the plain data that has arrived, handed over to the caller.
    fn hand_over(
        &self,
        py: Python<'_>,
        make: &Bound<'_, PyAny>,
        data: Py<PyAny>,
    ) -> PyResult<Py<PyAny>> {
        match take(&self.kept) {
            Some(until_claimed) => claim::hand_over(py, make, data, until_claimed),
            None => make.call1((data,)).map(Bound::unbind),
        }
    }

    /// The caller has the result, or the error.
    fn claimed(&self) {
        if let Some(until_claimed) = take(&self.kept) {
            until_claimed.claimed();
        }
    }

    /// The caller leaves. A push goes on all the same, and its payment is kept.
    fn cancel(&self) {
        drop(take(&self.kept));
        self.abort.abort();
    }
}
