//! Handing results to an asyncio event loop.
//!
//! The runtime's thread asks for the GIL once for however many results have come since the loop last looked, not
//! once for each.

use crate::data::Handover;
use crate::{at_exit, errors, log, runtime};
use lipia::{Error, UntilClaimed};
use pyo3::prelude::*;
use std::future::Future;
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
    result: MakeResult,
}

/// Makes the result, once there is a Python to make it in.
type MakeResult = Box<dyn FnOnce(Python<'_>, Waiter) -> PyResult<Settled> + Send>;

/// What the `asyncio.Future` is settled with: a value or an exception.
type Settled = Result<Py<PyAny>, Py<PyAny>>;

/// Whether whoever called is still there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waiter {
    Waits,
    Left,
}

#[pymethods]
impl Calls {
    #[new]
    fn new(py: Python<'_>, event_loop: Py<PyAny>) -> PyResult<Self> {
        at_exit::register(py)?;
        Ok(Self {
            shared: Arc::new(Shared {
                event_loop,
                arrived: Mutex::default(),
                told: AtomicBool::new(false),
            }),
        })
    }

    /// Hands over what has arrived. The loop calls it in its own thread.
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        self.shared.told.store(false, Ordering::Release);
        let arrived = std::mem::take(&mut *self.shared.lock());
        log::pass_on(py);
        for Arrived { future, result } in arrived {
            let future = future.bind(py);
            // Done before its result came: cancelled.
            let waiter = if future.call_method0("done")?.is_truthy()? {
                Waiter::Left
            } else {
                Waiter::Waits
            };
            let result = result(py, waiter);
            if waiter == Waiter::Left {
                continue;
            }
            match result {
                Ok(Ok(value)) => future.call_method1("set_result", (value,))?,
                Ok(Err(exception)) => future.call_method1("set_exception", (exception,))?,
                Err(trouble) => future.call_method1("set_exception", (trouble.into_value(py),))?,
            };
        }
        Ok(())
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Arrived>> {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Calls {
    /// Runs a future of the core for an `asyncio.Future`. Where it concerns a payment that only this call knows, that
    /// payment is kept should the caller leave at any moment before the result has reached it.
    pub(crate) fn start<T: Handover>(
        &self,
        py: Python<'_>,
        future: Py<PyAny>,
        until_claimed: Option<UntilClaimed>,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> PyResult<Task> {
        log::look_at_level(py);
        let calls = self.clone();
        // Held by the call and by whoever may leave it, so that a caller who leaves finds the payment kept at once.
        let kept = Arc::new(Mutex::new(until_claimed));
        let until_claimed = Arc::clone(&kept);
        let running = runtime::asyncio()?.spawn(async move {
            runtime::hear_of_closed_connections().await;
            let result = work.await;
            calls.arrive(Arrived {
                future,
                result: Box::new(move |py, waiter| {
                    // A result is not in its caller's hands before `Task.claim`: whoever cancels between here and
                    // there makes the caller leave without it.
                    if result.is_err() || waiter == Waiter::Left {
                        let until_claimed = take(&until_claimed);
                        if let (Some(until_claimed), Waiter::Waits) = (until_claimed, waiter) {
                            until_claimed.unless_unknown(&result);
                        }
                    }
                    match result {
                        Ok(value) => value.hand_over(py).map(Ok),
                        Err(error) => {
                            errors::exception(py, &error).map(|error| Err(error.unbind()))
                        }
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
        let _stay = at_exit::Stay::begin();
        // An interpreter that is ending, or a loop that is closed, has nobody left to tell.
        Python::try_attach(|py| {
            let told = self.clone().into_pyobject(py).and_then(|calls| {
                self.shared
                    .event_loop
                    .call_method1(py, "call_soon_threadsafe", (calls,))
            });
            if told.is_err() {
                let unheard = std::mem::take(&mut *self.shared.lock());
                for arrived in unheard {
                    // Nobody waits: the payment, if there is one, is kept.
                    let _ = (arrived.result)(py, Waiter::Left);
                }
            }
        });
    }
}

/// A call that is under way.
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
    /// The caller goes on with the result.
    fn claim(&self) {
        if let Some(until_claimed) = take(&self.kept) {
            until_claimed.unless_unknown::<()>(&Ok(()));
        }
    }

    /// The caller leaves. A push goes on all the same.
    fn cancel(&self) {
        drop(take(&self.kept));
        self.abort.abort();
    }
}
